"""Rows that rightly have no items are no differences: rejected ones, and those that TTL has deleted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from migrator.target.connect import ConnectOptions, connect
from migrator.target.local import LocalEngine

from tests.acceptance.commands import migrate

SCHEMA = """
CREATE TABLE note (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, body TEXT);
CREATE TABLE session (token TEXT PRIMARY KEY, who INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX note_topic ON note (topic);
CREATE INDEX session_who ON session (who);
"""
LONG_AGO = 1_000_000_000
FAR_AHEAD = 4_000_000_000


def _plan(folder: Path, table: str) -> None:
    with sqlite3.connect(folder / "app.db") as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO note VALUES (?, ?, ?)",
            [(n, f"topic {n % 3}", "x" * 500_000 if n == 4 else "short") for n in range(1, 8)],
        )
        connection.executemany(
            "INSERT INTO session VALUES (?, ?, ?)",
            [(f"token-{n}", n % 2, LONG_AGO if n % 3 == 0 else FAR_AHEAD) for n in range(9)],
        )
    connection.close()
    (folder / "migrate.toml").write_text('[accept]\n"item-too-large:NOTE" = "known"\n')
    done = migrate("plan", "app.db", "--table-name", table, cwd=folder)
    assert done.code == 0, done.err + done.out


def test_a_load_with_rejected_rows_has_no_other_differences(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "rejecting")
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, "--allow-rejects", cwd=tmp_path)
    assert done.code == 3, done.err + done.out
    assert "4 equal on both sides" in done.out
    assert "1 rejected" in done.out


def test_rejected_rows_are_something_to_look_at_each_time(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "looking")
    for words in (("apply", "--allow-rejects"), ("apply", "--allow-rejects"), ("verify",)):
        done = migrate(words[0], "plan", "--endpoint-url", engine.endpoint, *words[1:], cwd=tmp_path)
        assert done.code == 3, done.err + done.out


def test_rows_that_ttl_has_deleted_are_no_differences_and_others_are(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "expiring")
    with (tmp_path / "migrate.toml").open("a") as settings:
        settings.write('rejects = "known"\n')
    migrate("apply", "plan", "--endpoint-url", engine.endpoint, "--allow-rejects", cwd=tmp_path)
    client = connect(ConnectOptions(endpoint_url=engine.endpoint)).client
    client.delete_item(TableName="expiring", Key={"PK": {"S": "SESSION#token-0"}, "SK": {"S": "SESSION#"}})
    clean = migrate("verify", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert clean.code == 0, clean.err + clean.out
    client.delete_item(TableName="expiring", Key={"PK": {"S": "SESSION#token-1"}, "SK": {"S": "SESSION#"}})
    broken = migrate("verify", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert broken.code == 3
    assert "token-1" in broken.out
