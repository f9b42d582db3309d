"""What the SQL dialects disagree on and this room has to know."""

from __future__ import annotations

import re

from migrator.model.schema import Column

_EXACT = re.compile(r"COLLATE \S*(_bin|_cs|binary)\b", re.IGNORECASE)
_PARSERS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def parser_dialect(dialect: str) -> str:
    """sqlglot's name for a schema's dialect; an unknown one reads as PostgreSQL, the nearest to the standard."""
    return _PARSERS.get(dialect, "postgres")


def likes_ignore_case(dialect: str, column: Column) -> bool:
    """Whether plain LIKE ignores case: SQLite's for ASCII letters, MySQL's unless the collation is exact, which then
    stands in the column's type."""
    if dialect == "mysql":
        return not _EXACT.search(f"{column.sql_type} COLLATE {column.collation or 'unstated'}")
    return dialect == "sqlite"


def like_escape(dialect: str) -> str | None:
    """The escape character of LIKE when the statement gives none."""
    return None if dialect == "sqlite" else "\\"
