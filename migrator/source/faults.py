"""What can be wrong with a source, each as an error of its own name that says what to do next."""

from __future__ import annotations

import sqlite3

from migrator.model.errors import MigrateError, UsageError


class SourceMissing(UsageError):
    """There is no file at the path."""


class SourceIsDirectory(UsageError):
    """The path names a directory."""


class SourceUnreadable(MigrateError):
    """The file is there, and this user may not read it."""


class NotADatabase(UsageError):
    """The file is not a SQLite database (or it is encrypted)."""


class EmptyDatabase(UsageError):
    """The database has no tables to migrate."""


class HotJournal(MigrateError):
    """A writer crashed in the middle of a transaction, and only a writable open can roll it back."""


class ReadOnlyFolder(MigrateError):
    """A WAL database in a folder where its shared-memory file cannot be made."""


class SourceLocked(MigrateError):
    """Another process holds the database for longer than a read waits."""


class SourceDamaged(MigrateError):
    """SQLite found the file corrupt, or reading it failed."""


class UnknownDialect(UsageError):
    """The URL names a kind of database that this program does not read."""


class MissingDriver(UsageError):
    """The Python driver of the URL's database is not installed."""


class SourceUnreachable(MigrateError):
    """The server did not answer, or did not let us in."""


class QueryFailed(MigrateError):
    """The source refused a statement."""


class PrivilegeMissing(MigrateError):
    """The source's user may not do what a command needs."""


class SourceLost(MigrateError):
    """The server ended the connection, or went away, while it was read."""


class SnapshotLost(SourceLost):
    """The moment that was being read went with the connection that held it."""


class ReadTimedOut(MigrateError):
    """A statement took longer than it may, or waited too long for a lock."""


class SchemaMissing(UsageError):
    """The server's database has no schema of that name."""


class SnapshotUnsupported(MigrateError):
    """The source cannot be read as of one moment, or a moment not in this way."""


class CopyFailed(MigrateError):
    """The private copy of the source could not be written."""


def sqlite_fault(error: sqlite3.Error, where: str) -> MigrateError:
    """The named error for a failure to read the SQLite file shown as `where`.

    The codes are those of https://www.sqlite.org/rescode.html.
    """
    code = getattr(error, "sqlite_errorname", "") or ""
    if code == "SQLITE_READONLY_ROLLBACK":
        return HotJournal(
            f"{where} has a hot journal: a writer stopped in the middle of a transaction, and reading alone "
            "cannot roll it back",
            "Open the database once with its application (or `sqlite3 FILE .tables`) to recover it, then try again.",
        )
    if code in _FOLDER_CODES:
        return ReadOnlyFolder(
            f"{where} is in WAL mode and its -shm file cannot be made: {error}",
            "Give this user write access to the folder, or copy the database with its -wal file to one you can write.",
        )
    if code == "SQLITE_NOTADB":
        return NotADatabase(
            f"{where} is not a SQLite database, or it is encrypted",
            "Name a SQLite file, or a server by its URL, such as postgresql://user@host/database.",
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SourceLocked(f"{where} is locked by another process", "Try again when its transaction is over.")
    return SourceDamaged(
        f"{where} cannot be read: {error}" + (f" ({code})" if code else ""),
        "Check it with `sqlite3 FILE 'PRAGMA integrity_check'`, or restore it from a backup.",
    )


_FOLDER_CODES = frozenset(
    {"SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_CANTLOCK"}
)
