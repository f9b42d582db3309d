"""A private copy of a SQLite source: one moment of it, WAL included, that appears whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from migrator.source.faults import CopyFailed
from migrator.source.open import Source


def copy_privately(source: Source, copy: Path) -> bool:
    """Makes `copy` unless it exists; True when an existing one is reused.

    The copy is readable by its owner alone and in rollback-journal mode, so that reading it leaves no files.
    """
    if copy.exists():
        return True
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{copy.name}.", suffix=".partial", dir=copy.parent)
        os.close(handle)
        _fill(source, Path(name), copy)
    except OSError as error:
        raise _failed(copy, error) from error
    return False


def _fill(source: Source, partial: Path, copy: Path) -> None:
    try:
        backup(source, partial)
        _sync(partial)
        partial.replace(copy)
        _sync(copy.parent)
    finally:
        for leftover in (partial, partial.with_name(f"{partial.name}-journal")):
            leftover.unlink(missing_ok=True)


def backup(source: Source, to: Path) -> None:
    """Copies every page in one step, under one read lock: a writer cannot come in between."""
    with source.connect() as connection:
        target = sqlite3.connect(to, isolation_level=None)
        try:
            connection.connection.driver_connection.backup(target, pages=-1)  # type: ignore[union-attr]
            target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            if _is_about_space(error):
                raise _failed(to, error) from error
            raise
        finally:
            target.close()


def _is_about_space(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE"))


def _failed(copy: Path, error: Exception) -> CopyFailed:
    return CopyFailed(
        f"The private copy {copy} cannot be written: {error}",
        "Make room or give write access there, or use --no-copy for a file that nobody writes.",
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
