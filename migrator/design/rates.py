"""How often each table's rows are written, by the declared queries."""

from __future__ import annotations

from migrator.design.price import WriteRates
from migrator.model.query import Delete, Insert, Update, Workload


def write_rates(workload: Workload, table: str, at_peak: bool = False) -> WriteRates:
    """Declared writes of one table a second, and the columns that they change in place. `at_peak`: as it is in each
    pattern's busiest second."""
    inserts = deletes = 0.0
    changes: list[tuple[frozenset[str], float]] = []
    for pattern in workload.patterns:
        rate = pattern.peak if at_peak else pattern.rate
        for statement in pattern.statements:
            match statement.form:
                case Insert(table=name) as insert if name == table:
                    inserts += rate * len(insert.rows)
                    changes.append((frozenset(_overwritten(insert)), rate * len(insert.rows)))
                case Update(table=name, assignments=assignments) if name == table:
                    changes.append((frozenset(column for column, _ in assignments), rate))
                case Delete(table=name) if name == table:
                    deletes += rate
    return WriteRates(inserts, deletes, tuple(change for change in changes if change[0]))


def _overwritten(insert: Insert) -> set[str]:
    if insert.on_conflict == "replace":
        return set(insert.columns)
    return {column for column, _ in insert.assignments}
