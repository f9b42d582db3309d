"""A moment without some of its rows: what the source would answer if they had never been.

Of SQLite a second copy is made. On a server each query is run with a WITH clause before it, which has the tables'
names stand for their other rows; a name that a query qualifies by its schema means the table as it is.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from migrator.model.unit import InvalidText, RowValue
from migrator.source.location import Location
from migrator.source.open import first, open_source
from migrator.source.private_copy import backup
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.source.values import storable

Removed = tuple[str, tuple[str, ...], tuple[RowValue, ...]]
"""A row to leave out: its table, the columns of a key and the row's values in them."""


@contextmanager
def without(snapshot: Snapshot, rows: Iterable[Removed]) -> Iterator[Snapshot]:
    """The moment from which the rows are gone; the snapshot itself is not touched. Triggers and cascades do not
    run."""
    if snapshot.source.dialect != "sqlite":
        yield Shadowed(snapshot, rows)
        return
    with tempfile.TemporaryDirectory(prefix="migrate-") as folder:
        copy = Path(folder) / "without.sqlite"
        backup(snapshot.source, copy)
        _delete(copy, rows)
        with open_source(Location(path=copy)) as source, take_snapshot(source, None) as remaining:
            yield remaining


class Shadowed(Snapshot):
    """A server's moment whose declared queries do not see some rows."""

    def __init__(self, snapshot: Snapshot, rows: Iterable[Removed]) -> None:
        super().__init__(snapshot.moment)
        self._hidden: dict[str, list[Removed]] = {}
        for row in rows:
            self._hidden.setdefault(row[0], []).append(row)

    def run(self, sql: str, parameters: Mapping[str, RowValue]) -> tuple[tuple[str, ...], list[tuple[RowValue, ...]]]:
        values: dict[str, RowValue] = {}
        shadows = [self._shadow(table, rows, values) for table, rows in sorted(self._hidden.items())]
        return (
            super().run(shadowed(sql, shadows), {**parameters, **values}) if shadows else super().run(sql, parameters)
        )

    def _shadow(self, table: str, rows: Sequence[Removed], values: dict[str, RowValue]) -> str:
        """`name AS (SELECT ...)`; what it compares with is added to `values`."""
        quoted, inner = self.source.quote(table), self.source.quote(self._schema_name(), table)
        tests: list[str] = []
        for _, columns, key in rows:
            names = [f"hidden_{len(values) + at}" for at in range(len(key))]
            values.update(zip(names, key, strict=True))
            pairs = zip(columns, names, strict=True)
            tests.append(" AND ".join(f"{self.source.quote(column)} = :{name}" for column, name in pairs))
        return f"{quoted} AS (SELECT * FROM {inner} WHERE NOT ({' OR '.join(f'({test})' for test in tests)}))"  # noqa: S608

    def _schema_name(self) -> str:
        function = "current_schema()" if self.source.dialect == "postgresql" else "DATABASE()"
        with self.moment.connect() as connection:
            return str((first(connection, f"SELECT {function}") or ("",))[0])


def shadowed(sql: str, shadows: Sequence[str]) -> str:
    """The statement with these named queries before its own.

    >>> shadowed("SELECT 1 FROM t", ["t AS (SELECT 2)"])
    'WITH t AS (SELECT 2) SELECT 1 FROM t'
    >>> shadowed("with a AS (SELECT 1) SELECT * FROM a", ["t AS (SELECT 2)"])
    'WITH t AS (SELECT 2), a AS (SELECT 1) SELECT * FROM a'
    """
    own = re.match(r"\s*WITH\s+(RECURSIVE\s+)?", sql, re.IGNORECASE)
    head = f"WITH {own.group(1) or ''}" if own else "WITH "
    return f"{head}{', '.join(shadows)}{', ' if own else ' '}{sql[own.end() :] if own else sql}"


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
