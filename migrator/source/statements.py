"""The SELECT that reads units: a table's columns, then its ancestors' through the foreign keys that lead there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.model.schema import ForeignKey, Schema, Table
from migrator.model.unit import Held, Measure, UnitShape
from migrator.source.keyset import Condition, KeyOrder, declared
from migrator.source.open import Source
from migrator.source.relation import relation
from migrator.source.sums import EXACT_SUM

OWN = "t"
HELD = "h"


@dataclass(frozen=True, slots=True)
class UnitSelect:
    """`head` runs up to, but without, the WHERE. `gathers`: the rows of one key become one. `then`: what orders the
    rows that belong to one key."""

    head: str
    order: KeyOrder
    gathers: bool = False
    then: tuple[str, ...] = ()

    def where(self, conditions: Sequence[Condition]) -> Condition:
        """The whole statement, ordered by key, and its parameters."""
        values = {name: value for condition in conditions for name, value in condition.values.items()}
        condition = " AND ".join(f"({condition.sql})" for condition in conditions) or "1 = 1"
        return Condition(f"{self.head} WHERE {condition}{self._tail()}", values)

    def _tail(self) -> str:
        by = self.order.order_by()
        if not by:
            return ""
        return f" GROUP BY {by} ORDER BY {by}" if self.gathers else f" ORDER BY {', '.join((by, *self.then))}"


def unit_select(source: Source, schema: Schema, shape: UnitShape, order: KeyOrder) -> UnitSelect:
    """The statement for a shape. KeyError when the shape names a column or foreign key that is not there."""
    table = schema.table(shape.table)
    if shape.gathered:
        figures = [measure_of(source, table, measure) for measure in shape.gathered]
        head = ", ".join([*(source.quote(OWN, table.column(name).name) for name in shape.columns), *figures])
        return UnitSelect(f"SELECT {head} FROM {relation(source, table)} AS {OWN}", order, True)  # noqa: S608
    aliases, joins = _joins(source, schema, shape)
    own = [source.quote(OWN, table.column(name).name) for name in shape.columns]
    above = [source.quote(aliases[ancestor.path], ancestor.column) for ancestor in shape.ancestors]
    held: list[str] = []
    then: tuple[str, ...] = ()
    if shape.holds is not None:
        held = [source.quote(HELD, name) for name in (*shape.holds.key, *shape.holds.columns)]
        joins.append(_join_held(source, schema, table, shape.holds))
        then = tuple(source.quote(HELD, name) for name in shape.holds.key)
    head = f"SELECT {', '.join(own + above + held)} FROM {relation(source, table)} AS {OWN}"  # noqa: S608
    return UnitSelect(" ".join([head, *joins]), order, then=then)


def _join_held(source: Source, schema: Schema, table: Table, held: Held) -> str:
    """The rows that belong to each row: their columns are NULL where there is none."""
    child = schema.table(held.table)
    on = " AND ".join(
        f"{declared(source, OWN, table.column(up))} = {source.quote(HELD, child.column(down).name)}"
        for down, up in held.pairs
    )
    return f"LEFT JOIN {source.quote(held.table)} AS {HELD} ON {on}"


def measure_of(source: Source, table: Table, measure: Measure) -> str:
    """The SQL of a measure. Servers add exact numbers exactly; SQLite is told how, and of values that are none."""
    if measure.column is None:
        return "COUNT(*)"
    name = source.quote(OWN, table.column(measure.column).name)
    if measure.function == "count":
        return f"COUNT({name})"
    if source.dialect != "sqlite":
        return f"COALESCE(SUM({name}), 0)"
    return f"{EXACT_SUM}(CASE WHEN typeof({name}) IN ('text', 'blob') THEN x'' ELSE {name} END)"


def _joins(source: Source, schema: Schema, shape: UnitShape) -> tuple[dict[tuple[str, ...], str], list[str]]:
    """An alias for each path that the ancestors need, and the joins, nearest first. Shared prefixes join once."""
    aliases: dict[tuple[str, ...], str] = {(): OWN}
    tables: dict[tuple[str, ...], Table] = {(): schema.table(shape.table)}
    joins: list[str] = []
    for ancestor in shape.ancestors:
        for length in range(1, len(ancestor.path) + 1):
            path = ancestor.path[:length]
            if path not in aliases:
                key = tables[path[:-1]].foreign_key(path[-1])
                aliases[path] = f"a{len(aliases)}"
                tables[path] = schema.table(key.referred_table)
                joins.append(_join(source, key, aliases[path[:-1]], tables[path], aliases[path]))
        tables[ancestor.path].column(ancestor.column)
    return aliases, joins


def _join(source: Source, key: ForeignKey, child: str, table: Table, parent: str) -> str:
    # The parent's column stands left: its collation decides, and it is the one under which the parent is unique.
    pairs = zip(key.referred_columns, key.columns, strict=True)
    on = " AND ".join(
        f"{declared(source, parent, table.column(up))} = {source.quote(child, down)}" for up, down in pairs
    )
    return f"LEFT JOIN {source.quote(key.referred_table)} AS {parent} ON {on}"
