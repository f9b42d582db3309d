"""Whether the source still has the schema that the plan was made for, and what changed if not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from migrator.cli.sources import showing, without_columns, without_tables
from migrator.model.errors import BlockedError
from migrator.model.schema import Column, Schema, Table
from migrator.plan.plan import Plan, Source, SourceColumn, SourceTable

SHOWN = 20


def demand_same_schema(plan: Plan, schema: Schema) -> None:
    """BlockedError, naming the differences, when the schema is not the one that was planned for."""
    planned = {
        table.name: [column.name for column in table.columns] for table in plan.source.tables if table.joined is None
    }
    left_out = {named.name for named in plan.source.excluded}
    found = showing(without_tables(schema, left_out - planned.keys()), planned)
    found = without_columns(found, {t.name: _left_out(t, planned, left_out) for t in found.tables})
    if found.digest() == plan.source.schema_digest:
        return
    differences = list(schema_differences(plan.source, found)) or [
        "it differs in a detail that a plan does not hold (a collation, a default, the condition of an index)"
    ]
    listed = "".join(f"\n  {difference}" for difference in differences[:SHOWN])
    more = f"\n  and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
    raise BlockedError(
        f"the source's schema is not the one that the plan was made for:{listed}{more}",
        "run `migrate plan` again and review what changes",
    )


def _left_out(table: Table, planned: Mapping[str, Collection[str]], names: Collection[str]) -> list[str]:
    """Columns of the table that were excluded when it was planned."""
    kept = planned.get(table.name, ())
    return [c.name for c in table.columns if c.name not in kept and f"{table.name}.{c.name}" in names]


def schema_differences(planned: Source, schema: Schema) -> Iterator[str]:
    """A sentence for each thing that was added, removed or changed since the plan."""
    if planned.dialect != schema.dialect:
        yield f"it is {schema.dialect}, the plan's is {planned.dialect}"
    before = {table.name: table for table in planned.tables if table.joined is None}
    after = {table.name: table for table in schema.tables}
    yield from _names("table", before, after)
    for name in sorted(before.keys() & after.keys()):
        yield from _table_differences(before[name], after[name])


def _table_differences(before: SourceTable, after: Table) -> Iterator[str]:
    columns_before = {column.name: column for column in before.columns}
    columns_after = {column.name: column for column in after.columns}
    yield from _names("column", columns_before, columns_after, f"{after.name}.")
    for name, column in columns_after.items():
        if name in columns_before:
            yield from _column_differences(after.name, columns_before[name], column)
    if columns_before.keys() == columns_after.keys() and list(columns_before) != list(columns_after):
        yield f"the columns of {after.name} stand in another order"
    if before.primary_key != after.primary_key:
        yield f"the primary key of {after.name} was {_listed(before.primary_key)}, is {_listed(after.primary_key)}"
    for what, old, new in _constraints(before, after):
        yield from _names(what, sorted(set(old) - set(new)), sorted(set(new) - set(old)), f"{after.name}: ")


def _column_differences(table: str, before: SourceColumn, after: Column) -> Iterator[str]:
    if before.sql_type != after.sql_type:
        yield f"column {table}.{after.name} was {before.sql_type or 'untyped'}, is {after.sql_type or 'untyped'}"
    if before.nullable != after.nullable:
        yield f"column {table}.{after.name} {'now takes' if after.nullable else 'no longer takes'} NULL"


def _constraints(before: SourceTable, after: Table) -> Iterator[tuple[str, list[str], list[str]]]:
    yield (
        "foreign key",
        [_reference(k.columns, k.referred_table, k.referred_columns) for k in before.foreign_keys],
        [_reference(k.columns, k.referred_table, k.referred_columns) for k in after.foreign_keys],
    )
    yield "unique key", [*map(_listed, before.uniques)], [_listed(unique.columns) for unique in after.uniques]
    yield "index", [*map(_listed, before.indexes)], [_listed(index.columns) for index in after.indexes]
    yield "check", list(before.checks), [check.sql for check in after.checks]


def _names(what: str, before: Collection[str], after: Collection[str], prefix: str = "") -> Iterator[str]:
    for name in sorted(set(after) - set(before)):
        yield f"{what} {prefix}{name} was added"
    for name in sorted(set(before) - set(after)):
        yield f"{what} {prefix}{name} was removed"


def _listed(columns: Iterable[str]) -> str:
    return f"({', '.join(columns)})"


def _reference(columns: Iterable[str], table: str, referred: Iterable[str]) -> str:
    return f"{_listed(columns)} to {table}{_listed(referred)}"
