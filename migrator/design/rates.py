"""How often each table's rows are written, by the declared queries."""

from __future__ import annotations

from migrator.design.price import Told, WriteRates
from migrator.model.query import Change, Delete, Insert, Literal, Now, Update, Value, Workload


def write_rates(workload: Workload, table: str, at_peak: bool = False) -> WriteRates:
    """Declared writes of one table a second, and the columns that they change in place. `at_peak`: as it is in each
    pattern's busiest second."""
    deletes = 0.0
    told: list[Told] = []
    for pattern in workload.patterns:
        rate = pattern.peak if at_peak else pattern.rate
        for statement in pattern.statements:
            match statement.form:
                case Insert(table=name) as insert if name == table:
                    rows = [tuple(zip(insert.columns, row, strict=True)) for row in insert.rows]
                    told += [_told(True, row, rate) for row in rows]
                    told += [_told(False, _overwritten(insert, row), rate) for row in rows]
                case Update(table=name, assignments=assignments) if name == table:
                    told.append(_told(False, assignments, rate))
                case Delete(table=name) if name == table:
                    deletes += rate
    changed = tuple(one for one in told if one.new or one.columns)
    inserts = sum(one.rate for one in changed if one.new)
    changes = tuple((one.columns, one.rate) for one in changed if not one.new)
    return WriteRates(inserts, deletes, changes, told=changed)


Assignments = tuple[tuple[str, Value | Change | Now], ...]


def _told(new: bool, assignments: Assignments, rate: float) -> Told:
    literals = tuple((column, value) for column, value in assignments if isinstance(value, Literal))
    return Told(new, frozenset(column for column, _ in assignments), literals, rate)


def _overwritten(insert: Insert, row: Assignments) -> Assignments:
    return row if insert.on_conflict == "replace" else insert.assignments
