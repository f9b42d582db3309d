"""Rejected rows, loaded once their cause is mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from migrator.load.load import load
from migrator.load.mend import Mended, mend
from migrator.load.rejects import RejectFile, read_lines
from migrator.load.run_record import RunRecord, State, read_run
from migrator.load.standing import finish
from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.ports import Put, Refused, Unreachable

from tests.load.world import MemorySource, MemoryTable, Rows, a_plan, expected, name_of, quick, some_rows

PLAN = a_plan()
BAD = (3, 40, 41)


class Crash(BaseException):
    """The process ends here."""


def with_bad(*ids: int) -> Rows:
    rows = some_rows()
    rows["orders"] = [(n, c, float("nan") if n in ids else total) for n, c, total in rows["orders"]]
    return rows


def loaded(path: Path, rows: Rows | None = None) -> MemoryTable:
    """A verified load that left some orders out."""
    table = MemoryTable()
    options = quick(allow_rejects=True, rejects=RejectFile(path))
    load(PLAN, MemorySource(rows or with_bad(*BAD)), table, options, lambda progress: None)
    finish(table, PLAN)
    return table


def mended(table: MemoryTable, path: Path, rows: Rows, *ids: int) -> Mended:
    """What the command does: these rows of the file, or all."""
    lines = read_lines(path)
    names = [name for name in lines if not ids or json.loads(name[1])[0] in ids]
    left = {"orders": len(lines) - len(names)}
    done = mend(PLAN, MemorySource(rows, "later"), table, quick(), names, left)
    RejectFile(path).settle(done.resolved, done.rejected)
    return done


def record_of(table: MemoryTable) -> RunRecord:
    record = read_run(PLAN, table)
    assert record is not None
    return record


def test_mended_rows_are_loaded_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    table = loaded(path)
    before = record_of(table)
    done = mended(table, path, some_rows())
    assert len(done.loaded) == 3
    assert table.own() == expected(PLAN, some_rows())
    assert {table.writes[name] for name in table.own()} == {1}
    record = record_of(table)
    assert (record.rejected, record.state) == (0, State.LOADED)
    assert sum(t.rows for t in record.tables) == sum(t.rows for t in before.tables) + 3
    assert not path.exists()
    finish(table, PLAN)
    assert record_of(table).state is State.VERIFIED


def test_rows_that_are_still_bad_stay_with_the_reason_of_now(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    table = loaded(path)
    rows = with_bad(40)
    rows["orders"] = [row for row in rows["orders"] if row[0] != 41]
    done = mended(table, path, rows)
    assert [json.loads(key) for _, key in done.loaded] == [[3]]
    assert [json.loads(key) for _, key in done.gone] == [[41]]
    assert [json.loads(line)["position"] for line in path.read_text().splitlines()] == [[40]]
    assert record_of(table).rejected == 1


def test_some_of_the_rows_leave_the_others_rejected(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    table = loaded(path)
    mended(table, path, some_rows(), 40)
    assert record_of(table).rejected == 2
    mended(table, path, some_rows())
    assert table.own() == expected(PLAN, some_rows())
    assert record_of(table).rejected == 0


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_anywhere_loads_each_row_once_when_it_is_run_again(tmp_path: Path, moment: str) -> None:
    bad = tuple(range(1, 151, 1))
    for number in range(1, 4):
        path = tmp_path / f"{number}.ndjson"
        table = loaded(path, with_bad(*bad))
        at = table.transactions + number

        def crash(now: int, at: int = at) -> None:
            if now == at:
                raise Crash

        setattr(table, moment, crash)
        try:
            mended(table, path, some_rows())
        except Crash:
            setattr(table, moment, lambda now: None)
            mended(table, path, some_rows())
        assert table.own() == expected(PLAN, some_rows())
        assert {table.writes[name] for name in table.own()} == {1}
        assert (record_of(table).rejected, sum(t.rows for t in record_of(table).tables)) == (0, 210)


@pytest.mark.parametrize("forget", [False, True])
def test_a_lost_answer_counts_once(tmp_path: Path, forget: bool) -> None:
    path = tmp_path / "rejects.ndjson"
    table = loaded(path)
    table.forget_tokens = forget
    lost: list[int] = []

    def lose(now: int) -> None:
        if not lost:
            lost.append(now)
            raise Unreachable("reset")

    table.after = lose
    assert len(mended(table, path, some_rows()).loaded) == 3
    assert sum(t.rows for t in record_of(table).tables) == 210


def test_a_row_that_now_collides_or_that_the_service_refuses_is_rejected_by_name(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    rows = some_rows()
    rows["customers"][40] = (41, "c1@example.org", "taken")
    table = loaded(path, rows)
    rows["customers"][40] = (41, "c2@example.org", "taken too")
    done = mended(table, path, rows)
    assert "customers (id=2)" in done.rejected[0].reason

    def refuse(puts: list[Put]) -> None:
        if any(name_of(put.item)[0] == "CUSTOMER#41" for put in puts):
            raise Refused("ValidationException", "not to my taste")

    rows["customers"][40] = (41, "c41@example.org", "free")
    table.refuse = refuse  # type: ignore[assignment]
    assert "not to my taste" in mended(table, path, rows).rejected[0].reason
    assert record_of(table).rejected == 1


def test_another_process_may_come_in_between(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    table = loaded(path)
    names = list(read_lines(path))
    others: list[int] = []

    def overtaken(now: int) -> None:
        if not others:
            others.append(now)
            mend(PLAN, MemorySource(some_rows()), table, quick(), names[:2], {"orders": 1})

    table.before = overtaken
    done = mend(PLAN, MemorySource(some_rows()), table, quick(), names, {})
    assert (len(done.loaded), len(done.there)) == (1, 2)
    assert table.own() == expected(PLAN, some_rows())
    assert {table.writes[name] for name in table.own()} == {1}


def test_a_load_that_is_not_finished_is_finished_first(tmp_path: Path) -> None:
    table = MemoryTable()
    with pytest.raises(BlockedError, match="no finished load"):
        mend(PLAN, MemorySource(some_rows()), table, quick(), [("orders", "[3]")], {})


def test_a_line_that_names_no_row_is_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    loaded(path)
    path.write_text(path.read_text() + '{"table": "orders"}\n')
    with pytest.raises(UsageError, match="line 4"):
        read_lines(path)


def test_a_full_disk_leaves_the_file_and_the_table_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit on a file's size stands for a full disk: the system refuses to write on in the same way."""
    import resource
    import signal

    path = tmp_path / "rejects.ndjson"
    table = MemoryTable()
    options: dict[str, Any] = {"allow_rejects": True, "rows_per_chunk": 10}
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        with pytest.raises(MigrateError, match="cannot write the reject file") as full:
            source = MemorySource(with_bad(*BAD))
            load(PLAN, source, table, quick(rejects=RejectFile(path), **options), lambda progress: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert "make room" in full.value.next_step
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert record_of(table).state is State.LOADING
    rejects = RejectFile(path)
    report = load(PLAN, MemorySource(with_bad(*BAD)), table, quick(rejects=rejects, **options), lambda progress: None)
    assert len(lines) < report.rejected == len(rejects) == 3
