"""Where a query relies on an order or an equality that the table's bytes do not have: told with the query's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from migrator.model.query import (
    Comparison,
    Field,
    FieldComparison,
    Membership,
    Select,
    Workload,
    flattened,
)
from migrator.model.schema import Column, Kind, Schema
from migrator.plan.naming import Names
from migrator.plan.plan import Hazard

_RANGES = ("<", "<=", ">", ">=")
_TEXTS = (Kind.TEXT, Kind.ENUM)
_CASELESS = "_ci"


def differing_orders(
    schema: Schema, workload: Workload, names: Names, missing: Callable[[str, str], float]
) -> Iterator[Hazard]:
    """A hazard for each column whose order, or equality, in the source is another than in the table and that a declared
    read relies on. `missing` gives the share of NULLs in a column of a table."""
    for (table, name), queries in sorted(_relied_on(schema, workload, _ordered).items()):
        why = _why_ordered(schema, schema.table(table).column(name))
        if why is not None:
            message = f"{table}.{name} sorts {why}; {', '.join(queries)} may get another order or range"
            yield Hazard("order-differs", names.tags[table], message)
        if _ends_its_key(schema, table, name) and missing(table, name):
            message = (
                f"{table}.{name} is a key with a NULL in it: at the end of a key an empty value comes before NULL, in "
                f"the source behind it; {', '.join(queries)} may get them the other way round"
            )
            yield Hazard("null-in-key", names.tags[table], message, f"null-in-key:{names.tags[table]}")
    for (table, name), queries in sorted(_relied_on(schema, workload, _equated).items()):
        why = _why_equal(schema, schema.table(table).column(name))
        if why is not None:
            message = (
                f"{table}.{name} {why}, and the table compares bytes: {', '.join(queries)} must be asked with the text "
                "as it is stored"
            )
            yield Hazard("equality-differs", names.tags[table], message)


def _why_equal(schema: Schema, column: Column) -> str | None:
    """How different texts of the column are equal in the source."""
    if column.kind not in _TEXTS:
        return None
    if column.sql_type.upper() == "CITEXT":
        return "is CITEXT, for which case counts for nothing"
    if (column.collation or schema.collation or "").endswith(_CASELESS):
        return f"compares under {column.collation or schema.collation}, for which case counts for nothing"
    if schema.dialect == "postgresql" and column.sql_type.upper().startswith("CHAR("):
        return f"is {column.sql_type}, for which blanks at the end count for nothing"
    return None


def _ends_its_key(schema: Schema, table: str, name: str) -> bool:
    """Whether the column may be the last part of a key whose texts may be empty."""
    column = schema.table(table).column(name)
    spelled = column.kind not in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN)
    return spelled and column.nullable and name in schema.table(table).primary_key


def _why_ordered(schema: Schema, column: Column) -> str | None:
    """How the source sorts the column, where the table does otherwise."""
    if column.kind is Kind.TEXT and schema.collation is not None and column.collation is None:
        return f"under {schema.collation} in the source and by bytes in the table"
    if column.kind is Kind.ENUM and list(column.values) != sorted(column.values):
        return "in the order of its declaration in the source and by its text in the table"
    if column.kind is Kind.INTERVAL:
        return "by its length in the source and by its text in the table"
    if column.kind is Kind.UNKNOWN and schema.dialect != "sqlite":
        return f"by the rules of {column.sql_type} in the source and by its text in the table"
    return None


def _relied_on(
    schema: Schema, workload: Workload, fields: Callable[[Select], Iterator[Field]]
) -> dict[tuple[str, str], list[str]]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for pattern in workload.patterns:
        for select in (statement.form for statement in pattern.statements if isinstance(statement.form, Select)):
            for field in fields(select):
                queries = found[select.table(field.alias), field.column]
                if pattern.name not in queries:
                    queries.append(pattern.name)
    return found


def _ordered(select: Select) -> Iterator[Field]:
    """Fields of which the greater and the less matter."""
    for predicate in flattened(select.predicates):
        if isinstance(predicate, Comparison) and predicate.op in _RANGES:
            yield predicate.field
        if isinstance(predicate, FieldComparison) and predicate.op in _RANGES:
            yield from (predicate.left, predicate.right)
    for term in select.order:
        field = term.field if term.output is None else select.outputs[term.output].field
        if field is not None:
            yield field
    yield from (o.field for o in select.outputs if o.field is not None and o.function in ("min", "max"))


def _equated(select: Select) -> Iterator[Field]:
    """Fields of which it matters what is equal."""
    for predicate in flattened(select.predicates):
        if isinstance(predicate, Membership) or (isinstance(predicate, Comparison) and predicate.op == "="):
            yield predicate.field
    yield from select.group_by
