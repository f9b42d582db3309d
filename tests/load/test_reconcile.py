"""A source that moves on between a crash and the resumption: it stops, or the table becomes the new moment's."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from migrator.load.load import load
from migrator.load.rejects import RejectMemory
from migrator.load.run_record import Phase, State, read_run
from migrator.load.standing import finish
from migrator.load.tally import LoadReport
from migrator.model.errors import BlockedError

from tests.load.world import MemorySource, MemoryTable, Rows, TableReader, a_plan, expected, quick, some_rows

PLAN = a_plan()


class Crash(BaseException):
    """The process ends here."""


def run(table: MemoryTable, rows: Rows, moment: str, **changes: object) -> LoadReport:
    options = quick(reader=TableReader(table), **changes)
    return load(PLAN, MemorySource(rows, moment), table, options, lambda progress: None)


def crashing(number: int) -> Callable[[int], None]:
    def strike(now: int) -> None:
        if now == number:
            raise Crash

    return strike


def crashed(rows: Rows, after: int) -> MemoryTable:
    table = MemoryTable(after=crashing(after))
    with pytest.raises(Crash):
        run(table, rows, "first")
    table.after = lambda number: None
    return table


def changed(rows: Rows, random: Random) -> Rows:
    """Rows deleted, inserted and changed; emails change hands."""
    customers: list[Any] = [row for row in rows["customers"] if random.random() < 0.8]
    emails = [row[1] for row in customers]
    random.shuffle(emails)
    customers = [(n, email, note) for (n, _, note), email in zip(customers, emails, strict=True)]
    orders: list[Any] = [
        (n, c, total if random.random() < 0.7 else 7) for n, c, total in rows["orders"] if random.random() < 0.8
    ]
    next_one = max(n for n, _, _ in customers) + 1
    customers += [(n, f"new{n}@example.org", None) for n in range(next_one, next_one + random.randint(0, 20))]
    next_one = max(n for n, _, _ in orders) + 1
    orders += [(n, 1, 1) for n in range(next_one, next_one + random.randint(0, 60))]
    return {"customers": customers, "orders": orders}


@pytest.mark.parametrize("after", range(1, 7))
def test_the_table_becomes_the_new_moments(after: int) -> None:
    before = some_rows()
    now = changed(before, Random(after))
    table = crashed(before, after)
    with pytest.raises(BlockedError, match="source has changed") as blocked:
        run(table, now, "second")
    assert "--restart" in blocked.value.next_step
    assert "--reconcile" in blocked.value.next_step
    kept = {name for name, item in expected(PLAN, now).items() if table.own().get(name) == item}
    report = run(table, now, "second", reconcile=True)
    assert table.own() == expected(PLAN, now)
    assert {table.writes[name] for name in kept} <= {1}, "what was right already is not written again"
    assert (report.rows, report.items) == (sum(map(len, now.values())), len(expected(PLAN, now)))
    finish(table, PLAN)
    assert table.bookkeeping() == ["MIGRATE#RUN"]


def test_a_crash_anywhere_while_reconciling_is_resumed_with_or_without_the_flag() -> None:
    before = some_rows()
    now = changed(before, Random(1))
    whole = crashed(before, 5)
    run(whole, now, "second", reconcile=True)
    for number in range(6, whole.transactions + 1):
        for moment in ("before", "after"):
            table = crashed(before, 5)
            setattr(table, moment, crashing(number))
            with pytest.raises(Crash):
                run(table, now, "second", reconcile=True)
            setattr(table, moment, lambda number: None)
            run(table, now, "second", reconcile=number % 2 == 0)
            assert table.own() == expected(PLAN, now)


def test_a_source_that_moves_on_once_more_is_reconciled_once_more() -> None:
    rows = some_rows()
    table = crashed(rows, 5)
    for number in range(3):
        rows = changed(rows, Random(number))
        table.before = crashing(table.transactions + 3)
        with pytest.raises(Crash):
            run(table, rows, f"moment {number}", reconcile=True)
        table.before = lambda number: None
    run(table, rows, "moment 2", reconcile=True)
    assert table.own() == expected(PLAN, rows)


def test_a_loader_of_the_old_moment_writes_nothing_more() -> None:
    before = some_rows()
    now = changed(before, Random(2))
    for number in range(1, 7):
        table = MemoryTable()

        def overtake(at: int, number: int = number, table: MemoryTable = table) -> None:
            if at == number:
                table.before = lambda number: None
                run(table, now, "second", reconcile=True)

        table.before = overtake
        with pytest.raises(BlockedError, match="ended from elsewhere"):
            run(table, before, "first")
        assert table.own() == expected(PLAN, now)


def test_bad_rows_of_the_new_moment_are_rejected_and_collisions_named() -> None:
    before = some_rows()
    now = {**before, "customers": [*before["customers"], (900, "c1@example.org", "x"), (901, "y@example.org", "z")]}
    table, rejects = crashed(before, 4), RejectMemory()
    report = run(table, now, "second", reconcile=True, allow_rejects=True, rejects=rejects)
    (reject,) = rejects.rejects.values()
    assert "customers (id=1)" in reject.reason
    assert (report.rejected, reject.key_text) == (1, "id=900")


def test_a_finished_run_is_not_reconciled() -> None:
    rows = some_rows()
    table = MemoryTable()
    run(table, rows, "first")
    before = dict(table.own())
    report = run(table, changed(rows, Random(3)), "second", reconcile=True)
    assert report.already
    assert table.own() == before
    record = read_run(PLAN, table)
    assert record is not None
    assert (record.state, record.phase) == (State.LOADED, Phase.NONE)
