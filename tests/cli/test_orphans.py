"""Rows that refer to no row: what migrate.toml says of them, and how many there were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Command, at_engine, folder, migrate

__all__ = ["at_engine", "folder", "migrate"]


def test_kept_orphans_are_counted_and_the_first_is_named(folder: Path, at_engine: str, migrate: Command) -> None:
    with closing(sqlite3.connect(folder / "d.db")) as connection:
        connection.executescript(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, x INT REFERENCES p);"
            "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, NULL), (3, 99), (4, 98);"
        )
    (folder / "migrate.toml").write_text('[migrate]\nsource = "d.db"\n[tables.t]\norphans = "keep"\n')
    assert migrate("plan").code == 0
    rehearsed = migrate("apply", "plan", "--dry-run")
    assert rehearsed.code == 0, rehearsed.err
    assert "2 rows of t that refer by x to no row of p are kept as they are (the first: id=3)" in rehearsed.out
    (folder / "migrate.toml").write_text('[migrate]\nsource = "d.db"\n[tables.t]\norphans = "drop"\n')
    refused = migrate("plan")
    assert refused.code == 2 and "orphans" in refused.err
