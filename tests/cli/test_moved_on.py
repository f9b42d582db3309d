"""The source changes between the plan and the load, or after it: nothing is lost, and nothing is passed over."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

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


def test_a_loaded_table_is_not_called_equal_to_a_source_that_has_changed(
    migrate: Command, folder: Path, at_engine: str
) -> None:
    boxes = _boxes(folder)
    migrate("plan", boxes, "--queries", "queries.sql")
    assert migrate("apply", "plan").code == 0
    assert migrate("apply", "plan", "--reconcile").code == 0, "nothing has changed"
    _run(boxes, "UPDATE box SET label = 'new' WHERE id = 1")
    for stopped in (migrate("apply", "plan", "--reconcile"), migrate("apply", "plan", "--reconcile", "--dry-run")):
        assert stopped.code == 4, stopped
        assert "--reconcile is for a load that has not ended" in stopped.err
    assert migrate("apply", "plan").code == 0, "nothing was asked of it"
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_more_bad_rows_than_allowed_stop_the_load_before_anything_is_made(
    migrate: Command, folder: Path, at_engine: str
) -> None:
    boxes = _boxes(folder)
    migrate("plan", boxes, "--queries", "queries.sql")
    _run(boxes, "UPDATE box SET label = hex(zeroblob(250000)) WHERE id < 3")
    for dry in ([], ["--dry-run"]):
        stopped = migrate("apply", "plan", "--allow-rejects", "--max-rejects", 1, *dry)
        assert stopped.code == 4, stopped
        told = "2 rows cannot be loaded, and with them 3 rows within their items, and --max-rejects allows 1"
        assert f"{told}; nothing was written" in stopped.err
        assert "box (id=1): its item BOX would take" in stopped.err
    assert "there is no table" in migrate("drop", "plan").out
    assert migrate("apply", "plan", "--allow-rejects", "--max-rejects", 2).code == 3
    migrate("drop", "plan", "--yes-drop", at_engine)


@pytest.mark.parametrize(
    "options",
    [
        ["--restart", "--reconcile"],
        ["--only-rejects", "rejects.ndjson", "--dry-run"],
        ["--only-rejects", "rejects.ndjson", "--restart"],
        ["--only-rejects", "rejects.ndjson", "--reconcile"],
    ],
)
def test_no_option_is_passed_over_in_silence(options: list[str], migrate: Command, folder: Path) -> None:
    migrate("plan", _boxes(folder), "--queries", "queries.sql")
    refused = migrate("apply", "plan", *options)
    assert refused.code == 2, refused
    assert options[-1] in refused.err
