"""Groups of rows as a stream: chunks, resumption, exact sums, and values that cannot be added."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.unit import Chunk, Measure, RowValue, Unit, UnitShape, Unsummable
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot

from tests.source.test_snapshot import _all, _database, _units

DDL = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER NOT NULL, v INTEGER, d DECIMAL(10,2))"
INSERT = "INSERT INTO t(a, b, v, d) VALUES (?, ?, ?, ?)"
MEASURES = (Measure("count"), Measure("sum", "v"), Measure("count", "v"), Measure("sum", "d"))
BY_BOTH = UnitShape("t", ("a", "b"), ("a", "b"), gathered=MEASURES, name="T_TOTALS")
WHOLE = UnitShape("t", (), (), gathered=MEASURES, name="T_ALL")
ROW = st.tuples(
    st.sampled_from(["", "a", "A", "b#"]),
    st.integers(-1, 2),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-5, 5) | st.sampled_from([0.1, 0.2, 1e100, -0.3]),
)


def _by_hand(rows: list[tuple[RowValue, ...]], width: int) -> list[Unit]:
    groups: dict[tuple[RowValue, ...], list[tuple[RowValue, ...]]] = defaultdict(list)
    for row in rows:
        groups[row[:width]].append(row)
    made = []
    for key, members in sorted(groups.items(), key=lambda pair: tuple(map(_order, pair[0]))):
        whole = [row[2] for row in members if row[2] is not None]
        parts = [Decimal(repr(row[3])) for row in members if row[3] is not None]
        made.append(Unit((*key, len(members), Decimal(sum(whole)), len(whole), _exact(parts))))  # type: ignore[arg-type]
    return made


def _order(value: RowValue) -> str | int:
    assert isinstance(value, (str, int))
    return value


def _exact(parts: list[Decimal]) -> Decimal:
    with localcontext(prec=400):
        return sum(parts, Decimal(0))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=25), st.integers(1, 4))
def test_groups_come_in_key_order_with_exact_figures_however_they_are_cut(
    rows: list[tuple[RowValue, ...]], per_chunk: int
) -> None:
    with _database(DDL, INSERT, rows) as snapshot:
        assert _all(snapshot, BY_BOTH, per_chunk) == _by_hand(rows, 2)
        assert {chunk.table for chunk in snapshot.chunks(BY_BOTH, per_chunk)} == {"T_TOTALS"}
        assert _all(snapshot, WHOLE, per_chunk) == _by_hand(rows, 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=15))
def test_a_stream_of_groups_goes_on_behind_any_of_them(rows: list[tuple[RowValue, ...]]) -> None:
    with _database(DDL, INSERT, rows) as snapshot:
        whole = _units(snapshot, BY_BOTH, Chunk("T_TOTALS", 0, None, None))
        for place, unit in enumerate(whole):
            assert _units(snapshot, BY_BOTH, Chunk("T_TOTALS", 0, None, None), unit.values[:2]) == whole[place + 1 :]
        assert _units(snapshot, WHOLE, Chunk("T_ALL", 0, None, None), ()) == []
        assert snapshot.sample(BY_BOTH, 50) == tuple(whole)
        assert snapshot.sample(WHOLE, 3) == tuple(_by_hand(rows, 0))


def _open_with(tmp_path: Path, rows: list[tuple[RowValue, ...]]) -> Path:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute(DDL)
        connection.executemany(INSERT, rows)
    connection.close()
    return path


def _group(snapshot: Snapshot, shape: UnitShape) -> Unit:
    (unit,) = _units(snapshot, shape, Chunk("g", 0, None, None))
    return unit


def test_a_text_among_the_numbers_leaves_the_group_without_a_sum(tmp_path: Path) -> None:
    path = _open_with(tmp_path, [("a", 1, 5, 1), ("a", 1, "many", 2), ("a", 1, b"\xff", float("inf"))])
    with open_source(Location(path=path)) as source, take_snapshot(source, None) as snapshot:
        unit = _group(snapshot, BY_BOTH)
    assert unit.values[:3] == ("a", 1, 3)
    assert unit.values[3] == Unsummable(b"values to add that are not numbers: 2")
    assert unit.values[5] == Unsummable(b"values to add that are not numbers: 1")


def test_a_sum_beyond_64_bits_is_exact(tmp_path: Path) -> None:
    path = _open_with(tmp_path, [("a", 1, 2**63 - 1, 0.1), ("a", 1, 2**63 - 1, 0.2)])
    with open_source(Location(path=path)) as source, take_snapshot(source, None) as snapshot:
        assert _group(snapshot, BY_BOTH).values[3:] == (Decimal(2**64 - 2), 2, Decimal("0.3"))
