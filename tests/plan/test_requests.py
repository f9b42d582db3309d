"""Planned requests find the rows that SQLite finds, also at the edges of key ranges."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.plan import Plan, Request
from migrator.verify.execute import run_pattern

from tests.plan.memory import MemoryTable, load_table
from tests.planning import make_database, plan_database

NASTY_TEXTS = ["", "a", "a#", "a\t", "a\x00", "a\x01", "a%", "ab", "B", "%00", "é", "😀", "~1"]
DDL = """
CREATE TABLE kv (ns TEXT NOT NULL, k TEXT NOT NULL, v TEXT, PRIMARY KEY (ns, k));
CREATE TABLE reading (sensor TEXT NOT NULL, value NUMERIC, at DATETIME, id INTEGER PRIMARY KEY);
CREATE TABLE account (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE UNIQUE, bonus TEXT);
"""
QUERIES = """
-- name: below
-- rate: 100
SELECT k FROM kv WHERE ns = :ns AND k < :k ORDER BY k;
-- name: above
-- rate: 100
SELECT k FROM kv WHERE ns = :ns AND k > :k ORDER BY k DESC;
-- name: between
-- rate: 100
SELECT k FROM kv WHERE ns = :ns AND k >= :low AND k <= :high ORDER BY k;
-- name: one
SELECT k FROM kv WHERE ns = :ns AND k = :k;
-- name: first
SELECT k FROM kv WHERE ns = :ns ORDER BY k LIMIT 2;
-- name: readings
-- rate: 100
SELECT id FROM reading WHERE sensor = :sensor AND value > :low ORDER BY value, id;
-- name: moments
-- rate: 100
SELECT id, at FROM reading WHERE sensor = :sensor ORDER BY at, id LIMIT 4;
-- name: since
-- rate: 100
SELECT id FROM reading WHERE sensor = :sensor AND at >= :at ORDER BY at, id;
-- name: until
-- rate: 100
SELECT id FROM reading WHERE sensor = :sensor AND at <= :at ORDER BY at, id;
-- name: after
-- rate: 100
SELECT id FROM reading WHERE sensor = :sensor AND at > :at ORDER BY at, id;
-- name: before
-- rate: 100
SELECT id FROM reading WHERE sensor = :sensor AND at < :at ORDER BY at, id;
-- name: account
-- rate: 100
SELECT id FROM account WHERE email = :email;
"""
VALUES = [None, -1, -10, -1.5, 0, 0.25, 10**17, 2, 2, 2.5]
MOMENTS = [None, 1_700_000_000, 5, "2024-01-01", "2024-01-01 10:00:00", "", 2.5, "1999", None, -3]


def fill(path: Path) -> Path:
    database = make_database(path, DDL)
    with closing(sqlite3.connect(database)) as connection:
        rows = [("n", text, "x") for text in NASTY_TEXTS] + [("n#K", "a", "x"), ("", "", "x")]
        connection.executemany("INSERT INTO kv VALUES (?, ?, ?)", rows)
        measured = [("s", value, at, number) for number, (value, at) in enumerate(zip(VALUES, MOMENTS, strict=True))]
        connection.executemany("INSERT INTO reading VALUES (?, ?, ?, ?)", measured)
        connection.executemany("INSERT INTO account VALUES (?, ?, ?)", [(1, "Ada@X", "1"), (2, None, "2"), (3, "", "")])
        connection.commit()
    return database


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan, MemoryTable]:
    database = fill(tmp_path_factory.mktemp("requests") / "edges.db")
    plan = plan_database(database, QUERIES)
    return database, plan, load_table(plan, database)


def both(
    world: tuple[Path, Plan, MemoryTable], name: str, parameters: Mapping[str, Any]
) -> tuple[list[Any], list[Any]]:
    """The ids that SQLite gives and those that the table gives."""
    database, plan, table = world
    pattern = plan.pattern(name)
    assert pattern.status == "served", pattern.reason
    with closing(sqlite3.connect(database)) as connection:
        expected = [row[0] for row in connection.execute(pattern.parts[0].sql, parameters)]
    (answer,) = run_pattern(plan, pattern, parameters, table)
    return expected, [row[0] for row in answer.rows]


@pytest.mark.parametrize("k", NASTY_TEXTS)
@pytest.mark.parametrize("name", ["below", "above", "one"])
def test_ranges_of_texts_end_where_sqlites_do(world: tuple[Path, Plan, MemoryTable], name: str, k: str) -> None:
    expected, found = both(world, name, {"ns": "n", "k": k})
    assert found == expected


@pytest.mark.parametrize("low", NASTY_TEXTS)
@pytest.mark.parametrize("high", ["", "a", "ab", "😀"])
def test_ranges_with_two_ends_too(world: tuple[Path, Plan, MemoryTable], low: str, high: str) -> None:
    expected, found = both(world, "between", {"ns": "n", "low": low, "high": high})
    assert found == expected


@pytest.mark.parametrize("ns", ["n", "n#K", "", "none"])
def test_no_partition_reaches_into_another(world: tuple[Path, Plan, MemoryTable], ns: str) -> None:
    expected, found = both(world, "first", {"ns": ns})
    assert found == expected


@pytest.mark.parametrize("low", [-100, -10, -1.5, -1, 0, 2, 2.5, 10**17])
def test_numbers_are_ranged_by_value(world: tuple[Path, Plan, MemoryTable], low: float) -> None:
    expected, found = both(world, "readings", {"sensor": "s", "low": low})
    assert found == expected


@pytest.mark.parametrize("name", ["since", "after", "until", "before"])
@pytest.mark.parametrize("at", [-5, 5, 1_700_000_000, "", "2024-01-01", "2024-01-01 10:00:00"])
def test_a_column_of_numbers_and_texts_is_ranged_as_sqlite_does(
    world: tuple[Path, Plan, MemoryTable], name: str, at: int | str
) -> None:
    expected, found = both(world, name, {"sensor": "s", "at": at})
    assert found == expected


def test_null_comes_first_then_numbers_then_texts(world: tuple[Path, Plan, MemoryTable]) -> None:
    expected, found = both(world, "moments", {"sensor": "s"})
    assert found == expected


@pytest.mark.parametrize("email", ["ada@x", "ADA@X", "Ada@X", "", "nobody", None])
def test_a_folded_key_is_found_in_any_case(world: tuple[Path, Plan, MemoryTable], email: str | None) -> None:
    expected, found = both(world, "account", {"email": email})
    assert found == expected


def requests(world: tuple[Path, Plan, MemoryTable]) -> list[Request]:
    return [request for pattern in world[1].access_patterns for request in pattern.requests]


def test_no_request_reads_a_whole_table(world: tuple[Path, Plan, MemoryTable]) -> None:
    assert all(request.partition or request.keys for request in requests(world))
