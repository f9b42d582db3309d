"""Rows that live within the item of the row that they refer to need that row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows of a table that refer by `columns` to no row of `parent`: how many, and the key of the first."""

    table: str
    columns: tuple[str, ...]
    parent: str
    count: int
    first: str


def find_orphans(
    source: Source, connection: Connection, schema: Schema, keys: Mapping[str, Sequence[str]]
) -> tuple[Orphans, ...]:
    """What each reference of these tables leads to no row by; `keys` name the tables' rows."""
    found = []
    for table in (schema.table(name) for name in keys):
        for key in table.foreign_keys:
            pairs = tuple(zip(key.columns, key.referred_columns, strict=True))
            living = Living(table.name, key.referred_table, tuple(keys[table.name]), pairs)
            count, told = _alone(source, connection, schema, living, nulls=False)
            if count:
                found.append(Orphans(table.name, key.columns, key.referred_table, count, told))
    return tuple(found)


def demand_parents(source: Source, connection: Connection, schema: Schema, living: Living) -> None:
    """BlockedError when a row's parent is not there: no item would hold the row, and it would be lost."""
    count, told = _alone(source, connection, schema, living, nulls=True)
    if not count:
        return
    rows = f"1 row of {living.table} refers" if count == 1 else f"{count:,} rows of {living.table} refer"
    raise BlockedError(
        f"{rows} to no row of {living.parent} (the first: {told}): they live within its items, so none would hold them",
        "correct them in the source, or plan again without `embed = true`, so that they get items of their own",
    )


def _alone(source: Source, connection: Connection, schema: Schema, living: Living, *, nulls: bool) -> tuple[int, str]:
    """How many rows have no parent, and the key of the first; with `nulls` also those whose reference holds NULL, and
    so refers to nothing."""
    parent = schema.table(living.parent)
    on = " AND ".join(
        f"{declared(source, 'p', parent.column(up))} = {source.quote('c', own)}" for own, up in living.pairs
    )
    refers = "1 = 1" if nulls else " AND ".join(f"{source.quote('c', own)} IS NOT NULL" for own, _ in living.pairs)
    alone = (
        f"FROM {source.quote(living.table)} AS c "  # noqa: S608
        f"WHERE {refers} AND NOT EXISTS (SELECT 1 FROM {source.quote(living.parent)} AS p WHERE {on})"
    )
    count = int((first(connection, f"SELECT COUNT(*) {alone}") or (0,))[0])
    if not count:
        return 0, ""
    listed = ", ".join(source.quote("c", column) for column in living.key)
    found = first(connection, f"SELECT {listed} {alone} ORDER BY {listed} LIMIT 1") or ()
    told = ", ".join(f"{column}={value!r}" for column, value in zip(living.key, found, strict=False))
    return count, told
