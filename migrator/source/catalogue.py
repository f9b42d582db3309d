"""What a server's own catalogue says of its tables beyond SQLAlchemy's inspector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from migrator.model.schema import Skipped
from migrator.source.open import Row, stream

Column = tuple[str, str]
"""A table and a column."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`types`: each column's type in the server's own words. `documents`: MariaDB's JSON columns, which are texts
    with a check. `parents`: of tables that inherit. `left_out`: what stands beside the tables, with the reason; a
    partition is read as a part of its table. `collations`: MySQL's, of each text column, stated or not;
    `collation`: that of its database."""

    types: dict[Column, str]
    documents: frozenset[Column] = frozenset()
    parents: dict[str, tuple[str, ...]] | None = None
    left_out: tuple[Skipped, ...] = ()
    collations: dict[Column, str] | None = None
    collation: str | None = None

    def inherited(self, table: str) -> tuple[str, ...]:
        return (self.parents or {}).get(table, ())


def read_catalogue(connection: Connection, dialect: str) -> Catalogue:
    """Of what unqualified names mean."""
    reads: dict[str, Callable[[Connection], Catalogue]] = {"postgresql": _postgresql, "mysql": _mysql}
    return reads[dialect](connection)


_HERE = "pg_table_is_visible(c.oid) AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)"


def _postgresql(connection: Connection) -> Catalogue:
    types = (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) "  # noqa: S608
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        f"WHERE {_HERE} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
    )
    inheriting = (
        "SELECT c.relname, p.relname, c.relispartition "  # noqa: S608
        "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent "
        f"WHERE {_HERE} AND c.relkind IN ('r', 'p', 'f') ORDER BY c.relname, i.inhseqno"
    )
    beside = (
        "SELECT c.relname, c.relkind FROM pg_class c "  # noqa: S608
        f"WHERE {_HERE} AND c.relkind IN ('m', 'f') AND NOT c.relispartition ORDER BY c.relname"
    )
    parents: dict[str, tuple[str, ...]] = {}
    left_out: list[Skipped] = []
    for child, parent, partition in stream(connection, inheriting):
        if partition:
            left_out.append(Skipped(child, f"a partition of {parent}, which is migrated as one table"))
        else:
            parents[child] = (*parents.get(child, ()), parent)
    left_out += (Skipped(name, _BESIDE[_text(kind)]) for name, kind in stream(connection, beside))
    return Catalogue(_types(connection, types), parents=parents, left_out=tuple(left_out))


_BESIDE = {
    "m": "a materialised view: what its query answers is kept by nobody on DynamoDB; declare that query instead",
    "f": "a foreign table: its rows are another server's",
}


def _mysql(connection: Connection) -> Catalogue:
    types = (
        "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    )
    beside = (
        "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "AND TABLE_TYPE NOT IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED', 'SYSTEM VIEW') ORDER BY TABLE_NAME"
    )
    left_out = (Skipped(name, f"a {kind.lower()}, which holds no rows") for name, kind in stream(connection, beside))
    collations = (
        "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
    )
    return Catalogue(
        _types(connection, types),
        _documents(connection),
        left_out=tuple(left_out),
        collations=_types(connection, collations),
        collation=next(map(_first, stream(connection, "SELECT @@collation_database")), None),
    )


def _documents(connection: Connection) -> frozenset[Column]:
    """Columns that MariaDB was told are JSON: it writes a check of the column's own name for them."""
    columns = {
        name
        for (name,) in stream(
            connection,
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema' "
            "AND TABLE_NAME = 'CHECK_CONSTRAINTS'",
        )
    }
    if "LEVEL" not in columns:
        return frozenset()
    sql = (
        "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS "
        "WHERE CONSTRAINT_SCHEMA = DATABASE() AND LEVEL = 'Column'"
    )
    checks = stream(connection, sql)
    return frozenset((table, column) for table, column, check in checks if check == f"json_valid(`{column}`)")


def _types(connection: Connection, sql: str) -> dict[Column, str]:
    """A text about each column."""
    return {(table, column): _text(told) for table, column, told in stream(connection, sql)}


def _first(row: Row) -> str:
    return str(row[0])


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
