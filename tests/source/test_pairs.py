"""Pairs of a stored join as the source gives them: each once, in the order of both keys, whatever the chunks."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.stored_join import JoinedColumn, StoredJoin
from migrator.model.unit import UnitShape
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot

from tests.planning import make_database

SCRIPT = """
CREATE TABLE follow(fan TEXT NOT NULL, idol INTEGER NOT NULL, PRIMARY KEY (fan, idol));
CREATE TABLE post(id INTEGER PRIMARY KEY, author INTEGER NOT NULL, body TEXT);
INSERT INTO follow VALUES ('a', 1), ('a', 2), ('b', 1), ('c', 3);
INSERT INTO post VALUES (1, 1, 'x'), (2, 1, NULL), (3, 2, 'y'), (4, 9, 'nobody follows');
"""
SHAPE = UnitShape(
    "follow_post",
    ("fan", "idol", "id"),
    ("fan", "idol", "id", "body"),
    joined=StoredJoin(
        "follow",
        "post",
        (("idol", "author"),),
        (
            JoinedColumn("fan", "left", "fan"),
            JoinedColumn("idol", "left", "idol"),
            JoinedColumn("id", "right", "id"),
            JoinedColumn("body", "right", "body"),
        ),
    ),
)
PAIRS = [("a", 1, 1, "x"), ("a", 1, 2, None), ("a", 2, 3, "y"), ("b", 1, 1, "x"), ("b", 1, 2, None)]


@pytest.mark.parametrize("rows_per_chunk", [1, 2, 3, 100])
def test_each_pair_comes_once_in_the_order_of_both_keys(rows_per_chunk: int, tmp_path: Path) -> None:
    path = make_database(tmp_path / "s.db", SCRIPT)
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as rows:
        found = []
        for chunk in rows.chunks(SHAPE, rows_per_chunk):
            with rows.units(SHAPE, chunk) as units:
                found += [unit.values for unit in units]
        assert found == PAIRS
        (first, *_) = rows.chunks(SHAPE, 100)
        with rows.units(SHAPE, first, after=("a", 1, 2)) as units:
            assert [unit.values for unit in units] == PAIRS[2:]
        assert [unit.values for unit in rows.find(SHAPE, [("b", 1, 2), ("c", 3, 1)])] == PAIRS[-1:]
