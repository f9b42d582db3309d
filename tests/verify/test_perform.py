"""What planned writes do, case by case, beside what their SQL does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.document import dump, load
from migrator.verify.perform import Performed, perform

from tests.design.world import Rows
from tests.verify.beside import Beside, beside

DDL = """
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    email TEXT COLLATE NOCASE UNIQUE,
    name TEXT,
    team TEXT NOT NULL DEFAULT 'none',
    points INTEGER NOT NULL DEFAULT 0,
    bonus INTEGER,
    expires_at DATETIME
);
CREATE TABLE badge (person_id INTEGER NOT NULL REFERENCES person, no INTEGER NOT NULL, label TEXT, weight REAL,
    PRIMARY KEY (person_id, no));
"""
ANN = ("PERSON#1", "PERSON#")
READS = """
-- name: person
-- rate: 20
SELECT * FROM person WHERE id = :id;
-- name: of_team
-- rate: 20
SELECT * FROM person WHERE team = :team ORDER BY points DESC LIMIT 5;
-- name: badges
-- rate: 20
SELECT b.*, p.name FROM badge b JOIN person p ON p.id = b.person_id WHERE b.person_id = :p;
"""


def club(folder: Path, sql: str) -> Beside:
    rows: Rows = {
        "person": [
            (1, "ann@x.org", "Ann", "red", 3, None, "2030-01-01 00:00:00"),
            (2, "BOB@x.org", "Bob", "red", 5, 2, None),
            (3, None, None, "blue", 0, None, None),
        ],
        "badge": [(person, no, f"b{no}", no / 2) for person in (1, 2) for no in range(4)],
    }
    return beside(folder, DDL, f"{READS}\n-- name: w\n{sql}", rows)


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("a new row, its defaults among them", "INSERT INTO person (id, email) VALUES (:id, :e);",
     {"id": 9, "e": "new@x.org"}, "done"),
    ("a key that is taken", "INSERT INTO person (id, email) VALUES (:id, :e);", {"id": 1, "e": "new@x.org"}, "taken"),
    ("a unique value in another case", "INSERT INTO person (id, email) VALUES (:id, :e);",
     {"id": 9, "e": "Ann@X.org"}, "taken"),
    ("no unique value", "INSERT INTO person (id, email) VALUES (:id, :e);", {"id": 9, "e": None}, "done"),
    ("NULL where none may be", "INSERT INTO person (id, team) VALUES (:id, :t);", {"id": 9, "t": None}, "blocked"),
    ("two rows of one key", "INSERT INTO badge (person_id, no) VALUES (:p, :a), (:p, :b);",
     {"p": 1, "a": 9, "b": 9}, "taken"),
    ("rows of which one is there", "INSERT OR IGNORE INTO badge (person_id, no) VALUES (:p, :a), (:p, :b);",
     {"p": 1, "a": 1, "b": 9}, "done"),
    ("a row over another that holds its value", "REPLACE INTO person (id, email, team) VALUES (:id, :e, 'red');",
     {"id": 3, "e": "new@x.org"}, "done"),
    ("an upsert that makes the row",
     "INSERT INTO person (id, email, points) VALUES (:id, :e, :n) "
     "ON CONFLICT (id) DO UPDATE SET points = points + excluded.points, email = excluded.email;",
     {"id": 9, "e": "new@x.org", "n": 4}, "done"),
    ("an upsert that moves keys and guard of the row",
     "INSERT INTO person (id, email, points) VALUES (:id, :e, :n) "
     "ON CONFLICT (id) DO UPDATE SET points = points + excluded.points, email = excluded.email;",
     {"id": 1, "e": "new@x.org", "n": 4}, "done"),
    ("an upsert onto a taken value",
     "INSERT INTO person (id, email) VALUES (:id, :e) ON CONFLICT (id) DO UPDATE SET email = excluded.email;",
     {"id": 1, "e": "bob@x.org"}, "taken"),
    ("index keys that move", "UPDATE person SET team = :t, points = points - :n WHERE id = :id;",
     {"id": 2, "t": "blue", "n": 1}, "done"),
    ("a unique value that changes its case alone", "UPDATE person SET email = :e WHERE id = :id;",
     {"id": 1, "e": "ANN@x.org"}, "done"),
    ("a unique value that is taken", "UPDATE person SET email = :e WHERE id = :id;", {"id": 1, "e": "bob@x.org"},
     "taken"),
    ("a unique value given up", "UPDATE person SET email = :e WHERE id = :id;", {"id": 1, "e": None}, "done"),
    ("a unique value taken up", "UPDATE person SET email = :e WHERE id = :id;", {"id": 3, "e": "c@x.org"}, "done"),
    ("a row by its unique value, in another case", "UPDATE person SET name = :n WHERE email = :e;",
     {"e": "Bob@x.org", "n": "x"}, "done"),
    ("a unique value that nobody has", "UPDATE person SET name = :n WHERE email = :e;", {"e": "?", "n": "x"},
     "nothing"),
    ("no unique value to find a row by", "UPDATE person SET name = :n WHERE email = :e;", {"e": None, "n": "x"},
     "nothing"),
    ("a unique value that finds the row which gives it up", "UPDATE person SET email = :f WHERE email = :e;",
     {"e": "ann@x.org", "f": "a@x.org"}, "done"),
    ("a unique value of a row that fails another condition", "DELETE FROM person WHERE email = :e AND points > :n;",
     {"e": "ann@x.org", "n": 3}, "nothing"),
    ("rows by a list of unique values", "UPDATE person SET points = 9 WHERE email IN (:e, :f, :g);",
     {"e": "ann@x.org", "f": "bob@x.org", "g": "?"}, "done"),
    ("a time to live that ends", "UPDATE person SET expires_at = :e WHERE id = :id;", {"id": 1, "e": None}, "done"),
    ("a time to live that begins", "UPDATE person SET expires_at = :e WHERE id = :id;",
     {"id": 2, "e": "2031-05-05 10:00:00"}, "done"),
    ("arithmetic on NULL", "UPDATE person SET bonus = bonus + :n WHERE id = :id;", {"id": 1, "n": 1}, "done"),
    ("texts joined", "UPDATE person SET name = name || :s WHERE id = :id;", {"id": 1, "s": "!"}, "done"),
    ("a row that is not there", "UPDATE person SET name = :n WHERE id = :id;", {"id": 77, "n": "x"}, "nothing"),
    ("a condition that fails", "UPDATE badge SET label = :l WHERE person_id = :p AND no = :n AND weight > :w;",
     {"p": 1, "n": 1, "l": "x", "w": 1.0}, "nothing"),
    ("a condition that only the program can check",
     "UPDATE badge SET label = :l WHERE person_id = :p AND no = :n AND label NOT LIKE :x || '%';",
     {"p": 1, "n": 1, "l": "x", "x": "c"}, "done"),
    ("a list of keys, one of them twice, one not there", "DELETE FROM person WHERE id IN (:a, :b, :c);",
     {"a": 3, "b": 3, "c": 77}, "done"),
    ("a list of parents", "DELETE FROM badge WHERE person_id IN (:a, :b);", {"a": 1, "b": 2}, "done"),
    ("a range among those found", "UPDATE badge SET label = :l WHERE person_id = :p AND no >= :n AND weight < :w;",
     {"p": 2, "n": 1, "w": 1.5, "l": "low"}, "done"),
    ("rows found by an index, whose keys move in it", "UPDATE person SET points = :n WHERE team = :t;",
     {"t": "red", "n": 8}, "done"),
    ("a row and one that refers to it, at once",
     "INSERT INTO person (id, email) VALUES (:id, :e);\nINSERT INTO badge (person_id, no) VALUES (:id, :no);",
     {"id": 9, "e": "n@x.org", "no": 1}, "done"),
    ("two statements, each on a row", "UPDATE badge SET label = :l WHERE person_id = :p AND no = :n;\n"
     "UPDATE person SET points = points + 1 WHERE id = :p;", {"p": 1, "n": 2, "l": "won"}, "done"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sql", "values", "outcome"), CASES, ids=[case[0] for case in CASES])
def test_the_table_follows_the_source(
    what: str, sql: str, values: dict[str, Any], outcome: str, tmp_path: Path
) -> None:
    made = club(tmp_path, sql)
    assert made.both(**values).outcome == outcome
    assert made.differences() == []


def test_a_guard_item_finds_the_row_where_no_index_does(tmp_path: Path) -> None:
    made = club(tmp_path, "DELETE FROM person WHERE email = :e;")
    pattern = made.plan.pattern("w")
    assert [request.operation for request in pattern.requests] == ["GetItem", "GetItem", "TransactWriteItems"]
    assert pattern.requests[0].entities == ("PERSON_UNIQUE_EMAIL",)
    assert len(made.plan.indexes) == 1


def test_of_several_statements_none_is_done_when_one_finds_no_row(tmp_path: Path) -> None:
    made = club(
        tmp_path,
        "INSERT INTO badge (person_id, no) VALUES (:p, :new);\n"
        "UPDATE person SET points = points + 1 WHERE id = :other;",
    )
    before = dict(made.table.items)
    assert made.perform(p=1, new=9, other=77).outcome == "nothing"
    assert made.table.items == before


def test_a_row_that_changed_since_it_was_read_is_not_written(tmp_path: Path) -> None:
    made = club(tmp_path, "UPDATE person SET team = :t WHERE id = :id;")
    read = dict(made.table.items[ANN])

    class Stale:
        """Gives the person as it was before someone else gave it points."""

        def __getattr__(self, name: str) -> Any:
            return getattr(made.table, name)

        def get_batch(self, keys: Any) -> Any:
            return [read]

    made.table.items[ANN] = {**read, "points": {"N": "4"}}
    told = perform(made.plan, made.pattern(), {"id": 1, "t": "blue"}, Stale(), made.writer)
    assert told.outcome == "changed"


def test_nothing_is_asked_or_sent_for_a_key_that_is_null(tmp_path: Path) -> None:
    made = club(tmp_path, "UPDATE badge SET label = :l WHERE person_id = :p AND no = :n;")
    assert made.perform(p=None, n=1, l="x") == Performed("nothing")
    assert not made.writer.sent


def test_a_parameter_that_the_plan_adds_is_named_in_it(tmp_path: Path) -> None:
    made = club(tmp_path, "INSERT INTO person (email, name) VALUES (:e, :n);")
    added = [p.use for p in made.pattern().parameters if p.use.name not in ("e", "n")]
    assert [(use.name, use.table, use.column) for use in added] == [("id", "person", "id")]
    assert made.perform(e="q@x.org", n="Q", id=50).outcome == "done"


def test_the_clock_of_the_writer_is_a_parameter_that_no_other_is_named_like(tmp_path: Path) -> None:
    made = club(tmp_path, "UPDATE person SET expires_at = CURRENT_TIMESTAMP, name = :now WHERE id = :id;")
    (clock,) = [p.use.name for p in made.pattern().parameters if p.use.name not in ("now", "id")]
    told = made.perform(id=1, now="Now", **{clock: "2032-01-01 00:00:00"})
    item = made.table.items[ANN]
    assert told.outcome == "done"
    assert (item["name"], item["ttl"]) == ({"S": "Now"}, {"N": "1956528000"})


def test_a_plan_read_back_performs_the_same(tmp_path: Path) -> None:
    made = club(tmp_path, "UPDATE person SET email = :e, points = points + :n WHERE id = :id;")
    made.plan = load(dump(made.plan), "plan.json")
    assert made.both(id=1, e="z@x.org", n=2).outcome == "done"
    assert made.differences() == []


def test_a_plan_that_forgets_an_index_key_is_found_out(tmp_path: Path) -> None:
    made = club(tmp_path, "UPDATE person SET points = :n WHERE id = :id;")
    request = made.pattern().requests[-1]
    (action,) = request.actions
    forgetful = replace(action, assignments=tuple(a for a in action.assignments if a.how != "key"))
    pattern = replace(made.pattern(), requests=(made.pattern().requests[0], replace(request, actions=(forgetful,))))
    kept = tuple(pattern if one.name == "w" else one for one in made.plan.access_patterns)
    made.plan = replace(made.plan, access_patterns=kept)
    assert made.both(id=1, n=40).outcome == "done"
    assert any("SK" in one for one in made.differences())
