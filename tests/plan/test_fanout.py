"""A changed column that other rows carry as a copy is written anew wherever it is carried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.attributes import Attr
from migrator.design.design import Design, KeyPart, Template

from tests.design.world import Rows
from tests.verify.beside import Beside, beside, with_entity

DDL = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, rank INTEGER NOT NULL);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer, total INTEGER);
CREATE TABLE line (purchase_id INTEGER NOT NULL REFERENCES purchase, no INTEGER NOT NULL, what TEXT,
    PRIMARY KEY (purchase_id, no));
"""
READS = """
-- name: purchases
-- rate: 50
SELECT * FROM purchase WHERE customer_id = :c;
-- name: lines
-- rate: 50
SELECT * FROM line WHERE purchase_id = :p;
-- name: purchase
-- rate: 50
SELECT * FROM purchase WHERE id = :p;
"""
NAME = Attr(("fk_customer_id",), "name")
RANK = Attr(("fk_customer_id",), "rank")
NAME_OF_LINE = Attr(("fk_purchase_id", "fk_customer_id"), "name")


def carrying(design: Design) -> Design:
    """Purchases carry their customer's name and rank and stand in an index by name; lines carry the name."""
    by_name = Template((KeyPart(NAME),), (KeyPart(Attr((), "id")),))
    design = with_entity(
        design, "purchase", lambda one: replace(one, copies=(NAME, RANK), views=(*one.views, ("GSI9", by_name)))
    )
    return with_entity(design, "line", lambda one: replace(one, copies=(NAME_OF_LINE,)))


def shop(folder: Path, sql: str, purchases: int = 3, reads: str = READS) -> Beside:
    rows: Rows = {
        "customer": [(1, "Ann", 5), (2, "Bob", 7)],
        "purchase": [(number, 1 + number % 2, number) for number in range(purchases * 2)],
        "line": [(number, no, "x") for number in range(purchases * 2) for no in range(2)],
    }
    return beside(folder, DDL, f"{reads}\n-- name: w\n{sql}", rows, carrying)


def test_copies_and_the_index_keys_made_of_them_follow_in_one_transaction(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET name = :name WHERE id = :id;")
    assert made.both(id=1, name="Anna").items == 1 + 3 + 6
    assert made.differences() == []
    assert made.writer.sent == {"Transaction": 1}


def test_a_copy_of_null_is_taken_off_the_items_and_out_of_the_index(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET name = :name WHERE id = :id;")
    assert made.both(id=2, name=None).outcome == "done"
    assert made.differences() == []
    assert made.both(id=2, name="Bo").outcome == "done"
    assert made.differences() == []


def test_a_changed_number_is_carried_as_what_it_becomes(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET rank = rank + :n WHERE id = :id;")
    assert made.both(id=1, n=3).items == 1 + 3
    assert made.differences() == []


def test_a_moved_reference_gives_its_own_copies_and_those_below_another_value(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE purchase SET customer_id = :c WHERE id = :id;")
    assert made.both(id=0, c=2).items == 1 + 2
    assert made.differences() == []


def test_more_than_a_transaction_takes_is_written_step_by_step_and_says_so(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET name = :name WHERE id = :id;", purchases=60)
    assert any("written afterwards" in note for note in made.pattern().notes)
    assert "request after request" in made.pattern().assemble
    assert made.both(id=1, name="Anna").outcome == "done"
    assert made.differences() == []
    assert made.writer.sent["Update"] > 100


def test_nothing_is_written_where_the_row_is_not_there(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET name = :name WHERE id = :id;")
    assert made.both(id=99, name="Nobody").outcome == "nothing"
    assert made.differences() == []


def test_units_count_every_item_and_entry_that_is_written(tmp_path: Path) -> None:
    made = shop(tmp_path, "UPDATE customer SET name = :name WHERE id = :id;")
    slots = len(made.plan.entity("PURCHASE").keys) - 1
    lines = len(made.plan.entity("LINE").keys) - 1
    assert made.pattern().write_units == 2 + 3 * (2 + slots + 1) + 6 * (2 + lines)


def test_copies_that_nothing_finds_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="rows of purchase refer to it by customer_id"):
        shop(
            tmp_path,
            "UPDATE customer SET name = :name WHERE id = :id;",
            reads="-- name: purchase\nSELECT * FROM purchase WHERE id = :p;",
        ).pattern()
