"""Rows that rightly have no items in the table: rejected by the load, or expired and deleted by TTL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.plan.items import compile_footprint, describe_key, source_key, unit_shape
from migrator.plan.plan import Plan
from migrator.plan.values import Unstorable
from migrator.ports import Item, ItemReader, Key, RowSource

Absent = tuple[str, tuple[str, ...], tuple[RowValue, ...]]


def absent_rows(
    plan: Plan, source: RowSource, tables: Iterable[str], rejected: Callable[[str, str], bool], now: float
) -> Iterator[Absent]:
    """Each such row of the tables: table, the columns of its key, the key. `now` in Unix seconds."""
    for table in tables:
        shape, key_of, footprint = unit_shape(plan, table), source_key(plan, table), compile_footprint(plan, table)
        with source.units(shape, Chunk(table, 0, None, None)) as units:
            for unit in units:
                key = key_of(unit)
                if rejected(table, describe_key(shape.key, key)) or _is_gone(plan, footprint, unit, now):
                    yield table, shape.key, key
                    yield from _within(shape, unit)


def _within(shape: UnitShape, unit: Unit) -> Iterator[Absent]:
    """The rows that live within a row's item, and are gone with it."""
    if shape.holds is None:
        return
    places = [shape.holds.columns.index(name) for name in shape.holds.key]
    for row in unit.held:
        yield shape.holds.table, shape.holds.key, tuple(row[place] for place in places)


def _is_gone(plan: Plan, footprint: Callable[[Unit], Sequence[Item]], unit: Unit, now: float) -> bool:
    try:
        return any(has_expired(plan, item, now) for item in footprint(unit))
    except Unstorable:
        return True


def has_expired(plan: Plan, item: Item, now: float) -> bool:
    """DynamoDB deletes an item some time after the moment that its TTL attribute names."""
    ttl = plan.table.ttl_attribute
    return ttl is not None and ttl in item and int(item[ttl]["N"]) < now


class Unexpired:
    """An ItemReader that hides items which have expired and which TTL has yet to delete."""

    def __init__(self, reader: ItemReader, plan: Plan, now: float) -> None:
        self._reader = reader
        self._plan = plan
        self._now = now

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        return self._kept(self._reader.get_batch(keys))

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        return (self._kept(page) for page in self._reader.query(call))

    def scan(self) -> Iterator[list[Item]]:
        return (self._kept(page) for page in self._reader.scan())

    def _kept(self, items: Iterable[Item]) -> list[Item]:
        return [item for item in items if not has_expired(self._plan, item, self._now)]
