"""A driver's item to its joined row, from copies on the item and from the items of other requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.model.query import Join
from migrator.plan.figures import group_row
from migrator.plan.items import entity_name
from migrator.plan.joined import FIGURES, MISSING, Joined, Row, hashable, own_row
from migrator.plan.plan import Entity, Part, Plan, Resolution
from migrator.plan.values import Item, from_wire

Lookups = Mapping[str, Mapping[tuple[Any, ...], Row]]
"""The rows of each alias that stand in items of their own, by what its join compares."""


@dataclass(frozen=True, slots=True)
class Joining:
    """The joins of one part, `ordered` so that each one's child is known before it. `how`: where each alias comes from.
    `filled`: (alias, column) that every row fills. `left_out`: attributes that the items do not show."""

    plan: Plan
    entity: Entity
    driver: str
    ordered: tuple[Join, ...]
    how: Mapping[str, Resolution]
    filled: frozenset[tuple[str, str]]
    left_out: frozenset[str]

    @classmethod
    def of(cls, plan: Plan, part: Part, left_out: frozenset[str]) -> Joining:
        return cls(
            plan,
            plan.entity(part.entity),
            part.select.driver,
            _in_order(part.select.driver, part.select.joins),
            {resolution.alias: resolution for resolution in part.resolutions},
            _never_null(plan, part),
            left_out,
        )

    def lookups(self, items: Sequence[Sequence[Item]]) -> Lookups:
        """The rows that stand in items of their own, from the items of each request of the pattern."""
        found: dict[str, dict[tuple[Any, ...], Row]] = {}
        for join in self.ordered:
            resolution = self.how[join.parent]
            if resolution.how != "item":
                continue
            entity = self.plan.entity(resolution.entity)
            rows = [
                own_row(entity, item)
                for request in resolution.requests
                for item in items[request]
                if entity_name(self.plan, item) == entity.name
            ]
            found[join.parent] = {tuple(hashable(row.get(b)) for _, b in join.pairs): row for row in rows}
        return found

    def joined(self, item: Item, found: Lookups, lone: bool) -> Joined | None:
        """The driver's row with its joined rows; None when an inner join drops it. `lone`: aliases whose items
        are not there yet are passed over."""
        joined: Joined = {self.driver: own_row(self.entity, item)}
        if self.entity.measures:
            joined[FIGURES] = group_row(self.entity, item)
        paths: dict[str, tuple[str, ...]] = {self.driver: ()}
        for join in self.ordered:
            paths[join.parent] = (*paths[join.child], join.foreign_key)
            if lone and join.child not in joined:
                continue
            child = joined[join.child]
            key = tuple((child or MISSING).get(column) for column, _ in join.pairs)
            row = self._parent(join, item, paths[join.parent], key, found, lone)
            if row is None and not join.outer:
                return None
            if not (lone and self.how[join.parent].how == "item"):
                joined[join.parent] = row
        return joined

    def _parent(
        self,
        join: Join,
        item: Item,
        path: tuple[str, ...],
        key: tuple[Any, ...],
        found: Lookups,
        lone: bool,
    ) -> Row | None:
        if any(value is None for value in key):
            return None
        if self.how[join.parent].how == "item":
            return MISSING if lone else found[join.parent].get(tuple(map(hashable, key)))
        copied = {
            attribute.column: from_wire(item.get(attribute.name))
            for attribute in self.entity.attributes
            if attribute.copied_from is not None
            and attribute.copied_from.path == path
            and attribute.name not in self.left_out
        }
        if any(value is None and (join.parent, column) in self.filled for column, value in copied.items()):
            return None
        return copied | {parent: value for (_, parent), value in zip(join.pairs, key, strict=True)}


def _never_null(plan: Plan, part: Part) -> frozenset[tuple[str, str]]:
    """(alias, column) that every row fills: a copy without it tells that the reference is to no row."""
    columns = {table.name: [c.name for c in table.columns if not c.nullable] for table in plan.source.tables}
    return frozenset((ref.alias, name) for ref in part.select.tables for name in columns.get(ref.table, ()))


def _in_order(driver: str, joins: tuple[Join, ...]) -> tuple[Join, ...]:
    """Joins so that each one's child is known before it."""
    known, ordered, waiting = {driver}, [], list(joins)
    while waiting:
        ready = [join for join in waiting if join.child in known]
        if not ready:
            raise ValueError("joins that do not start at the driver")
        ordered += ready
        known |= {join.parent for join in ready}
        waiting = [join for join in waiting if join not in ready]
    return tuple(ordered)
