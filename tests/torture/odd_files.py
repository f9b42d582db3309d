"""Strange files: what surrounds a database, and how it is written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.torture.oddity import Collection, Faithful, Refused, make

FILES = Collection()
_ends = FILES.ends
_TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"


@_ends(Faithful(3))
def rows_that_are_only_in_the_wal(path: Path) -> None:
    """Rows that no checkpoint has brought into the file yet are rows."""
    beside = path.with_name("live.db")
    with closing(sqlite3.connect(beside)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript(_TABLE + "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'only in the WAL');")
        for ending in ("", "-wal"):
            shutil.copy(f"{beside}{ending}", f"{path}{ending}")
    beside.unlink()


@_ends(Faithful(2))
def a_utf16_database(path: Path) -> None:
    """A database in UTF-16 holds the same text."""
    make(path, f"PRAGMA encoding = 'UTF-16le'; {_TABLE} INSERT INTO t VALUES (1, 'é👩'), (2, '');")


@_ends(Faithful(2))
def a_big_endian_utf16_database(path: Path) -> None:
    """UTF-16 of the other byte order, with a key of text."""
    make(path, "PRAGMA encoding = 'UTF-16be'; CREATE TABLE t (code TEXT NOT NULL PRIMARY KEY, v);")
    make(path, "INSERT INTO t VALUES ('é👩', 1), ('z', 2);")


@_ends(Refused("plan", 1, ("hot journal", "recover it")))
def a_hot_journal(path: Path) -> None:
    """A writer stopped in the middle of its transaction: half of it must not be migrated."""
    make(path, _TABLE + "INSERT INTO t VALUES (1, 'before');")
    half = path.with_name("half.db")
    shutil.copy(path, half)
    with closing(sqlite3.connect(half, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * 500) for n in range(2, 2_000)])
        for ending in ("", "-journal"):
            shutil.copy(f"{half}{ending}", f"{path}{ending}")
        connection.execute("ROLLBACK")
    half.unlink()


@_ends(Refused("plan", 2, ("is not a SQLite database",)))
def not_a_database(path: Path) -> None:
    """Any other file is told from a database."""
    path.write_bytes(b"id,name\n1,Ada\n" * 100)


def _own_collation(path: Path, script: str) -> None:
    """A database whose collation `OWN` no other program knows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.create_collation("OWN", lambda a, b: (a > b) - (a < b))
        connection.executescript(script)


@_ends(
    Refused("plan", 1, ("no such collation sequence: OWN", "exclude = true")),
    queries="-- name: q\nSELECT v FROM t LIMIT 1;",
)
def a_key_by_a_collation_of_the_application(path: Path) -> None:
    """A key that only the application can compare cannot be read in order."""
    _own_collation(path, "CREATE TABLE t (k TEXT COLLATE OWN PRIMARY KEY, v TEXT); INSERT INTO t VALUES ('x', 'y');")


@_ends(Faithful(2, says=("t.v compares with OWN",)))
def a_column_by_a_collation_of_the_application(path: Path) -> None:
    """A column that only the application can compare is kept out of keys, and told."""
    _own_collation(
        path, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE OWN); INSERT INTO t VALUES (1, 'b'), (2, 'a');"
    )


@_ends(Faithful(1, says=("elsewhere", "nowhere")))
def a_virtual_table_of_an_unknown_module(path: Path) -> None:
    """A virtual table whose module is an extension of the application is left out by name."""
    make(
        path,
        _TABLE + "INSERT INTO t VALUES (1, 'a'); PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_master VALUES ('table', 'elsewhere', 'elsewhere', 0, "
        "'CREATE VIRTUAL TABLE elsewhere USING nowhere(a, b)');",
    )


@_ends(Refused("plan", 1, ("cannot be read", "integrity_check")))
def a_damaged_file(path: Path) -> None:
    """A file with pages that are no pages is named, not migrated in part."""
    make(path, _TABLE, ("INSERT INTO t VALUES (?, ?)", [(n, "x" * 900) for n in range(200)]))
    body = bytearray(path.read_bytes())
    for page in range(3, len(body) // 4096):
        body[page * 4096 : page * 4096 + 512] = b"\xa5" * 512
    path.write_bytes(bytes(body))
