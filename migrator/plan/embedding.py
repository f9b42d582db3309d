"""Embedded rows: from a unit to the map on its item, and from an item back to its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from migrator.model.unit import Held, RowValue, Unit
from migrator.plan.plan import Embedded, Entity, Plan
from migrator.plan.values import Item, Unstorable, Wire, to_wire

Row = tuple[RowValue, ...]
Writer = Callable[[Mapping[str, Wire]], str]


def held_shape(entity: Entity) -> Held | None:
    """What the source must give of the rows that live within an entity's items: at most one table's."""
    for held in entity.embedded:
        columns = tuple(attribute.column for attribute in held.attributes)
        return Held(held.source_table, held.source_key, columns, held.pairs)
    return None


def compile_embedded(entity: Entity, writer_of: Callable[[str, Entity], Writer]) -> Callable[[Unit], dict[str, Wire]]:
    """The function from a unit to the maps on its item. Unstorable names the row within and its column.
    `writer_of` compiles a key template."""
    makers = [(held, writer_of(held.key, held.as_entity())) for held in entity.embedded]

    def maps(unit: Unit) -> dict[str, Wire]:
        return {held.attribute: {"M": _map(held, writer, unit.held)} for held, writer in makers}

    return maps


def _map(held: Embedded, writer: Writer, rows: tuple[Row, ...]) -> dict[str, Wire]:
    made: dict[str, Wire] = {}
    for (text, entry), row in zip(_entries(held, writer, rows), rows, strict=True):
        if text in made:
            raise Unstorable(f"its row of {held.source_table} ({described(held, row)}) has the key of another one")
        made[text] = entry
    return made


def _entries(held: Embedded, writer: Writer, rows: tuple[Row, ...]) -> Iterator[tuple[str, Wire]]:
    for row in rows:
        try:
            pairs = ((a.name, _wire(a.name, a.kind, value)) for a, value in zip(held.attributes, row, strict=True))
            values = {name: wire for name, wire in pairs if wire is not None}
            yield writer(values), {"M": values}
        except Unstorable as error:
            raise Unstorable(f"its row of {held.source_table} ({described(held, row)}): {error.reason}") from None


def _wire(name: str, kind: Any, value: RowValue) -> Wire | None:
    try:
        return to_wire(kind, value)
    except Unstorable as error:
        raise Unstorable(f"column {name}: {error.reason}") from None


def described(held: Embedded, row: Row) -> str:
    """A row's key for a message."""
    columns = [attribute.column for attribute in held.attributes]
    return ", ".join(f"{name}={row[columns.index(name)]!r}" for name in held.source_key)


def unfold(plan: Plan, held: Embedded, item: Item) -> Iterator[Item]:
    """The rows within an item as items of their own, in the order of their keys' texts: under its partition key, and a
    sort key that no item has."""
    partition, sort = plan.table.key_names
    for text, row in sorted(item.get(held.attribute, {"M": {}})["M"].items()):
        own = {partition: item[partition], sort: {"S": f"{item[sort]['S']}\x00{text}"}}
        yield {**own, plan.type_attribute: {"S": held.name}, **row["M"]}


def unfolded(plan: Plan, names: frozenset[str], items: list[Item]) -> list[Item]:
    """The items, each followed by the rows within it that go by one of the names."""
    wanted = {entity.name: held for entity, held in plan.embedded() if held.name in names}
    found: list[Item] = []
    for item in items:
        found.append(item)
        held = wanted.get(item[plan.type_attribute]["S"])
        found += unfold(plan, held, item) if held is not None else ()
    return found
