"""Rows that share what should name them: found in the source, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from migrator.model.errors import BlockedError
from migrator.model.schema import Schema, Table
from migrator.source.keyset import key_order
from migrator.source.open import Source, first


def demand_distinct(source: Source, connection: Connection, schema: Schema, keys: Mapping[str, Sequence[str]]) -> None:
    """BlockedError for the first table with two rows of one key. Keys that the database itself keeps distinct are
    not looked at; a NULL equals a NULL."""
    for name, key in sorted(keys.items()):
        if not schema.has_table(name):
            continue  # pairs of a stored join, which the keys of both rows name
        table = schema.table(name)
        if not table.surely_unique(key):
            _demand(source, connection, table, key)


def _demand(source: Source, connection: Connection, table: Table, key: Sequence[str]) -> None:
    order = key_order(source, connection, table, key, "t").order_by()
    listed = ", ".join(source.quote("t", column) for column in key)
    sql = (
        f"SELECT COUNT(*), {listed} FROM {source.quote(table.name)} AS t "  # noqa: S608
        f"GROUP BY {order} HAVING COUNT(*) > 1 ORDER BY {order} LIMIT 1"
    )
    found = first(connection, sql)
    if found is None:
        return
    told = ", ".join(f"{column}={value!r}" for column, value in zip(key, found[1:], strict=True))
    rowid = f', such as ["{table.hidden[0].name}"]' if table.hidden else ""
    raise BlockedError(
        f"{found[0]:,} rows of {table.name} have the same key ({told}): as items they would become one",
        f'correct them in the source, name another key in migrate.toml ([tables."{table.name}"] key{rowid}), or leave '
        "the table out (exclude = true)",
    )
