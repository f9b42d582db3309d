"""Bad rows: named, on disk before the load goes past them, never an overwrite."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from migrator.load.chunk_loader import CONDITION_FAILED
from migrator.load.load import load
from migrator.load.preflight import preflight
from migrator.load.rejects import Reject, RejectFile, RejectMemory
from migrator.load.run_record import State, read_run
from migrator.load.tally import LoadReport
from migrator.model.errors import BlockedError, MigrateError
from migrator.ports import CancelReason, Put, Refused, TransactionCancelled, Unreachable

from tests.load.world import MemorySource, MemoryTable, Rows, a_plan, expected, name_of, quick, some_rows

PLAN = a_plan()


def run(table: MemoryTable, rows: Rows, **changes: object) -> LoadReport:
    return load(PLAN, MemorySource(rows), table, quick(**changes), lambda progress: None)


def with_bad_orders(*ids: int) -> Rows:
    rows = some_rows()
    rows["orders"] = [(n, c, float("nan") if n in ids else total) for n, c, total in rows["orders"]]
    return rows


def without_orders(rows: Rows, *ids: int) -> Rows:
    return {**rows, "orders": [row for row in rows["orders"] if row[0] not in ids]}


def test_a_bad_row_is_named_before_anything_is_written() -> None:
    table = MemoryTable()
    with pytest.raises(BlockedError) as blocked:
        run(table, with_bad_orders(7, 70))
    assert "2 rows cannot be loaded" in blocked.value.what
    assert "orders (id=7)" in blocked.value.what
    assert "--allow-rejects" in blocked.value.next_step
    assert not table.items


def test_preflight_counts_what_the_load_then_writes() -> None:
    table = MemoryTable()
    found = preflight(PLAN, MemorySource(some_rows()))
    report = run(table, some_rows(), rows_per_chunk=1000)
    assert (found.rows, found.items, found.rejected) == (report.rows, report.items, 0)
    assert found.write_units == report.write_units


def test_allowed_bad_rows_go_to_the_file_and_the_rest_is_loaded(tmp_path: Path) -> None:
    table = MemoryTable()
    rows = with_bad_orders(7, 70)
    report = run(table, rows, allow_rejects=True, rejects=RejectFile(tmp_path / "rejects.ndjson"))
    lines = [json.loads(line) for line in (tmp_path / "rejects.ndjson").read_text().splitlines()]
    assert [(line["table"], line["key"]) for line in lines] == [("orders", "id=7"), ("orders", "id=70")]
    assert "total" in lines[0]["reason"]
    assert lines[0]["row"] == {"id": 7, "customer_id": 8, "total": "nan"}
    assert (report.rows, report.rejected) == (208, 2)
    assert table.own() == expected(PLAN, without_orders(rows, 7, 70))


def test_a_reject_that_comes_again_after_a_crash_is_in_the_file_once(tmp_path: Path) -> None:
    """The crash falls between the reject file and the transaction."""
    path = tmp_path / "rejects.ndjson"
    for number in range(1, 7):
        path.unlink(missing_ok=True)
        table = MemoryTable()

        def crash(now: int, number: int = number) -> None:
            if now >= number:
                raise Unreachable("gone")

        table.before = crash
        with pytest.raises(MigrateError):
            run(table, with_bad_orders(7, 70), allow_rejects=True, rejects=RejectFile(path))
        table.before = lambda now: None
        report = run(table, with_bad_orders(7, 70), allow_rejects=True, rejects=RejectFile(path))
        assert len(path.read_text().splitlines()) == report.rejected == 2


def test_a_line_that_a_crash_cut_short_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    RejectFile(path).write([Reject("orders", "[1]", "id=1", "bad")])
    with path.open("a") as file:
        file.write('{"table": "orde')
    file_again = RejectFile(path)
    assert file_again.write([Reject("orders", "[1]", "id=1", "bad"), Reject("orders", "[2]", "id=2", "bad")]) == 1
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == ["id=1", "id=2"]


def test_a_new_run_puts_the_file_of_an_earlier_run_aside(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    for _ in range(2):
        run(MemoryTable(), with_bad_orders(7), allow_rejects=True, rejects=RejectFile(path))
    assert len(path.read_text().splitlines()) == 1
    assert (tmp_path / "rejects.ndjson.old").exists()


def test_too_many_bad_rows_stop_the_run() -> None:
    with pytest.raises(BlockedError, match="more than 2 rows"):
        run(MemoryTable(), with_bad_orders(3, 4, 5), allow_rejects=True, max_rejects=2)


def test_two_rows_with_one_key_are_both_named_and_the_first_stays() -> None:
    rows = some_rows()
    rows["customers"][50] = (51, "c1@example.org", "same email as customer 1, in another transaction")
    table, rejects = MemoryTable(), RejectMemory()
    report = run(table, rows, allow_rejects=True, rejects=rejects)
    (reject,) = rejects.rejects.values()
    assert reject.key_text == "id=51"
    assert "EMAIL#c1@example.org" in reject.reason
    assert "customers (id=1)" in reject.reason
    assert table.own()["EMAIL#c1@example.org", "EMAIL"]["id"] == {"N": "1"}
    assert ("CUSTOMER#51", "CUSTOMER") not in table.items
    assert report.rejected == 1


def test_two_rows_with_one_key_in_one_transaction_are_found_before_sending() -> None:
    rows = some_rows()
    rows["customers"][1] = (2, "c1@example.org", "same email as customer 1")
    rejects = RejectMemory()
    run(MemoryTable(), rows, allow_rejects=True, rejects=rejects)
    (reject,) = rejects.rejects.values()
    assert (reject.key_text, "customers (id=1)" in reject.reason) == ("id=2", True)


def test_a_collision_stops_the_load_when_no_bad_row_is_allowed() -> None:
    rows = some_rows()
    rows["customers"][50] = (51, "c1@example.org", "x")
    table = MemoryTable()
    with pytest.raises(BlockedError, match=r"customers \(id=51\)"):
        run(table, rows)
    record = read_run(PLAN, table)
    assert record is not None
    assert record.state is State.LOADING


def test_a_foreign_item_in_the_way_is_named_and_not_overwritten() -> None:
    table, rejects = MemoryTable(), RejectMemory()
    foreign = {"PK": {"S": "CUSTOMER#5"}, "SK": {"S": "CUSTOMER"}}
    table.items["CUSTOMER#5", "CUSTOMER"] = foreign
    run(table, some_rows(), allow_rejects=True, rejects=rejects)
    (reject,) = rejects.rejects.values()
    assert "this plan did not write" in reject.reason
    assert table.items["CUSTOMER#5", "CUSTOMER"] == foreign
    assert ("EMAIL#c5@example.org", "EMAIL") not in table.items


def poison(*partitions: str) -> MemoryTable:
    def refuse(puts: Sequence[Put]) -> None:
        if any(name_of(put.item)[1] in partitions for put in puts):
            raise Refused("ValidationException", "the value is not to my taste")

    return MemoryTable(refuse=refuse)


def test_rows_that_only_the_service_refuses_are_isolated() -> None:
    table, rejects = poison("ORDER#3", "ORDER#40", "ORDER#41"), RejectMemory()
    report = run(table, some_rows(), allow_rejects=True, rejects=rejects)
    assert sorted(reject.key_text for reject in rejects.rejects.values()) == ["id=3", "id=40", "id=41"]
    assert all("not to my taste" in reject.reason for reject in rejects.rejects.values())
    assert table.own() == expected(PLAN, without_orders(some_rows(), 3, 40, 41))
    assert (report.rows, report.rejected) == (207, 3)


def test_a_refusal_that_no_row_causes_is_an_error() -> None:
    def refuse(puts: Sequence[Put]) -> None:
        raise Refused("IdempotentParameterMismatchException", "token")

    with pytest.raises(MigrateError, match="IdempotentParameterMismatchException"):
        run(MemoryTable(refuse=refuse), some_rows(), allow_rejects=True)


def test_a_row_in_the_reserved_partition_is_rejected() -> None:
    from dataclasses import replace

    from migrator.plan.plan import TABLE_SLOT, SlotKeys

    bad = replace(PLAN.entity("customer"), keys=(SlotKeys(TABLE_SLOT, "MIGRATE#{id}", "X"),))
    plan = replace(PLAN, entities=(bad, PLAN.entity("order")))
    found = preflight(plan, MemorySource(some_rows(3, 0)))
    assert found.rejected == 3
    assert "MIGRATE#" in found.first[0].reason


def test_every_kind_of_value_is_readable_in_a_line() -> None:
    row = (("a", Decimal("1.20")), ("b", b"\x00"), ("c", None), ("d", [1, {"x": True}]), ("e", float("inf")))
    line = json.loads(Reject("t", "[1]", "id=1", "why", row).line())
    assert line["row"] == {"a": "1.20", "b": {"base64": "AA=="}, "c": None, "d": [1, {"x": True}], "e": "inf"}


def test_reasons_that_pass_blame_no_row() -> None:
    """One row is refused by name, its neighbours only met another transaction."""
    judged: list[str] = []

    def refuse(puts: Sequence[Put]) -> None:
        codes = {"ORDER#3": "ValidationError", "ORDER#4": "TransactionConflict"}
        reasons = [CancelReason(codes.get(name_of(put.item)[1], "None"), "not a number") for put in puts]
        if any(reason.code == "ValidationError" for reason in reasons):
            judged.append("cancelled")
            raise TransactionCancelled(reasons)

    table, rejects = MemoryTable(refuse=refuse), RejectMemory()
    run(table, some_rows(), allow_rejects=True, rejects=rejects)
    (reject,) = rejects.rejects.values()
    assert (reject.key_text, judged) == ("id=3", ["cancelled"])
    assert "not a number" in reject.reason


def test_a_cancellation_that_blames_nobody_is_an_error() -> None:
    def refuse(puts: Sequence[Put]) -> None:
        raise TransactionCancelled([CancelReason("Mystery", "") for _ in puts])

    with pytest.raises(MigrateError, match="Mystery"):
        run(MemoryTable(refuse=refuse), some_rows(), allow_rejects=True)


def test_a_standing_item_that_is_not_told_is_another_row() -> None:
    def refuse(puts: Sequence[Put]) -> None:
        taken = [name_of(put.item)[1] == "ORDER#3" for put in puts]
        if any(taken):
            raise TransactionCancelled([CancelReason(CONDITION_FAILED if one else "None", "") for one in taken])

    rejects = RejectMemory()
    run(MemoryTable(refuse=refuse), some_rows(), allow_rejects=True, rejects=rejects)
    assert [reject.reason.endswith("another row") for reject in rejects.rejects.values()] == [True]


def test_a_reject_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MigrateError, match="reject file"):
        RejectFile(tmp_path / "file" / "rejects.ndjson").write([Reject("t", "[1]", "id=1", "bad")])


def test_a_full_disk_stops_the_load_before_the_rows_and_the_same_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, rows, file = MemoryTable(), with_bad_orders(7, 70), tmp_path / "rejects.ndjson"

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(MigrateError, match="No space left on device") as failure:
        patch.setattr("migrator.load.rejects.os.fsync", full)
        run(table, rows, allow_rejects=True, rejects=RejectFile(file))
    assert "make room there" in failure.value.next_step
    assert file.read_text() == "", "what was half written is taken off"
    assert not any(item.get("id") == {"N": "8"} for name, item in table.own().items() if name[1].startswith("ORDER"))
    report = run(table, rows, allow_rejects=True, rejects=RejectFile(file))
    assert (report.rejected, len(file.read_text().splitlines())) == (2, 2)
    assert table.own() == expected(PLAN, without_orders(rows, 7, 70))
    assert set(table.own()) <= {name for name, times in table.writes.items() if times == 1}


def test_the_reject_file_is_its_owners_alone_for_it_holds_whole_rows(tmp_path: Path) -> None:
    file = RejectFile(tmp_path / "rejects.ndjson")
    bad = Reject("orders", "[1]", "id=1", "why")
    file.write([bad])
    assert file.path.stat().st_mode & 0o077 == 0
    file.settle([], [bad])
    assert file.path.stat().st_mode & 0o077 == 0
