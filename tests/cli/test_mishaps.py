"""What goes wrong while a load is under way, through the command line: what is said, the exit code, and that the same
command goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from migrator.load.retry import Backoff
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine
from migrator.target.table import drop_table

from tests.cli.conftest import Command
from tests.cli.library import change, make_library
from tests.faults.kinds import Fault, Request, never, seeded
from tests.faults.proxy import FaultProxy

BOOKS = 320


@pytest.fixture
def proxy(engine: LocalEngine, at_engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """What the commands reach instead of the engine."""
    with FaultProxy(engine.endpoint) as started:
        monkeypatch.setenv("MIGRATE_ENDPOINT_URL", started.endpoint)
        yield started


@pytest.fixture
def planned(migrate: Command, folder: Path, proxy: FaultProxy) -> Path:
    """The library, planned: a load of it takes a dozen transactions."""
    path = make_library(folder / "library.db", BOOKS)
    assert migrate("plan", path).code in (0, 3)
    return path


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two attempts."""
    monkeypatch.setattr(Backoff, "delay", lambda backoff, attempt, random: 0.0)


def at_transaction(number: int, happens: Callable[[], Fault]) -> Callable[[Request], Fault]:
    """From that transaction on."""
    seen = 0

    def choose(request: Request) -> Fault:
        nonlocal seen
        seen += request.operation == "TransactWriteItems"
        return happens() if seen >= number and request.operation == "TransactWriteItems" else Fault.NONE

    return choose


def once(does: Callable[[], object]) -> Callable[[], Fault]:
    done = False

    def happens() -> Fault:
        nonlocal done
        if not done:
            done = True
            does()
        return Fault.NONE

    return happens


def interrupted(migrate: Command, proxy: FaultProxy, *arguments: str) -> None:
    """A load that broke off in the middle."""
    proxy.choose = at_transaction(4, lambda: Fault.EXPIRED)
    assert migrate("apply", "plan", "--workers", "1", *arguments).code == 1
    proxy.choose = never


def test_credentials_that_expire_are_renewed_and_the_same_command_goes_on(
    migrate: Command, planned: Path, proxy: FaultProxy
) -> None:
    proxy.choose = at_transaction(4, lambda: Fault.EXPIRED)
    ended = migrate("apply", "plan")
    assert ended.code == 1
    assert "ExpiredTokenException: The security token included in the request is expired" in ended.err
    assert "next: check credentials, role and permissions, then run the same command again" in ended.err
    proxy.choose = never
    again = migrate("apply", "plan")
    assert again.code == 0
    assert "(resumed)" in again.out
    assert proxy.written_twice() == []


def test_a_table_that_is_deleted_meanwhile_is_named_and_loaded_anew(
    migrate: Command, planned: Path, proxy: FaultProxy, connection: Connection, at_engine: str
) -> None:
    proxy.choose = at_transaction(4, once(lambda: drop_table(connection, at_engine)))
    ended = migrate("apply", "plan")
    assert ended.code == 1
    assert "not found" in ended.err
    assert f"loading table {at_engine}" in ended.err
    assert "`migrate apply` creates the table" in ended.err
    assert migrate("apply", "plan", "--no-verify").code == 0


def test_an_endpoint_that_is_gone_for_a_while_only_takes_longer(
    migrate: Command, planned: Path, proxy: FaultProxy, at_once: None
) -> None:
    left = iter([Fault.RESET] * 15)
    proxy.choose = at_transaction(3, lambda: next(left, Fault.NONE))
    ended = migrate("apply", "plan", "--json", "--no-verify")
    assert ended.code == 0, ended
    assert ended.json()["load"]["repeated_requests"] == 15
    assert proxy.written_twice() == []


def test_an_endpoint_that_stays_away_is_an_error_and_the_same_command_goes_on(
    migrate: Command, planned: Path, proxy: FaultProxy, at_once: None
) -> None:
    proxy.choose = at_transaction(3, lambda: Fault.RESET)
    ended = migrate("apply", "plan")
    assert ended.code == 1
    assert "next: check endpoint and network, then run the same command again" in ended.err
    proxy.choose = never
    assert migrate("apply", "plan", "--no-verify").code == 0
    assert proxy.written_twice() == []


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_rows_that_are_written_while_it_loads_are_not_mixed_in(
    migrate: Command, folder: Path, proxy: FaultProxy, journal: str
) -> None:
    path = make_library(folder / "library.db", BOOKS)
    change(path, f"PRAGMA journal_mode = {journal}")
    migrate("plan", path)
    proxy.choose = at_transaction(3, once(lambda: change(path, REWRITE)))
    ended = migrate("apply", "plan", "--workers", "1")
    assert ended.code == 0, ended
    assert "0 missing, 0 different" in ended.out
    now = migrate("verify", "plan")
    assert now.code == 3, "the source is at another moment by now"


REWRITE = """
UPDATE book SET title = title || ' (second edition)' WHERE id % 2 = 0;
DELETE FROM loan WHERE book_id % 2 = 0;
INSERT INTO author VALUES (77, 'a77@x.org', 'N77');
"""


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_source_that_changes_between_a_crash_and_the_resumption_is_loaded_from_the_copy(
    migrate: Command, folder: Path, proxy: FaultProxy, journal: str
) -> None:
    path = make_library(folder / "library.db", BOOKS)
    change(path, f"PRAGMA journal_mode = {journal}")
    migrate("plan", path)
    interrupted(migrate, proxy)
    change(path, REWRITE)
    resumed = migrate("apply", "plan")
    assert resumed.code == 0, resumed
    assert "0 missing, 0 different" in resumed.out
    assert proxy.written_twice() == []


def lose_the_copy(folder: Path) -> None:
    (copy,) = (folder / "plan" / ".migrate").glob("*.sqlite")
    copy.unlink()


def test_without_the_copy_a_changed_source_blocks_and_can_be_reconciled(
    migrate: Command, planned: Path, folder: Path, proxy: FaultProxy
) -> None:
    interrupted(migrate, proxy)
    lose_the_copy(folder)
    change(planned, REWRITE)
    assert migrate("apply", "plan", "--dry-run").code == 4, "a dry run says what the run would"
    blocked = migrate("apply", "plan")
    assert blocked.code == 4
    assert "the source has changed since this run began" in blocked.err
    assert "--restart drops the table and begins anew; --reconcile goes on" in blocked.err
    reconciled = migrate("apply", "plan", "--reconcile")
    assert reconciled.code == 0, reconciled
    assert "0 missing, 0 different" in reconciled.out
    assert migrate("verify", "plan").code == 0, "the table is the source's as it is now"


def test_reconciling_goes_on_from_the_source_as_it_is_now_although_the_copy_is_there(
    migrate: Command, planned: Path, proxy: FaultProxy
) -> None:
    interrupted(migrate, proxy)
    change(planned, REWRITE)
    interrupted(migrate, proxy, "--reconcile")
    reconciled = migrate("apply", "plan", "--reconcile")
    assert reconciled.code == 0, reconciled
    assert migrate("verify", "plan").code == 0


def test_restarting_drops_what_was_begun(migrate: Command, planned: Path, folder: Path, proxy: FaultProxy) -> None:
    interrupted(migrate, proxy)
    lose_the_copy(folder)
    change(planned, REWRITE)
    dry = migrate("apply", "plan", "--restart", "--dry-run")
    assert (dry.code, "would drop table" in dry.out) == (0, True), dry
    restarted = migrate("apply", "plan", "--restart")
    assert restarted.code == 0, restarted
    assert "about to drop table" in restarted.err
    assert migrate("verify", "plan").code == 0
    assert migrate("apply", "plan", "--restart", "--dry-run").code == 4
    late = migrate("apply", "plan", "--restart")
    assert late.code == 4
    assert "--restart is for a load that has not ended" in late.err


BAD_ROWS = "UPDATE book SET price = 9e999 WHERE id IN (3, 5, 300); UPDATE author SET name = 'ok' WHERE id = 1;"


def test_rejected_rows_are_loaded_once_they_are_mended(
    migrate: Command, planned: Path, folder: Path, proxy: FaultProxy
) -> None:
    change(planned, BAD_ROWS)
    assert migrate("apply", "plan").code == 4, "nothing is written while rows are bad"
    assert migrate("apply", "plan", "--allow-rejects", "--no-verify").code == 3
    lines = [json.loads(line) for line in (folder / "plan" / "rejects.ndjson").read_text().splitlines()]
    assert sorted(line["key"] for line in lines) == ["id=3", "id=300", "id=5"]
    change(planned, "UPDATE book SET price = 9 WHERE id IN (3, 5)")
    some = migrate("apply", "plan", "--only-rejects", "plan/rejects.ndjson", "--no-verify")
    assert some.code == 3
    assert "2 loaded, 0 loaded before, 0 not in the source any more, 1 rejected again" in some.out
    (folder / "kept.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    again = migrate("apply", "plan", "--only-rejects", "kept.ndjson", "--no-verify")
    assert "0 loaded, 2 loaded before, 0 not in the source any more, 1 rejected again" in again.out, again
    change(planned, "INSERT INTO book VALUES (9000, 1, 'new', 1, NULL)")
    (folder / "strange.ndjson").write_text(json.dumps({**lines[0], "key": "id=9000", "position": [9000]}) + "\n")
    strange = migrate("apply", "plan", "--only-rejects", "strange.ndjson")
    assert (strange.code, "a row that this run did not reject" in strange.err) == (2, True), strange
    change(planned, "DELETE FROM book WHERE id = 9000")
    change(planned, "UPDATE book SET price = 9 WHERE id = 300")
    rest = migrate("apply", "plan", "--only-rejects", "plan/rejects.ndjson", "--json")
    assert (rest.code, rest.json()["mended"]["loaded"]) == (0, 1), rest
    assert migrate("verify", "plan").code == 0
    assert not (folder / "plan" / "rejects.ndjson").exists()
    (folder / "kept.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    again = migrate("apply", "plan", "--only-rejects", "kept.ndjson")
    assert (again.code, "0 loaded, 3 loaded before" in again.out) == (0, True), again
    assert proxy.written_twice() == []


def test_a_reject_file_that_is_none_is_pointed_at(migrate: Command, planned: Path, folder: Path) -> None:
    (folder / "other.ndjson").write_text("{}\n")
    ended = migrate("apply", "plan", "--only-rejects", "other.ndjson")
    assert ended.code == 2
    assert "other.ndjson, line 1" in ended.err
    assert migrate("apply", "plan", "--only-rejects", "absent.ndjson").code == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_batch_mode_survives_the_same_network(
    migrate: Command, planned: Path, proxy: FaultProxy, at_once: None, seed: int
) -> None:
    kinds = set(Fault) - {Fault.LATE, Fault.DELAYED, Fault.AGAIN}
    others = seeded(seed, 0.4, ("BatchWriteItem", "TransactWriteItems", "GetItem"), kinds)

    def choose(request: Request) -> Fault:
        first = request.operation == "BatchWriteItem" and request.times == 1
        return Fault.SOME if first and request.number % 3 == 0 else others(request)

    proxy.choose = choose
    ended = migrate("apply", "plan", "--mode", "batch")
    assert ended.code == 0, ended
    assert proxy.faults[Fault.SOME]
    other = migrate("apply", "plan")
    assert other.code == 0
    assert "verified already" in other.out


def test_batch_mode_takes_only_a_table_of_its_own(
    migrate: Command, planned: Path, connection: Connection, at_engine: str
) -> None:
    stored = json.loads((planned.parent / "plan" / "plan.json").read_text())
    migrate("apply", "plan", "--no-verify")
    drop_table(connection, at_engine)
    names = {"PK", "SK", *(f"GSI{n}{part}" for n, _ in enumerate(stored["indexes"], 1) for part in ("PK", "SK"))}
    connection.client.create_table(
        TableName=at_engine,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        KeySchema=keys("PK", "SK"),
        BillingMode="PAY_PER_REQUEST",
        **indexes(stored),
    )
    ended = migrate("apply", "plan", "--mode", "batch")
    assert ended.code == 4, ended
    assert "overwrites what it meets" in ended.err
    assert migrate("apply", "plan", "--no-verify").code == 0


def keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def indexes(stored: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    made = [
        {
            "IndexName": index["name"],
            "KeySchema": keys(str(index["partition_key"]), str(index["sort_key"])),
            "Projection": projection(index),
        }
        for index in stored["indexes"]
    ]
    return {"GlobalSecondaryIndexes": made} if made else {}


def projection(index: dict[str, object]) -> dict[str, object]:
    attributes = {"NonKeyAttributes": index["attributes"]} if index["projection"] == "INCLUDE" else {}
    return {"ProjectionType": index["projection"], **attributes}


def test_the_ceiling_of_write_units_holds(migrate: Command, planned: Path, proxy: FaultProxy) -> None:
    ceiling = 400
    assert migrate("apply", "plan", "--max-write-units", ceiling, "--no-verify").code == 0
    ledger = proxy.ledger
    times = [now for now, _ in ledger.spent]
    last = ledger.spent[-1][1]
    assert ledger.units > 2 * ceiling, "long enough to tell"
    underway = 0.05  # seconds that a request may take more than another to the proxy
    assert (ledger.units - last) / (times[-1] - times[0] + underway) <= 1.05 * ceiling


def test_a_dry_run_writes_nothing(migrate: Command, planned: Path, folder: Path, proxy: FaultProxy) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ended = migrate("apply", "plan", "--dry-run")
    assert ended.code == 0
    assert "would load" in ended.out
    assert not {operation for operation in proxy.operations if operation not in ("ListTables", "DescribeTable")}
    with suppress(FileNotFoundError):
        assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_throttling_is_waited_out(migrate: Command, planned: Path, proxy: FaultProxy, at_once: None) -> None:
    left = iter([Fault.THROTTLE, Fault.SLOW_DOWN, Fault.CANCEL_THROTTLED, Fault.CONFLICT] * 3)
    proxy.choose = at_transaction(1, lambda: next(left, Fault.NONE))
    assert migrate("apply", "plan", "--no-verify").code == 0
