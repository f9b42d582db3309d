"""The quick way from rows to items says what the obvious one says, and gives up where that one refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.load.price import units_of_item
from migrator.model.schema import Kind
from migrator.model.unit import InvalidText, Unit
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.itemtext import item_text, read_item_text
from migrator.plan.plan import CopySource, Entity, Plan, SlotKeys, SourceColumn, SourceTable
from migrator.plan.quick import Quick, compile_quick
from migrator.plan.sizes import item_size
from migrator.plan.templates import quote_name
from migrator.plan.values import Unstorable

from tests.plan.drawing import texts
from tests.plan.hand import attribute, plan_of, row_entity

MOST = 4_000_000
TEXTS = st.one_of(
    texts,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.builds(lambda text, times: text * times, st.sampled_from(["x", "é", "😀", '"', "\x01"]), st.integers(99, 500)),
)
ODD_TEXTS = st.one_of(
    TEXTS,
    st.text(st.characters(categories=["Cs", "Cc", "So", "Ll"]), max_size=4),
    st.sampled_from(
        ["\ud800", 'a"b\\c', "\\ud83d", "\x00", "~", "%", "#", "\x7f\xa0", '{"a": [1, null, "\\ud800"]}', "[]"]
    ),
    st.builds(lambda text, times: text * times, st.sampled_from(["x", "é", "😀", '"', "\x01"]), st.integers(100, 1200)),
)
NUMBERS = st.one_of(
    st.integers(-12, 12),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1e16, 1e-5, 123456.25, 1e22, 10**38, -(10**38), 10**19, 10**19 - 1]),
    st.decimals(allow_nan=True),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    ODD_TEXTS,
    NUMBERS,
    st.booleans(),
    st.binary(max_size=5),
    st.just(InvalidText(b"\xff")),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.just(date(2024, 2, 29)),
    st.just(UUID(int=7)),
    st.just([1, "a", None]),
)
USUAL: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.DECIMAL: st.one_of(st.integers(-1200, 1200), st.floats(-1e9, 1e9), st.decimals(-99, 99, places=2)),
    Kind.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    Kind.BOOLEAN: st.sampled_from([0, 1, True, False, 2]),
    Kind.BYTES: st.binary(max_size=5),
    Kind.UUID: st.one_of(st.just(UUID(int=7)), TEXTS),
    Kind.DATETIME: st.one_of(TEXTS, st.integers(0, 2**31)),
    Kind.JSON: st.sampled_from(['{"a": [1, null]}', "[]", "7", "{", '{"😀": "é"}']),
}
ENCODINGS = {Kind.INTEGER: ["", "int10", "int19", "num"], Kind.DECIMAL: ["", "num", "int19"], Kind.FLOAT: ["", "num"]}
ENCODINGS |= {Kind.BYTES: ["", "hex"], Kind.BOOLEAN: [""], Kind.UUID: [""]}


@dataclass
class Drawn:
    """A plan of one table and rows for it."""

    plan: Plan
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    kinds = [Kind.INTEGER, *draw(st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=5))]
    names = [draw(st.sampled_from(["a", "é%", 'q"', "{x}", "😀"])) + str(at) for at in range(len(kinds))]
    copied = CopySource("above", "c", ("up",))
    columns = [attribute(name, kind) for name, kind in zip(names, kinds, strict=True)]
    columns[-1] = replace(columns[-1], copied_from=copied if draw(st.booleans()) else None)
    keyed = [(name, kind) for name, kind in zip(names, kinds, strict=True) if kind not in (Kind.JSON, Kind.ARRAY)]
    offers = {name: ENCODINGS.get(kind, ["", "text", "fold"]) for name, kind in keyed}
    expires = draw(st.sampled_from([None, None, *names]))
    row = row_entity("A%s", "t", tuple(columns), tuple(_slots(draw, offers)), expires=expires)
    unique = (_slot(draw, "table", offers, "UNIQUE#"),)
    guard = Entity("GUARD", "guard", "t", ("id",), unique, tuple(columns), (names[0],))
    entities = (row, guard) if draw(st.booleans()) else (row,)
    plan = plan_of(*entities, ttl=draw(st.sampled_from([None, "ttl"])), indexes=("GSI1", "GSI2"))
    full = [name for name in names if draw(st.booleans())]
    row_values = st.tuples(*(_values(kind, name in full) for name, kind in zip(names, kinds, strict=True)))
    rows = draw(st.lists(row_values, min_size=1, max_size=6))
    return Drawn(_promising(plan, names, full), [tuple(value) for value in rows])


def _values(kind: Kind, full: bool) -> st.SearchStrategy[Any]:
    usual = USUAL.get(kind, TEXTS)
    seldom = st.integers(0, 15).flatmap(lambda chance: VALUES if chance == 0 else usual)
    return seldom if full else st.one_of(seldom, seldom, st.none())


Offers = dict[str, list[str]]


def _slots(draw: st.DrawFn, offers: Offers) -> list[SlotKeys]:
    slots = [_slot(draw, "table", offers, "A#")]
    for index in ("GSI1", "GSI2"):
        if draw(st.booleans()):
            requires = draw(st.lists(st.sampled_from(list(offers)), max_size=2, unique=True))
            shards = draw(st.sampled_from([None, None, 3]))
            slot = _slot(draw, index, offers, "B#{shard}" if shards else "B%#")
            slots.append(replace(slot, requires=tuple(requires), shards=shards))
    return slots


def _slot(draw: st.DrawFn, slot: str, offers: Offers, begin: str) -> SlotKeys:
    def part() -> str:
        name = draw(st.sampled_from(list(offers)))
        encoding = draw(st.sampled_from(offers[name]))
        return f"{{{quote_name(name)}{':' + encoding if encoding else ''}}}"

    sort = "#".join(part() for _ in range(draw(st.integers(0, 2))))
    return SlotKeys(slot, begin + part(), f'S"#{sort}')


def _promising(plan: Plan, names: list[str], full: list[str]) -> Plan:
    columns = tuple(SourceColumn(name, "", name not in full, 0, 0, 0, 0) for name in names)
    table = SourceTable("t", 0, 0, 0, False, ("id",), columns)
    return replace(plan, source=replace(plan.source, tables=(table,)))


def quick_of(plan: Plan, most: int = MOST) -> Quick:
    made = compile_quick(plan, "t", units_of_item(plan), "MIGRATE#", most)
    assert made is not None
    return made


def obvious(plan: Plan, row: tuple[Any, ...]) -> tuple[int, list[Any]] | None:
    """Units and items of a row that can be stored."""
    units_of = units_of_item(plan)
    try:
        items = list(compile_footprint(plan, "t")(Unit(row)))
    except Unstorable:
        return None
    names = [(item["PK"]["S"], item["SK"]["S"]) for item in items]
    if len(set(names)) < len(names):
        return None
    return sum(units_of(item, item_size(item)) for item in items), items


@settings(max_examples=400)
@given(drawn())
def test_texts_are_the_obvious_items_and_units_or_the_row_goes_the_obvious_way(case: Drawn) -> None:
    quick = quick_of(case.plan)
    for row in case.rows:
        made = quick(row)
        if made is None:
            continue
        wanted = obvious(case.plan, row)
        assert wanted is not None, "what cannot be stored has no text"
        assert (made[0], [read_item_text(text) for text in made[2::2]]) == wanted
        for name, text, item in zip(made[1::2], made[2::2], wanted[1], strict=True):
            assert text.startswith(name)
            assert read_item_text(name + "}") == {"PK": item["PK"], "SK": item["SK"]}
            assert len(text) == len(item_text(item))
            assert text.isascii()


PLAN = _promising(
    plan_of(
        row_entity(
            "T",
            "t",
            (
                attribute("id", Kind.INTEGER),
                attribute("name"),
                attribute("price", Kind.DECIMAL),
                attribute("at", Kind.DATETIME),
            ),
            (SlotKeys("table", "T#{id}", "T#"), SlotKeys("GSI1", "N#{name}", "T#{at:text}\t{id:int19}")),
        ),
        indexes=("GSI1",),
    ),
    ["id", "name", "price", "at"],
    ["id", "name"],
)


@pytest.mark.parametrize(
    "row",
    [
        (1, "blue", 12.5, "2024-01-01"),
        (2**63 - 1, "é", 3, None),
        (1, "100% # of 'it'\"\\\n", None, 1_700_000_000),
        (1, "x" * 5000, 1e300, "y" * 1100),
        (1, "x" * 1500, 1, "2024-01-01"),
        (1, "😀" * 40, Decimal("1.50"), datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_usual_rows_go_the_quick_way_unless_they_cannot_be_stored(row: tuple[Any, ...]) -> None:
    assert (quick_of(PLAN)(row) is None) == (obvious(PLAN, row) is None)


def test_a_row_whose_texts_no_transaction_takes_goes_the_obvious_way() -> None:
    assert quick_of(PLAN)((1, "x" * 1500, 1, "now")) is not None
    assert quick_of(PLAN, 1400)((1, "x" * 1500, 1, "now")) is None


@dataclass(frozen=True, slots=True)
class Newer(Entity):
    """An entity with a feature that the quick way does not know."""

    folded: tuple[str, ...] = ()


def test_an_entity_with_an_unknown_feature_goes_the_obvious_way() -> None:
    (entity,) = PLAN.entities
    told = {name: getattr(entity, name) for name in Entity.__slots__}
    for folded, known in ((), True), (("x",), False):
        plan = replace(PLAN, entities=(Newer(**told, folded=folded),))
        assert (compile_quick(plan, "t", units_of_item(plan), "MIGRATE#", MOST) is not None) is known


def test_a_partition_that_might_be_the_run_records_goes_the_obvious_way() -> None:
    (entity,) = PLAN.entities
    for partition in ("{name}", "MIGRATE#{id}", "MIG", "MIG{id}"):
        plan = replace(PLAN, entities=(replace(entity, keys=(SlotKeys("table", partition, "T#{id}"),)),))
        assert compile_quick(plan, "t", units_of_item(plan), "MIGRATE#", MOST) is None
    assert unit_shape(PLAN, "t").columns == ("id", "name", "price", "at")
