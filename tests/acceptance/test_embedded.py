"""Rows within others' items from the command line: planned, loaded, verified and asked; rejected ones are named."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine

from tests.acceptance.commands import migrate
from tests.acceptance.test_performed import on_engine
from tests.verify.embedded import tell_within

SCHEMA = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, placed TEXT NOT NULL);
CREATE TABLE line (
    order_id INTEGER NOT NULL REFERENCES orders (id), no INTEGER NOT NULL, qty NUMERIC, PRIMARY KEY (order_id, no)
);
"""
QUERIES = """
-- name: page
SELECT id, placed FROM orders WHERE id = :id;
SELECT no, qty FROM line WHERE order_id = :id ORDER BY no DESC;
"""


def _plan(folder: Path, table: str, odd: Any = 1) -> None:
    with sqlite3.connect(folder / "app.db") as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO orders VALUES (?, ?)", [(n, f"2026-01-{n:02}") for n in range(1, 21)])
        lines = [(n, no, n * no) for n in range(1, 21) for no in range(n % 4)]
        connection.executemany("INSERT INTO line VALUES (?, ?, ?)", [*lines, (4, 7, odd)])
    connection.close()
    (folder / "queries.sql").write_text(QUERIES)
    (folder / "migrate.toml").write_text("[tables.line]\nembed = true\n")
    done = migrate("plan", "app.db", "--queries", "queries.sql", "--table-name", table, cwd=folder)
    assert "1 served, 0 refused" in done.out, done.err + done.out


def test_rows_within_items_are_loaded_verified_and_asked(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "within")
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, "--json", cwd=tmp_path)
    assert done.code == 0, done.err + done.out
    told = json.loads(done.out)
    counted = {one["table"]: (one["rows"], one["items"]) for one in told["load"]["tables"]}
    assert counted == {"orders": (20, 20), "line": (31, 0)}
    checked = migrate("verify", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert checked.code == 0 and "51 compared, 0 missing" in checked.out, checked.err + checked.out
    asked = migrate("query", "plan", "page", "--param", "id=3", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert [line["no"] for line in json.loads(asked.out)[1]["rows"]] == [2, 1, 0]


def test_a_row_that_cannot_be_stored_takes_its_holder_along_and_is_named(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "within-rejects", odd=float("inf"))
    stopped = migrate("apply", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert stopped.code == 4
    assert "its row of line (order_id=4, no=7): column qty" in stopped.err
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, "--allow-rejects", "--json", cwd=tmp_path)
    assert done.code == 3, done.err + done.out
    counted = {one["table"]: (one["rows"], one["rejected"]) for one in json.loads(done.out)["load"]["tables"]}
    assert counted == {"orders": (19, 1), "line": (30, 1)}


@pytest.mark.parametrize("seed", [60, 62])
def test_random_writes_of_embedded_rows_on_the_engine_leave_the_table_as_they_leave_the_source(
    seed: int, tmp_path: Path, connection: Connection, table_name: str
) -> None:
    story = tell_within(seed, tmp_path, steps=15, store=on_engine(connection), name=table_name)
    assert story is not None and story.trouble == []
    assert story.outcomes["done"]
