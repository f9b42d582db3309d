"""A changed column that other rows carry as a copy: each of those is found and written too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.design.attributes import Attr, steps, table_at
from migrator.model.schema import Table
from migrator.plan.action import Assignment
from migrator.plan.ancestors import copied_values
from migrator.plan.children import children_of
from migrator.plan.drafts import Desk, Draft, Due
from migrator.plan.rows import RowChange
from migrator.plan.targets import Target


@dataclass(frozen=True, slots=True)
class Carrier:
    """An entity whose items hold copies that a change makes stale. `path` leads from it to the table that changes;
    `copies` as its own attributes."""

    table: str
    path: tuple[str, ...]
    copies: tuple[Attr, ...]


def carriers(desk: Desk, table: Table, changed: Iterable[str]) -> tuple[Carrier, ...]:
    """Who carries what a change of these columns makes stale."""
    found: dict[tuple[str, tuple[str, ...]], list[Attr]] = {}
    names = frozenset(changed)
    for entity in desk.design.entities:
        for attr in entity.copies:
            for path in _stale(desk, entity.table, attr, table, names):
                found.setdefault((entity.table, path), []).append(attr)
    return tuple(Carrier(name, path, tuple(copies)) for (name, path), copies in sorted(found.items()))


def _stale(desk: Desk, owner: str, attr: Attr, table: Table, changed: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The parts of a copy's path that lead to the table, where the rest of it goes over a changed column."""
    for cut in range(1, len(attr.path) + 1):
        path, rest = attr.path[:cut], attr.path[cut:]
        if table_at(desk.schema, owner, path) == table.name:
            over = set(table.foreign_key(rest[0]).columns) if rest else {attr.column}
            if over & changed:
                yield path


def watched(desk: Desk, table: Table, changed: Iterable[str]) -> frozenset[str]:
    """Those of the columns that others carry as copies, or follow to what they copy."""
    return frozenset(column for column in changed if carriers(desk, table, [column]))


def spread(desk: Desk, draft: Draft, table: Table, change: RowChange, carrier: Carrier) -> tuple[Target, list[Due]]:
    """The rows of one carrier, and the actions that write its copies anew."""
    target = change.target
    getter = target.getter(desk, table)
    for owner, key in reversed(steps(desk.schema, carrier.table, carrier.path)):
        target = children_of(desk, draft, owner, key, getter, target)
        getter = target.getter(desk, owner)
    owner = desk.schema.table(carrier.table)
    copied = {attr: _fresh(desk, draft, table, change, carrier, attr) for attr in carrier.copies}
    inner = RowChange(desk, draft, owner, target, {}, copied)
    return inner.target, inner.due()


def _fresh(desk: Desk, draft: Draft, table: Table, change: RowChange, carrier: Carrier, attr: Attr) -> Assignment:
    rest = attr.path[len(carrier.path) :]
    if not rest:
        return change.columns[attr.column]
    value = copied_values(desk, draft, table, [Attr(rest, attr.column)], change.new(), change.anew())
    return Assignment("", "set", value[Attr(rest, attr.column)])
