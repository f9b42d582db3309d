"""How heavy items are: their mean size from what was measured of the source, and the spread of sizes over a sample."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import Attribute, Entity, Plan
from migrator.plan.sizes import INDEX_OVERHEAD, MAX_ITEM
from migrator.plan.source import SourceColumn, SourceTable

BOUNDS = (128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536, 262_144, MAX_ITEM)
"""Upper bounds in bytes of a histogram's bars; DynamoDB takes no item beyond the last."""


@dataclass(frozen=True, slots=True)
class SizeBar:
    """Items of at most `upto` bytes and more than the bar before; `share` of all items, estimated from a sample."""

    upto: int
    share: float


def item_count(plan: Plan, entity: Entity) -> int:
    """Items of an entity: rows of its table, or an aggregate's groups as far as distinct values tell."""
    table = _table(plan, entity.source_table)
    if entity.kind != "aggregate":
        return table.rows
    groups = prod(_column(table, name).distinct for name in entity.source_key) if entity.source_key else 1
    return min(table.rows, groups)


def mean_item_bytes(plan: Plan, entity: Entity) -> float:
    """Bytes of an entity's mean item: attributes as measured, with their names and the keys of all its slots."""
    keys = sum(
        len(name.encode()) + len(template.encode())
        for slot in entity.keys
        for name, template in zip(slot_attribute_names(plan, slot.slot), (slot.partition, slot.sort), strict=True)
    )
    held = sum(_attribute_bytes(plan, entity.source_table, attribute) for attribute in entity.attributes)
    figures = sum(len(measure.name.encode()) + 8 for measure in entity.measures)
    kind = len(plan.type_attribute.encode()) + len(entity.name.encode())
    return keys + held + figures + kind


def stored_bytes(plan: Plan) -> float:
    """Bytes of the table and its indexes as storage counts them, an entry being as large as its item."""
    return sum(
        item_count(plan, entity) * (mean_item_bytes(plan, entity) + INDEX_OVERHEAD) * len(entity.keys)
        for entity in plan.entities
    )


def table_bytes(plan: Plan) -> float:
    """Bytes of the table's own items, as an import would read them."""
    return sum(item_count(plan, entity) * mean_item_bytes(plan, entity) for entity in plan.entities)


def size_histogram(plan: Plan, sizes: Mapping[str, Sequence[int]]) -> tuple[SizeBar, ...]:
    """The spread of item sizes: those of a sample of each entity, weighed by the entity's items. The last bar that
    holds anything ends it."""
    weighed = [0.0] * len(BOUNDS)
    for entity in plan.entities:
        sample = sizes.get(entity.name, ())
        for size in sample:
            weighed[min(bisect_left(BOUNDS, size), len(BOUNDS) - 1)] += item_count(plan, entity) / len(sample)
    total = sum(weighed)
    if not total:
        return ()
    return tuple(SizeBar(upto, round(weight / total, 6)) for upto, weight in zip(BOUNDS, weighed, strict=True))


def _attribute_bytes(plan: Plan, own: str, attribute: Attribute) -> float:
    table = own if attribute.copied_from is None else attribute.copied_from.table
    column = _column(_table(plan, table), attribute.column)
    return (1 - column.null_share) * (len(attribute.name.encode()) + column.mean_bytes)


def _table(plan: Plan, name: str) -> SourceTable:
    """A table of the source; one of which nothing was measured weighs nothing."""
    unknown = SourceTable(name, 0, 0, 0, False, (), ())
    return next((table for table in plan.source.tables if table.name == name), unknown)


def _column(table: SourceTable, name: str) -> SourceColumn:
    unknown = SourceColumn(name, "", True, 1, 0.0, 0.0, 0)
    return next((column for column in table.columns if column.name == name), unknown)
