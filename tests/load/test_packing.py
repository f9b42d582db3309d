"""Closed batches are those that the obvious way makes, whatever the rows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.load.batch import MAX_ENTRIES, pack
from migrator.load.packing import LoadedTable, pack_rows
from migrator.model.unit import RowValue, Unit
from migrator.plan.itemtext import read_item_text
from migrator.plan.plan import Plan, SlotKeys
from migrator.ports import Inserts, Put

from tests.load.world import a_plan

PLAN = a_plan()
Values = tuple[RowValue, ...]

TEXTS = st.one_of(
    st.sampled_from(["a@x", "b@x", "c@x", "é", None]),
    st.sampled_from(["y" * 200_000, "z" * 1_500, "\ud800", "ü" * 250_000]),
    st.text(max_size=3),
)
ROWS = st.lists(st.tuples(st.integers(0, 30), TEXTS, TEXTS), max_size=40)


def same_batches(plan: Plan, name: str, rows: list[Values], most_actions: int) -> None:
    for reserved in (0, 1):
        same_batches_after(plan, name, rows, most_actions, reserved)


def same_batches_after(plan: Plan, name: str, rows: list[Values], most_actions: int, reserved: int) -> None:
    table = LoadedTable.of(plan, name)
    assert table.quick is not None
    closed = list(pack_rows(table, table.quick, iter(rows), most_actions, reserved))
    obvious = list(pack((table.entry(Unit(values)) for values in rows), most_actions, reserved))
    assert [batch.last for batch in closed] == [batch.last for batch in obvious]
    for one, other in zip(closed, obvious, strict=True):
        assert one.opened == other
        assert (one.entries, one.rows, one.rejects) == (other.entries, other.rows, other.rejects)
        assert (one.position, one.counts) == (other.position, other.counts)
        assert list(map(read_item_text, one.texts)) == list(map(read_item_text, other.texts))


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from([99, 5, 2]))
def test_rows_with_guards_are_packed_the_same(rows: list[Values], most_actions: int) -> None:
    same_batches(PLAN, "customers", rows, most_actions)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.one_of(st.integers(), TEXTS)), max_size=250))
def test_rows_of_one_item_are_packed_the_same(rows: list[Values]) -> None:
    same_batches(PLAN, "orders", rows, 99)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers()), max_size=30))
def test_rows_whose_key_does_not_tell_them_apart_are_packed_the_same(rows: list[Values]) -> None:
    loose = replace(PLAN.entities[2], keys=(SlotKeys("table", "C#{customer_id}", "O#{id}"),))
    same_batches(replace(PLAN, entities=(*PLAN.entities[:2], loose)), "orders", rows, 9)


def test_a_stretch_of_bad_rows_is_bounded_the_same() -> None:
    rows: list[Values] = [(n, "\ud800", None) for n in range(MAX_ENTRIES + 5)]
    same_batches(PLAN, "customers", rows, 99)


def test_inserts_are_the_puts_that_they_stand_for() -> None:
    lead = Put({"PK": {"S": "x"}})
    inserts = Inserts((lead,), ('{"PK":{"S":"a"},"b":{"B":"AAE="}}', '{"PK":{"S":"c"}}'), "PK")
    told = list(inserts)
    assert told == [inserts[0], inserts[1], inserts[-1]]
    assert list(inserts[1:]) == told[1:]
    assert told[0] is lead
    assert isinstance(told[1], Put)
    assert isinstance(told[2], Put)
    assert told[1].item == {"PK": {"S": "a"}, "b": {"B": b"\x00\x01"}}
    assert (told[2].condition, told[2].names) == ("attribute_not_exists(#pk)", (("#pk", "PK"),))
