"""Statements that look into a column whose large values are not on the item: refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from migrator.model.query import (
    Change,
    Field,
    Insert,
    NullTest,
    Predicate,
    Refusal,
    Select,
    Statement,
    Update,
    Workload,
    Write,
    compared_fields,
    flattened,
)

Columns = frozenset[tuple[str, str]]


def without_looking_into(workload: Workload, columns: Columns) -> Workload:
    """The workload, with statements refused that filter, sort, group, join or compute by one of these (table, column).
    Showing and setting such a column is served, and so is asking whether it is NULL."""
    if not columns:
        return workload
    patterns = (
        replace(pattern, statements=tuple(_judged(statement, columns) for statement in pattern.statements))
        for pattern in workload.patterns
    )
    return replace(workload, patterns=tuple(patterns))


def _judged(statement: Statement, columns: Columns) -> Statement:
    looked = sorted(columns.intersection(_looked_into(statement.form)))
    if not looked:
        return statement
    table, column = looked[0]
    refusal = Refusal(
        f"it looks into {table}.{column}, whose large values are objects in S3 (offload in migrate.toml): no request "
        "of DynamoDB sees them",
        f"keep what it asks for in a column of its own, take {column} out of offload, or search in a search service",
    )
    return replace(statement, form=None, refusal=refusal)


def _looked_into(form: Select | Write | None) -> Iterator[tuple[str, str]]:
    if isinstance(form, Select):
        return ((form.table(field.alias), field.column) for field in _fields(form))
    return iter(()) if form is None else _written(form)


def _fields(select: Select) -> Iterator[Field]:
    yield from _compared(select.predicates)
    yield from (*select.group_by, *select.distinct_on)
    for term in select.order:
        shown = select.outputs[term.output].field if term.output is not None else None
        yield from (field for field in (term.field, shown) if field is not None)
    for output in select.computed:
        if output.field is not None and output.function is not None:
            yield output.field
    for join in select.joins:
        for child, parent in join.pairs:
            yield from (Field(join.child, child), Field(join.parent, parent))


def _compared(predicates: Iterable[Predicate]) -> Iterator[Field]:
    for predicate in flattened(predicates):
        if not isinstance(predicate, NullTest):
            yield from compared_fields(predicate)


def _written(form: Write) -> Iterator[tuple[str, str]]:
    """The columns that a write looks at before it writes."""
    if not isinstance(form, Insert):
        yield from ((form.table, field.column) for field in _compared(form.predicates))
    if isinstance(form, Insert | Update):
        yield from ((form.table, column) for column, value in form.assignments if isinstance(value, Change))
