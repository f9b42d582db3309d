"""How often each table's rows are written, by the declared queries."""

from __future__ import annotations

from dataclasses import replace

from migrator.design.price import WriteRates
from migrator.model.query import Delete, Insert, Update, Workload


def at_peak(workload: Workload) -> Workload:
    """The workload as it is in each pattern's busiest second."""
    return replace(workload, patterns=tuple(replace(pattern, rate=pattern.peak) for pattern in workload.patterns))


def write_rates(workload: Workload, table: str) -> WriteRates:
    """Declared writes of one table a second, and the columns that they change in place."""
    inserts = deletes = 0.0
    changes: list[tuple[frozenset[str], float]] = []
    for pattern in workload.patterns:
        for statement in pattern.statements:
            match statement.form:
                case Insert(table=name) as insert if name == table:
                    inserts += pattern.rate * len(insert.rows)
                    changes.append((frozenset(_overwritten(insert)), pattern.rate * len(insert.rows)))
                case Update(table=name, assignments=assignments) if name == table:
                    changes.append((frozenset(column for column, _ in assignments), pattern.rate))
                case Delete(table=name) if name == table:
                    deletes += pattern.rate
    return WriteRates(inserts, deletes, tuple(change for change in changes if change[0]))


def _overwritten(insert: Insert) -> set[str]:
    if insert.on_conflict == "replace":
        return set(insert.columns)
    return {column for column, _ in insert.assignments}
