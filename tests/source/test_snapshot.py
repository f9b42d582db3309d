from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.errors import MigrateError
from migrator.model.unit import Ancestor, Chunk, InvalidText, RowValue, Unit, UnitShape
from migrator.ports import RowSource, rows_of
from migrator.source.faults import QueryFailed
from migrator.source.location import Location
from migrator.source.open import Source, open_source
from migrator.source.snapshot import Snapshot, take_snapshot

from tests.source.conftest import Build, Open

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
SHOP = (
    "CREATE TABLE region(id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, region INT REFERENCES region);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INT REFERENCES customer, sold_by INT REFERENCES customer);"
    "INSERT INTO region VALUES (1, 'north');"
    "INSERT INTO customer VALUES (1, 'Ann', 1), (2, 'Bob', NULL);"
    "INSERT INTO orders VALUES (10, 1, 2), (11, 2, 1), (12, NULL, 99);"
)


def _units(
    snapshot: RowSource, shape: UnitShape, chunk: Chunk, after: tuple[RowValue, ...] | None = None
) -> list[Unit]:
    with snapshot.units(shape, chunk, after) as units:
        return list(units)


def _all(snapshot: RowSource, shape: UnitShape, rows_per_chunk: int) -> list[Unit]:
    return [unit for chunk in snapshot.chunks(shape, rows_per_chunk) for unit in _units(snapshot, shape, chunk)]


@contextlib.contextmanager
def _database(ddl: str, insert: str, rows: list[tuple[RowValue, ...]]) -> Iterator[Snapshot]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        connection = sqlite3.connect(path)
        connection.execute(ddl)
        connection.executemany(insert, rows)
        connection.commit()
        connection.close()
        with open_source(Location(path=path)) as source, take_snapshot(source, None) as snapshot:
            yield snapshot


KEYS = {
    "an integer": ("CREATE TABLE t(a INTEGER PRIMARY KEY, v)", ("a",)),
    "text": ("CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, v)", ("a",)),
    "text without case": ("CREATE TABLE t(a TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, v)", ("a",)),
    "text whose key knows case and whose column does not": (
        "CREATE TABLE t(a TEXT NOT NULL COLLATE NOCASE, v, PRIMARY KEY(a COLLATE BINARY))",
        ("a",),
    ),
    "anything": ("CREATE TABLE t(a NOT NULL PRIMARY KEY, v)", ("a",)),
    "two columns": ("CREATE TABLE t(a TEXT, b INT, v, PRIMARY KEY(a, b)) WITHOUT ROWID", ("a", "b")),
    "two columns downward": ("CREATE TABLE t(a TEXT, b INT, v, PRIMARY KEY(a DESC, b)) WITHOUT ROWID", ("a", "b")),
    "columns that may be NULL": ("CREATE TABLE t(a, b, v, PRIMARY KEY(a, b))", ("a", "b")),
}
TEXTS = st.text(st.sampled_from("aAbB %'é"), max_size=3)
ANYTHING = st.one_of(st.integers(-5, 5), TEXTS, st.binary(max_size=2), st.floats(-2, 2))
VALUES = {
    "an integer": st.tuples(st.integers(-(2**63), 2**63 - 1)),
    "anything": st.tuples(ANYTHING),
    "columns that may be NULL": st.tuples(st.none() | ANYTHING, st.none() | ANYTHING),
}


def _values(kind: str) -> st.SearchStrategy[tuple[RowValue, ...]]:
    text = st.tuples(TEXTS, st.integers(-3, 3)) if kind.startswith("two") else st.tuples(TEXTS)
    return VALUES.get(kind, text)


@pytest.mark.parametrize("kind", KEYS)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), rows_per_chunk=st.integers(1, 7))
def test_chunks_together_hold_every_row_once_in_key_order_and_resume_after_any(
    kind: str, data: st.DataObject, rows_per_chunk: int
) -> None:
    ddl, key = KEYS[kind]
    rows = data.draw(st.lists(_values(kind), max_size=20, unique=True))
    insert = f"INSERT OR IGNORE INTO t({', '.join(key)}) VALUES ({', '.join('?' * len(key))})"
    shape = UnitShape("t", key, key)
    with _database(ddl, insert, rows) as snapshot:
        chunks = snapshot.chunks(shape, rows_per_chunk)
        whole = _units(snapshot, shape, Chunk("t", 0, None, None))
        parts = [_units(snapshot, shape, chunk) for chunk in chunks]
        assert [unit for part in parts for unit in part] == whole
        assert len(whole) == snapshot.count("t")
        assert all(len(part) == rows_per_chunk for part in parts[:-1])
        assert chunks == snapshot.chunks(shape, rows_per_chunk)
        for chunk, part in zip(chunks, parts, strict=True):
            for at, unit in enumerate(part):
                assert _units(snapshot, shape, chunk, unit.values) == part[at + 1 :]


def test_an_empty_table_is_one_chunk(opened: Open) -> None:
    with take_snapshot(opened("CREATE TABLE t(id INTEGER PRIMARY KEY)"), None) as snapshot:
        assert snapshot.chunks(UnitShape("t", ("id",), ("id",)), 10) == (Chunk("t", 0, None, None),)


def test_units_carry_their_ancestors_or_null(opened: Open) -> None:
    shape = UnitShape(
        "orders",
        ("id",),
        ("id", "customer"),
        (
            Ancestor(("fk_customer",), "name"),
            Ancestor(("fk_sold_by",), "name"),
            Ancestor(("fk_customer", "fk_region"), "name"),
        ),
    )
    with take_snapshot(opened(SHOP), None) as snapshot:
        assert [unit.values for unit in _all(snapshot, shape, 2)] == [
            (10, 1, "Ann", "Bob", "north"),
            (11, 2, "Bob", "Ann", None),
            (12, None, None, None, None),
        ]


def test_a_row_refers_to_its_own_table(opened: Open) -> None:
    script = (
        "CREATE TABLE t(id INTEGER PRIMARY KEY, boss INT REFERENCES t); INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)"
    )
    shape = UnitShape("t", ("id",), ("id",), (Ancestor(("fk_boss", "fk_boss"), "id"),))
    with take_snapshot(opened(script), None) as snapshot:
        assert [unit.values for unit in _all(snapshot, shape, 5)] == [(1, None), (2, None), (3, 1)]


def test_names_that_need_quoting_are_read(opened: Open) -> None:
    script = (
        'CREATE TABLE "order by"("a:b%" TEXT NOT NULL, "q""q" INT NOT NULL, PRIMARY KEY("a:b%", "q""q"));'
        "INSERT INTO \"order by\" VALUES (':x', 1), ('%', 2)"
    )
    shape = UnitShape("order by", ("a:b%", 'q"q'), ("a:b%", 'q"q'))
    with take_snapshot(opened(script), None) as snapshot:
        assert [unit.values for unit in _all(snapshot, shape, 1)] == [("%", 2), (":x", 1)]


def test_values_come_raw_and_never_coerced(opened: Open) -> None:
    script = (
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a BOOLEAN, b DATETIME, c DECIMAL(10,2), d INTEGER, e TEXT);"
        "INSERT INTO t VALUES (1, 1, '2024-01-01', 1.5, 'twelve', CAST(x'ff61' AS TEXT));"
    )
    shape = UnitShape("t", ("id",), ("a", "b", "c", "d", "e"))
    with take_snapshot(opened(script), None) as snapshot:
        (unit,) = _all(snapshot, shape, 10)
        assert unit.values == (1, "2024-01-01", 1.5, "twelve", b"\xffa")
        assert isinstance(unit.values[-1], InvalidText)


def test_a_key_that_is_no_valid_text_still_bounds_a_chunk(opened: Open) -> None:
    script = (
        "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY);"
        "INSERT INTO t VALUES ('a'), (CAST(x'ff' AS TEXT)), (CAST(x'ff61' AS TEXT)), (x'00'), ('b')"
    )
    shape = UnitShape("t", ("a",), ("a",))
    with take_snapshot(opened(script), None) as snapshot:
        expected: list[RowValue] = ["a", "b", b"\xff", b"\xffa", b"\x00"]
        assert [unit.values[0] for unit in _all(snapshot, shape, 1)] == expected


def test_a_sample_is_spread_and_the_same_every_time(opened: Open) -> None:
    script = f"CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t {NUMBERS.format(100)} SELECT i FROM n"
    shape = UnitShape("t", ("id",), ("id",))
    with take_snapshot(opened(script), None) as snapshot:
        sample = snapshot.sample(shape, 4)
        found = [int(str(unit.values[0])) for unit in sample]
        assert [(number - 1) // 25 for number in found] == [0, 1, 2, 3]
        assert snapshot.sample(shape, 4) == sample
        assert len(snapshot.sample(shape, 1000)) == 100
        assert snapshot.sample(shape, 0) == ()


def test_a_declared_query_runs_with_its_own_names(opened: Open) -> None:
    sql = (
        "SELECT id AS \"o.id\", ':no' AS a, '\\' AS b, [name] FROM customer -- :neither\n"
        "WHERE id = :id AND name LIKE :like ESCAPE '\\'"
    )
    with take_snapshot(opened(SHOP), None) as snapshot:
        names, rows = snapshot.run(sql, {"id": 1, "like": "A%", "unused": 5})
        assert names == ("o.id", "a", "b", "name")
        assert rows == [(1, ":no", "\\", "Ann")]


def test_parameters_of_richer_types_are_bound_as_they_would_be_stored(opened: Open) -> None:
    with take_snapshot(opened(SHOP), None) as snapshot:
        values: dict[str, RowValue] = {"a": Decimal("1.5"), "b": date(2024, 1, 2), "c": True, "d": Decimal(3)}
        _, rows = snapshot.run("SELECT :a, :b, :c, :d", values)
        assert rows == [(1.5, "2024-01-02", 1, 3)]


def test_a_query_that_fails_says_so(opened: Open) -> None:
    with take_snapshot(opened(SHOP), None) as snapshot:
        with pytest.raises(QueryFailed, match="no such column"):
            snapshot.run("SELECT nope FROM customer", {})
        with pytest.raises(QueryFailed, match=":id"):
            snapshot.run("SELECT 1 WHERE 1 = :id", {})
        with pytest.raises(MigrateError):
            snapshot.run("DELETE FROM customer", {})


def test_threads_share_a_snapshot(opened: Open) -> None:
    script = f"CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t {NUMBERS.format(500)} SELECT i FROM n"
    shape = UnitShape("t", ("id",), ("id",))
    with take_snapshot(opened(script), None) as snapshot, ThreadPoolExecutor(8) as threads:
        parts = threads.map(lambda chunk: _units(snapshot, shape, chunk), snapshot.chunks(shape, 20))
        assert [unit.values[0] for part in parts for unit in part] == list(range(1, 501))


def test_reading_stops_early_without_leaving_the_connection_busy(opened: Open) -> None:
    shape = UnitShape("customer", ("id",), ("id",))
    with take_snapshot(opened(SHOP), None) as snapshot:
        with snapshot.units(shape, Chunk("customer", 0, None, None)) as units:
            assert next(units).values == (1,)
            assert snapshot.count("orders") == 3
        assert len(_all(snapshot, shape, 1)) == 2


def test_a_private_copy_keeps_the_moment_and_is_used_again(opened: Open, tmp_path: Path) -> None:
    source, copy = opened(SHOP), tmp_path / "plan" / "copy.db"
    with take_snapshot(source, copy) as snapshot:
        assert not snapshot.reused
        first = snapshot.fingerprint()
    _execute(tmp_path / "source.db", "INSERT INTO region VALUES (2, 'south')")
    with take_snapshot(source, copy) as snapshot:
        assert snapshot.reused
        assert snapshot.count("region") == 1
        assert snapshot.fingerprint() == first
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    assert copy.stat().st_mode & 0o077 == 0


def test_a_copy_holds_rows_that_are_only_in_the_wal(tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    writer.executescript(f"PRAGMA journal_mode = WAL; {SHOP}")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM customer")
    with open_source(Location(path=tmp_path / "a.db")) as source:
        with take_snapshot(source, tmp_path / "copy.db") as snapshot:
            assert snapshot.count("customer") == 2
            copied = snapshot.fingerprint()
        with take_snapshot(source, None) as snapshot:
            assert snapshot.fingerprint() == copied
    writer.close()


def test_a_copy_that_cannot_be_written_says_so(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MigrateError, match="copy"):
        take_snapshot(opened(SHOP), tmp_path / "file" / "copy.db")


def test_a_failed_copy_leaves_nothing_behind(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(MigrateError, match="No space"):
        take_snapshot(opened(SHOP), tmp_path / "copies" / "copy.db")
    assert list((tmp_path / "copies").iterdir()) == []


def test_equal_contents_have_equal_fingerprints_and_any_change_another(build: Build, tmp_path: Path) -> None:
    path = build(SHOP)
    before = _fingerprints(path, tmp_path / "1.db")
    assert before[0] == before[1]
    _execute(path, "PRAGMA user_version = 0")
    assert _fingerprints(path, tmp_path / "2.db") == before
    _execute(path, "UPDATE region SET name = 'NORTH'")
    changed = _fingerprints(path, tmp_path / "3.db")
    assert changed[0] == changed[1] != before[0]


def test_the_journal_mode_is_no_part_of_the_contents(build: Build, tmp_path: Path) -> None:
    path = build(SHOP)
    before = _fingerprints(path, tmp_path / "1.db")
    _execute(path, "PRAGMA journal_mode = WAL")
    assert _fingerprints(path, tmp_path / "2.db") == before


def _fingerprints(path: Path, copy: Path) -> tuple[str, str]:
    with open_source(Location(path=path)) as source:
        return _fingerprint(source, copy), _fingerprint(source, None)


def _fingerprint(source: Source, copy: Path | None) -> str:
    with take_snapshot(source, copy) as snapshot:
        return snapshot.fingerprint()


def _execute(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def test_every_table_of_chinook_comes_out_whole(chinook: Source) -> None:
    with take_snapshot(chinook, None) as snapshot:
        for table in snapshot.schema.tables:
            shape = UnitShape(table.name, table.primary_key, tuple(column.name for column in table.columns))
            units = _all(snapshot, shape, 700)
            assert len(units) == len({unit.values for unit in units}) == snapshot.count(table.name)


@pytest.mark.parametrize("invalid", [(), (1,), (499, 500, 501, 1203), (1700,)])
def test_bare_rows_are_the_units_values_text_that_is_not_valid_included(invalid: tuple[int, ...]) -> None:
    rows: list[tuple[RowValue, ...]] = [(n, f"é{n}") for n in range(1, 1701)]
    shape = UnitShape("t", ("id",), ("id", "x"))
    with _database("CREATE TABLE t(id INTEGER PRIMARY KEY, x)", "INSERT INTO t VALUES (?, ?)", rows) as snapshot:
        path = snapshot.source.location.path
        assert path is not None
        with sqlite3.connect(path) as connection:
            for number in invalid:
                connection.execute("UPDATE t SET x = CAST(x'ff41' AS TEXT) WHERE id = ?", (number,))
        connection.close()
        for chunk, after in (Chunk("t", 0, None, None), None), (Chunk("t", 0, (3,), (1690,)), (7,)):
            with rows_of(snapshot, shape, chunk, after) as lists:
                bare = [row for some in lists for row in some]
            units = _units(snapshot, shape, chunk, after)
            assert bare == [unit.values for unit in units]
            assert [type(row[1]) for row in bare] == [type(unit.values[1]) for unit in units]
        assert [row[0] for row in bare if isinstance(row[1], InvalidText)] == [n for n in invalid if 7 < n <= 1690]
