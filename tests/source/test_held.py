"""Rows with the rows that belong to them, as one stream: whole however it is cut, and wherever it is taken up."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.unit import Held, Unit, UnitShape
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot

from tests.source.test_snapshot import _all, _units

DDL = """
CREATE TABLE o (a TEXT NOT NULL, b INTEGER NOT NULL, v TEXT, PRIMARY KEY (a, b));
CREATE TABLE l (a TEXT NOT NULL, b INTEGER NOT NULL, n TEXT NOT NULL, w INTEGER, PRIMARY KEY (a, b, n));
"""
HELD = Held("l", ("a", "b", "n"), ("n", "w"), (("a", "a"), ("b", "b")))
SHAPE = UnitShape("o", ("a", "b"), ("a", "b", "v"), holds=HELD)
KEYS = st.tuples(st.sampled_from(["", "a", "A", "b#"]), st.integers(-1, 2))


@settings(max_examples=60, deadline=None)
@given(st.sets(KEYS, max_size=8), st.sets(st.tuples(KEYS, st.sampled_from("xyz")), max_size=20), st.integers(1, 4))
def test_each_row_comes_once_with_all_that_belongs_to_it(
    keys: set[tuple[str, int]], lines: set[tuple[tuple[str, int], str]], per_chunk: int
) -> None:
    held = [((*key, n), index) for index, (key, n) in enumerate(sorted(lines))]
    expected = [
        Unit((*key, None), tuple((row[2], w) for row, w in held if row[:2] == key))
        for key in sorted(keys, key=lambda key: (key[0].encode(), key[1]))
    ]
    with _snapshot(keys, [(*row, w) for row, w in held]) as snapshot:
        assert _all(snapshot, SHAPE, per_chunk) == expected
        for chunk in snapshot.chunks(SHAPE, per_chunk):
            units = _units(snapshot, SHAPE, chunk)
            for place, unit in enumerate(units):
                assert _units(snapshot, SHAPE, chunk, unit.values[:2]) == units[place + 1 :]
        assert set(snapshot.sample(SHAPE, 3)) <= set(expected)


@contextmanager
def _snapshot(keys: set[tuple[str, int]], lines: list[tuple[str, int, str, int]]) -> Iterator[Snapshot]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(DDL)
            connection.executemany("INSERT INTO o VALUES (?, ?, NULL)", sorted(keys))
            connection.executemany("INSERT INTO l VALUES (?, ?, ?, ?)", lines)
            connection.commit()
        with open_source(Location(path=path)) as source, take_snapshot(source, None) as snapshot:
            yield snapshot
