"""What the SQL dialects disagree on and this room has to know."""

from __future__ import annotations

_PARSERS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def parser_dialect(dialect: str) -> str:
    """sqlglot's name for a schema's dialect; an unknown one reads as PostgreSQL, the nearest to the standard."""
    return _PARSERS.get(dialect, "postgres")


def likes_ignore_case(dialect: str, collation: str | None) -> bool:
    """Whether plain LIKE ignores case: SQLite's for ASCII letters, MySQL's unless the collation is exact."""
    if dialect == "mysql":
        return not (collation or "").lower().endswith(("_bin", "_cs", "binary"))
    return dialect == "sqlite"


def like_escape(dialect: str) -> str | None:
    """The escape character of LIKE when the statement gives none."""
    return None if dialect == "sqlite" else "\\"
