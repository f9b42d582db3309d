"""Whole loads into the engine, through a network that loses, repeats and delays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from migrator.load.load import load
from migrator.load.rejects import RejectMemory
from migrator.load.retry import Backoff
from migrator.load.run_record import State, read_run
from migrator.load.standing import finish
from migrator.plan.plan import Plan
from migrator.target.connect import Connection
from migrator.target.local import LocalEngine
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table, drop_table

from tests.engine import Fault, FaultProxy, connected, seeded
from tests.load.world import MemorySource, Name, Rows, a_plan, expected, name_of, quick, some_rows


def standing(connection: Connection, plan: Plan) -> dict[Name, object]:
    reader = DynamoReader(connection, plan.table.name)
    items = {name_of(item): item for page in reader.scan() for item in page}
    return {name: item for name, item in items.items() if not name[0].startswith("MIGRATE#")}


def load_through(proxy: FaultProxy, plan: Plan, rows: Rows) -> int:
    sink = DynamoSink(connected(proxy, read_seconds=0.3), plan.table.name)
    options = quick(workers=4, backoff=Backoff(attempts=40), new_nonce=lambda: plan.table.name)
    return load(plan, MemorySource(rows), sink, options, lambda progress: None).repeated


SEEDS = max(3, int(os.environ.get("MIGRATE_SOAK_SEEDS", "0")) // 100)


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_a_load_through_faults_writes_every_item_exactly_once(
    seed: int, engine: LocalEngine, connection: Connection, table_name: str
) -> None:
    plan, rows = a_plan(table_name), some_rows(300, 500)
    create_table(connection, plan, "d")
    with FaultProxy(engine.endpoint, seeded(seed, 0.5, ("TransactWriteItems", "GetItem", "PutItem"))) as proxy:
        repeated = load_through(proxy, plan, rows)
    assert repeated > 0
    assert len(proxy.faults) > 6, "many kinds of fault have struck"
    assert proxy.faults[Fault.NONE] < proxy.faults.total()
    assert proxy.ledger.own() == dict.fromkeys(expected(plan, rows), 1)
    assert standing(connection, plan) == expected(plan, rows)
    sink = DynamoSink(connection, table_name)
    finish(sink, plan)
    record = read_run(plan, sink)
    assert record is not None
    assert record.state is State.VERIFIED
    bookkeeping = [
        name_of(item)[0]
        for page in DynamoReader(connection, table_name).scan()
        for item in page
        if name_of(item)[0].startswith("MIGRATE#")
    ]
    assert bookkeeping == ["MIGRATE#RUN"]


def test_a_table_dropped_and_loaded_again_at_once_is_loaded(connection: Connection, table_name: str) -> None:
    """The service still remembers the first load's tokens."""
    plan, rows = a_plan(table_name), some_rows()
    for _ in range(2):
        create_table(connection, plan, "d")
        load(plan, MemorySource(rows), DynamoSink(connection, table_name), quick(), lambda progress: None)
        assert standing(connection, plan) == expected(plan, rows)
        drop_table(connection, table_name)


def test_a_collision_is_named_by_the_service(connection: Connection, table_name: str, tmp_path: Path) -> None:
    plan, rows = a_plan(table_name), some_rows()
    rows["customers"][50] = (51, "c1@example.org", "x")
    create_table(connection, plan, "d")
    rejects = RejectMemory()
    options = quick(allow_rejects=True, rejects=rejects)
    report = load(plan, MemorySource(rows), DynamoSink(connection, table_name), options, lambda progress: None)
    (reject,) = rejects.rejects.values()
    assert (report.rejected, reject.key_text) == (1, "id=51")
    assert "customers (id=1)" in reject.reason


def test_rows_near_the_limits_of_a_transaction_are_loaded(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name)
    rows: Rows = {"customers": [(n, f"{n}@example.org", "é" * 190_000) for n in range(15)], "orders": []}
    create_table(connection, plan, "d")
    load(plan, MemorySource(rows), DynamoSink(connection, table_name), quick(), lambda progress: None)
    assert standing(connection, plan) == expected(plan, rows)
