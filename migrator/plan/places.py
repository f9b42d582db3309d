"""Places of entities within a partition that they share: what one query wants together lies side by side."""

from __future__ import annotations

from migrator.design.arrange import Span, arrange
from migrator.design.attributes import Domain, domain
from migrator.design.design import TABLE, Design, Template
from migrator.model.schema import Schema
from migrator.plan.naming import Names

Home = tuple[str, frozenset[Domain]]
Placed = tuple[str, str]
"""A table, and the slot or the name of the second item in which its items stand."""


def sort_labels(schema: Schema, design: Design, names: Names) -> dict[tuple[str, str], str]:
    """(table, slot) to the text that its sort keys begin with, where that is not simply its tag.

    Items of one partition are sorted by their tags first. When the tags' own order would put a third entity
    between two that a query wants, a place number before each tag puts them side by side.
    """
    labels: dict[tuple[str, str], str] = {}
    members = _members(schema, design)
    for (slot, home), spans in _spans(design).items():
        there = members[(slot, home)]
        tags = sorted(there, key=lambda name: names.entity(*there[name]))
        order = arrange(tags, spans)
        if order is None:
            raise ValueError(f"no order of {', '.join(tags)} in {slot} keeps together what queries want")
        if list(order) != tags:
            width = len(str(len(order)))
            labels |= {there[n]: f"{at:0{width}}-{names.entity(*there[n])}" for at, n in enumerate(order, start=1)}
    return labels


def _spans(design: Design) -> dict[Home, list[Span]]:
    spans: dict[Home, list[Span]] = {}
    for wanted in design.neighbours:
        spans.setdefault((wanted.slot, wanted.home), []).append(wanted.span)
    return spans


def _members(schema: Schema, design: Design) -> dict[Home, dict[str, Placed]]:
    """What shares each kind of partition, by its table's name; a second item of a row by a name of its own."""
    members: dict[Home, dict[str, Placed]] = {}
    for entity in design.entities:
        for slot, template in entity.views:
            members.setdefault(_home(schema, entity.table, slot, template), {})[entity.table] = entity.table, slot
        for edge, template in entity.edges:
            home = _home(schema, entity.table, TABLE, template)
            members.setdefault(home, {})[f"{entity.table}\x00{edge}"] = entity.table, edge
    return members


def _home(schema: Schema, table: str, slot: str, template: Template) -> Home:
    return slot, frozenset(domain(schema, table, part.attr) for part in template.partition)
