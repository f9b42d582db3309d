"""A table in memory that answers Query and BatchGetItem by DynamoDB's rules for keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from migrator.model.unit import Unit
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.plan import Plan
from migrator.ports import Item, Key

Condition = Mapping[str, Any]


class MemoryTable:
    """Items by their primary key. `asked` lists the sort conditions of its queries."""

    def __init__(self, plan: Plan, items: Sequence[Item]) -> None:
        self._plan = plan
        self._items = {(item["PK"]["S"], item["SK"]["S"]): item for item in items}
        if len(self._items) != len(items):
            raise ValueError("two items share a key")

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        wanted = [(key["PK"]["S"], key["SK"]["S"]) for key in keys]
        return [self._items[key] for key in wanted if key in self._items]

    def query(self, call: Condition) -> Iterator[list[Item]]:
        names, values = call["ExpressionAttributeNames"], call["ExpressionAttributeValues"]
        here = [item for item in self._items.values() if item.get(names["#p"]) == values[":p"]]
        sort = names.get("#s", f"{call.get('IndexName', '')}SK")
        found = [item for item in here if "#s" not in names or _meets(item[sort]["S"], call)]
        found.sort(key=lambda item: item[sort]["S"].encode(), reverse=not call["ScanIndexForward"])
        size = call.get("Limit") or max(1, len(found))
        for start in range(0, len(found), size):
            yield found[start : start + size]

    def scan(self) -> Iterator[list[Item]]:
        raise AssertionError("nothing scans")


def _meets(text: str, call: Condition) -> bool:
    condition = call["KeyConditionExpression"].partition(" AND ")[2]
    values: list[bytes] = [
        call["ExpressionAttributeValues"].get(f":s{place}", {}).get("S", "").encode() for place in (0, 1)
    ]
    key = text.encode()
    if condition.startswith("begins_with"):
        return key.startswith(values[0])
    if "BETWEEN" in condition:
        return values[0] <= key <= values[1]
    return key == values[0]


def load_table(plan: Plan, database: Path) -> MemoryTable:
    """Every row of a SQLite file as items. Copies are looked up along single-column foreign keys."""
    items: list[Item] = []
    with closing(sqlite3.connect(database)) as connection:
        for table in plan.tables():
            shape, make = unit_shape(plan, table), compile_footprint(plan, table)
            if shape.ancestors:
                raise ValueError(f"{table} has copies")
            columns = ", ".join(f'"{name}"' for name in shape.columns)
            for row in connection.execute(f'SELECT {columns} FROM "{table}"'):
                items += make(Unit(row))
    return MemoryTable(plan, items)
