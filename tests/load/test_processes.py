"""Loads over several processes: the same table, one reject file, one ceiling, and an end for whatever dies."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.process import active_children, parent_process
from pathlib import Path

import pytest
from migrator.load.chunk_loader import Superseded
from migrator.load.job import LoadOptions
from migrator.load.load import load
from migrator.load.rejects import RejectFile
from migrator.load.run_record import Mode, State
from migrator.model.errors import BlockedError, InterruptedRun, MigrateError
from migrator.plan.plan import Plan
from migrator.ports import Item, ItemSink, Key, RowSource
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.local import LocalEngine
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table

from tests.load.world import Name, a_plan, expected, name_of, some_rows

ROWS = some_rows(400, 1500)


class Overtaken(DynamoSink):
    """A sink that finds another run's checkpoints, but only in a worker process."""

    def get(self, key: Key) -> Item | None:
        if parent_process() is not None and key["PK"]["S"].startswith("MIGRATE#CHECKPOINT#"):
            raise Superseded
        return super().get(key)


@dataclass(frozen=True, slots=True)
class OvertakenEnds:
    """Opens the ends with such a sink."""

    ends: Ends

    @contextmanager
    def __call__(self) -> Iterator[tuple[Plan, RowSource, ItemSink]]:
        with self.ends() as (plan, source, _):
            connection = connect(ConnectOptions(endpoint_url=self.ends.endpoint, region="us-east-1"))
            yield plan, source, Overtaken(connection, self.ends.table)


@dataclass(frozen=True, slots=True)
class Ends:
    """Opens the world's ends in another process."""

    database: Path
    endpoint: str
    table: str

    @contextmanager
    def __call__(self) -> Iterator[tuple[Plan, RowSource, ItemSink]]:
        connection = connect(ConnectOptions(endpoint_url=self.endpoint, region="us-east-1"))
        with open_source(Location(path=self.database)) as source, take_snapshot(source, None) as rows:
            yield a_plan(self.table), rows, DynamoSink(connection, self.table)


@pytest.fixture
def ends(tmp_path: Path, engine: LocalEngine, connection: Connection, table_name: str) -> Ends:
    database = tmp_path / "shop.db"
    with sqlite3.connect(database) as made:
        made.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, note TEXT)")
        made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total DECIMAL(10, 2))")
        made.executemany("INSERT INTO customers VALUES (?, ?, ?)", ROWS["customers"])
        made.executemany("INSERT INTO orders VALUES (?, ?, ?)", ROWS["orders"])
    made.close()
    create_table(connection, a_plan(table_name), "d")
    return Ends(database, engine.endpoint, table_name)


def in_processes(ends: Ends, **changes: object) -> LoadOptions:
    told = {"workers": 3, "first_workers": 1, "rows_per_chunk": 100, "processes": 2, "opener": ends}
    return LoadOptions(**(told | changes))  # type: ignore[arg-type]


def run(ends: Ends, options: LoadOptions) -> tuple[int, int, State]:
    with ends() as (plan, source, sink):
        report = load(plan, source, sink, options, lambda progress: None)
    return report.rows, report.rejected, report.state


def standing(connection: Connection, table: str) -> dict[Name, object]:
    items = {name_of(item): item for page in DynamoReader(connection, table).scan() for item in page}
    return {name: item for name, item in items.items() if not name[0].startswith("MIGRATE#")}


def test_processes_write_what_one_process_does(ends: Ends, connection: Connection, table_name: str) -> None:
    assert run(ends, in_processes(ends)) == (1900, 0, State.LOADED)
    assert standing(connection, table_name) == expected(a_plan(table_name), ROWS)
    assert active_children() == []


def test_rejects_of_all_processes_are_in_one_file(ends: Ends, tmp_path: Path) -> None:
    with sqlite3.connect(ends.database) as made:
        made.execute("UPDATE orders SET customer_id = 'x' || id WHERE id % 97 = 0")
    made.close()
    rejects = RejectFile(tmp_path / "rejects.ndjson")
    assert run(ends, in_processes(ends, allow_rejects=True, rejects=rejects)) == (1885, 15, State.LOADED)
    assert len((tmp_path / "rejects.ndjson").read_text().splitlines()) == 15


def test_too_many_rejects_stop_the_run_by_name(ends: Ends, tmp_path: Path) -> None:
    with sqlite3.connect(ends.database) as made:
        made.execute("UPDATE orders SET customer_id = 'x' || id WHERE id % 97 = 0")
    made.close()
    rejects = RejectFile(tmp_path / "rejects.ndjson")
    with pytest.raises(MigrateError, match="more than 3 rows cannot be loaded"):
        run(ends, in_processes(ends, allow_rejects=True, rejects=rejects, max_rejects=3))


def test_a_worker_that_is_killed_ends_the_run_which_resumes(
    ends: Ends, connection: Connection, table_name: str
) -> None:
    options = in_processes(ends, max_write_units=1500.0)
    killer = threading.Thread(target=kill_a_worker, args=(connection, table_name))
    killer.start()
    with pytest.raises(MigrateError, match="a worker process ended before its work did"):
        run(ends, options)
    killer.join()
    assert run(ends, in_processes(ends)) == (1900, 0, State.LOADED)
    assert standing(connection, table_name) == expected(a_plan(table_name), ROWS)


def kill_a_worker(connection: Connection, table: str) -> None:
    until_written(connection, table)
    victim = active_children()[0].pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)


def until_written(connection: Connection, table: str) -> None:
    for _ in range(400):
        if len(standing(connection, table)) > 100:
            return
        time.sleep(0.05)
    raise AssertionError("the load did not begin")


def stop_once_written(connection: Connection, table: str, options: LoadOptions) -> None:
    until_written(connection, table)
    options.stop.set()


def test_a_stop_drains_all_processes(ends: Ends, connection: Connection, table_name: str) -> None:
    options = in_processes(ends, max_write_units=1500.0)
    stopper = threading.Thread(target=stop_once_written, args=(connection, table_name, options))
    stopper.start()
    with pytest.raises(InterruptedRun):
        run(ends, options)
    stopper.join()
    assert active_children() == []
    assert run(ends, in_processes(ends)) == (1900, 0, State.LOADED)


def test_the_ceiling_is_one_for_all_processes(ends: Ends) -> None:
    with ends() as (plan, source, sink):
        report = load(plan, source, sink, in_processes(ends, max_write_units=2500.0), lambda progress: None)
    assert report.write_units / report.seconds <= 2500.0


def test_a_run_that_was_begun_anew_elsewhere_is_told_from_whichever_process_finds_out(ends: Ends) -> None:
    with pytest.raises(BlockedError, match="this run was ended from elsewhere while it loaded"):
        run(ends, in_processes(ends, opener=OvertakenEnds(ends)))
    assert active_children() == []


def test_processes_keep_the_mode_of_the_run(ends: Ends, connection: Connection, table_name: str) -> None:
    options = in_processes(ends, mode=Mode.BATCH)
    assert run(ends, options) == (1900, 0, State.LOADED)
    assert standing(connection, table_name) == expected(a_plan(table_name), ROWS)


def test_an_opener_that_fails_says_why(ends: Ends) -> None:
    with ends() as (plan, source, sink):
        options = in_processes(replace(ends, database=Path("/nowhere/shop.db")))
        with pytest.raises(MigrateError, match="There is no file"):
            load(plan, source, sink, options, lambda progress: None)
