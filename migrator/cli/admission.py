"""Every row looked at before anything is written of it: by a load, an import, or an export of items."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.cli.console import Console
from migrator.cli.progress import Meter
from migrator.load.preflight import Preflight, demand_clean, demand_few, preflight
from migrator.load.run_record import Mode
from migrator.plan.plan import Plan
from migrator.source.parents import Living
from migrator.source.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Admitting:
    """Whether rows that no item can be made of are left out and named, and how many at most (None: any number)."""

    allow_rejects: bool = False
    max_rejects: int | None = None


def demand_parents(plan: Plan, rows: Snapshot) -> None:
    """BlockedError for rows within items whose parents are not there."""
    for holder, held in plan.embedded():
        rows.demand_parents(Living(held.source_table, holder.source_table, held.source_key, held.pairs))


def look_through(plan: Plan, rows: Snapshot, admitting: Admitting, mode: Mode, console: Console) -> Preflight:
    """What would be written. BlockedError for rows that share a key, and for bad rows that are not allowed."""
    rows.demand_distinct(plan.source_keys())
    console.say("checking every row")
    meter = Meter(console, "checking rows", plan.streamed())
    found = preflight(plan, rows, meter.update, mode)
    meter.close()
    if not admitting.allow_rejects:
        demand_clean(found)
    demand_few(found, admitting.max_rejects)
    return found
