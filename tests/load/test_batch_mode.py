"""Puts in batches, without conditions: right because the same row always makes the same items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from migrator.load import unique
from migrator.load.job import Job, new_job
from migrator.load.load import load
from migrator.load.rejects import RejectMemory
from migrator.load.run_record import Mode
from migrator.load.standing import finish
from migrator.load.tally import LoadReport
from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.plan import TABLE_SLOT, Plan, SlotKeys
from migrator.ports import Throttled, Unreachable

from tests.load.test_rejects import poison, without_orders
from tests.load.world import MemorySource, MemoryTable, Rows, a_plan, expected, quick, some_rows

PLAN = a_plan()
ROWS = some_rows()


class Crash(BaseException):
    """The process ends here."""


def run(table: MemoryTable, rows: Rows = ROWS, **changes: object) -> LoadReport:
    return load(PLAN, MemorySource(rows), table, quick(mode=Mode.BATCH, **changes), lambda progress: None)


def striking(number: int, fault: BaseException) -> Callable[[int], None]:
    def strike(now: int) -> None:
        if now == number:
            raise fault

    return strike


def test_every_row_becomes_its_items_for_half_the_units_of_the_table() -> None:
    table, other = MemoryTable(), MemoryTable()
    report = run(table)
    transacted = load(PLAN, MemorySource(ROWS), other, quick(), lambda progress: None)
    assert table.own() == other.own() == expected(PLAN, ROWS)
    assert {table.writes[name] for name in table.own()} == {1}
    assert report.write_units < 0.7 * transacted.write_units
    finish(table, PLAN)
    assert table.bookkeeping() == ["MIGRATE#RUN"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("fault", [Crash(), Unreachable("reset"), Throttled("slow down")])
def test_whatever_happens_to_any_request_the_table_is_the_same(moment: str, fault: BaseException) -> None:
    whole = MemoryTable()
    run(whole)
    for number in range(1, whole.transactions + 1):
        table = MemoryTable()
        setattr(table, moment, striking(number, fault))
        try:
            run(table)
        except Crash:
            setattr(table, moment, lambda number: None)
            run(table)
        assert table.own() == expected(PLAN, ROWS)


def test_what_is_left_undone_is_asked_again_until_all_is_confirmed() -> None:
    random = Random(5)
    table = MemoryTable(leave=lambda texts: [text for text in texts if random.random() < 0.4])
    report = run(table)
    assert table.own() == expected(PLAN, ROWS)
    assert {table.writes[name] for name in table.own()} == {1}
    assert report.repeated > 5


def test_batches_that_are_never_done_are_an_error_and_resumable() -> None:
    table = MemoryTable(leave=lambda texts: texts)
    with pytest.raises(MigrateError, match="unprocessed"):
        run(table)
    table.leave = lambda texts: ()
    run(table)
    assert table.own() == expected(PLAN, ROWS)


def test_two_rows_with_one_key_are_both_named_before_anything_is_written() -> None:
    rows = some_rows()
    rows["customers"][50] = (51, "c1@example.org", "the email of customer 1")
    table = MemoryTable()
    with pytest.raises(BlockedError, match="both make the item") as blocked:
        run(table, rows, allow_rejects=True)
    assert "customers (id=1) and customers (id=51)" in blocked.value.what
    assert not table.items


def alone(partition: str) -> Plan:
    """The plan of orders alone and of customers without a guard; orders are in partitions of this form."""
    whole = a_plan()
    order = replace(whole.entity("order"), keys=(SlotKeys(TABLE_SLOT, partition, "ORDER#{id}"),))
    return replace(whole, entities=(whole.entity("customer"), order), indexes=())


@pytest.mark.parametrize(
    ("partition", "number", "sure"),
    [("ORDER#{id}", 5, True), ("CUSTOMER#{id}", 5, False), ("{id}", 5, False), ("ORDER#{id}", 10**30, False)],
)
def test_keys_that_cannot_meet_need_no_comparison(
    partition: str, number: int, sure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def compare(job: Job, tables: list[str]) -> list[list[str]]:
        compared.extend(tables)
        return []

    monkeypatch.setattr(unique, "_texts", compare)
    rows: Rows = {"customers": [(1, "a@example.org", "n")], "orders": [(1, 1, number), (2, 1, 1)]}
    job = new_job(alone(partition), MemorySource(rows), MemoryTable(), quick(mode=Mode.BATCH))
    unique.demand_unique(job)
    assert ("orders" not in compared) == sure


def test_rows_that_only_the_service_refuses_are_isolated() -> None:
    table, rejects = poison("ORDER#3", "ORDER#40"), RejectMemory()
    run(table, allow_rejects=True, rejects=rejects)
    assert sorted(reject.key_text for reject in rejects.rejects.values()) == ["id=3", "id=40"]
    assert table.own() == expected(PLAN, without_orders(ROWS, 3, 40))


def test_a_run_keeps_the_mode_that_it_began_with() -> None:
    for begun, other in [(Mode.BATCH, Mode.TRANSACT), (Mode.TRANSACT, Mode.BATCH)]:
        table = MemoryTable(before=striking(3, Crash()))
        with pytest.raises(Crash):
            load(PLAN, MemorySource(ROWS), table, quick(mode=begun), lambda progress: None)
        with pytest.raises(BlockedError, match=f"--mode {begun.value}"):
            load(PLAN, MemorySource(ROWS), table, quick(mode=other), lambda progress: None)


def test_a_loaded_table_is_never_written_again() -> None:
    table = MemoryTable()
    run(table)
    name = ("CUSTOMER#1", "CUSTOMER")
    table.items[name] = {**table.items[name], "note": {"S": "by the application"}}
    assert run(table).already
    assert table.items[name]["note"] == {"S": "by the application"}
