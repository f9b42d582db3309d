"""The exactly-once protocol against a table that keeps conditions, crashes and forgets answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from migrator.load.load import load
from migrator.load.run_record import State, read_run
from migrator.load.standing import finish
from migrator.load.tally import LoadReport
from migrator.ports import Throttled, Unreachable

from tests.load.world import MemorySource, MemoryTable, a_plan, expected, quick, some_rows

PLAN = a_plan()
ROWS = some_rows()


class Crash(BaseException):
    """The process ends here."""


def run(table: MemoryTable, **changes: object) -> LoadReport:
    return load(PLAN, MemorySource(ROWS), table, quick(**changes), lambda progress: None)


def at(number: int, fault: BaseException) -> Callable[[int], None]:
    def strike(now: int) -> None:
        if now == number:
            raise fault

    return strike


def assert_exactly_once(table: MemoryTable) -> None:
    assert table.own() == expected(PLAN, ROWS)
    assert {table.writes[name] for name in table.own()} == {1}


def transactions_of_a_whole_load() -> int:
    table = MemoryTable()
    run(table)
    return table.transactions


def test_every_row_becomes_its_items_once() -> None:
    table = MemoryTable()
    report = run(table)
    assert_exactly_once(table)
    assert (report.rows, report.items, report.rejected) == (210, 270, 0)
    assert report.state is State.LOADED


def test_loading_again_writes_nothing_and_says_so() -> None:
    table = MemoryTable()
    first = run(table)
    before = table.transactions
    again = run(table)
    assert again.already
    assert table.transactions == before
    assert (again.rows, again.items, again.write_units) == (first.rows, first.items, first.write_units)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_transaction_is_resumed_to_the_same_table(moment: str) -> None:
    for number in range(1, transactions_of_a_whole_load() + 1):
        table = MemoryTable()
        setattr(table, moment, at(number, Crash()))
        with pytest.raises(Crash):
            run(table)
        assert read_run(PLAN, table) is not None
        setattr(table, moment, lambda number: None)
        report = run(table)
        assert_exactly_once(table)
        assert report.resumed
        assert report.rows == 210


@pytest.mark.parametrize("forget", [False, True])
def test_a_lost_answer_is_asked_again_and_counts_once(forget: bool) -> None:
    for number in range(1, transactions_of_a_whole_load() + 1):
        table = MemoryTable(after=at(number, Unreachable("reset")), forget_tokens=forget)
        report = run(table)
        assert_exactly_once(table)
        assert report.repeated == 1
        assert report.rows == 210


def test_a_throttled_request_is_asked_again() -> None:
    table = MemoryTable(before=at(2, Throttled("slow down")))
    assert run(table).repeated == 1
    assert_exactly_once(table)


def test_many_threads_write_each_item_once() -> None:
    table = MemoryTable()
    run(table, workers=8, rows_per_chunk=7)
    assert_exactly_once(table)


def test_two_loaders_at_once_write_each_item_once() -> None:
    table = MemoryTable()
    reports: list[LoadReport] = []
    loaders = [threading.Thread(target=lambda: reports.append(run(table, workers=2))) for _ in range(2)]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
    assert len(reports) == 2
    assert_exactly_once(table)


def test_a_loader_that_finds_another_one_ahead_goes_on_from_there() -> None:
    """In the middle of one loader's first transaction a second one loads everything."""
    table = MemoryTable(forget_tokens=True)
    other: list[LoadReport] = []

    def overtake(number: int) -> None:
        if number == 1:
            other.append(run(table))

    table.before = overtake
    report = run(table)
    assert_exactly_once(table)
    assert report.rows == other[0].rows == 210


def test_a_loader_with_other_batches_adopts_the_position_of_the_one_ahead() -> None:
    """Another one committed a shorter batch of the same chunk under this loader's feet."""
    from migrator.load.batch import pack
    from migrator.load.chunk_loader import commit, current
    from migrator.load.job import new_job

    table = MemoryTable()

    def sneak(number: int) -> None:
        if number != 1:
            return
        table.before = lambda number: None
        record = read_run(PLAN, table)
        assert record is not None
        job = new_job(PLAN, MemorySource(ROWS), table, quick(), record.nonce)
        chunk = job.source.chunks(job.tables["customers"].shape, 40)[0]
        with job.source.units(job.tables["customers"].shape, chunk) as units:
            batch = next(pack(map(job.tables["customers"].entry, units), most_actions=10))
        assert commit(job, current(job, chunk), batch).mine

    table.before = sneak
    assert run(table).rows == 210
    assert_exactly_once(table)


def test_a_table_dropped_and_loaded_again_does_not_repeat_its_tokens() -> None:
    """The service remembers tokens for ten minutes, longer than it remembers the table."""
    table = MemoryTable()
    run(table)
    table.items.clear()
    table.writes.clear()
    run(table)
    assert_exactly_once(table)


def test_finishing_removes_checkpoints_and_keeps_the_record() -> None:
    table = MemoryTable()
    run(table)
    assert len(table.bookkeeping()) > 1
    finish(table, PLAN)
    finish(table, PLAN)
    assert table.bookkeeping() == ["MIGRATE#RUN"]
    record = read_run(PLAN, table)
    assert record is not None
    assert record.state is State.VERIFIED
    assert run(table).already
