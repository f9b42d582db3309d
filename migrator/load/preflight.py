"""Every row through the plan without writing: which rows cannot be loaded, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.load.batch import Counts
from migrator.load.checkpoint import CHECKPOINT_UNITS
from migrator.load.job import compile_tables
from migrator.load.packing import survey
from migrator.load.rejects import Reject
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import RowSource

FIRST = 20
"""Rejects kept for messages; all are counted."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a load would do: rows and items it would write, rows it would reject (`first` of them), and
    write units with index writes and checkpoints."""

    rows: int
    items: int
    rejected: int
    first: tuple[Reject, ...]
    write_units: int


def preflight(plan: Plan, source: RowSource, progress: Callable[[int], None] | None = None) -> Preflight:
    """Streams every table once; memory does not grow with rows. Keys that two far-apart rows share are found
    only by the load. `progress` hears how many rows are done."""
    rows = items = rejected = units = 0
    first: list[Reject] = []
    for counts, rejects in _surveyed(plan, source):
        rows, items, rejected = rows + counts.rows, items + counts.items, rejected + counts.rejected
        units += CHECKPOINT_UNITS + counts.units
        first += rejects[: FIRST - len(first)]
        if progress:
            progress(rows + rejected)
    return Preflight(rows, items, rejected, tuple(first), units)


def _surveyed(plan: Plan, source: RowSource) -> Iterator[tuple[Counts, tuple[Reject, ...]]]:
    for name, table in compile_tables(plan).items():
        yield from survey(source, table, Chunk(name, 0, None, None))


def demand_clean(found: Preflight) -> None:
    """BlockedError, naming the first bad rows, when there are any."""
    if not found.rejected:
        return
    named = "".join(f"\n  {bad.table} ({bad.key_text}): {bad.reason}" for bad in found.first[:5])
    more = f"\n  and {found.rejected - 5:,} more" if found.rejected > 5 else ""
    raise BlockedError(
        f"{found.rejected:,} rows cannot be loaded, and nothing was written:{named}{more}",
        "correct them in the source, or run again with --allow-rejects: they go to the reject file",
    )
