"""Every row through the plan without writing: which rows cannot be loaded, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.load.batch import Batch, pack
from migrator.load.checkpoint import CHECKPOINT_UNITS
from migrator.load.job import LoadedTable, compile_tables
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
    for batch in _batches(plan, source):
        rows += len(batch.rows)
        items += sum(len(row.items) for row in batch.rows)
        rejected += len(batch.rejects)
        units += CHECKPOINT_UNITS + sum(row.units for row in batch.rows)
        first += batch.rejects[: FIRST - len(first)]
        if progress:
            progress(rows + rejected)
    return Preflight(rows, items, rejected, tuple(first), units)


def _batches(plan: Plan, source: RowSource) -> Iterator[Batch]:
    for name, table in compile_tables(plan).items():
        yield from _batches_of(table, source, name)


def _batches_of(table: LoadedTable, source: RowSource, name: str) -> Iterator[Batch]:
    with source.units(table.shape, Chunk(name, 0, None, None)) as units:
        yield from pack(map(table.entry, units))


def demand_clean(found: Preflight) -> None:
    """BlockedError, naming the first bad rows, when there are any."""
    if not found.rejected:
        return
    named = "".join(f"\n  {bad.table} ({bad.key_text}): {bad.reason}" for bad in found.first[:5])
    more = f"\n  and {found.rejected - 5:,} more" if found.rejected > 5 else ""
    rows = "1 row" if found.rejected == 1 else f"{found.rejected:,} rows"
    raise BlockedError(
        f"{rows} cannot be loaded, and nothing was written:{named}{more}",
        "correct them in the source, or run again with --allow-rejects: they go to the reject file",
    )
