"""Every row through the plan without writing: which rows cannot be loaded, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from migrator.load.batch import Row, collision
from migrator.load.checkpoint import CHECKPOINT_UNITS, OPENING_ACTIONS, OPENING_UNITS
from migrator.load.job import compile_tables
from migrator.load.packing import AnyBatch, LoadedTable, batches_of
from migrator.load.rejects import Reject
from migrator.load.run_record import Mode
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


def preflight(
    plan: Plan,
    source: RowSource,
    progress: Callable[[int], None] | None = None,
    mode: Mode = Mode.TRANSACT,
) -> Preflight:
    """Streams every table once; memory does not grow with rows. Keys that two far-apart rows share are found
    only by the load. `progress` hears how many rows are done."""
    tables = compile_tables(plan, mode)
    rows = items = rejected = 0
    units = OPENING_UNITS * len(tables)
    first: list[Reject] = []
    for batch in _batches(tables, source):
        counts = batch.counts
        rows, items, rejected = rows + counts.rows, items + counts.items, rejected + counts.rejected
        units += CHECKPOINT_UNITS + counts.units
        first += batch.rejects[: FIRST - len(first)]
        if progress:
            progress(rows + rejected)
    return Preflight(rows, items, rejected, tuple(first), units)


def _batches(tables: Mapping[str, LoadedTable], source: RowSource) -> Iterator[AnyBatch]:
    for name, table in tables.items():
        with batches_of(source, table, Chunk(name, 0, None, None), reserved=OPENING_ACTIONS) as batches:
            yield from _less_taken(batches)


def _less_taken(batches: Iterator[AnyBatch]) -> Iterator[AnyBatch]:
    """The batches, less rows whose key a row close before them has."""
    owners: dict[tuple[str, str], Row] = {}
    for batch in batches:
        if owners:
            first = batch.rows[0]
            batch = batch.without({first.position: _taken(first, owners)})
        owners = owners | {name: row for row in batch.rows for name in row.names} if batch.split else {}
        yield batch


def _taken(row: Row, owners: Mapping[tuple[str, str], Row]) -> str:
    name = next(name for name in row.names if name in owners)
    return collision(name, f"{owners[name].table} ({owners[name].key_text})")


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
