"""Rows become items: keys, copies, guards, shards and expiry, or a refusal that names what is wrong."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.model.schema import Kind
from migrator.model.unit import Ancestor, InvalidText, Unit
from migrator.plan.items import compile_footprint, describe_key, expiry_seconds, source_key, unit_shape
from migrator.plan.keys import terminator
from migrator.plan.plan import CopySource, Entity, Plan, SlotKeys
from migrator.plan.templates import Piece
from migrator.plan.values import Unstorable, canonical, to_wire

from tests.plan.drawing import ORDERED, PLAIN
from tests.plan.hand import attribute, plan_of, row_entity, slot, template, unit_of

CUSTOMER_NAME = CopySource("customers", "name", ("orders_customer",))
ORDER = row_entity(
    "ORDER",
    "orders",
    (
        attribute("id", Kind.INTEGER),
        attribute("customer_id", Kind.INTEGER),
        attribute("status"),
        attribute("expires", Kind.UNKNOWN),
        attribute("customer_name", column="name", copied=CUSTOMER_NAME),
    ),
    (
        SlotKeys("GSI1", "STATUS#{status}", "ORDER#{id:int19}", ("status",)),
        SlotKeys("table", "CUSTOMER#{customer_id}", "ORDER#{id:int19}"),
        SlotKeys("GSI2", "ORDER#ALL#{shard}", "ORDER#{customer_name:text}\t{id}", shards=7),
    ),
    expires="expires",
)
GUARD = Entity(
    "ORDER_UNIQUE_STATUS",
    "guard",
    "orders",
    ("id",),
    (SlotKeys("table", "UNIQUE#ORDER#STATUS#{status}", "UNIQUE#"),),
    (attribute("status"), attribute("id", Kind.INTEGER), attribute("expires", Kind.UNKNOWN)),
    guards=("status",),
    expires="expires",
)
PLAN = plan_of(GUARD, ORDER, ttl="ttl", indexes=("GSI1", "GSI2"))
ROW = {"id": 7, "customer_id": 42, "status": "new"}


def items(plan: Plan = PLAN, copied: Any = "Ada", **row: Any) -> tuple[dict[str, Any], ...]:
    made = compile_footprint(plan, "orders")(unit_of(plan, "orders", ROW | row, (copied,)))
    return tuple(dict(item) for item in made)


def test_a_row_and_its_guard_come_from_one_unit() -> None:
    row, guard = items()
    assert {name: row[name] for name in ("PK", "SK", "type", "id", "customer_name")} == {
        "PK": {"S": "CUSTOMER#42"},
        "SK": {"S": "ORDER#0000000000000000007"},
        "type": {"S": "ORDER"},
        "id": {"N": "7"},
        "customer_name": {"S": "Ada"},
    }
    assert guard == {
        "PK": {"S": "UNIQUE#ORDER#STATUS#new"},
        "SK": {"S": "UNIQUE#"},
        "type": {"S": "ORDER_UNIQUE_STATUS"},
        "status": {"S": "new"},
        "id": {"N": "7"},
    }


def test_the_source_is_asked_for_each_column_once() -> None:
    shape = unit_shape(PLAN, "orders")
    assert shape.columns == ("id", "customer_id", "status", "expires")
    assert shape.ancestors == (Ancestor(("orders_customer",), "name"),)


def test_a_guarded_column_that_is_null_has_no_guard_and_a_required_one_no_index_entry() -> None:
    (row,) = items(status=None)
    assert not {"GSI1PK", "GSI1SK", "status"} & set(row)


def test_an_empty_text_is_not_null() -> None:
    row, guard = items(status="")
    assert row["status"] == {"S": ""}
    assert row["GSI1PK"] == {"S": "STATUS#"}
    assert guard["PK"] == {"S": "UNIQUE#ORDER#STATUS#"}


def test_a_missing_ancestor_leaves_its_copies_out() -> None:
    row, _ = items(copied=None)
    assert "customer_name" not in row
    assert row["GSI2SK"] == {"S": "ORDER#\x01\t7"}


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(2, 40))
def test_the_shard_is_the_crc_of_the_tables_key(order: int, customer: int, shards: int) -> None:
    sharded = replace(ORDER.keys[2], shards=shards)
    plan = plan_of(replace(ORDER, keys=(*ORDER.keys[:2], sharded)), indexes=("GSI1", "GSI2"))
    (row,) = items(plan, id=order, customer_id=customer)
    number = "-" + "".join(str(9 - int(d)) for d in f"{-order:019d}") if order < 0 else f"{order:019d}"
    crc = zlib.crc32(f"CUSTOMER#{customer}\nORDER#{number}".encode())
    assert row["GSI2PK"] == {"S": f"ORDER#ALL#{crc % shards}"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_700_000_000, 1_700_000_000),
        (1_700_000_000.75, 1_700_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000),
        ("2023-11-14 22:13:20", 1_700_000_000),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000),
        ("2023-11-14", 1_699_920_000),
        ("1960-01-01", -315_619_200),
    ],
)
def test_expiry_is_seconds_or_an_iso_moment(value: Any, seconds: int) -> None:
    row, guard = items(expires=value)
    assert row["ttl"] == guard["ttl"] == {"N": str(seconds)}


def test_a_row_without_expiry_has_no_ttl() -> None:
    assert all("ttl" not in item for item in items(expires=None))


@pytest.mark.parametrize("wire", [{"S": "soon"}, {"BOOL": True}, {"S": ""}])
def test_an_expiry_that_is_no_time_is_refused_by_name(wire: Any) -> None:
    with pytest.raises(Unstorable, match="column until: its value is not a time"):
        expiry_seconds(wire, "until")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "x"}, "column id: a key needs a number here, the row holds a text"),
        ({"id": 1.5}, "column id: 1.5 is not an integer"),
        ({"status": float("nan")}, "column status: NaN"),
        ({"status": InvalidText(b"\xff")}, "column status: text that is not valid"),
        ({"status": 5}, "column status: a key needs a text"),
        ({"status": "s" * 2_050}, "its key GSI1PK would take 2,057 bytes; DynamoDB's limit is 2,048"),
        ({"copied": "n" * 1_024}, "its key GSI2SK would take 1,032 bytes; DynamoDB's limit is 1,024"),
        ({"expires": "soon"}, "column expires: its value is not a time"),
    ],
)
def test_a_row_that_cannot_be_stored_is_refused_by_name(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unstorable, match=reason):
        items(**row)


def test_an_item_over_400_kb_is_refused_and_one_of_400_kb_is_not() -> None:
    entity = row_entity(
        "NOTE", "notes", (attribute("id", Kind.INTEGER), attribute("body")), (SlotKeys("table", "NOTE#{id}", "NOTE#"),)
    )
    plan = plan_of(entity)
    make = compile_footprint(plan, "notes")
    overhead = sum(map(len, ("PK", "NOTE#1", "SK", "NOTE#", "type", "NOTE", "id", "body"))) + 2
    make(unit_of(plan, "notes", {"id": 1, "body": "b" * (409_600 - overhead)}))
    with pytest.raises(Unstorable, match="its item NOTE would take 409,601 bytes; DynamoDB's limit is 409,600"):
        make(unit_of(plan, "notes", {"id": 1, "body": "b" * (409_601 - overhead)}))


def test_a_row_is_named_by_its_key() -> None:
    key = source_key(PLAN, "orders")(unit_of(PLAN, "orders", ROW, (None,)))
    assert describe_key(("id", "sku"), (*key, "a'b")) == 'id=7, sku="a\'b"'


PARTS = st.one_of(
    st.sampled_from(sorted(ORDERED)).map(lambda encoding: (encoding, ORDERED[encoding][0])),
    st.sampled_from(sorted(PLAIN)).map(lambda kind: ("", kind)),
)


def keyed(parts: Sequence[tuple[str, Kind]], partitions: int) -> Entity:
    """An entity whose table key is made of those parts, the first ones in its partition and plain there."""
    names = [f"c{place}" for place in range(len(parts))]
    partition = [piece for name in names[:partitions] for piece in (f"#{name.upper()}#", slot(name))]
    sort: list[Piece] = ["T#"]
    for name, (encoding, _) in zip(names[partitions:], parts[partitions:], strict=True):
        sort += [slot(name, encoding), terminator(encoding)]
    keys = SlotKeys("table", template("T", *partition), template(*sort[: max(1, len(sort) - 1)]))
    columns = tuple(attribute(name, kind) for name, (_, kind) in zip(names, parts, strict=True))
    return row_entity("T", "t", columns, (keys,), source_key=tuple(names))


@given(st.data(), st.lists(PARTS, min_size=1, max_size=4))
def test_two_rows_share_a_key_only_when_they_are_the_same(data: st.DataObject, parts: list[tuple[str, Kind]]) -> None:
    plan = plan_of(keyed(parts, data.draw(st.integers(0, len(parts)))))
    values = [st.none() | (ORDERED[encoding][1] if encoding else PLAIN[kind]) for encoding, kind in parts]
    left = tuple(data.draw(value) for value in values)
    right = tuple(data.draw(st.just(one) | value) for one, value in zip(left, values, strict=True))
    make = compile_footprint(plan, "t")
    keys = [tuple(make(Unit(row))[0][name]["S"] for name in ("PK", "SK")) for row in (left, right)]
    assert (keys[0] == keys[1]) == (held(parts, left) == held(parts, right))


def held(parts: Sequence[tuple[str, Kind]], row: Sequence[Any]) -> list[Any]:
    """A row's values as the table holds them: 1 and 1.0 are one number."""
    wires = [to_wire(kind, value) for (_, kind), value in zip(parts, row, strict=True)]
    return [wire and canonical(wire) for wire in wires]


@given(st.text(st.sampled_from("#%A1"), max_size=5), st.text(st.sampled_from("#%A1"), max_size=5))
def test_no_value_reaches_into_another_entitys_items(left: str, right: str) -> None:
    """Whatever stands in the values, the sort key begins with the tag of its own entity."""
    plan = plan_of(keyed([("", Kind.TEXT), ("text", Kind.TEXT)], 1))
    item = compile_footprint(plan, "t")(Unit((left, right)))[0]
    assert item["SK"]["S"].startswith("T#")
    assert item["PK"]["S"].count("#") == 2
