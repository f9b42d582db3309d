"""Counter items from the command line: planned, loaded, verified and asked; rejected rows are counted, and told."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from migrator.target.local import LocalEngine

from tests.acceptance.commands import migrate

SCHEMA = "CREATE TABLE note (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, points INTEGER NOT NULL, body TEXT);"
QUERIES = "-- name: topics\nSELECT topic, COUNT(*) AS n, SUM(points) AS s FROM note GROUP BY topic ORDER BY topic;\n"


def _plan(folder: Path, table: str, large: int | None = None) -> None:
    with sqlite3.connect(folder / "app.db") as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO note VALUES (?, ?, ?, ?)",
            [(n, f"topic {n % 3}", n % 7, "x" * 500_000 if n == large else "short") for n in range(60)],
        )
    connection.close()
    (folder / "queries.sql").write_text(QUERIES)
    (folder / "migrate.toml").write_text(
        '[limits]\nlisted_rows = 20\nbounded_items = 20\n[accept]\n"item-too-large:NOTE" = "known"\n'
    )
    done = migrate("plan", "app.db", "--queries", "queries.sql", "--table-name", table, cwd=folder)
    assert "1 served, 0 refused" in done.out, done.err + done.out


def test_figures_are_loaded_verified_and_asked(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "counting")
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert done.code == 0, done.err + done.out
    assert "NOTE_TOTALS_BY_TOPIC" in done.out
    assert migrate("verify", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path).code == 0
    asked = migrate("query", "plan", "topics", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert json.loads(asked.out)[0] == {"topic": "topic 0", "n": 20, "s": sum(n % 7 for n in range(0, 60, 3))}


def test_rejected_rows_are_counted_all_the_same_and_the_report_says_so(tmp_path: Path, engine: LocalEngine) -> None:
    _plan(tmp_path, "counting-rejects", large=4)
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, "--allow-rejects", cwd=tmp_path)
    assert done.code == 3, done.err + done.out
    assert "counted in NOTE_TOTALS_BY_TOPIC all the same: 1 rejected row of note" in done.out
    assert "1 equal on both sides" in done.out
    asked = migrate("query", "plan", "topics", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert [row["n"] for row in json.loads(asked.out)] == [20, 20, 20]
