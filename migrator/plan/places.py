"""Places of entities within a partition that they share: what one query wants together lies side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrator.design.arrange import Span, arrange
from migrator.design.branches import Branching
from migrator.design.design import TABLE, Design, Template
from migrator.design.homes import Home, Level
from migrator.model.schema import Schema
from migrator.plan.naming import Names

Standing = tuple[str, str]
"""A table, and the slot or the name of the second item in which its items stand."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands in the sort keys of a table's items in a slot: `own` where it is not simply its tag, `trunks` before
    each level of the path that stands before the tag."""

    own: Mapping[Standing, str]
    trunks: Mapping[Standing, tuple[str, ...]]


@dataclass(slots=True)
class _There:
    """What stands at one home: tables (a second item of a row by a name of its own) and blocks, by their names."""

    tables: dict[str, Standing] = field(default_factory=dict)
    blocks: dict[str, Level] = field(default_factory=dict)


def sort_labels(schema: Schema, design: Design, names: Names) -> Labels:
    """The labels of all sort keys.

    Items of one partition, or of one branch of it, are sorted by their tags first. When the tags' own order would put
    a third entity between two that a query wants, a place number before each tag puts them side by side.
    """
    own: dict[Standing, str] = {}
    texts: dict[tuple[str, Home, str], str] = {}
    members = _members(schema, design)
    for (slot, home), there in members.items():
        spans = [one.span for one in design.neighbours if (one.slot, one.home) == (slot, home)]
        told = _told(there, spans, names, f"{slot}")
        texts |= {(slot, home, block): told[block] for block in there.blocks}
        own |= {kept: told[n] for n, kept in there.tables.items() if told[n] != names.entity(*kept)}
    trunks: dict[Standing, tuple[str, ...]] = {}
    for entity in design.entities:
        for slot, template in entity.views:
            mine = Branching.of(schema, entity.table, template)
            depths = ((mine.within(depth), mine.block(depth) or "") for depth in range(len(template.cuts)))
            trunks[(entity.table, slot)] = tuple(texts[(slot, home, block)] for home, block in depths)
    return Labels(own, {kept: levels for kept, levels in trunks.items() if levels})


def _told(there: _There, spans: list[Span], names: Names, slot: str) -> dict[str, str]:
    """The text by which each of those at one home stands there, in an order that keeps the spans."""
    told = {name: names.entity(*kept) for name, kept in there.tables.items()}
    for name, level in sorted(there.blocks.items()):
        text = names.tags[level[-1].table]
        while text in told.values():
            text += "-BRANCH"
        told[name] = text
    tags = sorted(told, key=lambda name: told[name])
    order = arrange(tags, tuple(dict.fromkeys(spans)))
    if order is None:
        raise ValueError(f"no order of {', '.join(tags)} in {slot} keeps together what queries want")
    if list(order) != tags:
        width = len(str(len(order)))
        told = {name: f"{at:0{width}}-{told[name]}" for at, name in enumerate(order, start=1)}
    return told


def _members(schema: Schema, design: Design) -> dict[tuple[str, Home], _There]:
    """What stands at each home of each slot."""
    members: dict[tuple[str, Home], _There] = {}
    for entity in design.entities:
        for slot, template in entity.views:
            _stand(schema, members, (entity.table, slot), slot, template, entity.table)
        for edge, template in entity.edges:
            _stand(schema, members, (entity.table, edge), TABLE, template, f"{entity.table}\x01{edge}")
    return members


def _stand(
    schema: Schema,
    members: dict[tuple[str, Home], _There],
    kept: Standing,
    slot: str,
    template: Template,
    name: str,
) -> None:
    mine = Branching.of(schema, kept[0], template)
    for depth, level in enumerate(mine.levels):
        there = members.setdefault((slot, mine.within(depth)), _There())
        there.blocks[mine.block(depth) or ""] = level
    members.setdefault((slot, mine.within(len(mine.levels))), _There()).tables[name] = kept
