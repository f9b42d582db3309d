"""Literals that no key of their column holds still bound what they bound in SQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from migrator.target.local import LocalEngine

from tests.acceptance.commands import migrate

CONDITIONS = (
    "n < 7.5 ORDER BY n LIMIT 3",
    "n > 2.5 AND n < 7.5 ORDER BY n LIMIT 3",
    "n BETWEEN 2.5 AND 7.5 ORDER BY n",
    "n <= 99999999999999999999 ORDER BY n",
    "n > -99999999999999999999 ORDER BY n DESC LIMIT 4",
    "n >= -5.5 ORDER BY n LIMIT 3",
    "n < 'text' ORDER BY n LIMIT 3",
)


def test_ranges_with_literals_beyond_the_column_answer_as_sql_does(tmp_path: Path, engine: LocalEngine) -> None:
    with sqlite3.connect(tmp_path / "r.db") as connection:
        connection.execute("CREATE TABLE r (id INTEGER PRIMARY KEY, g INT, n INT)")
        connection.executemany("INSERT INTO r VALUES (?, ?, ?)", [(i, i % 3, i - 20) for i in range(1, 40)])
    connection.close()
    blocks = [f"-- name: q{n}\nSELECT id, n FROM r WHERE g = :g AND {c};\n" for n, c in enumerate(CONDITIONS)]
    (tmp_path / "q.sql").write_text("\n".join(blocks))
    planned = migrate("plan", "r.db", "--queries", "q.sql", "--table-name", "literals", cwd=tmp_path)
    assert planned.code == 0, planned.out
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert done.code == 0, done.out
    assert f"{len(CONDITIONS)} equal on both sides" in done.out


@pytest.mark.parametrize("ddl", ["j JSON PRIMARY KEY NOT NULL", "a INT, j JSON, PRIMARY KEY (a, j)"])
def test_a_document_in_a_key_is_refused_by_name(tmp_path: Path, ddl: str) -> None:
    with sqlite3.connect(tmp_path / "j.db") as connection:
        connection.execute(f"CREATE TABLE t (v TEXT, {ddl})")
    connection.close()
    done = migrate("plan", "j.db", cwd=tmp_path)
    assert done.code == 4
    assert "table t" in done.err
    assert "j" in done.err


def test_a_unique_document_is_not_guarded_and_the_plan_says_so(tmp_path: Path, engine: LocalEngine) -> None:
    with sqlite3.connect(tmp_path / "u.db") as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON UNIQUE)")
        connection.execute("""INSERT INTO t VALUES (1, '{"a": 1}'), (2, NULL)""")
    connection.close()
    planned = migrate("plan", "u.db", "--table-name", "documents", cwd=tmp_path)
    assert planned.code == 3
    assert "unique-not-enforced" in (tmp_path / "plan" / "design.md").read_text()
    done = migrate("apply", "plan", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert done.code == 0, done.out + done.err
