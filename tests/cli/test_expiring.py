"""Rows that TTL deletes while a table is verified are no differences; whatever else differs is one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from migrator.cli import checking
from migrator.target.connect import Connection
from migrator.verify.report import QueriesReport

from tests.cli.conftest import Command

SCHEMA = """
CREATE TABLE session (token TEXT PRIMARY KEY, who INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX session_who ON session (who);
"""
LONG_AGO = 1_000_000_000
FAR_AHEAD = 4_000_000_000


@pytest.fixture
def loaded(migrate: Command, folder: Path, at_engine: str) -> str:
    """Sessions, half of which have expired, in a verified table whose TTL is on: its name."""
    with sqlite3.connect(folder / "app.db") as made:
        made.executescript(SCHEMA)
        made.executemany(
            "INSERT INTO session VALUES (?, ?, ?)",
            [(f"token-{n}", n % 2, LONG_AGO if n > 4 else FAR_AHEAD) for n in range(8)],
        )
    made.close()
    assert migrate("plan", "app.db").code == 0
    assert migrate("apply", "plan").code == 0
    return at_engine


def lose_between(monkeypatch: pytest.MonkeyPatch, connection: Connection, table: str, *tokens: str) -> None:
    """The items go after all rows are compared, and before any query is."""
    compare = checking._check_queries

    def late(*arguments: Any) -> QueriesReport:
        for token in tokens:
            key = {"PK": {"S": f"SESSION#{token}"}, "SK": {"S": "SESSION#"}}
            connection.client.delete_item(TableName=table, Key=key)
        return compare(*arguments)

    monkeypatch.setattr(checking, "_check_queries", late)


def test_rows_that_expired_and_go_between_the_two_comparisons_are_no_differences(
    migrate: Command, loaded: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_between(monkeypatch, connection, loaded, "token-5", "token-7")
    ended = migrate("verify", "plan")
    assert ended.code == 0, ended


def test_a_row_that_has_not_expired_is_missed_all_the_same(
    migrate: Command, loaded: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_between(monkeypatch, connection, loaded, "token-5", "token-1")
    ended = migrate("verify", "plan")
    assert ended.code == 3, ended
    assert "0 missing" in ended.out, "all rows were there when they were compared"
