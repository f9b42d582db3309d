"""Joined rows as a statement shows them: grouped, computed, told apart and in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from migrator.model.query import Field, GroupTest, OrderTerm, Output
from migrator.model.schema import Kind
from migrator.plan.columns import Columns
from migrator.plan.compare import compare, sort_key
from migrator.plan.figures import compute
from migrator.plan.joined import FIGURES, MISSING, Joined, at, hashable
from migrator.plan.plan import Entity
from migrator.plan.sums import add_up
from migrator.plan.values import from_wire, to_wire

Shown = tuple[tuple[Any, ...], Joined]
"""A row's values as shown, with the joined row behind them: an order may ask for what is not shown."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a statement shows its rows. `entity`: what its driver's rows are."""

    columns: Columns
    entity: Entity

    def shown(self, rows: list[Joined]) -> list[Shown]:
        """Every row that the statement shows but for its limit, in its order."""
        select = self.columns.select
        rows = self._once(rows) if select.distinct_on else rows
        shown = self._grouped(rows) if select.grouped else [(self._project(row), row) for row in rows]
        if select.distinct:
            shown = self._distinct(shown)
        if select.order:
            shown.sort(key=cmp_to_key(self._ordering))
        return shown

    def _once(self, rows: list[Joined]) -> list[Joined]:
        """One of the rows that agree in the fields which tell apart what the answer is about."""
        first: dict[tuple[Any, ...], Joined] = {}
        for row in rows:
            first.setdefault(tuple(self._group_value(row, field) for field in self.columns.select.distinct_on), row)
        return list(first.values())

    def _distinct(self, shown: list[Shown]) -> list[Shown]:
        collations = [self.columns.collation(output.field) for output in self.columns.select.outputs]
        first: dict[tuple[Any, ...], Shown] = {}
        for values, row in shown:
            key = tuple(hashable(value, collation) for value, collation in zip(values, collations, strict=True))
            first.setdefault(key, (values, row))
        return list(first.values())

    def _project(self, row: Joined) -> tuple[Any, ...]:
        return tuple(self._output(output, [row]) for output in self.columns.select.outputs)

    def _grouped(self, rows: list[Joined]) -> list[Shown]:
        groups: dict[tuple[Any, ...], list[Joined]] = {}
        for row in rows:
            key = tuple(self._group_value(row, field) for field in self.columns.select.group_by)
            groups.setdefault(key, []).append(row)
        if not self.columns.select.group_by and not groups:
            groups[()] = []
        return [
            (tuple(self._output(output, group) for output in self.columns.select.outputs), group[0] if group else {})
            for group in groups.values()
            if all(self._passes(test, group) for test in self.columns.select.having)
        ]

    def _passes(self, test: GroupTest, group: list[Joined]) -> bool:
        """Whether a group meets one condition of HAVING."""
        output = test.output
        counts = output.field is None or output.function == "count"
        kind = Kind.DECIMAL if output.function in ("sum", "avg") else Kind.INTEGER
        if output.field is not None and output.function in ("min", "max"):
            kind = self.columns.kind(output.field)[0]
        collation = None if counts else self.columns.collation(output.field)
        return compare(self._output(output, group), test.op, self.columns.value(test.value, kind), collation) is True

    def _group_value(self, row: Joined, field: Field) -> Any:
        value = at(row, field)
        return hashable(value, self.columns.collation(field))

    def _output(self, output: Output, rows: list[Joined]) -> Any:
        if output.literal is not None:
            return from_wire(to_wire(Kind.UNKNOWN, output.literal.value))
        if output.function is None:
            return at(rows[0], output.field) if rows and output.field else None
        if self.entity.measures:
            column = output.field.column if output.field else None
            groups = [(row[self.columns.select.driver] or MISSING, row[FIGURES] or MISSING) for row in rows]
            return compute(self.entity, output.function, column, output.distinct, groups)
        if output.field is None:
            return Decimal(len(rows))
        values = [value for row in rows if (value := at(row, output.field)) is not None]
        collation = self.columns.collation(output.field)
        if output.distinct:
            values = list({sort_key(value, collation): value for value in values}.values())
        if output.function in ("min", "max"):
            choose = min if output.function == "min" else max
            return choose(values, key=lambda value: sort_key(value, collation), default=None)
        return _AGGREGATES[output.function](values)

    def _ordering(self, left: Shown, right: Shown) -> int:
        for term in self.columns.select.order:
            a, b = self._ordered(term, left), self._ordered(term, right)
            if (a is None) != (b is None):
                return -1 if (a is None) == term.nulls_first else 1
            if a is not None and b is not None and a != b:
                return (-1 if a < b else 1) * (-1 if term.descending else 1)
        return 0

    def _ordered(self, term: OrderTerm, row: Shown) -> tuple[int, Any] | None:
        field = term.field if term.output is None else self.columns.select.outputs[term.output].field
        value = row[0][term.output] if term.output is not None else at(row[1], field)
        return None if value is None else sort_key(value, self.columns.collation(field))


def _sum(values: list[Any]) -> Any:
    return add_up(values) if values else None


_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "count": lambda values: Decimal(len(values)),
    "sum": _sum,
    "avg": lambda values: _sum(values) / len(values) if values else None,
}
