"""Many short digests, held on disk: whether a whole table's items are all different, or are those of a source."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

from migrator.plan.itemtext import item_text
from migrator.plan.values import canonical

LENGTH = 16
"""Bytes: of a billion items, two different ones share a digest with a chance below one in 10^20."""


def identity(item: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The digest of an item: equal for equal typed values, however their numbers are written."""
    return digest_of(item_text({name: canonical(wire) for name, wire in item.items()}))


def digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:LENGTH]


class DigestFile:
    """A set of digests in a temporary file, which goes with the block. Memory does not grow with them."""

    def __enter__(self) -> DigestFile:
        self._folder = tempfile.TemporaryDirectory(prefix="migrate-digests-")
        self._connection = sqlite3.connect(Path(self._folder.name) / "digests.sqlite", check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("CREATE TABLE digest (value BLOB PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def add(self, digests: Iterable[bytes]) -> int:
        """How many of them were there already, those among themselves counted too."""
        given = [(digest,) for digest in digests]
        with closing(self._connection.cursor()) as cursor:
            cursor.executemany("INSERT OR IGNORE INTO digest VALUES (?)", given)
            return len(given) - cursor.rowcount

    def __contains__(self, digest: bytes) -> bool:
        found = self._connection.execute("SELECT 1 FROM digest WHERE value = ?", (digest,)).fetchone()
        return found is not None
