"""What verification found. Counts are exact; details are kept for the first differences only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KEPT = 100
"""Differences described in full; beyond that they are counted."""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One item that is not as the source says. kind: missing, different, extra. `key` names the row
    (`order_id=7`), of an extra item the item itself; `attribute` differs, with the value expected and the value
    found."""

    kind: str
    table: str
    key: str
    entity: str
    attribute: str | None = None
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table's tally: rows read, items compared, and how they fared. Rejected rows have no items."""

    table: str
    rows: int = 0
    items: int = 0
    missing: int = 0
    different: int = 0
    rejected: int = 0
    expired: int = 0

    def plus(self, other: TableRows) -> TableRows:
        """Both together."""
        return TableRows(
            self.table,
            self.rows + other.rows,
            self.items + other.items,
            self.missing + other.missing,
            self.different + other.different,
            self.rejected + other.rejected,
            self.expired + other.expired,
        )


@dataclass(frozen=True, slots=True)
class RowsReport:
    """Every row of the source against its items. `extra` is None when the table was not scanned for more."""

    tables: tuple[TableRows, ...]
    differences: tuple[RowDifference, ...]
    extra: int | None = None

    @property
    def checked(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def missing(self) -> int:
        return sum(table.missing for table in self.tables)

    @property
    def different(self) -> int:
        return sum(table.different for table in self.tables)

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)

    @property
    def clean(self) -> bool:
        return not (self.missing or self.different or self.extra)


@dataclass(frozen=True, slots=True)
class QueryDifference:
    """One call whose rows differ: the parameters, and rows that only one side gave."""

    parameters: tuple[tuple[str, Any], ...]
    statement: int
    what: str
    only_in_source: tuple[tuple[Any, ...], ...] = ()
    only_in_table: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PatternReport:
    """One read pattern: parameter sets compared, how many gave rows, and what differed."""

    name: str
    compared: int
    with_rows: int
    different: int
    differences: tuple[QueryDifference, ...] = ()

    @property
    def clean(self) -> bool:
        return self.different == 0 and self.compared > 0


@dataclass(frozen=True, slots=True)
class QueriesReport:
    """Every served read pattern, run on both sides. `seed` repeats the draw."""

    patterns: tuple[PatternReport, ...]
    seed: int

    @property
    def equal(self) -> int:
        return sum(pattern.clean for pattern in self.patterns)

    @property
    def clean(self) -> bool:
        return all(pattern.clean for pattern in self.patterns)
