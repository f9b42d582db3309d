"""Places of entities within a partition that they share: what one query wants together lies side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations

from migrator.design.attributes import Domain, domain
from migrator.design.design import TABLE, Design, Served, Template
from migrator.model.schema import Schema
from migrator.plan.naming import Names

PERMUTED = 6
"""Entities of one partition whose every order is weighed; beyond that the heaviest queries come first."""

Home = tuple[str, frozenset[Domain]]
Wanted = Mapping[frozenset[str], float]


def sort_labels(schema: Schema, design: Design, names: Names) -> dict[tuple[str, str], str]:
    """(table, slot) to the text that its sort keys begin with, where that is not simply its tag.

    Items of one partition are sorted by their tags first. When the tags' own order would put a third entity
    between two that a query wants, a place number before each tag puts them side by side.
    """
    labels: dict[tuple[str, str], str] = {}
    wanted = _wanted(schema, design)
    for home, members in _members(schema, design).items():
        tags = sorted(members, key=lambda table: names.tags[table])
        order = best_order(tags, wanted.get(home, {}))
        if order != tags:
            labels |= {(table, home[0]): f"{place}-{names.tags[table]}" for place, table in enumerate(order, start=1)}
    return labels


def best_order(tables: Sequence[str], wanted: Wanted) -> list[str]:
    """The order in which most of the wanted sets (by weight) lie side by side; as given when that is as good."""
    usual = list(tables)
    if _weight(usual, wanted) == sum(wanted.values()):
        return usual
    named = [table for table in usual if any(table in group for group in wanted)]
    others = [table for table in usual if table not in named]
    orders: Iterable[Sequence[str]] = permutations(named) if len(named) <= PERMUTED else [_heaviest(named, wanted)]
    found = max(orders, key=lambda order: _weight(order, wanted))
    best = [*others, *found]
    return best if _weight(best, wanted) > _weight(usual, wanted) else usual


def _heaviest(tables: list[str], wanted: Wanted) -> list[str]:
    ranked = sorted(wanted, key=lambda group: (-wanted[group], sorted(tables.index(table) for table in group)))
    return list(dict.fromkeys(table for group in ranked for table in tables if table in group))


def _weight(order: Sequence[str], wanted: Wanted) -> float:
    """Rates of the sets that lie side by side in this order."""
    total = 0.0
    for group, rate in wanted.items():
        places = [order.index(table) for table in group]
        total += rate if max(places) - min(places) == len(places) - 1 else 0.0
    return total


def _members(schema: Schema, design: Design) -> dict[Home, set[str]]:
    members: dict[Home, set[str]] = {}
    for entity in design.entities:
        for slot, template in entity.views:
            members.setdefault(_home(schema, entity.table, slot, template), set()).add(entity.table)
    return members


def _home(schema: Schema, table: str, slot: str, template: Template) -> Home:
    return slot, frozenset(domain(schema, table, part.attr) for part in template.partition)


def _wanted(schema: Schema, design: Design) -> dict[Home, dict[frozenset[str], float]]:
    """For each partition the sets of entities that a query wants whole, with its rate."""
    found: dict[Home, dict[frozenset[str], float]] = {}
    for read in design.reads:
        together: dict[Home, set[str]] = {}
        for table, slot, template in _whole(design, read.served):
            together.setdefault(_home(schema, table, slot, template), set()).add(table)
        for home, tables in together.items():
            if len(tables) > 1 and home[1]:
                group = frozenset(tables)
                rates = found.setdefault(home, {})
                rates[group] = rates.get(group, 0.0) + read.served[0].need.rate
    return found


def _whole(design: Design, served: Iterable[Served]) -> Iterator[tuple[str, str, Template]]:
    """Entities of which a query wants all items of one partition."""
    for part in served:
        path = part.path
        if not (path.matched or path.bounds or path.limited or path.via_guard):
            kept = design.entity(part.need.table)
            yield part.need.table, kept.slot_of(path.view.template, path.view.base), path.view.template
        for step in part.steps:
            if step.how == "known":
                yield step.table, TABLE, design.entity(step.table).template(TABLE)
