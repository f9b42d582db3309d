"""A moment without some of its rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.source.without import Removed, without


def _database(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE "odd ""name" (a TEXT, b INTEGER, PRIMARY KEY (a, b));
            CREATE TABLE log (n INTEGER);
            CREATE TRIGGER tell AFTER DELETE ON "odd ""name" BEGIN INSERT INTO log VALUES (1); END;
            INSERT INTO "odd ""name" VALUES ('x', 1), ('x', 2), (NULL, 3);
            """
        )
    connection.close()
    return path


def _rows(path: Path, removed: list[Removed], sql: str) -> list[tuple[object, ...]]:
    with (
        open_source(parse_location(str(path))) as source,
        take_snapshot(source, None) as moment,
        without(moment, removed) as remaining,
    ):
        return [tuple(row) for row in remaining.run(sql, {})[1]]


def test_rows_are_gone_by_their_whole_key_and_no_others(tmp_path: Path) -> None:
    path = _database(tmp_path / "a.db")
    removed: list[Removed] = [('odd "name', ("a", "b"), ("x", 2)), ('odd "name', ("a", "b"), (None, 3))]
    assert _rows(path, removed, 'SELECT a, b FROM "odd ""name"') == [("x", 1)]


def test_triggers_do_not_run(tmp_path: Path) -> None:
    path = _database(tmp_path / "a.db")
    assert _rows(path, [('odd "name', ("a", "b"), ("x", 2))], "SELECT n FROM log") == []


def test_the_source_keeps_its_bytes(tmp_path: Path) -> None:
    path = _database(tmp_path / "a.db")
    before = path.read_bytes()
    _rows(path, [('odd "name', ("a", "b"), ("x", 1))], "SELECT 1")
    assert path.read_bytes() == before
