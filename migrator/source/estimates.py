"""How many rows a server takes a table to have, from its own catalogue: no row is read."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.engine import Connection

from migrator.model.schema import Table
from migrator.source.open import Source
from migrator.source.relation import count_rows, relation


def rows_of_table(source: Source, connection: Connection, table: Table, exact_rows: int, *, count: bool) -> int:
    """The table's rows: counted where the server takes them for at most `exact_rows`, or where `count` asks for it,
    else as the server estimates them. SQLite keeps no estimate that can be relied on, and is counted."""
    if count or source.dialect == "sqlite":
        return count_rows(source, connection, table)
    estimate = estimated_rows(source, connection, table)
    return estimate if estimate > exact_rows else count_rows(source, connection, table)


def estimated_rows(source: Source, connection: Connection, table: Table) -> int:
    """What the server's planner expects of reading the whole table. PostgreSQL reckons with the size that the table's
    file has now, partitions included; InnoDB keeps its figure up to date by itself."""
    asked = f"SELECT 1 AS one FROM {relation(source, table)} AS t"  # noqa: S608
    if source.dialect == "postgresql":
        told = _explained(connection, f"EXPLAIN (FORMAT JSON) {asked}")
        return int(told[0]["Plan"]["Plan Rows"])
    return _examined(_explained(connection, f"EXPLAIN FORMAT=JSON {asked}"))


def _explained(connection: Connection, sql: str) -> Any:
    """Without a cursor on the server, which takes no EXPLAIN."""
    told = connection.exec_driver_sql(sql).scalar_one()
    return json.loads(told) if isinstance(told, str | bytes) else told


def _examined(told: object) -> int:
    """The rows that MySQL's or MariaDB's plan goes through: the product over the tables that it names."""
    if isinstance(told, list):
        return max(map(_examined, told), default=0)
    if not isinstance(told, dict):
        return 0
    rows = told.get("rows", told.get("rows_examined_per_scan"))
    return int(rows) if isinstance(rows, int | float) else max(map(_examined, told.values()), default=0)
