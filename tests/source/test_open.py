from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from migrator.model.errors import MigrateError
from migrator.source import faults
from migrator.source.location import Location, parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source, stream
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot

from tests.source.conftest import Build

ROWS = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t(a) VALUES ('x'), ('y');"


def _contents(folder: Path) -> dict[str, bytes]:
    """The bytes of database, WAL and journal: not of the shared memory, which any reader writes."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}


def _read_everything(path: Path) -> None:
    with open_source(Location(path=path)) as source:
        measure(source, reflect(source))
        with take_snapshot(source, None) as snapshot:
            snapshot.count("t")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(faults.SourceMissing, match=r"no\.db") as caught:
        open_source(parse_location(str(tmp_path / "no.db")))
    assert caught.value.exit_code == 2
    assert not (tmp_path / "no.db").exists()


def test_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(faults.SourceIsDirectory) as caught:
        open_source(Location(path=tmp_path))
    assert caught.value.exit_code == 2


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than a header " * 40)
    with pytest.raises(faults.NotADatabase) as caught:
        open_source(Location(path=path))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("script", ["", "CREATE VIEW v AS SELECT 1"])
def test_a_database_without_tables_is_named(build: Build, script: str) -> None:
    with pytest.raises(faults.EmptyDatabase):
        open_source(Location(path=build(script)))


def test_a_truncated_database_is_damaged(build: Build) -> None:
    path = build(ROWS + "CREATE TABLE u(a)")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(MigrateError), open_source(Location(path=path)) as source:
        reflect(source)


def test_a_hot_journal_is_named_and_left_alone(tmp_path: Path) -> None:
    crashed = _with_hot_journal(tmp_path)
    before = _contents(crashed.parent)
    with pytest.raises(faults.HotJournal):
        open_source(Location(path=crashed))
    assert _contents(crashed.parent) == before


def _with_hot_journal(folder: Path) -> Path:
    """A copy of a database and its journal, taken while a transaction was writing pages."""
    live, crashed = folder / "live", folder / "crashed"
    live.mkdir()
    with_journal = sqlite3.connect(live / "a.db", isolation_level=None)
    with_journal.execute("CREATE TABLE t(a)")
    with_journal.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(2000)])
    with_journal.execute("PRAGMA cache_size = 5")
    with_journal.execute("BEGIN IMMEDIATE")
    with_journal.execute("UPDATE t SET a = a || 'y'")
    shutil.copytree(live, crashed)
    with_journal.close()
    return crashed / "a.db"


def _open_as_nobody(path: str, results: multiprocessing.SimpleQueue[str]) -> None:
    os.setuid(65534)
    try:
        open_source(Location(path=Path(path)))
        results.put("opened")
    except MigrateError as error:
        results.put(type(error).__name__)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become nobody")
def test_a_wal_database_in_a_read_only_folder_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = sqlite3.connect(folder / "a.db")
        writer.executescript(f"PRAGMA journal_mode = WAL; {ROWS}")
        writer.close()
        folder.chmod(0o555)
        results: multiprocessing.SimpleQueue[str] = multiprocessing.SimpleQueue()
        process = multiprocessing.get_context("fork").Process(
            target=_open_as_nobody, args=(str(folder / "a.db"), results)
        )
        process.start()
        assert results.get() == "ReadOnlyFolder"
        process.join()


def test_an_unknown_dialect_is_named() -> None:
    for url in ("oracle://u@h/d", "nosuch://u@h/d"):
        with pytest.raises(faults.UnknownDialect) as caught:
            open_source(parse_location(url))
        assert caught.value.exit_code == 2


def test_a_missing_driver_or_server_is_named_without_its_password() -> None:
    with pytest.raises((faults.MissingDriver, faults.SourceUnreachable)) as caught:
        open_source(parse_location("postgresql://ann:s3cret@127.0.0.1:1/shop"))
    assert "s3cret" not in caught.value.what + caught.value.next_step


def test_reading_leaves_the_source_byte_for_byte_as_it_was(build: Build) -> None:
    path = build(ROWS)
    before = _contents(path.parent)
    _read_everything(path)
    assert _contents(path.parent) == before


def test_reading_beside_an_open_writer_sees_rows_that_are_only_in_the_wal(tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    writer.executescript(f"PRAGMA journal_mode = WAL; {ROWS}")
    before = _contents(tmp_path)
    assert len(before["a.db-wal"]) > 0
    _read_everything(tmp_path / "a.db")
    with open_source(Location(path=tmp_path / "a.db")) as source, source.connect() as connection:
        assert list(stream(connection, "SELECT a FROM t ORDER BY id")) == [("x",), ("y",)]
    assert _contents(tmp_path) == before
    writer.close()


def test_rows_that_a_crashed_writer_left_in_the_wal_are_read_and_stay_there(tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    writer.executescript(f"PRAGMA journal_mode = WAL; {ROWS}")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"live.db{suffix}", crashed / f"a.db{suffix}")
    writer.close()
    before = _contents(crashed)
    _read_everything(crashed / "a.db")
    assert _contents(crashed) == before


def test_writing_is_refused(build: Build) -> None:
    with open_source(Location(path=build(ROWS))) as source, pytest.raises(MigrateError), source.connect() as c:
        list(stream(c, "DELETE FROM t"))


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "#1.db", "ü.db"])
def test_a_file_of_any_name_opens(tmp_path: Path, build: Callable[[str], Path], name: str) -> None:
    path = build(ROWS).rename(tmp_path / name)
    with open_source(parse_location(str(path))) as source:
        assert reflect(source).has_table("t")
