"""Every row through the plan without writing: which rows cannot be loaded, and what the rest will cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from migrator.load.batch import Counts
from migrator.load.checkpoint import CHECKPOINT_UNITS, OPENING_UNITS
from migrator.load.held import in_source_rows
from migrator.load.job import compile_tables
from migrator.load.packing import LoadedTable
from migrator.load.rejects import Reject
from migrator.load.run_record import Mode
from migrator.load.survey import Surveyed, survey
from migrator.load.tally import TableReport
from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import RowSource

FIRST = 20
"""Rejects kept for messages; all are counted."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a load would do: rows of the source and items that it would write, rows that it would leave out, and write
    units with index writes and checkpoints. `bad` rows are why: `first` of them, and the others left out live within
    their items. `streamed` rows and groups are read one by one. `objects` are put to S3 (equal values of one table once
    for each row), of so many bytes."""

    rows: int
    items: int
    rejected: int
    first: tuple[Reject, ...]
    write_units: int
    bad: int = 0
    streamed: int = 0
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
    units, streamed, objects, object_bytes = OPENING_UNITS * len(tables), 0, 0, 0
    first: list[Reject] = []
    reports = {name: TableReport(name, 0, 0, 0, 0.0) for name in tables}
    for name, (counts, rejects) in _surveyed(tables, source):
        reports[name] = _more(reports[name], counts)
        units += CHECKPOINT_UNITS + counts.units
        objects, object_bytes = objects + counts.objects, object_bytes + counts.object_bytes
        first += rejects[: FIRST - len(first)]
        streamed += counts.rows + counts.rejected
        if progress:
            progress(streamed)
    found = tuple(in_source_rows(plan, source, tables, reports.values()))
    return Preflight(
        rows=sum(table.rows for table in found),
        items=sum(table.items for table in found),
        rejected=sum(table.rejected for table in found),
        first=tuple(first),
        write_units=units,
        bad=sum(table.rejected for table in reports.values()),
        streamed=streamed,
        objects=objects,
        object_bytes=object_bytes,
    )


def _surveyed(tables: Mapping[str, LoadedTable], source: RowSource) -> Iterator[tuple[str, Surveyed]]:
    for name, table in tables.items():
        yield from ((name, some) for some in survey(source, table, Chunk(name, 0, None, None)))


def _more(report: TableReport, counts: Counts) -> TableReport:
    return replace(
        report,
        rows=report.rows + counts.rows,
        items=report.items + counts.items,
        rejected=report.rejected + counts.rejected,
    )


def demand_clean(found: Preflight) -> None:
    """BlockedError, naming the first bad rows, when there are any."""
    if found.rejected:
        raise BlockedError(
            _named(found, "nothing was written"),
            "correct them in the source, or run again with --allow-rejects: they go to the reject file",
        )


def demand_few(found: Preflight, most: int | None) -> None:
    """BlockedError, naming the first bad rows, when there are more than `most`."""
    if most is not None and found.bad > most:
        raise BlockedError(
            _named(found, f"--max-rejects allows {most:,}; nothing was written"),
            "correct them in the source, or run again with a higher --max-rejects",
        )


def _named(found: Preflight, so: str) -> str:
    named = "".join(f"\n  {bad.table} ({bad.key_text}): {bad.reason}" for bad in found.first[:5])
    more = f"\n  and {found.bad - 5:,} more" if found.bad > 5 else ""
    within = found.rejected - found.bad
    along = f", and with them {plural(within, 'row')} within their items" if within else ""
    return f"{plural(found.bad, 'row')} cannot be loaded{along}, and {so}:{named}{more}"
