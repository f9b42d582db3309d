"""Planned writes performed on the embedded engine beside their SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from migrator.model.unit import Chunk
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.plan import Plan
from migrator.ports import ItemReader, ItemWriter, Put, RowSource
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.target.connect import Connection
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table
from migrator.target.writer import DynamoWriter
from migrator.verify.perform import perform

from tests.acceptance.sources import make_shop
from tests.design.world import make_settings, planned
from tests.samples.test_shop import SHOP, TYPICAL
from tests.verify.performed import Store, differences, tell


def on_engine(connection: Connection) -> Store:
    def store(plan: Plan, source: RowSource) -> tuple[ItemReader, ItemWriter]:
        create_table(connection, plan, "d")
        sink, name = DynamoSink(connection, plan.table.name), plan.table.name
        for table in plan.tables():
            shape, footprint = unit_shape(plan, table), compile_footprint(plan, table)
            with source.units(shape, Chunk(table, 0, None, None)) as units:
                for item in (item for unit in units for item in footprint(unit)):
                    sink.put(Put(item))
        return DynamoReader(connection, name), DynamoWriter(connection, name)

    return store


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_random_writes_on_the_engine_leave_the_table_as_they_leave_the_source(
    seed: int, tmp_path: Path, connection: Connection, table_name: str
) -> None:
    story = tell(seed, tmp_path, steps=15, store=on_engine(connection), name=table_name)
    assert story.trouble == []
    assert story.outcomes["done"]


def test_every_write_of_the_shop_is_performed(tmp_path: Path, connection: Connection, table_name: str) -> None:
    path = tmp_path / "shop.db"
    make_shop(path, 0.1)
    plan = planned(path, (SHOP / "queries.sql").read_text(), make_settings(table_name=table_name)).plan
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
        reader, writer = on_engine(connection)(plan, snapshot)
    writes = [pattern for pattern in plan.access_patterns if pattern.kind == "write"]
    assert len(writes) >= 9
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.row_factory = sqlite3.Row
        for pattern in writes:
            values = dict(database.execute(TYPICAL[pattern.name]).fetchone())
            assert pattern.status == "served"
            for statement in pattern.sql.split(";"):
                database.execute(statement, values)
            database.commit()
            told = perform(plan, pattern, values, reader, writer)
            assert told.outcome == "done", (pattern.name, told)
    assert differences(plan, path, reader) == []
