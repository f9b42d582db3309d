"""Second items of rows: what they hold, what writes them, and that the plan says why they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.design.test_decisions import assert_answers
from tests.design.world import World, world
from tests.verify.beside import beside

DOCUMENTS = """
CREATE TABLE document(id INTEGER PRIMARY KEY, shelf TEXT NOT NULL, title TEXT NOT NULL, body TEXT,
  reads INTEGER NOT NULL);
"""
WRITES = """
-- name: document
-- rate: 5
SELECT * FROM document WHERE id = :id;
-- name: count_read
-- rate: 50
UPDATE document SET reads = reads + 1 WHERE id = :id;
-- name: rename
-- rate: 0.1
UPDATE document SET title = :title WHERE id = :id;
-- name: write
-- rate: 0.1
INSERT INTO document (id, shelf, title, body, reads) VALUES (:id, :shelf, :title, :body, 0);
"""
ROWS = {"document": [(n, f"s{n % 5}", f"title {n}", "text " * 600, n) for n in range(60)]}


def shelves(folder: Path, select: str, rate: str = "1", consistency: str = "strong") -> World:
    read = f"-- name: shelf\n-- rate: {rate}\n-- consistency: {consistency}\n{select};\n"
    made = world(folder, DOCUMENTS, read + WRITES, ROWS)
    assert_answers(made)
    return made


def held(made: World) -> set[str]:
    return {attribute.name for attribute in made.plan.entity("DOCUMENT_BY_SHELF").attributes}


def test_a_second_item_holds_what_its_query_looks_at_beside_a_hot_column(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT id, title FROM document WHERE shelf = :shelf")
    assert held(made) == {"id", "shelf", "title"}
    assert made.operations("shelf") == [("Query", None)]
    assert made.pattern("shelf").requests[0].consistent


def test_a_change_of_what_a_second_item_does_not_hold_writes_the_row_alone(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT id, title FROM document WHERE shelf = :shelf")
    assert made.operations("count_read") == [("UpdateItem", None)]
    assert made.operations("rename")[-1] == ("TransactWriteItems", None)
    assert made.operations("write")[-1] == ("TransactWriteItems", None)


def test_whole_rows_are_read_by_the_keys_of_second_items_where_they_are_dear_to_keep(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT * FROM document WHERE shelf = :shelf", rate="1/day")
    assert held(made) == {"id", "shelf"}
    assert made.operations("shelf") == [("Query", None), ("BatchGetItem", None)]
    assert all(request.consistent for request in made.pattern("shelf").requests)


def test_whole_rows_stand_in_second_items_where_they_are_read_often(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT * FROM document WHERE shelf = :shelf", rate="2000")
    assert held(made) == {"id", "shelf", "title", "body", "reads"}
    assert made.operations("shelf") == [("Query", None)]


def test_the_plan_says_which_strong_read_a_second_item_is_there_for_and_what_it_costs(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT id, title FROM document WHERE shelf = :shelf")
    (hazard,) = (hazard for hazard in made.plan.hazards if hazard.code == "second-item")
    ((_, usd),) = made.design.entity("document").edge_usd
    assert hazard.entity == "DOCUMENT_BY_SHELF"
    assert hazard.message.startswith("each row of document has a second item")
    assert f"${usd:,.2f} a month" in hazard.message and "shelf asks for strong consistency" in hazard.message
    assert hazard.approve_with is None


def test_an_eventual_read_causes_no_second_item(tmp_path: Path) -> None:
    made = shelves(tmp_path, "SELECT id, title FROM document WHERE shelf = :shelf", consistency="eventual")
    assert [hazard for hazard in made.plan.hazards if hazard.code == "second-item"] == []
    assert made.indexes() == 1


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("UPDATE document SET shelf = :shelf, body = :body WHERE id = :id", {"id": 3, "shelf": "s9", "body": "new"}),
        ("UPDATE document SET title = :title, reads = 0 WHERE id = :id", {"id": 3, "title": "new"}),
        ("UPDATE document SET reads = :reads WHERE id = :id", {"id": 3, "reads": 7}),
        ("UPDATE document SET reads = 0 WHERE shelf = :shelf", {"shelf": "s2"}),
        ("DELETE FROM document WHERE shelf = :shelf", {"shelf": "s2"}),
    ],
)
def test_second_items_that_hold_less_follow_their_rows(tmp_path: Path, sql: str, values: dict[str, Any]) -> None:
    read = "-- name: shelf\n-- consistency: strong\nSELECT id, title FROM document WHERE shelf = :shelf;\n"
    made = beside(tmp_path, DOCUMENTS, f"{read}{WRITES}\n-- name: w\n{sql};", ROWS)
    assert {attribute.name for attribute in made.plan.entity("DOCUMENT_BY_SHELF").attributes} == {
        "id",
        "shelf",
        "title",
    }
    assert made.both(**values).outcome == "done"
    assert made.differences() == []
