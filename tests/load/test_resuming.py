"""When a load may begin, go on, stop, and when it is blocked."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import pytest
from migrator.load.load import load
from migrator.load.run_record import run_id
from migrator.load.standing import finish, standing_run
from migrator.load.tally import LoadReport, Progress
from migrator.model.errors import BlockedError, InterruptedRun, MigrateError
from migrator.ports import Denied, Gone, Item, Key, Unreachable

from tests.load.world import MemorySource, MemoryTable, Rows, a_plan, expected, quick, some_rows

PLAN = a_plan()
ROWS = some_rows()


def stopped(table: MemoryTable, after: int = 2) -> None:
    """A run that is asked to stop after so many transactions."""
    stop = threading.Event()
    table.after = lambda number: stop.set() if number == after else None
    with pytest.raises(InterruptedRun) as interrupted:
        load(PLAN, MemorySource(ROWS), table, quick(stop=stop), lambda progress: None)
    table.after = lambda number: None
    assert "same command" in interrupted.value.next_step


def test_stopping_drains_and_the_same_call_resumes() -> None:
    table = MemoryTable()
    stopped(table)
    assert table.transactions == 2
    report = load(PLAN, MemorySource(ROWS), table, quick(), lambda progress: None)
    assert report.resumed
    assert table.own() == expected(PLAN, ROWS)


def test_stopping_while_it_waits_to_ask_again_ends_the_wait() -> None:
    stop = threading.Event()
    table = MemoryTable(before=lambda number: (_ for _ in ()).throw(Unreachable("down")))
    with pytest.raises(InterruptedRun):
        load(
            PLAN,
            MemorySource(ROWS),
            table,
            quick(stop=stop, sleep=lambda seconds: stop.set()),
            lambda progress: None,
        )


def test_a_resumed_run_keeps_the_chunks_it_began_with() -> None:
    table = MemoryTable()
    stopped(table)
    load(PLAN, MemorySource(ROWS), table, quick(rows_per_chunk=11), lambda progress: None)
    assert table.own() == expected(PLAN, ROWS)


def test_a_source_that_changed_blocks_the_resumption() -> None:
    table = MemoryTable()
    stopped(table)
    with pytest.raises(BlockedError, match="source has changed") as blocked:
        load(PLAN, MemorySource(ROWS, "moment-2"), table, quick(), lambda progress: None)
    assert "--restart" in blocked.value.next_step


def test_a_source_that_is_cut_otherwise_blocks_the_resumption() -> None:
    table = MemoryTable()
    stopped(table)
    shorter = {**ROWS, "orders": ROWS["orders"][:50]}
    with pytest.raises(BlockedError, match="other chunks"):
        load(PLAN, MemorySource(shorter), table, quick(), lambda progress: None)


def test_another_plan_is_blocked_at_any_state() -> None:
    table = MemoryTable()
    other = replace(PLAN, assumptions=("another",))
    stopped(table)
    with pytest.raises(BlockedError, match="another plan"):
        load(other, MemorySource(ROWS), table, quick(), lambda progress: None)
    load(PLAN, MemorySource(ROWS), table, quick(), lambda progress: None)
    with pytest.raises(BlockedError, match="another plan"):
        load(other, MemorySource(ROWS), table, quick(), lambda progress: None)
    with pytest.raises(BlockedError, match="another plan"):
        finish(table, other)


def test_finishing_what_is_not_loaded_is_blocked() -> None:
    table = MemoryTable()
    with pytest.raises(BlockedError):
        finish(table, PLAN)
    stopped(table)
    with pytest.raises(BlockedError):
        finish(table, PLAN)


def test_the_run_is_named_by_plan_and_moment() -> None:
    assert run_id("p", "m") == run_id("p", "m")
    assert len({run_id("p", "m"), run_id("p", "n"), run_id("q", "m")}) == 3


def test_empty_tables_load() -> None:
    table = MemoryTable()
    report = load(PLAN, MemorySource({"customers": [], "orders": []}), table, quick(), lambda progress: None)
    assert (report.rows, report.items) == (0, 0)
    assert not table.own()


def test_progress_ends_at_what_the_report_says() -> None:
    heard: list[Progress] = []
    report = load(PLAN, MemorySource(ROWS), MemoryTable(), quick(workers=3), heard.append)
    last = {progress.table: progress for progress in heard}
    assert {name: progress.rows for name, progress in last.items()} == {"customers": 60, "orders": 150}
    assert all(progress.chunks_done == progress.chunks for progress in last.values())
    assert report.rows == 210


@pytest.mark.parametrize(
    ("fault", "next_step"),
    [
        (Denied("ExpiredTokenException", "token expired"), "credentials"),
        (Gone("no such table"), "migrate apply"),
        (Unreachable("connection refused"), "network"),
    ],
)
def test_a_fault_that_stays_is_an_error_with_a_next_step(fault: Exception, next_step: str) -> None:
    def strike(number: int) -> None:
        raise fault

    with pytest.raises(MigrateError) as error:
        load(PLAN, MemorySource(ROWS), MemoryTable(before=strike), quick(workers=3), lambda progress: None)
    assert next_step in error.value.next_step
    assert error.value.exit_code == 1


def test_a_failure_in_one_thread_ends_the_others() -> None:
    def strike(number: int) -> None:
        if number == 3:
            raise Denied("AccessDeniedException", "no")

    table = MemoryTable(before=strike)
    with pytest.raises(MigrateError, match="AccessDenied"):
        load(PLAN, MemorySource(some_rows(500, 500)), table, quick(workers=4), lambda progress: None)
    assert table.transactions < 12


def test_the_report_counts_write_units_of_table_indexes_and_checkpoints() -> None:
    rows: Rows = {"customers": [(1, "a@example.org", "n")], "orders": [(1, 1, 5), (2, 1, 5)]}
    report: LoadReport = load(PLAN, MemorySource(rows), MemoryTable(), quick(), lambda progress: None)
    # two items of the customer at 2; two orders at 2 + 1 for the index; a checkpoint and a check of each chunk at 2
    assert report.write_units == 2 * 2 + 2 * 3 + 2 * (2 + 2)


def test_ctrl_c_drains_and_the_same_call_resumes() -> None:
    # A shell starts what runs in the background with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _drain_and_resume()
    finally:
        signal.signal(signal.SIGINT, before)


def _drain_and_resume() -> None:
    stop = threading.Event()

    def interrupt(number: int) -> None:
        if number == 2:
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.wait(20)

    table = MemoryTable(after=interrupt)
    with pytest.raises(InterruptedRun):
        load(PLAN, MemorySource(ROWS), table, quick(stop=stop), lambda progress: None)
    assert table.transactions == 2
    load(PLAN, MemorySource(ROWS), table, quick(), lambda progress: None)
    assert table.own() == expected(PLAN, ROWS)


def test_a_loader_that_comes_second_joins_the_run_of_the_first() -> None:
    """Between this loader's look and its put, another one created the record."""
    table = MemoryTable()
    first: list[LoadReport] = []

    def overtaken() -> str:
        if not first:
            first.append(load(PLAN, MemorySource(ROWS), table, quick(), lambda progress: None))
        return "second"

    report = load(PLAN, MemorySource(ROWS), table, quick(new_nonce=overtaken), lambda progress: None)
    assert table.own() == expected(PLAN, ROWS)
    assert {table.writes[name] for name in table.own()} == {1}
    assert report.rows == first[0].rows


def test_the_record_tells_what_was_loaded() -> None:
    table = MemoryTable()
    assert standing_run(table, PLAN) is None
    load(PLAN, MemorySource(ROWS), table, quick(), lambda progress: None)
    record = standing_run(table, PLAN)
    assert record is not None
    assert [(one.name, one.rows, one.items) for one in record.tables] == [("customers", 60, 120), ("orders", 150, 150)]
    assert record.units > 0


def test_a_table_that_does_not_tell_its_record_is_an_error() -> None:
    class Absent(MemoryTable):
        def get(self, key: Key) -> Item | None:
            raise Gone("no such table")

    for ask in (standing_run, finish):
        with pytest.raises(MigrateError, match="no such table"):
            ask(Absent(), PLAN)
