"""A SQLite moment without some of its rows: what the source would answer if they had never been."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from migrator.model.unit import InvalidText, RowValue
from migrator.source.faults import SnapshotUnsupported
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.private_copy import backup
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.source.values import storable

Removed = tuple[str, tuple[str, ...], tuple[RowValue, ...]]
"""A row to leave out: its table, the columns of a key and the row's values in them."""


@contextmanager
def without(snapshot: Snapshot, rows: Iterable[Removed]) -> Iterator[Snapshot]:
    """A second, temporary copy of the snapshot from which the rows are gone; the snapshot itself is not
    touched. Triggers and cascades do not run. SnapshotUnsupported on a server."""
    if snapshot.source.dialect != "sqlite":
        raise SnapshotUnsupported(
            "Rows can be left out of a comparison on SQLite only.",
            "Read the differences with the rejected rows in mind.",
        )
    with tempfile.TemporaryDirectory(prefix="migrate-") as folder:
        copy = Path(folder) / "without.sqlite"
        backup(snapshot.source, copy)
        _delete(copy, rows)
        with open_source(Location(path=copy)) as source, take_snapshot(source, None) as remaining:
            yield remaining


def _delete(copy: Path, rows: Iterable[Removed]) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {_quoted(name)}")
        for table, columns, key in rows:
            connection.execute(_statement(table, columns, key), [storable(value) for value in key])
        connection.commit()


def _statement(table: str, columns: Sequence[str], key: Sequence[RowValue]) -> str:
    conditions = (
        f"{_quoted(column)} IS {'CAST(? AS TEXT)' if isinstance(value, InvalidText) else '?'}"
        for column, value in zip(columns, key, strict=True)
    )
    return f"DELETE FROM {_quoted(table)} WHERE {' AND '.join(conditions)}"  # noqa: S608 - names are quoted


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
