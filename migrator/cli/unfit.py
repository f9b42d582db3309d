"""Tables and columns of a server that this program does not move, each refused by name before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.errors import BlockedError
from migrator.model.schema import Column, Schema, Table

_SPATIAL = frozenset(
    {
        *("geometry", "geography", "geometrycollection", "geomcollection", "linestring", "multilinestring"),
        *("multipoint", "multipolygon", "point", "polygon"),
    }
)


def demand_movable(schema: Schema) -> None:
    """BlockedError for spatial columns, and for a table that is migrated beside one that it inherits from."""
    for table in schema.tables:
        for column in _spatial(table, schema.dialect):
            raise BlockedError(
                f"{table.name}.{column.name} is of the spatial type {column.sql_type}, and DynamoDB has neither such "
                "values nor an index of places",
                f'leave the column out in migrate.toml ([tables."{table.name}"] exclude = ["{column.name}"]), or store '
                "it as text or JSON in the source",
            )
        for parent in table.inherits:
            if schema.has_table(parent):
                raise BlockedError(
                    f"{table.name} inherits from {parent}: its rows are rows of {parent} too, and would be there twice",
                    f"leave one of both out in migrate.toml (exclude = true): without {table.name} its rows are "
                    f"{parent}'s, without the columns that {parent} has not; without {parent} only {table.name} moves",
                )


def _spatial(table: Table, dialect: str) -> Iterator[Column]:
    # PostgreSQL's own point and polygon are a few numbers, which its text holds.
    named = _SPATIAL if dialect == "mysql" else _SPATIAL - {"point", "polygon"}
    return (column for column in table.columns if column.sql_type.lower().partition("(")[0].strip() in named)
