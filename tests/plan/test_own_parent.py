"""A row that refers to itself carries what it would read of itself: it never keeps what it held before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.attributes import Attr

from tests.verify.beside import Beside, beside, with_entity

DDL = "CREATE TABLE e (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES e, name TEXT, rank INTEGER);"
READS = "-- name: below\n-- rate: 50\nSELECT * FROM e WHERE boss = :b;\n-- name: w\n"
BOSS = Attr(("fk_boss",), "name")
GRAND = Attr(("fk_boss", "fk_boss"), "name")
ITSELF = "no row of E is there, other than the one that is written"


def staff(folder: Path, sql: str, *copies: Attr) -> Beside:
    """Rows carry the name of the row that they refer to, and of the one beyond."""
    rows = {"e": [(1, 1, "a", 1), (2, 1, "b", 2), (3, 2, "c", 3), (4, None, "d", 4)]}
    return beside(
        folder, DDL, READS + sql, rows, lambda design: with_entity(design, "e", lambda one: replace(one, copies=copies))
    )


def test_a_row_that_comes_to_refer_to_itself_and_changes_what_it_carries_is_not_written(tmp_path: Path) -> None:
    made = staff(tmp_path, "UPDATE e SET boss = :b, name = :n WHERE id = :id;", BOSS)
    before = dict(made.table.items)
    told = made.perform(id=4, b=4, n="z")
    assert (told.outcome, told.told) == ("blocked", ITSELF)
    assert made.table.items == before
    assert made.both(id=4, b=3, n="z").outcome == "done"
    assert made.differences() == []


def test_a_way_of_two_steps_over_the_changed_reference_itself_is_not_taken(tmp_path: Path) -> None:
    made = staff(tmp_path, "UPDATE e SET boss = :b WHERE id = :id;", BOSS, GRAND)
    assert made.perform(id=4, b=4).told == ITSELF
    assert made.both(id=4, b=1).outcome == "done", "a row that refers to itself, but is not the one that is written"
    assert made.differences() == []


def test_a_row_may_come_to_refer_to_itself_where_what_it_carries_stays(tmp_path: Path) -> None:
    made = staff(tmp_path, "UPDATE e SET boss = :b, rank = :n WHERE id = :id;", BOSS)
    assert [made.both(id=number, b=number, n=9).outcome for number in (4, 1)] == ["done", "done"]
    assert made.differences() == []


def test_the_plan_says_what_becomes_of_such_a_row(tmp_path: Path) -> None:
    pattern = staff(tmp_path, "UPDATE e SET boss = :b, name = :n WHERE id = :id;", BOSS).pattern()
    assert any("where the row of e refers to itself (by fk_boss), nothing is written" in note for note in pattern.notes)


def test_rows_that_may_carry_columns_of_each_other_are_not_changed_together(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="which carry columns of each other that it changes too"):
        staff(tmp_path, "UPDATE e SET boss = :b, name = :n WHERE boss = :old;", BOSS).pattern()
