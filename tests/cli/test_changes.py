"""Planning over a plan that is there: what it changes is told, or that nothing does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.library import QUERIES


def test_planning_again_tells_what_has_changed(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text(QUERIES)
    first = migrate("plan", "library.db", "--queries", "queries.sql")
    assert "since the plan" not in first.out
    again = migrate("plan", "library.db", "--queries", "queries.sql")
    assert "nothing changed since the plan that was there" in again.out
    assert not (folder / "plan" / "changes.md").exists()
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("ALTER TABLE book ADD COLUMN isbn TEXT")
        connection.commit()
    (folder / "queries.sql").write_text(QUERIES + "-- name: loans_of\nSELECT * FROM loan WHERE reader = :reader;\n")
    changed = migrate("plan", "library.db", "--queries", "queries.sql")
    assert "since the plan that was there" in changed.out
    assert "entity BOOK has the new attribute isbn" in changed.out
    page = (folder / "plan" / "changes.md").read_text()
    assert "| query loans\\_of | is new: " in page or "| query loans_of | is new: " in page
    told = migrate("plan", "library.db", "--queries", "queries.sql", "--json").json()
    assert told["changes"] is None
    assert told["changed"] is False


def test_more_rows_alone_change_no_design(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "queries.sql").write_text(QUERIES)
    migrate("plan", "library.db", "--queries", "queries.sql")
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("INSERT INTO author VALUES (1000, 'x@x.org', 'X')")
        connection.commit()
    again = migrate("plan", "library.db", "--queries", "queries.sql")
    assert "the design is the one that was there" in again.out


def test_a_plan_that_cannot_be_read_is_replaced(migrate: Command, library: Path, folder: Path) -> None:
    (folder / "plan").mkdir()
    (folder / "plan" / "plan.json").write_text("{}")
    (folder / "queries.sql").write_text(QUERIES)
    ended = migrate("plan", "library.db", "--queries", "queries.sql")
    assert ended.code == 0
    assert migrate("apply", "plan", "--dry-run").code == 0
