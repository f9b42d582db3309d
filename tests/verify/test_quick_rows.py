"""The quick comparison of rows finds what the obvious one does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.unit import Unit
from migrator.plan.items import compile_footprint
from migrator.plan.itemtext import item_text, read_item_text
from migrator.plan.values import Unstorable
from migrator.ports import Item, Key
from migrator.target.connect import Connection
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table
from migrator.verify.quick_rows import quick_rows
from migrator.verify.rows import verify_rows

from tests.load.world import MemorySource, Name, Rows, a_plan, name_of

PLAN = a_plan()


class Standing:
    """An ItemReader over items in memory."""

    def __init__(self, items: dict[Name, Item]) -> None:
        self.items = items

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        return [self.items[name_of(key)] for key in keys if name_of(key) in self.items]

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        raise NotImplementedError

    def scan(self) -> Iterator[list[Item]]:
        yield list(self.items.values())


class Plainly(Standing):
    """The same with plain items."""

    def get_plain(self, keys: Sequence[str]) -> list[dict[str, dict[str, Any]]]:
        assert 1 <= len(keys) <= 100
        return [json.loads(item_text(item)) for item in self.get_batch([read_item_text(key) for key in keys])]


def loaded(rows: Rows) -> dict[Name, Item]:
    items: dict[Name, Item] = {}
    for table in PLAN.tables():
        footprint = compile_footprint(PLAN, table)
        for row in rows[table]:
            try:
                made = footprint(Unit(row))
            except Unstorable:
                continue
            items.update({name_of(item): item for item in made})
    return items


CHANGES: list[Any] = [None, {"S": "other"}, {"N": "7.00"}, {"N": "8"}, {"B": b"\x00"}, {"BOOL": True}, {"L": []}]
CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["a", "b\n", "é", None]), st.sampled_from(["x", None, 7, b"\x00"])),
    max_size=200,
    unique_by=lambda row: row[0],
)
ORDERS = st.lists(
    st.tuples(st.integers(0, 400), st.one_of(st.integers(0, 3), st.just("x")), st.sampled_from([7, 1.5, None])),
    max_size=200,
    unique_by=lambda row: row[0],
)


@settings(max_examples=60, deadline=None)
@given(CUSTOMERS, ORDERS, st.lists(st.tuples(st.integers(0, 999), st.sampled_from(CHANGES)), max_size=5), st.booleans())
def test_whatever_was_changed_is_found(customers: Any, orders: Any, changes: list[tuple[int, Any]], scan: bool) -> None:
    told = [(number, email and f"{email}{number}", note) for number, email, note in customers]
    rows: Rows = {"customers": sorted(told), "orders": sorted(orders, key=itemgetter(0))}
    items = loaded(rows)
    for place, change in changes:
        if items:
            name = sorted(items)[place % len(items)]
            if change is None:
                del items[name]
            else:
                items[name] = {**items[name], "total" if place % 2 else "more": change}
    source = MemorySource(rows)
    assert quick_rows(PLAN, "orders", Plainly(items)) is not None
    assert quick_rows(PLAN, "orders", Standing(items)) is None
    plainly = verify_rows(PLAN, source, Plainly(items), allow_scan=scan)
    assert plainly == verify_rows(PLAN, source, Standing(items), allow_scan=scan)


def test_the_service_gives_the_same_items_plainly(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name)
    create_table(connection, plan, "d")
    sink, reader = DynamoSink(connection, table_name), DynamoReader(connection, table_name)
    items = loaded({"customers": [(n, f"{n}@x", "é" * 90_000) for n in range(100)], "orders": []})
    for item in items.values():
        connection.client.put_item(TableName=table_name, Item=item)
    keys = [{"PK": item["PK"], "SK": item["SK"]} for item in items.values()][:100]
    for _ in range(2):
        plain = reader.get_plain([item_text(key) for key in keys])
        assert {name_of(item): read_item_text(item_text(item)) for item in plain} == {
            name_of(item): item for item in reader.get_batch(keys)
        }
    assert reader.get_plain([item_text({"PK": {"S": "no"}, "SK": {"S": "no"}})]) == []
    assert sink.get(keys[0]) is not None
