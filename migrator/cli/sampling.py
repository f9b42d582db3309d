"""Sample items of the user's own data for the documents: some of each entity, and item collections shown whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.model.unit import RowValue, Unit
from migrator.plan.items import Item, compile_footprint, slot_attribute_names, unit_shape
from migrator.plan.partitions import partition_shape
from migrator.plan.plan import Entity, Plan, SlotKeys, SourceTable
from migrator.plan.sizes import item_size
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.values import Unstorable
from migrator.plan.weights import item_count
from migrator.render.samples import Collection, Samples, make_collection, make_samples
from migrator.source.snapshot import Snapshot

SHOWN = 3
MEASURED = 40
"""Rows of each table whose items' sizes are measured."""
LONGEST = 8
"""Items of a collection that are shown."""
TRIED = 4
"""Values of a partition that are looked at for one whose collection can be shown whole."""
SEARCHED_ROWS = 200_000
"""Tables beyond that are searched by a column only where an index leads there."""

Member = tuple[Entity, SlotKeys]
Units = Mapping[str, Sequence[Unit]]


def take_samples(plan: Plan, rows: Snapshot, show: bool) -> Samples:
    """Items made of rows spread evenly over each table; masked unless `show`."""
    taken = {table: rows.sample(unit_shape(plan, table), MEASURED) for table in plan.tables()}
    items: dict[str, list[Item]] = {}
    sizes: dict[str, list[int]] = {}
    for table, units in taken.items():
        chosen = set(range(0, len(units), max(1, -(-len(units) // SHOWN))))
        for number, unit in enumerate(units):
            for item in _items(plan, table, [unit]):
                name = item[plan.type_attribute]["S"]
                sizes.setdefault(name, []).append(item_size(item))
                if number in chosen:
                    items.setdefault(name, []).append(item)
    gathering = _Gathering(plan, rows, taken)
    collections = [gathering.collection(slot, members, show) for slot, members in _kinds(plan)]
    return replace(
        make_samples(plan, items, show),
        collections=tuple(one for one in collections if one is not None and len(one.items) > 1),
        sizes=tuple((entity.name, tuple(sorted(sizes.get(entity.name, ())))) for entity in plan.entities),
    )


def _items(plan: Plan, table: str, units: Sequence[Unit]) -> Iterator[Item]:
    """The items of those units that can be stored."""
    footprint = compile_footprint(plan, table)
    for unit in units:
        try:
            yield from footprint(unit)
        except Unstorable:
            continue


def _kinds(plan: Plan) -> Iterator[tuple[str, tuple[Member, ...]]]:
    """Each slot's kinds of partition with the entities that share them, the most shared ones first."""
    slots = ("table", *(index.name for index in plan.indexes))
    for slot in slots:
        kinds: dict[tuple[str, ...], list[Member]] = {}
        for entity in plan.entities:
            if (keys := entity.slot(slot)) is not None:
                kinds.setdefault(partition_shape(keys.partition), []).append((entity, keys))
        for shape in sorted(kinds, key=lambda shape: (-len(kinds[shape]), shape)):
            if any(entity.kind != "guard" for entity, _ in kinds[shape]):
                yield slot, tuple(kinds[shape])


@dataclass(frozen=True, slots=True)
class _Gathering:
    plan: Plan
    rows: Snapshot
    taken: Units

    def collection(self, slot: str, members: tuple[Member, ...], show: bool) -> Collection | None:
        """A collection of that kind: a whole one with as many items as possible, else a part of one."""
        best: tuple[bool, int, list[Item]] = (False, 0, [])
        head, keys = min(members, key=lambda member: (item_count(self.plan, member[0]), member[0].name))
        if (columns := _columns(head, keys)) is None or not columns:
            return self._sampled(slot, members, show)
        for unit in self._candidates(head):
            whole, items = self._around(slot, members, head, columns, unit)
            found = (whole, len(items) if whole else min(len(items), LONGEST), items)
            best = max(best, found, key=lambda one: (one[1] > 1, one[0], one[1]))
        whole, _, items = best
        return make_collection(self.plan, slot, items[:LONGEST], whole, show) if items else None

    def _candidates(self, head: Entity) -> Sequence[Unit]:
        units = self.taken[head.stream]
        return units[:: max(1, -(-len(units) // TRIED))]

    def _around(
        self, slot: str, members: tuple[Member, ...], head: Entity, columns: tuple[str, ...], unit: Unit
    ) -> tuple[bool, list[Item]]:
        """Whether the items are all that share the unit's partition, and the items."""
        partition, _ = slot_attribute_names(self.plan, slot)
        places = [unit_shape(self.plan, head.stream).columns.index(name) for name in columns]
        values = [unit.values[place] for place in places]
        own = [item for item in _items(self.plan, head.stream, [unit]) if self._is(item, head) and partition in item]
        if not own or None in values:
            return False, []
        whole, found = True, list[Item]()
        for entity, keys in members:
            units = self._sharing(entity, keys, values)
            whole = whole and units is not None and len(units) <= LONGEST
            made = _items(self.plan, entity.stream, units or ())
            found += [item for item in made if self._is(item, entity) and item.get(partition) == own[0][partition]]
        return whole and len(found) <= LONGEST, found

    def _sharing(self, entity: Entity, keys: SlotKeys, values: Sequence[RowValue]) -> tuple[Unit, ...] | None:
        """The entity's units in that partition, one more than are shown at most; None when they are not looked for."""
        columns = _columns(entity, keys)
        if columns is None or len(columns) != len(values) or not self._is_found(entity, columns):
            return None
        return self.rows.holding(unit_shape(self.plan, entity.stream), columns, values, LONGEST + 1)

    def _is_found(self, entity: Entity, columns: tuple[str, ...]) -> bool:
        table = next(table for table in self.plan.source.tables if table.name == entity.source_table)
        return table.rows <= SEARCHED_ROWS or any(key[:1] == columns[:1] for key in _indexed(table))

    def _sampled(self, slot: str, members: tuple[Member, ...], show: bool) -> Collection | None:
        """The partition that most of the sampled items share; whole where those are all items that there are."""
        partition, _ = slot_attribute_names(self.plan, slot)
        by_partition: dict[str, list[Item]] = {}
        for entity, _ in members:
            for item in _items(self.plan, entity.stream, self.taken[entity.stream]):
                if self._is(item, entity) and partition in item:
                    by_partition.setdefault(item[partition]["S"], []).append(item)
        if not by_partition:
            return None
        text = max(by_partition, key=lambda text: (len(by_partition[text]), text))
        whole = sum(item_count(self.plan, entity) for entity, _ in members) <= min(LONGEST, len(by_partition[text]))
        return make_collection(self.plan, slot, by_partition[text][:LONGEST], whole, show)

    def _is(self, item: Item, entity: Entity) -> bool:
        return bool(item[self.plan.type_attribute]["S"] == entity.name)


def _indexed(table: SourceTable) -> tuple[tuple[str, ...], ...]:
    return (table.primary_key, *table.uniques, *table.indexes)


def _columns(entity: Entity, keys: SlotKeys) -> tuple[str, ...] | None:
    """The row's own columns that the partition is made of, in its order; None when it is made of others, too."""
    pieces = [piece for piece in parse_template(keys.partition) if isinstance(piece, Placeholder)]
    own = {attribute.name: attribute.column for attribute in entity.attributes if attribute.copied_from is None}
    if any(piece.origin != "attribute" or piece.name not in own for piece in pieces):
        return None
    return tuple(own[piece.name] for piece in pieces)
