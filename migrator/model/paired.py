"""The pairs of a stored join seen as a table, so that they are measured, designed for, loaded and verified like one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model.schema import Schema, Table, UniqueKey
from migrator.model.stored_join import SIDES, StoredJoin


def paired_table(schema: Schema, name: str, join: StoredJoin, keys: Iterable[tuple[str, ...]] = ()) -> Table:
    """The table of the pairs. Both rows' keys name a pair; `keys` hold these columns, too, and others before them, by
    which it may be stored. KeyError when the schema has no such table or column."""
    columns = tuple(
        replace(
            schema.table(join.table(one.side)).column(one.column),
            name=one.name,
            default=None,
            generated=False,
        )
        for one in join.columns
    )
    primary = tuple(dict.fromkeys(name for side in SIDES for name in key_names(schema, join, side)))
    uniques = tuple(UniqueKey(f"stored_{number}", key) for number, key in enumerate(keys, start=1))
    return Table(name, columns, primary, uniques=uniques, joined=join)


def key_names(schema: Schema, join: StoredJoin, side: str) -> tuple[str, ...]:
    """What the columns of one side's key are called in the pairs."""
    named = (join.named(side, column) for column in next(schema.table(join.table(side)).row_keys()))
    return tuple(name for name in named if name is not None)
