"""What names a row: the keys that may stand in the table, and the unique constraints that guards keep."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.design.candidates import KEYLESS
from migrator.model.errors import BlockedError
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings, TableOverride


def row_keys(table: Table, settings: Settings, changed: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Keys that may name a row, the first being the one its source rows are known by."""
    override = settings.override(table.name)
    keys = (override.key,) if override.key else tuple(dict.fromkeys(table.row_keys()))
    if not keys:
        rowid = f' (SQLite\'s own: ["{table.hidden[0].name}"])' if table.hidden else ""
        raise BlockedError(
            f"table {table.name} has no primary key and no unique key over NOT NULL columns, so its rows cannot be "
            "told apart",
            f'name its key in migrate.toml ([tables."{table.name}"] key = ["..."]){rowid}, or leave the table out '
            "(exclude = true)",
        )
    if override.pinned is not None:
        return (_pinned(table, override, keys),)
    writable = tuple(key for key in keys if not unwritable(table, key))
    if not writable:
        odd = ", ".join(unwritable(table, keys[0]))
        raise BlockedError(
            f"the key of table {table.name} holds {odd}, a document that no DynamoDB key can hold",
            f'name another key in migrate.toml ([tables."{table.name}"] key = ["..."]), or leave the table out '
            "(exclude = true)",
        )
    steady = tuple(key for key in writable if not changed & set(key))
    return steady or writable[:1]


def unwritable(table: Table, columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns whose values cannot stand in a key."""
    return tuple(name for name in columns if table.column(name).kind in KEYLESS)


def demand_keys(schema: Schema, settings: Settings) -> None:
    """BlockedError for the first table whose rows cannot be told apart: known before anything is measured."""
    for table in schema.tables:
        row_keys(table, settings, frozenset())


def _pinned(table: Table, override: TableOverride, keys: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The key that a pinned template is made of. BlockedError when it is none of the table's, or cannot be written."""
    pinned = override.pinned or ()
    for key in keys:
        if set(key) == set(pinned) and len(pinned) == len(key) and not unwritable(table, key):
            return key
    told = " or ".join(f"({', '.join(key)})" for key in keys if not unwritable(table, key))
    raise BlockedError(
        f"the key pinned for table {table.name}, ({', '.join(pinned)}), is infeasible: the table's key must be exactly "
        "one of the row's unique keys, so that a conditional put keeps it unique",
        f'make partition and sort under [tables."{table.name}"] in migrate.toml together {told}, or take them out',
    )


def guarded(table: Table, base_key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Unique constraints that the table's key alone would not keep, and that a key can hold. Pairs of a stored join are
    told apart by the rows that they are made of."""
    if table.joined is not None:
        return ()
    unique = [constraint.columns for constraint in table.uniques]
    unique = [columns for columns in unique if not unwritable(table, columns)]
    primary = table.primary_key
    if primary and not set(base_key) <= set(primary) and not unwritable(table, primary):
        unique.append(table.primary_key)
    return tuple(sorted({columns for columns in unique if not set(base_key) <= set(columns)}))
