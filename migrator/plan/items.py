"""Rows to items: a pure function of the plan and a unit.

`compile_footprint` prepares everything that does not depend on the row, so that a row costs little.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from migrator.model.schema import Kind
from migrator.model.unit import Ancestor, Measure, RowValue, Unit, UnitShape
from migrator.plan.embedding import compile_embedded, held_shape
from migrator.plan.keys import encode
from migrator.plan.offload import offloaded, owner, stored_object
from migrator.plan.plan import TABLE_SLOT, Attribute, Entity, Offload, Plan, SlotKeys
from migrator.plan.references import compile_references, looked_at
from migrator.plan.sizes import MAX_ITEM, MAX_PARTITION_KEY, MAX_SORT_KEY, item_size
from migrator.plan.states import Fulfils, compile_conditions
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.values import Unstorable, Wire, to_wire

Item = dict[str, Mapping[str, Any]]
Values = Mapping[str, Wire]
Writer = Callable[[Values], str]

SHARD = "\x00shard\x00"
"""Stands for the shard until the table's key, which it is computed from, is known."""


def unit_shape(plan: Plan, table: str) -> UnitShape:
    """What the source must give for each row of `table`: columns and ancestors' columns, each once. For an
    aggregate's name: its groups and what is measured of each; for a stored join's: its pairs."""
    first = plan.entities_of(table)[0]
    if first.kind == "aggregate":
        measures = tuple(Measure(measure.function, measure.column) for measure in first.measures)
        return UnitShape(first.source_table, first.source_key, first.source_key, (), measures, first.name)
    attributes = [attribute for entity in plan.entities_of(table) for attribute in entity.attributes]
    own = dict.fromkeys(a.column for a in attributes if a.copied_from is None)
    copies = dict.fromkeys(Ancestor(a.copied_from.path, a.column) for a in attributes if a.copied_from is not None)
    copies |= dict.fromkeys(looked_at(plan, table))
    joined = dict(plan.joins()).get(table)
    return UnitShape(table, first.source_key, tuple(own), tuple(copies), holds=held_shape(first), joined=joined)


def source_key(plan: Plan, table: str) -> Callable[[Unit], tuple[RowValue, ...]]:
    """The function from a unit to the key that names its row in the source."""
    shape = unit_shape(plan, table)
    places = [shape.columns.index(name) for name in shape.key]
    return lambda unit: tuple(unit.values[place] for place in places)


def describe_key(names: tuple[str, ...], key: tuple[RowValue, ...]) -> str:
    """A row's key for a message: `order_id=7, line_no=2`."""
    return ", ".join(f"{name}={value!r}" for name, value in zip(names, key, strict=True))


def entity_name(plan: Plan, item: Mapping[str, Mapping[str, Any]]) -> str:
    """The entity that an item says it is of; empty when it says none, as no item of a load does."""
    said = item.get(plan.type_attribute, {}).get("S", "")
    return said if isinstance(said, str) else ""


def compile_footprint(plan: Plan, table: str) -> Callable[[Unit], tuple[Item, ...]]:
    """The function from a unit to all its items, the row's own first. It raises Unstorable, with the column
    and the reason, for a row that cannot be stored as planned."""
    shape = unit_shape(plan, table)
    makers = [_ItemMaker.of(plan, entity, shape) for entity in plan.entities_of(table)]
    demand_references = compile_references(plan, table, shape) if plan.references_of(table) else None

    def footprint(unit: Unit) -> tuple[Item, ...]:
        if demand_references is not None:
            demand_references(unit)
        return tuple(item for maker in makers if (item := maker.make(unit)) is not None)

    return footprint


@dataclass(frozen=True, slots=True)
class _Slot:
    partition_name: str
    sort_name: str
    partition: Writer
    sort: Writer
    requires: tuple[str, ...]
    shards: int | None
    fulfils: Fulfils | None


@dataclass(frozen=True, slots=True)
class _ItemMaker:
    entity: Entity
    type_attribute: str
    ttl_attribute: str | None
    columns: tuple[tuple[str, int, Kind], ...]
    slots: tuple[_Slot, ...]
    embedded: Callable[[Unit], Mapping[str, Wire]] | None
    offload: Offload | None
    homes: Mapping[str, str]
    """The source tables of those attributes whose large values are kept in S3."""

    @classmethod
    def of(cls, plan: Plan, entity: Entity, shape: UnitShape) -> _ItemMaker:
        columns = tuple((a.name, attribute_place(a, shape), a.kind) for a in entity.attributes)
        figures = enumerate(entity.measures, start=len(shape.columns))
        columns += tuple((measure.name, place, Kind.DECIMAL) for place, measure in figures)
        base_first = sorted(entity.keys, key=lambda keys: (keys.slot != TABLE_SLOT, keys.slot))
        slots = tuple(_compile_slot(plan, entity, keys) for keys in base_first)
        embedded = compile_embedded(entity, compile_template) if entity.embedded else None
        homes = {attribute.name: owner(entity, attribute) for attribute in offloaded(plan, entity)}
        ttl = plan.table.ttl_attribute
        return cls(entity, plan.type_attribute, ttl, columns, slots, embedded, plan.offload, homes)

    def make(self, unit: Unit) -> Item | None:
        values = self._values(unit)
        if any(name not in values for name in self.entity.guards):
            return None
        item: Item = {}
        identity = ""
        for slot in self.slots:
            added = _slot_attributes(slot, values, identity)
            identity = identity or "\n".join(wire["S"] for wire in added.values())
            item.update(added)
        if not identity:
            return None
        item[self.type_attribute] = {"S": self.entity.name}
        item.update(values)
        if self.embedded is not None:
            item.update(self.embedded(unit))
        self._expire(item, values)
        size = item_size(item)
        if size > MAX_ITEM:
            raise Unstorable(f"its item {self.entity.name} would take {size:,} bytes; DynamoDB's limit is {MAX_ITEM:,}")
        return item

    def _values(self, unit: Unit) -> dict[str, Wire]:
        values: dict[str, Wire] = {}
        for name, place, kind in self.columns:
            try:
                wire = to_wire(kind, unit.values[place])
            except Unstorable as error:
                raise Unstorable(f"column {name}: {error.reason}") from None
            if wire is not None:
                values[name] = self._apart(name, wire) if name in self.homes else wire
        return values

    def _apart(self, name: str, wire: Wire) -> Wire:
        """The pointer to a value that is too large to stand on the item, else the value."""
        stored = stored_object(self.offload, self.homes[name], wire) if self.offload is not None else None
        return wire if stored is None else stored.pointer

    def _expire(self, item: Item, values: Values) -> None:
        if self.entity.expires is None or self.ttl_attribute is None:
            return
        wire = values.get(self.entity.expires)
        if wire is not None:
            item[self.ttl_attribute] = {"N": str(expiry_seconds(wire, self.entity.expires))}


def attribute_place(attribute: Attribute, shape: UnitShape) -> int:
    """Where the attribute's value stands in a unit of that shape."""
    if attribute.copied_from is None:
        return shape.columns.index(attribute.column)
    return len(shape.columns) + shape.ancestors.index(Ancestor(attribute.copied_from.path, attribute.column))


def expiry_seconds(wire: Wire, column: str) -> int:
    """Unix seconds of an expiry column's value: a number of seconds, or an ISO date-time (UTC when naive)."""
    try:
        if "N" in wire:
            return int(Decimal(wire["N"]))
        moment = datetime.fromisoformat(wire["S"])
    except (KeyError, ValueError):
        raise Unstorable(f"column {column}: its value is not a time that TTL can use") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def slot_attribute_names(plan: Plan, slot: str) -> tuple[str, str]:
    """Names of the partition and sort key attributes of a slot."""
    if slot == TABLE_SLOT:
        return plan.table.key_names
    index = next(index for index in plan.indexes if index.name == slot)
    return index.partition_key, index.sort_key


def _compile_slot(plan: Plan, entity: Entity, keys: SlotKeys) -> _Slot:
    partition_name, sort_name = slot_attribute_names(plan, keys.slot)
    return _Slot(
        partition_name,
        sort_name,
        compile_template(keys.partition, entity),
        compile_template(keys.sort, entity),
        keys.requires,
        keys.shards,
        compile_conditions(entity, keys.where) if keys.where else None,
    )


def compile_template(text: str, entity: Entity) -> Writer:
    """The function from an item's values to the text of a key. Unstorable names the attribute at fault."""
    pieces = parse_template(text)
    kinds = {attribute.name: attribute.kind for attribute in entity.attributes}

    def write(values: Values) -> str:
        return "".join(_written(pieces, kinds, values))

    return write


def _written(pieces: tuple[str | Placeholder, ...], kinds: Mapping[str, Kind], values: Values) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
            continue
        if piece.origin == "shard":
            yield SHARD
            continue
        try:
            yield encode(piece.encoding, kinds[piece.name], values.get(piece.name))
        except Unstorable as error:
            raise Unstorable(f"column {piece.name}: {error.reason}") from None


def shard_of(identity: str, shards: int) -> int:
    """The write shard of an item: `identity` is its table key, partition and sort joined by a newline."""
    return zlib.crc32(identity.encode()) % shards


def _slot_attributes(slot: _Slot, values: Values, identity: str) -> Item:
    if any(name not in values for name in slot.requires) or (slot.fulfils and not slot.fulfils(values)):
        return {}
    partition, sort = slot.partition(values), slot.sort(values)
    if slot.shards:
        partition = partition.replace(SHARD, str(shard_of(identity, slot.shards)))
    for name, text, limit in (
        (slot.partition_name, partition, MAX_PARTITION_KEY),
        (slot.sort_name, sort, MAX_SORT_KEY),
    ):
        size = len(text.encode())
        if size > limit:
            raise Unstorable(f"its key {name} would take {size:,} bytes; DynamoDB's limit is {limit:,}")
    return {slot.partition_name: {"S": partition}, slot.sort_name: {"S": sort}}
