"""What stands in FROM for a table: its name, or the join whose pairs of rows are its rows."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from migrator.model.schema import Table
from migrator.source.open import Source, first

_ALIASES = {"left": "l", "right": "r"}


def relation(source: Source, table: Table) -> str:
    """SQL of the rows of a table, for FROM with an alias behind it. The database joins: nothing is held here."""
    join = table.joined
    if join is None:
        return source.quote(table.name)
    listed = ", ".join(
        f"{source.quote(_ALIASES[one.side], one.column)} AS {source.quote(one.name)}" for one in join.columns
    )
    on = " AND ".join(f"{source.quote('l', left)} = {source.quote('r', right)}" for left, right in join.pairs)
    return (
        f"(SELECT {listed} FROM {source.quote(join.left)} AS l "  # noqa: S608
        f"JOIN {source.quote(join.right)} AS r ON {on})"
    )


def count_rows(source: Source, connection: Connection, table: Table) -> int:
    row = first(connection, f"SELECT COUNT(*) FROM {relation(source, table)} AS t")  # noqa: S608
    return int(row[0]) if row else 0
