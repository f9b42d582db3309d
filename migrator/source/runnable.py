"""Whether the source itself takes a declared statement: asked of its own planner, before anything is designed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from migrator.source.open import Source
from migrator.source.placeholders import placeholder_names


def why_not_runnable(source: Source, sql: str) -> str | None:
    """What SQLite says against a statement, None when it would run. Nothing is run: EXPLAIN only compiles.
    Servers want their parameters' types for that, so nothing is said of their statements."""
    if source.dialect != "sqlite":
        return None
    names = placeholder_names(sql, source.dialect)
    with source.connect() as connection, closing(connection.connection.cursor()) as cursor:
        try:
            cursor.execute(f"EXPLAIN {sql}", dict.fromkeys(sorted(names)))
        except sqlite3.Error as error:
            return str(error)
    return None
