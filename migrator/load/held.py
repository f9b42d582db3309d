"""Counts in rows of the source: those within others' items too, and no groups of aggregates, which are items alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from migrator.load.packing import LoadedTable
from migrator.load.rejects import Reject
from migrator.load.tally import TableReport
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import RowSource


def in_source_rows(
    plan: Plan, source: RowSource, tables: Mapping[str, LoadedTable], reports: Iterable[TableReport]
) -> Iterator[TableReport]:
    """Each table's report, followed by that of the rows within its items. They have no items of their own; a row that
    is rejected takes those within it along. An aggregate's groups are no rows of the source."""
    aggregates = {entity.name for entity in plan.entities if entity.kind == "aggregate"}
    for report in reports:
        yield replace(report, rows=0) if report.name in aggregates else report
        for held in (held for entity in plan.entities_of(report.name) for held in entity.embedded):
            lost = _lost(source, tables[report.name], report.name) if report.rejected else 0
            yield TableReport(held.source_table, source.count(held.source_table) - lost, 0, lost, 0.0)


def _lost(source: RowSource, table: LoadedTable, name: str) -> int:
    """Rows within the rows that no item can be made of."""
    with source.units(table.shape, Chunk(name, 0, None, None)) as units:
        return sum(len(unit.held) for unit in units if isinstance(table.entry(unit), Reject))
