"""The source changes between the plan and the load, or after it: nothing is lost, and nothing is passed over."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Command

DDL = """
CREATE TABLE box (id INTEGER PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE thing (box_id INTEGER NOT NULL REFERENCES box (id), no INTEGER NOT NULL, PRIMARY KEY (box_id, no));
INSERT INTO box VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO thing VALUES (1, 1), (2, 1), (2, 2), (3, 1);
"""


def _boxes(folder: Path) -> Path:
    (folder / "migrate.toml").write_text("[tables.thing]\nembed = true\n")
    (folder / "queries.sql").write_text("-- name: things\nSELECT no FROM thing WHERE box_id = :box;\n")
    return _run(folder / "boxes.db", DDL)


def _run(file: Path, sql: str) -> Path:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(sql)
    return file


def test_rows_within_items_whose_parent_has_gone_stop_the_load(migrate: Command, folder: Path, at_engine: str) -> None:
    boxes = _boxes(folder)
    assert migrate("plan", boxes, "--queries", "queries.sql").code == 0
    _run(boxes, "DELETE FROM box WHERE id = 2")
    for stopped in (migrate("apply", "plan", "--dry-run"), migrate("apply", "plan")):
        assert stopped.code == 4, stopped
        assert "2 rows of thing refer to no row of box (the first: box_id=2, no=1)" in stopped.err
    assert "there is no table" in migrate("drop", "plan").out
    _run(boxes, "INSERT INTO box VALUES (2, 'again')")
    assert migrate("apply", "plan").code == 0
    migrate("drop", "plan", "--yes-drop", at_engine)
