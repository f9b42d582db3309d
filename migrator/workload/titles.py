"""Names of captured statements: from the verb, the tables and the conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from migrator.workload.meeting import Asked, Facts
from migrator.workload.starter import identifier

_LONGEST = 72
_SHOWN_CHANGES = 2


def title(facts: Facts) -> str:
    """What the statement is called when nothing else is called so: `orders_by_customer_id_ordered_by_placed_at`."""
    tables = [identifier(table) for table in facts.tables] or ["nothing"]
    name = "_with_".join([tables[0], "_and_".join(tables[1:])]) if tables[1:] else tables[0]
    name = f"{_verb(facts)}{name}"
    if 0 < len(facts.changed) <= _SHOWN_CHANGES:
        name += "_" + "_and_".join(map(identifier, facts.changed))
    if facts.conditions:
        name += "_by_" + "_and_".join(map(_condition, facts.conditions))
    if any(facts.order):
        name += f"_ordered_by_{identifier(next(column for column in facts.order if column))}"
    return name


def _verb(facts: Facts) -> str:
    if facts.verb == "select":
        return "figures_of_" if facts.counts else ""
    return f"{facts.verb}_"


def _condition(asked: Asked) -> str:
    return identifier(f"{asked.column}_{asked.role}") if asked.role else identifier(asked.column)


def distinct_titles(wanted: Mapping[str, str]) -> dict[str, str]:
    """Name by key, from title by key, each used once. Where several statements have one title, the first key keeps
    it; the others get four digits of their own key's digest, so that no name depends on what else was seen."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(wanted):
        name = wanted[key] if len(wanted[key]) <= _LONGEST else wanted[key][:_LONGEST].rstrip("_")
        digest = hashlib.sha256(key.encode()).hexdigest()
        length = 4
        unique = name if len(wanted[key]) <= _LONGEST else f"{name}_{digest[:length]}"
        while unique in taken:
            unique, length = f"{name}_{digest[:length]}", length + 1
        taken.add(unique)
        given[key] = unique
    return given
