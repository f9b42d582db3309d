"""What the source says of a statement before it is ever run."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.runnable import why_not_runnable


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        ("SELECT a FROM t WHERE a = :a LIMIT :n", True),
        ("INSERT INTO t VALUES (:a, :b)", True),
        ("SELECT order FROM t", False),
        ("SELECT b FROM t", False),
    ],
)
def test_a_statement_is_compiled_and_never_run(tmp_path: Path, sql: str, runs: bool) -> None:
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute('CREATE TABLE t (a INTEGER, "order" TEXT)')
    connection.close()
    with open_source(parse_location(str(tmp_path / "t.db"))) as source:
        assert (why_not_runnable(source, sql) is None) is runs
        with source.connect() as reading:
            assert reading.exec_driver_sql("SELECT COUNT(*) FROM t").scalar() == 0
