"""Rows that live within the item of the row that they refer to need that row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from migrator.model.errors import BlockedError
from migrator.model.schema import Schema
from migrator.source.keyset import declared
from migrator.source.open import Source, first


@dataclass(frozen=True, slots=True)
class Living:
    """Rows of `table`, told apart by `key`, live within those of `parent`: by `pairs` (own column, the parent's)."""

    table: str
    parent: str
    key: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def demand_parents(source: Source, connection: Connection, schema: Schema, living: Living) -> None:
    """BlockedError when a row's parent is not there: no item would hold the row, and it would be lost."""
    parent = schema.table(living.parent)
    on = " AND ".join(
        f"{declared(source, 'p', parent.column(up))} = {source.quote('c', own)}" for own, up in living.pairs
    )
    alone = (
        f"FROM {source.quote(living.table)} AS c "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM {source.quote(living.parent)} AS p WHERE {on})"
    )
    count = int((first(connection, f"SELECT COUNT(*) {alone}") or (0,))[0])
    if not count:
        return
    listed = ", ".join(source.quote("c", column) for column in living.key)
    found = first(connection, f"SELECT {listed} {alone} ORDER BY {listed} LIMIT 1") or ()
    told = ", ".join(f"{column}={value!r}" for column, value in zip(living.key, found, strict=False))
    rows = f"1 row of {living.table} refers" if count == 1 else f"{count:,} rows of {living.table} refer"
    raise BlockedError(
        f"{rows} to no row of {living.parent} (the first: {told}): they live within its items, so none would hold them",
        "correct them in the source, or plan again without `embed = true`, so that they get items of their own",
    )
