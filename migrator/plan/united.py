"""The answers of the statements that somebody declared, from those of the statements that they were read as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from migrator.model.query import Field
from migrator.plan.answer import Answer
from migrator.plan.compare import sort_key
from migrator.plan.plan import Part, Plan


def declared_answers(plan: Plan, parts: Sequence[Part], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Without inner queries, which only tell which rows of others count, and with the branches of a UNION as one,
    whose columns compare as those of the first branch do. An average is a float, as it is in SQL: its exact digits
    have no end."""
    found: list[Answer] = []
    collations: list[str | None] = []
    for part, whole in zip(parts, answers, strict=True):
        if part.inner:
            continue
        answer = _averaged(part, whole)
        if part.united is None:
            found.append(answer)
            collations = [_collation(plan, part, output.field) for output in part.select.outputs]
            continue
        rows = (*found[-1].rows, *answer.rows)
        found[-1] = replace(found[-1], rows=_once(rows, collations) if part.united == "distinct" else rows)
    return tuple(found)


def _averaged(part: Part, answer: Answer) -> Answer:
    averages = {place for place, output in enumerate(part.select.outputs) if output.function == "avg"}
    if not averages:
        return answer
    return replace(
        answer, rows=tuple(tuple(_value(v, n in averages) for n, v in enumerate(row)) for row in answer.rows)
    )


def _value(value: Any, average: bool) -> Any:
    return float(value) if average and isinstance(value, Decimal) else value


def _collation(plan: Plan, part: Part, field: Field | None) -> str | None:
    if field is None:
        return None
    row = plan.entities_of(part.select.table(field.alias))[0]
    return next((a.collation for a in row.attributes if a.copied_from is None and a.column == field.column), None)


def _once(rows: Sequence[tuple[Any, ...]], collations: Sequence[str | None]) -> tuple[tuple[Any, ...], ...]:
    first = {_compared(row, collations): row for row in reversed(rows)}
    return tuple(reversed(first.values()))


def _compared(row: tuple[Any, ...], collations: Sequence[str | None]) -> tuple[Any, ...]:
    pairs = zip(row, collations, strict=True)
    return tuple(None if value is None else sort_key(value, collation) for value, collation in pairs)
