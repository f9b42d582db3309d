"""Rows that refer to no row and are loaded all the same."""

from __future__ import annotations

from migrator.model.counted import plural
from migrator.plan.plan import Plan
from migrator.source.snapshot import Snapshot


def kept_orphans(plan: Plan, rows: Snapshot) -> tuple[str, ...]:
    """How many there are by each reference, and the first: a sentence each, for the report."""
    refer = [t.name for t in plan.source.tables if t.foreign_keys and not plan.references_of(t.name)]
    keys = plan.source_keys()
    return tuple(
        f"{plural(one.count, 'row')} of {one.table} that refer by {', '.join(one.columns)} to no row of {one.parent} "
        f"are kept as they are (the first: {one.first})"
        for one in rows.orphans({name: keys[name] for name in refer})
    )
