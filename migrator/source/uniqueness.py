"""Whether columns that somebody names as a key tell the rows apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.source.open import Source, first


@dataclass(frozen=True, slots=True)
class Repeats:
    """`values` that stand in several rows, and rows with `nulls` in the key."""

    values: int
    nulls: int


def count_repeats(source: Source, table: str, columns: Sequence[str]) -> Repeats:
    """Counted over all rows of a table."""
    listed = [source.quote(column) for column in columns]
    grouped = f"SELECT 1 AS one FROM {source.quote(table)} GROUP BY {', '.join(listed)} HAVING COUNT(*) > 1"  # noqa: S608
    empty = " OR ".join(f"{name} IS NULL" for name in listed)
    with source.connect() as connection:
        values = first(connection, f"SELECT COUNT(*) FROM ({grouped}) repeated")  # noqa: S608
        nulls = first(connection, f"SELECT COUNT(*) FROM {source.quote(table)} WHERE {empty}")  # noqa: S608
    return Repeats(int(values[0]) if values else 0, int(nulls[0]) if nulls else 0)
