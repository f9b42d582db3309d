"""Faults put into rows that live within others' items: each is found, and named by the key of its own table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from migrator.model.settings import TableOverride
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.absent import absent_rows
from migrator.verify.queries import verify_queries
from migrator.verify.report import RowsReport, TableRows
from migrator.verify.rows import verify_rows

from tests.design.world import Rows, make_settings, world
from tests.verify.memory import loaded

DDL = """
CREATE TABLE box (id TEXT PRIMARY KEY, label TEXT NOT NULL UNIQUE);
CREATE TABLE thing (box_id TEXT NOT NULL REFERENCES box (id), no INTEGER NOT NULL, name TEXT, PRIMARY KEY (box_id, no));
"""
QUERIES = "-- name: things\nSELECT no, name FROM thing WHERE box_id = :b;\n"
ROWS: Rows = {
    "box": [(f"B{n}", f"label {n}") for n in range(6)],
    "thing": [(f"B{n}", no, f"thing {no}") for n in range(6) for no in range(n)],
}
Fault = Callable[[dict[str, Any]], object]


@contextmanager
def checked(folder: Path, fault: Fault | None = None) -> Iterator[RowsReport]:
    """The report on a table in whose item of B3 a fault was put."""
    made = world(folder, DDL, QUERIES, ROWS, make_settings(None, (TableOverride("thing", embed=True),)))
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        for identity, item in table.items.items():
            if fault is not None and item["type"]["S"] == "BOX" and item["id"]["S"] == "B3":
                things = {text: {"M": dict(row["M"])} for text, row in item["thing"]["M"].items()}
                fault(things)
                table.items[identity] = {**item, "thing": {"M": things}}
        yield verify_rows(made.plan, snapshot, table, allow_scan=True)


def test_rows_within_are_counted_for_their_own_table(tmp_path: Path) -> None:
    with checked(tmp_path) as report:
        assert report.tables == (TableRows("box", 6, 12, 0, 0, 0), TableRows("thing", 15, 0, 0, 0, 0))
        assert report.clean and report.extra == 0


def _rename(things: dict[str, Any]) -> None:
    things["1"]["M"]["name"] = {"S": "another"}


@pytest.mark.parametrize(
    ("fault", "kind", "key", "attribute", "counts"),
    [
        (lambda things: things.pop("2"), "missing", "box_id=S B3, no=N 2 within id='B3'", None, (1, 0)),
        (_rename, "different", "box_id=S B3, no=N 1 within id='B3'", "name", (0, 1)),
        (lambda things: things.update({"9": things["1"]}), "extra", "9 within id='B3'", None, (0, 1)),
    ],
)
def test_a_fault_within_is_named_by_the_rows_own_key(
    fault: Fault, kind: str, key: str, attribute: str | None, counts: tuple[int, int], tmp_path: Path
) -> None:
    with checked(tmp_path, fault) as report:
        (found,) = report.differences
        assert (found.kind, found.table, found.key, found.attribute) == (kind, "thing", key, attribute)
        box, thing = report.tables
        assert (box.missing, box.different) == (0, 0)
        assert (thing.missing, thing.different) == counts
        assert not report.clean


def test_rows_within_a_rejected_one_are_absent_with_it(tmp_path: Path) -> None:
    made = world(tmp_path, DDL, QUERIES, ROWS, make_settings(None, (TableOverride("thing", embed=True),)))
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        gone = list(absent_rows(made.plan, snapshot, ["box"], lambda _, key: key == "id='B2'", 0.0))
        report = verify_rows(made.plan, snapshot, loaded(made.plan, snapshot), rejected=lambda _, key: key == "id='B2'")
    assert gone == [
        ("box", ("id",), ("B2",)),
        ("thing", ("box_id", "no"), ("B2", 0)),
        ("thing", ("box_id", "no"), ("B2", 1)),
    ]
    assert [(table.rows, table.rejected) for table in report.tables] == [(6, 1), (15, 2)]


SHAPES: dict[str, dict[str, Any] | None] = {
    "nothing": None,
    "a text": {"S": "x"},
    "a list": {"L": [{"M": {"no": {"N": "0"}}}]},
    "no rows": {"M": {}},
    "rows that are lists": {"M": {str(n): {"L": []} for n in range(3)}},
    "rows that are texts": {"M": {str(n): {"S": "x"} for n in range(3)}},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("box", ["B0", "B3"])
def test_whatever_stands_in_place_of_the_rows_is_a_difference(box: str, shape: str, tmp_path: Path) -> None:
    made = world(tmp_path, DDL, QUERIES, ROWS, make_settings(None, (TableOverride("thing", embed=True),)))
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        identity = next(i for i, item in table.items.items() if item["type"]["S"] == "BOX" and item["id"]["S"] == box)
        item = {name: wire for name, wire in table.items[identity].items() if name != "thing"}
        wrong = SHAPES[shape]
        table.items[identity] = item if wrong is None else {**item, "thing": wrong}
        as_it_was = box == "B0" and shape == "no rows"
        assert verify_rows(made.plan, snapshot, table).clean == as_it_was
        verify_queries(made.plan, snapshot, table)


def test_rows_that_no_item_can_hold_are_missing(tmp_path: Path) -> None:
    made = world(tmp_path, DDL, QUERIES, ROWS, make_settings(None, (TableOverride("thing", embed=True),)))
    with closing(sqlite3.connect(made.path)) as connection:
        connection.execute("DELETE FROM box WHERE id = 'B3'")
        connection.commit()
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        report = verify_rows(made.plan, snapshot, loaded(made.plan, snapshot))
    assert report.tables == (TableRows("box", 5, 10), TableRows("thing", 15, 0, missing=3))
    (found,) = report.differences
    assert (found.kind, found.table, found.key) == ("missing", "thing", "3 whose box_id names no row")
    assert not report.clean
