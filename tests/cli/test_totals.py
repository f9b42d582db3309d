"""Rows are rows of the source, wherever they are counted; the commands that follow are shown ready to be pasted."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from migrator.model.counted import plural
from migrator.target.local import LocalEngine

from tests.cli.conftest import Command, Ended

DDL = """
CREATE TABLE box (id INTEGER PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE thing (box_id INTEGER NOT NULL REFERENCES box (id), no INTEGER NOT NULL, PRIMARY KEY (box_id, no));
CREATE TABLE visit (id INTEGER PRIMARY KEY, place TEXT NOT NULL);
INSERT INTO box VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO thing VALUES (1, 1), (2, 1), (2, 2), (3, 1);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
INSERT INTO visit SELECT i, 'p' || (i % 2) FROM n;
"""
QUERIES = """
-- name: things
SELECT no FROM thing WHERE box_id = :box;

-- name: visits_of_place
-- rate: 50
SELECT COUNT(*) FROM visit WHERE place = :place;
"""


def _boxes(folder: Path) -> Path:
    (folder / "migrate.toml").write_text("[tables.thing]\nembed = true\n")
    (folder / "queries.sql").write_text(QUERIES)
    with closing(sqlite3.connect(folder / "boxes.db")) as connection:
        connection.executescript(DDL)
    return folder / "boxes.db"


def test_a_load_says_one_number_of_rows_before_during_and_after_it(
    migrate: Command, folder: Path, at_engine: str
) -> None:
    """Rows within items are rows; groups that are counted are items, and no rows."""
    planned = migrate("plan", _boxes(folder), "--queries", "queries.sql")
    assert "3 tables, 907 rows" in planned.out, planned
    assert "would load 907 rows as 905 items and reject 0 rows" in migrate("apply", "plan", "--dry-run").out
    loaded = migrate("apply", "plan", "--no-verify").out
    assert re.search(r"^total +907 +905 +0", loaded, re.MULTILINE), loaded
    again = migrate("apply", "plan").out
    assert "was loaded already" in again and re.search(r"^total +907 +905 +0", again, re.MULTILINE), again
    assert re.search(r"^thing +4 +0 +0", again, re.MULTILINE), again
    assert "rows     907 compared" in migrate("verify", "plan").out
    done = migrate("apply", "plan").out
    assert "verified already" in done and re.search(r"^total +907 +905 +0", done, re.MULTILINE), done
    assert "verified by this plan: 907 rows as 905 items" in migrate("drop", "plan", "--yes-drop", at_engine).err


def test_the_next_command_is_shown_with_what_was_said_of_source_settings_and_endpoint(
    migrate: Command, folder: Path, engine: LocalEngine, table_name: str
) -> None:
    boxes = _boxes(folder)
    (folder / "migrate.toml").rename(folder / "my settings.toml")
    planned = migrate("plan", boxes, "--config", "my settings.toml", "--table-name", table_name)
    assert "then `migrate apply plan/plan.json --config 'my settings.toml'`" in planned.out
    boxes.rename(folder / "moved.db")
    said = ("--source", "moved.db", "--endpoint-url", engine.endpoint, "--region", "eu-west-1")
    early = migrate("verify", "plan", *said)
    assert early.code == 4 and _command(early.err, "next: run ")[2:] == list(said)
    dry = migrate("apply", "plan", "--dry-run", *said)
    assert dry.code == 0, dry
    assert _pasted(migrate, dry.out, "next: ", "--no-verify").code == 0
    loaded = migrate("apply", "plan", *said, "--no-verify")
    verified = migrate("verify", "plan", *said)
    for shown, before in ((loaded.out, "not verified: "), (verified.out, "next: ")):
        assert _pasted(migrate, shown, before).code == 0, shown
    migrate("drop", "plan", "--yes-drop", table_name, *said[2:])


def _command(shown: str, before: str) -> list[str]:
    found = re.search(re.escape(before) + "`migrate ([^`]+)`", shown)
    assert found, shown
    return shlex.split(found.group(1))


def _pasted(migrate: Command, shown: str, before: str, *more: str) -> Ended:
    return migrate(*_command(shown, before), *more)


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "row", "1 row"),
        (0, "row", "0 rows"),
        (1.2, "write unit", "1 write unit"),
        (3, "query", "3 queries"),
        (2, "index", "2 indexes"),
    ],
)
def test_one_is_said_otherwise_than_many(number: float, noun: str, said: str) -> None:
    assert plural(number, noun) == said
