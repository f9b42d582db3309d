"""One moment of a source that many readers share. A SQLite file at rest, or a copy of one; servers' are in
`server_moments`."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy.engine import Connection

from migrator.source.fingerprint import fingerprint_of
from migrator.source.location import Location
from migrator.source.open import Source, open_source
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
