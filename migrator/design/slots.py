"""Which index each view of an entity gets."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Domain, domain
from migrator.design.design import Served, Template
from migrator.model.schema import Schema


def assign_slots(schema: Schema, served: list[Served]) -> dict[tuple[str, Template], str]:
    """Gives every used view an index. Views that one pattern wants from the same partition get the same one."""
    wanted = _groups(schema, served)
    aligned = _fill(wanted)
    most = max((len([1 for table, _ in aligned if table == name]) for name in {t for t, _ in aligned}), default=0)
    used = len(set(aligned.values()))
    return aligned if used <= most else _fill([(view,) for group in wanted for view in group])


def _groups(schema: Schema, served: list[Served]) -> list[tuple[tuple[str, Template], ...]]:
    """Views by the pattern and the partition that want them; the largest groups first, then the busiest."""
    groups: dict[tuple[str, frozenset[Domain]], dict[tuple[str, Template], None]] = {}
    rates: dict[tuple[str, Template], float] = {}
    for part in served:
        if part.path.view.base:
            continue
        template, table = part.path.view.template, part.need.table
        home = frozenset(domain(schema, table, kept.attr) for kept in template.partition)
        groups.setdefault((part.need.pattern, home), {})[(table, template)] = None
        rates[(table, template)] = rates.get((table, template), 0.0) + part.need.rate
    ordered = {tuple(sorted(group)) for group in groups.values()}
    return sorted(ordered, key=lambda group: (-len(group), -sum(rates[view] for view in group), group))


def _fill(groups: list[tuple[tuple[str, Template], ...]]) -> dict[tuple[str, Template], str]:
    slots: dict[tuple[str, Template], str] = {}
    for group in groups:
        open_views = [view for view in group if view not in slots]
        number = 1
        while any(_taken(slots, table, f"GSI{number}") for table, _ in open_views):
            number += 1
        for table, template in open_views:
            own = number
            while _taken(slots, table, f"GSI{own}"):
                own += 1
            slots[(table, template)] = f"GSI{own}"
    return slots


def _taken(slots: Mapping[tuple[str, Template], str], table: str, slot: str) -> bool:
    return any(name == table and taken == slot for (name, _), taken in slots.items())
