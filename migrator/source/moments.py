"""One moment of a source that many readers share: a SQLite file at rest, or a transaction of a server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import RLock
from typing import BinaryIO, Protocol

from sqlalchemy.engine import Connection

from migrator.source.faults import SnapshotUnsupported
from migrator.source.fingerprint import fingerprint_of
from migrator.source.location import Location
from migrator.source.open import Source, first, open_source
from migrator.source.private_copy import backup, copy_privately


class Moment(Protocol):
    """Connections that all see the same rows, and the moment's name."""

    @property
    def source(self) -> Source: ...

    @property
    def reused(self) -> bool:
        """The moment was taken by an earlier run."""
        ...

    def connect(self) -> AbstractContextManager[Connection]: ...

    def fingerprint(self) -> str: ...

    def close(self) -> None: ...


class CopiedFile:
    """A private copy of a SQLite source, made now or found."""

    def __init__(self, source: Source, copy: Path) -> None:
        self.reused = copy_privately(source, copy)
        self.source = open_source(Location(path=copy))
        self._copy = copy

    def connect(self) -> AbstractContextManager[Connection]:
        return self.source.connect()

    def fingerprint(self) -> str:
        with self._copy.open("rb") as file:
            return fingerprint_of(file)

    def close(self) -> None:
        self.source.close()


class FileAtRest:
    """The SQLite source itself, for a file that nobody writes. Its fingerprint equals a private copy's."""

    reused = False

    def __init__(self, source: Source) -> None:
        self.source = source
        self._file: BinaryIO | None = None

    def connect(self) -> AbstractContextManager[Connection]:
        return self.source.connect()

    def fingerprint(self) -> str:
        path = self.source.location.path
        if path is None:
            raise ValueError("a file was expected")
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            return self._fingerprint_with_wal()
        with self.source.connect() as connection:
            # An open read transaction keeps a writer from changing pages under our eyes.
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").fetchall()
            # Closing any handle of the file would drop this process's locks on it, so it stays open.
            self._file = self._file or path.open("rb")
            try:
                return fingerprint_of(self._file)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def _fingerprint_with_wal(self) -> str:
        with tempfile.TemporaryDirectory(prefix="migrate-") as folder:
            merged = Path(folder) / "merged.sqlite3"
            backup(self.source, merged)
            with merged.open("rb") as file:
                return fingerprint_of(file)

    def close(self) -> None:
        """Leaves the source open: it is the caller's."""
        if self._file is not None:
            self._file.close()


class SharedTransaction:
    """One repeatable-read transaction of a server.

    PostgreSQL exports it, so that each reader has a connection of its own; MySQL and MariaDB cannot, so
    readers take turns. The fingerprint is the server's position when it began: equal positions, equal
    contents (the reverse need not hold: a write elsewhere on the server moves it).
    """

    reused = False

    def __init__(self, source: Source) -> None:
        self.source = source
        self._turn = RLock()
        with source.named_errors():
            self._connection = source.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        try:
            with source.named_errors():
                self._snapshot, self._position = self._begin()
        except BaseException:
            self._connection.close()
            raise

    def _begin(self) -> tuple[str | None, str]:
        if self.source.dialect == "postgresql":
            return _text(self._connection, "SELECT pg_export_snapshot()"), _postgres_position(self._connection)
        self._connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        return None, _mysql_position(self._connection)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        if self._snapshot is None:
            with self._turn, self.source.named_errors():
                yield self._connection
            return
        with self.source.connect() as connection:
            joined = connection.execution_options(isolation_level="REPEATABLE READ")
            joined.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{self._snapshot}'")
            yield joined

    def fingerprint(self) -> str:
        return self._position

    def close(self) -> None:
        self._connection.close()


def _text(connection: Connection, sql: str) -> str:
    row = first(connection, sql)
    return "" if row is None or row[0] is None else str(row[0])


def _postgres_position(connection: Connection) -> str:
    sql = (
        "SELECT current_database() || '@' || "
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END"
    )
    return f"postgresql:{_text(connection, sql)}"


def _mysql_position(connection: Connection) -> str:
    maria = "mariadb" in _text(connection, "SELECT VERSION()").lower()
    position = _text(connection, "SELECT @@gtid_current_pos" if maria else "SELECT @@gtid_executed")
    if not position:
        raise SnapshotUnsupported(
            "The server keeps no GTIDs (binary log or gtid_mode is off), so the moment of a snapshot has no name",
            "Switch on the binary log with GTIDs, or load from a replica or a dump restored to such a server.",
        )
    return f"mysql:{position}"
