"""Every row through the plan without writing: which rows cannot be loaded, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from migrator.load.checkpoint import CHECKPOINT_UNITS, OPENING_UNITS
from migrator.load.job import compile_tables
from migrator.load.packing import LoadedTable
from migrator.load.rejects import Reject
from migrator.load.run_record import Mode
from migrator.load.survey import Surveyed, survey
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import RowSource

FIRST = 20
"""Rejects kept for messages; all are counted."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a load would do: rows and items it would write, rows it would reject (`first` of them), and
    write units with index writes and checkpoints; objects it would put to S3 (equal values of one table once for each
    row), and their bytes."""

    rows: int
    items: int
    rejected: int
    first: tuple[Reject, ...]
    write_units: int
    objects: int = 0
    object_bytes: int = 0


def preflight(
    plan: Plan,
    source: RowSource,
    progress: Callable[[int], None] | None = None,
    mode: Mode = Mode.TRANSACT,
) -> Preflight:
    """Streams every table once; memory does not grow with rows. Keys that two far-apart rows share are found
    only by the load. `progress` hears how many rows are done."""
    tables = compile_tables(plan, mode)
    rows = items = rejected = objects = object_bytes = 0
    units = OPENING_UNITS * len(tables)
    first: list[Reject] = []
    for counts, rejects in _surveyed(tables, source):
        rows, items, rejected = rows + counts.rows, items + counts.items, rejected + counts.rejected
        units += CHECKPOINT_UNITS + counts.units
        objects, object_bytes = objects + counts.objects, object_bytes + counts.object_bytes
        first += rejects[: FIRST - len(first)]
        if progress:
            progress(rows + rejected)
    return Preflight(rows, items, rejected, tuple(first), units, objects, object_bytes)


def _surveyed(tables: Mapping[str, LoadedTable], source: RowSource) -> Iterator[Surveyed]:
    for name, table in tables.items():
        yield from survey(source, table, Chunk(name, 0, None, None))


def demand_clean(found: Preflight) -> None:
    """BlockedError, naming the first bad rows, when there are any."""
    if found.rejected:
        raise BlockedError(
            _named(found, "nothing was written"),
            "correct them in the source, or run again with --allow-rejects: they go to the reject file",
        )


def demand_few(found: Preflight, most: int | None) -> None:
    """BlockedError, naming the first bad rows, when there are more than `most`."""
    if most is not None and found.rejected > most:
        raise BlockedError(
            _named(found, f"--max-rejects allows {most:,}; nothing was written"),
            "correct them in the source, or run again with a higher --max-rejects",
        )


def _named(found: Preflight, so: str) -> str:
    named = "".join(f"\n  {bad.table} ({bad.key_text}): {bad.reason}" for bad in found.first[:5])
    more = f"\n  and {found.rejected - 5:,} more" if found.rejected > 5 else ""
    rows = "1 row" if found.rejected == 1 else f"{found.rejected:,} rows"
    return f"{rows} cannot be loaded, and {so}:{named}{more}"
