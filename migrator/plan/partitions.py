"""How large item collections are: items and bytes under one value of each kind of partition, as measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.plan.plan import Entity, Heat, Plan, SlotKeys, SourceTable
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.weights import item_count, mean_item_bytes


@dataclass(frozen=True, slots=True)
class PartitionSize:
    """Items under one value of a kind of partition: on average, the 99th percentile (None where it was not measured)
    and the most; `most_bytes` are those of the largest. `entities` share the partition."""

    slot: str
    partition: str
    entities: tuple[str, ...]
    mean: float
    p99: float | None
    most: float
    most_bytes: float


@dataclass(frozen=True, slots=True)
class _Spread:
    mean: float
    p99: float | None
    most: float


def partition_sizes(plan: Plan) -> tuple[PartitionSize, ...]:
    """One entry for each kind of partition, the largest first; those of a single item are left out."""
    kinds: dict[tuple[str, tuple[str, ...]], list[tuple[Entity, SlotKeys]]] = {}
    for entity in plan.entities:
        for keys in entity.keys:
            kinds.setdefault((keys.slot, partition_shape(keys.partition)), []).append((entity, keys))
    found = [_size(plan, slot, members) for (slot, _), members in kinds.items()]
    several = [size for size in found if size.most > 1]
    return tuple(sorted(several, key=lambda size: (-size.most_bytes, size.slot, size.partition)))


def partition_shape(partition: str) -> tuple[str, ...]:
    """What partitions of one kind have in common: their literal text."""
    return tuple(piece for piece in parse_template(partition) if isinstance(piece, str))


def _size(plan: Plan, slot: str, members: list[tuple[Entity, SlotKeys]]) -> PartitionSize:
    spreads = [(_spread(plan, entity, keys), mean_item_bytes(plan, entity)) for entity, keys in members]
    p99s = [spread.p99 for spread, _ in spreads]
    return PartitionSize(
        slot,
        members[0][1].partition,
        tuple(entity.name for entity, _ in members),
        sum(spread.mean for spread, _ in spreads),
        None if None in p99s else sum(p99 for p99 in p99s if p99 is not None),
        sum(spread.most for spread, _ in spreads),
        sum(spread.most * size for spread, size in spreads),
    )


def _spread(plan: Plan, entity: Entity, keys: SlotKeys) -> _Spread:
    items = item_count(plan, entity)
    columns = frozenset(_columns(entity, keys))
    table = next((table for table in plan.source.tables if table.name == entity.source_table), None)
    if not columns or table is None:
        each = items / (keys.shards or 1)
        return _Spread(each, each, each)
    if entity.kind != "aggregate" and any(set(key) <= columns for key in _keys(table)):
        return _Spread(1, 1, 1)
    return _by_foreign_key(table, columns) or _by_columns(plan, entity, keys, table, columns, items)


def _keys(table: SourceTable) -> Iterator[tuple[str, ...]]:
    return (key for key in (table.primary_key, *table.uniques) if key)


def _columns(entity: Entity, keys: SlotKeys) -> Iterator[str]:
    """The columns behind a partition's placeholders; a copied one under its own attribute's name."""
    columns = {one.name: one.column for one in entity.attributes if one.copied_from is None}
    for piece in parse_template(keys.partition):
        if isinstance(piece, Placeholder) and piece.origin == "attribute":
            yield columns.get(piece.name, piece.name)


def _by_foreign_key(table: SourceTable, columns: frozenset[str]) -> _Spread | None:
    key = next((key for key in table.foreign_keys if set(key.columns) == columns), None)
    return None if key is None or not key.maximum else _Spread(key.mean, key.p99, key.maximum)


def _by_columns(
    plan: Plan, entity: Entity, keys: SlotKeys, table: SourceTable, columns: frozenset[str], items: int
) -> _Spread:
    """By distinct values, and for the most by the share that the heat tells of."""
    distinct = 1
    for column in table.columns:
        if column.name in columns:
            distinct *= max(1, column.distinct)
    mean = max(1.0, items / min(max(1, items), distinct))
    heat = _heat(plan, entity, keys)
    return _Spread(mean, None, max(mean, items * heat.busiest / heat.shards) if heat else mean)


def _heat(plan: Plan, entity: Entity, keys: SlotKeys) -> Heat | None:
    shape = partition_shape(keys.partition)
    return next(
        (
            heat
            for heat in plan.heat
            if heat.slot == keys.slot and entity.name in heat.entities and partition_shape(heat.partition) == shape
        ),
        None,
    )
