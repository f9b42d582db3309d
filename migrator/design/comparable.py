"""What the table cannot compare as the source does: columns whose collation or type has no equal there."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.design.needs import Need
from migrator.model.query import (
    Comparison,
    Field,
    FieldComparison,
    Join,
    Like,
    Membership,
    Output,
    Refusal,
    Related,
    flattened,
)
from migrator.model.schema import NUMBERS, Column, Kind, Schema

FOLDED = "NOCASE"
"""The one collation that keys and answers reproduce: ASCII letters without case."""
DOCUMENTS = (Kind.JSON, Kind.ARRAY)
SPELLED = (Kind.TEXT, Kind.ENUM, Kind.INTEGER, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP, Kind.UUID)
"""Kinds whose values the table spells as the source does: LIKE can look at them."""


def incomparable(schema: Schema, need: Need) -> Refusal | None:
    """Why a statement's comparisons cannot be made over the table's values; None when they can."""
    return next(_reasons(schema, need), None)


def _reasons(schema: Schema, need: Need) -> Iterator[Refusal]:
    select = need.select

    def column(field: Field) -> Column:
        return schema.table(select.table(field.alias)).column(field.column)

    for predicate in flattened(select.predicates):
        if isinstance(predicate, Like) and column(predicate.field).kind not in SPELLED:
            yield _spelling(select.table(predicate.field.alias), column(predicate.field))
    for field in _compared(need):
        if column(field).kind in DOCUMENTS or column(field).collation not in (None, FOLDED):
            yield _odd(select.table(field.alias), column(field))
    for field in _shown_once(need):
        if column(field).collation is not None:
            yield _folded(select.table(field.alias), column(field))
    for related in (p for p in select.predicates if isinstance(p, Related)):
        for field, (table, name) in zip(related.fields, related.columns, strict=True):
            other = schema.table(table).column(name)
            if other.kind in DOCUMENTS or not _alike(column(field), other):
                yield _unlike(select.table(field.alias), column(field), table, other)
    for join in select.joins:
        for child, parent in _pairs(join):
            if not _alike(column(child), column(parent)):
                yield _unlike(select.table(child.alias), column(child), select.table(parent.alias), column(parent))


def _compared(need: Need) -> Iterator[Field]:
    """Fields whose values are compared with others."""
    select = need.select
    for predicate in flattened(select.predicates):
        match predicate:
            case Comparison(field=field) | Membership(field=field):
                yield field
            case FieldComparison(left, _, right):
                yield from (left, right)
            case Related(fields=fields):
                yield from fields
    for term in select.order:
        ordered = term.field if term.output is None else select.outputs[term.output].field
        if ordered is not None:
            yield ordered
    for join in select.joins:
        yield from (field for pair in _pairs(join) for field in pair)
    yield from _shown_once(need)
    yield from (output.field for output in select.outputs if output.field and output.distinct)
    yield from (test.output.field for test in select.having if test.output.field)


def _shown_once(need: Need) -> Iterator[Field]:
    """Fields of which one value stands for all that are equal to it."""
    select = need.select
    yield from (*select.group_by, *select.distinct_on)
    for output in select.outputs:
        if output.field and (_is_extreme(output) or (select.distinct and not output.function)):
            yield output.field


def _is_extreme(output: Output) -> bool:
    return output.function in ("min", "max")


def _pairs(join: Join) -> list[tuple[Field, Field]]:
    return [(Field(join.child, child), Field(join.parent, parent)) for child, parent in join.pairs]


def _alike(child: Column, parent: Column) -> bool:
    """Whether equal values of the two columns are equal in the table too."""
    same = child.kind == parent.kind or (child.kind in NUMBERS and parent.kind in NUMBERS)
    texts = child.kind in SPELLED and parent.kind in SPELLED and Kind.INTEGER not in (child.kind, parent.kind)
    return (same or texts) and child.collation is None and parent.collation is None


def _odd(table: str, column: Column) -> Refusal:
    how = f"under {column.collation}" if column.collation not in (None, FOLDED) else "as documents"
    return Refusal(
        f"{table}.{column.name} is compared {how} in the source, and the table compares bytes",
        "store a normalised copy of the column and query that",
    )


def _spelling(table: str, column: Column) -> Refusal:
    return Refusal(
        f"LIKE looks at the text of {table}.{column.name}, and the table spells {column.kind.value} values differently",
        "store the text that is looked at in a column of its own, or compare values",
    )


def _folded(table: str, column: Column) -> Refusal:
    return Refusal(
        f"{table}.{column.name} is {column.collation}, so one of several spellings stands for all that are equal, and "
        "which one is not said",
        "store a normalised copy of the column and group by that",
    )


def _unlike(child_table: str, child: Column, table: str, parent: Column) -> Refusal:
    return Refusal(
        f"the join compares {child_table}.{child.name} ({child.sql_type}, {child.collation or 'exact'}) with "
        f"{table}.{parent.name} ({parent.sql_type}, {parent.collation or 'exact'}): a reference may be spelled in "
        "another way than what it refers to, and the table compares bytes",
        "give both columns one exact type and one spelling before the migration",
    )
