from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.model.statistics import FanOut, Statistics
from migrator.source.measure import measure
from migrator.source.open import Row, Source
from migrator.source.reflect import reflect
from migrator.source.sampling import spread
from migrator.source.sizes import nearest_rank, value_bytes
from migrator.source.spreading import spread_positions
from migrator.source.tally import RowTally

from tests.source.conftest import Open

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "


def _measure(source: Source, exact_rows: int = 1000, sample_rows: int = 100) -> Statistics:
    return measure(source, reflect(source), exact_rows=exact_rows, sample_rows=sample_rows)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 0),
        ("", 0),
        ("abc", 3),
        ("é€😀", 9),
        (b"\x00\xff", 2),
        (0, 1),
        (7, 2),
        (42, 2),
        (123, 3),
        (1_000_000, 2),
        (-12, 3),
        (1.5, 2),
        (0.001, 2),
        (1e30, 2),
        (Decimal("10.00"), 2),
        (True, 1),
    ],
)
def test_sizes_are_what_dynamodb_counts(value: str | bytes | float | Decimal | None, size: int) -> None:
    assert value_bytes(value) == size


def test_a_small_table_is_measured_exactly(opened: Open) -> None:
    source = opened(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB);"
        "INSERT INTO t VALUES (1, 'ab', NULL), (2, 'ab', x'0102'), (3, 'é', NULL), (4, NULL, NULL)"
    )
    table = _measure(source).table("t")
    assert (table.rows, table.sampled) == (4, False)
    assert (table.mean_bytes, table.p99_bytes, table.max_bytes) == ((4 + 6 + 4 + 2) / 4, 6, 6)
    text = table.column("a")
    assert (text.distinct, text.null_share, text.mean_bytes, text.max_bytes) == (2, 0.25, 2.0, 2)
    assert text.top_shares == (0.5, 0.25)
    assert table.column("b").null_share == 0.75
    assert table.column("id").top_shares == (0.25,) * 4


def test_an_empty_table_is_all_zeros(opened: Open) -> None:
    source = opened("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(a INT REFERENCES p)")
    table = _measure(source).table("t")
    assert (table.rows, table.mean_bytes, table.p99_bytes, table.max_bytes) == (0, 0.0, 0, 0)
    assert table.column("a").top_shares == ()
    assert table.fan_outs == (FanOut("fk_a", 0.0, 0, 0, 0),)


def test_no_more_than_ten_shares_are_kept(opened: Open) -> None:
    source = opened(f"CREATE TABLE t(a INT); INSERT INTO t {NUMBERS.format(29)} SELECT i % 15 FROM n")
    assert _measure(source).table("t").column("a").top_shares == (2 / 30,) * 10


def test_long_texts_are_told_apart(opened: Open) -> None:
    source = opened("CREATE TABLE t(a TEXT); INSERT INTO t SELECT printf('%0200d', value) FROM json_each('[1,2,2]')")
    assert _measure(source).table("t").column("a").distinct == 2


def test_lists_and_maps_of_a_server_are_counted_by_their_text() -> None:
    tally = RowTally(["j"])
    tally.add([({"a": 1},), ({"a": 1},), ([1, 2],), (None,)])
    (column,) = (tally.statistics(4, 4) for tally in tally.columns)
    assert (column.distinct, column.top_shares, column.max_bytes) == (2, (0.5, 0.25), 7)


def test_fan_out_counts_referred_rows_that_have_any_and_orphans_apart(opened: Open) -> None:
    source = opened(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3);"
        "CREATE TABLE t(a INT REFERENCES p); INSERT INTO t VALUES (1), (1), (1), (2), (99), (99), (NULL)"
    )
    assert _measure(source).table("t").fan_out("fk_a") == FanOut("fk_a", 2.0, 3, 3, 2)


def test_a_null_in_any_column_is_no_reference(opened: Open) -> None:
    source = opened(
        "CREATE TABLE p(a INT, b INT, PRIMARY KEY(a, b)); INSERT INTO p VALUES (1, 1);"
        "CREATE TABLE t(x INT, y INT, FOREIGN KEY(x, y) REFERENCES p);"
        "INSERT INTO t VALUES (1, 1), (1, NULL), (NULL, 1), (1, 2), (NULL, NULL)"
    )
    assert _measure(source).table("t").fan_outs == (FanOut("fk_x_y", 1.0, 1, 1, 1),)


def test_a_reference_is_followed_under_the_parents_collation(opened: Open) -> None:
    source = opened(
        "CREATE TABLE p(name TEXT COLLATE NOCASE PRIMARY KEY); INSERT INTO p VALUES ('Ann');"
        "CREATE TABLE t(a TEXT REFERENCES p); INSERT INTO t VALUES ('ann'), ('ANN')"
    )
    assert _measure(source).table("t").fan_outs == (FanOut("fk_a", 2.0, 2, 2, 0),)


LARGE = (
    f"CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p {NUMBERS.format(99)} SELECT i FROM n;"
    "CREATE TABLE t(id INTEGER PRIMARY KEY, p INT REFERENCES p, even INT, label TEXT);"
    f"INSERT INTO t {NUMBERS.format(9_999)} SELECT i, i % 100, i % 2, printf('%06d', i) FROM n;"
)


@pytest.mark.parametrize("index", ["", "CREATE INDEX i ON t(p)"])
def test_a_large_table_is_sampled_evenly_and_scaled_up(opened: Open, index: str) -> None:
    table = _measure(opened(LARGE + index), sample_rows=500).table("t")
    assert (table.rows, table.sampled) == (10_000, True)
    assert table.column("id").distinct == 10_000
    assert table.column("even").distinct == 2
    assert table.column("p").distinct == 100
    assert table.column("label").mean_bytes == 6
    assert table.column("even").top_shares == pytest.approx((0.5, 0.5), abs=0.05)
    fan_out = table.fan_out("fk_p")
    assert fan_out.orphans == 0
    assert fan_out.mean == pytest.approx(100, rel=0.1)


def test_sampling_gives_the_same_numbers_every_time(opened: Open) -> None:
    source = opened(LARGE)
    assert _measure(source) == _measure(source)


def test_orphans_of_a_large_table_are_estimated(opened: Open) -> None:
    table = _measure(opened(LARGE + "DELETE FROM p WHERE id < 50"), sample_rows=1000).table("t")
    assert table.fan_out("fk_p").orphans == pytest.approx(5_000, rel=0.1)


@pytest.mark.parametrize("key", ["k TEXT PRIMARY KEY", "k TEXT, n INT, PRIMARY KEY(n, k)"])
def test_a_large_table_without_rowid_is_sampled_along_its_key(opened: Open, key: str) -> None:
    extra = ", i % 7" if "n INT" in key else ""
    source = opened(
        f"CREATE TABLE t({key}) WITHOUT ROWID;"
        f"INSERT INTO t {NUMBERS.format(4_999)} SELECT printf('%06d', i){extra} FROM n"
    )
    table = _measure(source).table("t")
    assert (table.rows, table.sampled, table.column("k").distinct) == (5_000, True, 5_000)


def test_a_collation_that_only_the_application_knows_does_not_stop_measuring(opened: Open) -> None:
    source = opened(
        "CREATE TABLE p(name TEXT PRIMARY KEY); CREATE TABLE t(a TEXT REFERENCES p);"
        "INSERT INTO p VALUES ('x'), ('y'); INSERT INTO t VALUES ('x'), ('x');"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'name TEXT', 'name TEXT COLLATE special') WHERE name = 'p';"
    )
    assert reflect(source).table("p").column("name").collation == "SPECIAL"
    for exact_rows in (1000, 0):
        table = _measure(source, exact_rows).table("t")
        assert (table.rows, table.fan_out("fk_a").maximum) == (2, 2)


@given(st.sets(st.integers(-(10**18), 10**18), min_size=1, max_size=300), st.integers(1, 50))
def test_rows_at_any_distances_are_spread_without_repeating(ids: set[int], wanted: int) -> None:
    ordered = sorted(ids)

    def probe(low: int, high: int) -> Row | None:
        return next(((row,) for row in ordered if low <= row <= high), None)

    found = [row[0] for row in spread(probe, ordered[0], ordered[-1], wanted)]
    assert found == sorted(set(found))
    assert 1 <= len(found) <= wanted


def test_one_far_off_number_does_not_spoil_the_sample(opened: Open) -> None:
    source = opened(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT);"
        f"INSERT INTO t {NUMBERS.format(4_999)} SELECT i, i FROM n; INSERT INTO t VALUES (9223372036854775807, 1)"
    )
    table = _measure(source, exact_rows=100, sample_rows=200).table("t")
    assert table.column("a").distinct > 4_000


@given(st.integers(0, 10_000), st.integers(1, 200))
def test_positions_are_spread_one_to_a_stretch(rows: int, wanted: int) -> None:
    positions = spread_positions(rows, wanted)
    assert len(positions) == min(rows, wanted)
    assert positions == sorted(set(positions))
    assert all(rows * n // len(positions) <= at < rows * (n + 1) // len(positions) for n, at in enumerate(positions))


@given(st.dictionaries(st.integers(0, 50), st.integers(1, 20), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_value_at_its_rank(counts: dict[int, int], share: float) -> None:
    ordered = sorted(counts.items())
    values = [value for value, count in ordered for _ in range(count)]
    assert nearest_rank(ordered, share) == values[math.ceil(share * len(values)) - 1]


def test_chinook_is_measured_exactly(chinook: Source) -> None:
    statistics = measure(chinook, reflect(chinook))
    assert statistics.table("Track").rows == 3503
    assert statistics.table("Track").column("Composer").null_share == pytest.approx(977 / 3503, abs=0.001)
    assert statistics.table("InvoiceLine").fan_out("fk_InvoiceId").mean == pytest.approx(2240 / 412)
    assert statistics.table("InvoiceLine").fan_out("fk_InvoiceId").maximum == 14
    assert all(fan_out.orphans == 0 for table in statistics.tables for fan_out in table.fan_outs)
