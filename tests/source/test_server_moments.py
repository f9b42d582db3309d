"""What several readers of a server see while somebody writes: one moment, on PostgreSQL and on MariaDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from migrator.model.unit import Chunk, RowValue, UnitShape
from migrator.source.faults import SnapshotLost, SnapshotUnsupported, SourceLost
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot
from sqlalchemy import create_engine

from tests.servers import SERVERS, execute, own_database

ROWS = 3_000
DDL = (
    "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)",
    "INSERT INTO account VALUES " + ", ".join(f"({n}, 100)" for n in range(ROWS)),
)
SHAPE = UnitShape("account", ("id",), ("id", "balance"))
Row = tuple[RowValue, ...]


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with own_database(request.param, DDL) as made:
        yield made


class Writer:
    """Moves money between accounts, opens and closes some, until it is told to end. The sum is always the same."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.written = 0

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _write(self) -> None:
        engine = create_engine(self._url)
        while not self._end.is_set():
            n = self.written
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE account SET balance = balance - 1 WHERE id = {n % 100}")
                connection.exec_driver_sql(f"UPDATE account SET balance = balance + 1 WHERE id = {ROWS - 1 - n % 100}")
                connection.exec_driver_sql(f"INSERT INTO account VALUES ({ROWS + n}, 0)")
                connection.exec_driver_sql(f"DELETE FROM account WHERE id = {ROWS + n - 3} AND id >= {ROWS}")
            self.written += 1
        engine.dispose()


def read_all(snapshot: Snapshot, threads: int) -> list[Row]:
    def read(chunk: Chunk) -> list[Row]:
        with snapshot.units(SHAPE, chunk) as units:
            return [unit.values for unit in units]

    with ThreadPoolExecutor(threads) as readers:
        return [row for rows in readers.map(read, snapshot.chunks(SHAPE, 250)) for row in rows]


@pytest.mark.parametrize("brief_lock", [False, True])
def test_all_readers_see_one_moment_while_somebody_writes(url: str, brief_lock: bool) -> None:
    with Writer(url) as writer, open_source(parse_location(url)) as source:
        while writer.written < 5:
            pass
        with take_snapshot(source, None, brief_lock) as snapshot:
            before = writer.written
            first = read_all(snapshot, 6)
            again = read_all(snapshot, 1)
            assert first == again
            assert sum(int(str(balance)) for _, balance in first) == ROWS * 100
            assert writer.written > before, "nobody has written meanwhile"
            expected = source.dialect == "mysql" and brief_lock
            assert (snapshot.locked_seconds is not None) == expected
        with take_snapshot(source, None) as later:
            assert read_all(later, 2) != first


def test_another_moment_has_another_name(url: str) -> None:
    with open_source(parse_location(url)) as source:
        with take_snapshot(source, None) as snapshot:
            before = snapshot.fingerprint()
            execute(url, "UPDATE account SET balance = 0 WHERE id = 1")
            assert snapshot.fingerprint() == before
        with take_snapshot(source, None) as snapshot:
            assert snapshot.fingerprint() != before


def test_a_moment_at_which_nothing_was_written_since_keeps_its_name(url: str) -> None:
    """Others may write to this server: what they leave alone for one of several looks is enough."""
    with open_source(parse_location(url)) as source:
        names: list[str] = []
        for _ in range(20):
            with take_snapshot(source, None) as snapshot:
                names.append(snapshot.fingerprint())
            if len(set(names)) < len(names):
                return
    pytest.fail(f"no two of {names} are equal")


def test_a_moment_that_goes_with_its_connection_is_an_error_of_that_name(url: str) -> None:
    with open_source(parse_location(url)) as source, take_snapshot(source, None) as snapshot:
        _cut(url, source.dialect)
        with pytest.raises(SourceLost) as lost:
            read_all(snapshot, 1)
        if source.dialect == "postgresql":
            assert isinstance(lost.value, SnapshotLost)
        assert "run the same command again" in lost.value.next_step


def _cut(url: str, dialect: str) -> None:
    """Ends every other connection to the database."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if dialect == "postgresql":
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        else:
            sql = (
                "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
                " AND command = 'Sleep'"
            )
            for (number,) in connection.exec_driver_sql(sql).fetchall():
                connection.exec_driver_sql(f"KILL {number}")
    engine.dispose()


@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_a_table_whose_engine_has_no_snapshot_is_named(engine: str) -> None:
    with own_database("MYSQL", (*DDL, f"CREATE TABLE old (id INTEGER PRIMARY KEY) ENGINE = {engine}")) as url:
        with open_source(parse_location(url)) as source, pytest.raises(SnapshotUnsupported) as refused:
            take_snapshot(source, None)
        assert f"old ({engine})" in refused.value.what
        assert "account" not in refused.value.what
