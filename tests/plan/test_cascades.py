"""What ON DELETE says is performed by the write: the database no longer does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.settings import Limits

from tests.design.world import Rows, make_settings, world
from tests.verify.beside import Beside, beside

DDL = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE post (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE,
    author_id INTEGER NOT NULL REFERENCES author ON DELETE CASCADE);
CREATE TABLE comment (post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE, no INTEGER NOT NULL, body TEXT,
    PRIMARY KEY (post_id, no));
CREATE TABLE note (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author ON DELETE SET NULL, body TEXT);
"""
QUERIES = """
-- name: notes
-- rate: 20
SELECT * FROM note WHERE author_id = :a ORDER BY id LIMIT 10;
-- name: w
DELETE FROM author WHERE id = :id;
"""


def blog(folder: Path, posts: int = 2, queries: str = QUERIES, ddl: str = DDL) -> Beside:
    rows: Rows = {
        "author": [(1, "a"), (2, "b"), (3, "c")],
        "post": [(number, f"slug{number}", 1 + number % 2) for number in range(posts * 2)],
        "comment": [(number, no, "x") for number in range(posts * 2) for no in range(3)],
        "note": [(number, (None, 1, 2)[number % 3], "n") for number in range(9)],
    }
    return beside(folder, ddl, queries, rows)


def test_children_and_their_children_go_with_the_row_in_one_transaction(tmp_path: Path) -> None:
    made = blog(tmp_path)
    told = made.both(id=1)
    assert (told.outcome, made.writer.sent) == ("done", {"Transaction": 1})
    assert told.items == 1 + 2 * (1 + 1) + 2 * 3 + 3, "the author, posts with their guards, comments, notes set NULL"
    assert made.differences() == []


def test_a_row_that_is_not_there_takes_nothing_with_it(tmp_path: Path) -> None:
    made = blog(tmp_path)
    assert made.both(id=99).outcome == "nothing"
    assert made.differences() == []


def test_the_design_gets_what_finds_the_children(tmp_path: Path) -> None:
    made = world(tmp_path, DDL, "-- name: w\nDELETE FROM author WHERE id = :id;")
    assert made.pattern("w").status == "served"
    assert made.indexes() == 1


def test_more_children_than_a_transaction_takes_go_first_and_the_parent_last(tmp_path: Path) -> None:
    made = blog(tmp_path, posts=40)
    pattern = made.pattern()
    assert pattern.requests[-1].entities == ("AUTHOR",)
    assert any("written first, each in a request of its own" in note for note in pattern.notes)
    assert made.both(id=2).outcome == "done"
    assert made.differences() == []


def test_a_cascade_that_was_stopped_is_done_by_the_same_call_again(tmp_path: Path) -> None:
    made = blog(tmp_path, posts=40)
    gone = [key for key, item in made.table.items.items() if item["type"]["S"] == "COMMENT"][:50]
    kept = {key: made.table.items.pop(key) for key in gone}
    assert made.both(id=1).outcome == "done"
    made.table.items.update({key: item for key, item in kept.items() if int(item["post_id"]["N"]) % 2})
    assert made.differences() == []


def test_restrict_keeps_the_row_as_long_as_others_refer_to_it(tmp_path: Path) -> None:
    ddl = DDL.replace("REFERENCES author ON DELETE CASCADE", "REFERENCES author ON DELETE RESTRICT")
    made = blog(tmp_path, ddl=ddl)
    told = made.both(id=1)
    assert (told.outcome, told.told) == ("blocked", "rows of POST refer to it")
    assert made.both(id=3).outcome == "done"
    assert made.differences() == []


def test_no_declared_action_leaves_the_children_and_says_so(tmp_path: Path) -> None:
    ddl = "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a);"
    made = world(tmp_path, ddl, "-- name: w\nDELETE FROM a WHERE id = :id;")
    assert any("rows of b that refer to it stay" in note for note in made.pattern("w").notes)
    assert len(made.pattern("w").requests) == 1


NODE = """
-- name: below
-- rate: 20
SELECT * FROM node WHERE up = :u;
-- name: w
DELETE FROM node WHERE id = :id;
"""


@pytest.mark.parametrize("action", ["SET NULL", "SET DEFAULT"])
def test_rows_that_refer_to_a_row_of_their_own_table_let_it_go(action: str, tmp_path: Path) -> None:
    ddl = f"CREATE TABLE node(id INTEGER PRIMARY KEY, up INTEGER DEFAULT NULL REFERENCES node ON DELETE {action});"
    rows: Rows = {"node": [(1, None), (2, 1), (3, 1), (4, 2), (5, 5)]}
    made = beside(tmp_path, ddl, NODE, rows)
    for number, items in ((1, 3), (5, 1), (4, 1)):
        told = made.both(id=number)
        assert (told.outcome, told.items) == ("done", items)
        assert made.differences() == []


def test_a_row_of_the_same_table_may_restrict_a_deletion(tmp_path: Path) -> None:
    ddl = "CREATE TABLE node(id INTEGER PRIMARY KEY, up INTEGER REFERENCES node ON DELETE RESTRICT);"
    made = beside(tmp_path, ddl, NODE, {"node": [(1, None), (2, 1)]})
    assert [made.both(id=number).outcome for number in (1, 2, 1)] == ["blocked", "done", "done"]
    assert made.differences() == []


@pytest.mark.parametrize("indexes", [1, 0])
def test_a_row_that_refers_to_itself_does_not_restrict_its_own_deletion(indexes: int, tmp_path: Path) -> None:
    ddl = "CREATE TABLE node(id INTEGER PRIMARY KEY, up INTEGER REFERENCES node ON DELETE RESTRICT);"
    settings = make_settings(Limits(max_indexes=indexes))
    made = beside(tmp_path, ddl, NODE, {"node": [(1, 1), (2, 2), (3, 2)]}, settings=settings)
    assert sum(entity.kind == "edge" for entity in made.plan.entities) == 1 - indexes
    told = [made.both(id=number) for number in (1, 2, 3, 2)]
    assert [one.outcome for one in told] == ["done", "blocked", "done", "done"]
    assert told[1].told == "other rows of NODE refer to it"
    assert made.differences() == []


def test_a_default_that_may_refer_to_nothing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    ddl = """CREATE TABLE a(id INTEGER PRIMARY KEY);
    CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER DEFAULT 7 REFERENCES a ON DELETE SET DEFAULT);"""
    queries = "-- name: of\nSELECT * FROM b WHERE a_id = :a;\n-- name: w\nDELETE FROM a WHERE id = :id;"
    told = world(tmp_path, ddl, queries).pattern("w")
    assert told.reason and "b declares ON DELETE SET DEFAULT" in told.reason
    assert told.way_out and "point the rows of b elsewhere first" in told.way_out


def test_a_cascade_without_end_is_refused(tmp_path: Path) -> None:
    ddl = "CREATE TABLE tree(id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree ON DELETE CASCADE);"
    pattern = world(tmp_path, ddl, "-- name: w\nDELETE FROM tree WHERE id = :id;").pattern("w")
    assert pattern.reason and "leads from tree to itself" in pattern.reason
    assert pattern.way_out and "level by level" in pattern.way_out


def test_a_reference_that_cannot_be_null_is_not_set_null(tmp_path: Path) -> None:
    ddl = """CREATE TABLE a(id INTEGER PRIMARY KEY);
    CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a ON DELETE SET NULL);"""
    pattern = world(tmp_path, ddl, "-- name: w\nDELETE FROM a WHERE id = :id;").pattern("w")
    assert pattern.reason and "cannot be NULL" in pattern.reason


def test_replace_does_not_cascade(tmp_path: Path) -> None:
    ddl = """CREATE TABLE a(id INTEGER PRIMARY KEY, v TEXT);
    CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a ON DELETE CASCADE);"""
    pattern = world(tmp_path, ddl, "-- name: w\nREPLACE INTO a(id, v) VALUES (:id, :v);").pattern("w")
    assert pattern.reason and "REPLACE deletes the row first" in pattern.reason
