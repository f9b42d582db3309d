"""Writes keep aggregates right: whatever is performed, each group's item is what SQL answers."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from migrator.load.load import load
from migrator.model.unit import RowValue
from migrator.plan.plan import PlannedPattern
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.target.connect import Connection
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table
from migrator.target.writer import DynamoWriter
from migrator.verify.perform import perform
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.legality import faults
from tests.design.world import World, make_settings, world
from tests.load.world import quick
from tests.verify import test_aggregates as shared
from tests.verify.memory import MemoryTable, loaded
from tests.verify.writing import MemoryWriter

WRITES = {
    "add": "INSERT INTO entry (id, owner_id, state, level, day, total, points) VALUES (:id, :o, :s, :l, :d, :t, :p);",
    "add_two": (
        "INSERT INTO entry (id, owner_id, state, level, day, total, points) "
        "VALUES (:id, :o, :s, 1, :d, :t, :p), (:id2, :o, :s, 1, :d, :t, NULL);"
    ),
    "add_quietly": (
        "INSERT INTO entry (id, owner_id, state, level, day, total, points) VALUES (:id, :o, :s, :l, :d, :t, :p) "
        "ON CONFLICT DO NOTHING;"
    ),
    "put": (
        "INSERT INTO entry (id, owner_id, state, level, day, total, points) VALUES (:id, :o, :s, :l, :d, :t, :p) "
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, total = total + :t;"
    ),
    "restate": "UPDATE entry SET state = :s, points = :p WHERE id = :id;",
    "raise": "UPDATE entry SET total = total + :t, level = level + 1 WHERE id = :id;",
    "score": "UPDATE entry SET points = points - 3 WHERE id = :id;",
    "several": "UPDATE entry SET state = :s WHERE id IN (:id, :id2, :id3);",
    "drop": "DELETE FROM entry WHERE id = :id;",
    "drop_if": "DELETE FROM entry WHERE id = :id AND state = :s;",
}
QUARTERS = (0, 3, 0.25, -1.5)
"""What SQLite too adds up without rounding."""
QUERIES = shared.QUERIES + "".join(f"-- name: {name}\n{sql}\n" for name, sql in WRITES.items())


def made(folder: Path, seed: int) -> World:
    settings = make_settings(shared.made_limits())
    return world(folder, shared.DDL, QUERIES, shared.some_rows(seed, 300, QUARTERS), settings)


def drawn(chance: random.Random) -> dict[str, RowValue]:
    known = [chance.randrange(310) for _ in range(3)]
    return {
        "id": known[0],
        "id2": known[1],
        "id3": known[2],
        "o": f"o{chance.randrange(4)}",
        "s": chance.choice(("open", "a#b", "new", "")),
        "l": chance.randrange(-1, 3),
        "d": f"2024-02-{chance.randrange(1, 15):02}",
        "t": chance.choice(QUARTERS),
        "p": chance.choice((None, 7, 12)),
    }


def used(pattern: PlannedPattern, values: dict[str, RowValue]) -> dict[str, RowValue]:
    return {p.use.name: values[p.use.name] for p in pattern.parameters}


def carried_out(connection: sqlite3.Connection, sql: str, values: dict[str, Any]) -> bool:
    try:
        with connection:
            connection.execute(sql, values)
    except sqlite3.IntegrityError:
        return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_after_random_writes_every_figure_is_what_the_source_answers(seed: int, tmp_path: Path) -> None:
    found, chance, outcomes = made(tmp_path, seed), random.Random(seed), Counter[str]()
    plan = found.plan
    assert {p.status for p in plan.access_patterns} == {"served"}
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(plan, snapshot)
    with closing(sqlite3.connect(found.path)) as connection:
        for _ in range(80):
            name, values = chance.choice(list(WRITES)), drawn(chance)
            given = used(plan.pattern(name), values)
            done = carried_out(connection, WRITES[name], given)
            told = perform(plan, plan.pattern(name), given, table, MemoryWriter(table))
            assert (told.outcome in ("done", "nothing")) == done, (name, values, told)
            outcomes[told.outcome] += 1
    assert outcomes["done"] > 20
    assert clean(found, table)


def test_the_embedded_engine_takes_the_writes_and_counts_as_the_source_does(
    tmp_path: Path, connection: Connection, table_name: str
) -> None:
    found, chance = made(tmp_path, 9), random.Random(9)
    plan = replace(found.plan, table=replace(found.plan.table, name=table_name))
    create_table(connection, plan, "d")
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        load(plan, snapshot, DynamoSink(connection, table_name), quick(workers=4), lambda progress: None)
    reader, writer = DynamoReader(connection, table_name), DynamoWriter(connection, table_name)
    with closing(sqlite3.connect(found.path)) as source_connection:
        for name in list(WRITES) * 3:
            given = used(plan.pattern(name), drawn(chance))
            done = carried_out(source_connection, WRITES[name], given)
            assert (perform(plan, plan.pattern(name), given, reader, writer).outcome in ("done", "nothing")) == done
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        rows = verify_rows(plan, snapshot, reader)
    assert rows.clean, rows.differences[:5]


def clean(found: World, table: MemoryTable) -> bool:
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        rows = verify_rows(found.plan, snapshot, table, allow_scan=True)
        queries = verify_queries(found.plan, snapshot, table)
    assert rows.clean, rows.differences[:5]
    assert not rows.extra
    assert queries.clean, [pattern.differences for pattern in queries.patterns if not pattern.clean]
    return True


def test_planned_writes_of_counted_rows_are_legal(tmp_path: Path) -> None:
    plan = made(tmp_path, 1).plan
    assert [fault for name in WRITES for fault in faults(plan, plan.pattern(name))] == []


def test_a_change_within_a_group_is_one_update_of_the_difference(tmp_path: Path) -> None:
    found = made(tmp_path, 1)
    plan = found.plan
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(plan, snapshot)
    before = dict(table.items)
    perform(plan, plan.pattern("score"), {"id": 5}, table, MemoryWriter(table))
    changed = {key for key, item in table.items.items() if before.get(key) != item}
    kept = [table.items[key] for key in changed if table.items[key]["type"]["S"] in shared.aggregates(plan)]
    summed = [e.name for e in plan.entities if e.measure("sum", "points")]
    assert sorted(item["type"]["S"] for item in kept) == sorted(summed) or not kept


def test_the_price_of_upkeep_is_what_the_planned_writes_take(tmp_path: Path) -> None:
    plan = made(tmp_path, 1).plan
    counters = len(shared.aggregates(plan))
    assert plan.pattern("add").write_units == 2 + 2 * counters
    assert plan.pattern("drop").write_units == 2 + 2 * counters


def test_rows_that_go_with_their_parent_are_counted_off(tmp_path: Path) -> None:
    ddl = (
        "CREATE TABLE owner(id INTEGER PRIMARY KEY); CREATE TABLE pet(id INTEGER PRIMARY KEY, "
        "owner_id INTEGER NOT NULL REFERENCES owner(id) ON DELETE CASCADE, kind TEXT NOT NULL, age INTEGER);"
    )
    rows: dict[str, list[tuple[RowValue, ...]]] = {
        "owner": [(n,) for n in range(30)],
        "pet": [(n, n % 30, ("cat", "dog")[n % 2], n % 5 or None) for n in range(240)],
    }
    sql = "DELETE FROM owner WHERE id = :id;"
    queries = (
        "-- name: kinds\nSELECT kind, COUNT(*), AVG(age) FROM pet GROUP BY kind;\n"
        f"-- name: of_owner\nSELECT * FROM pet WHERE owner_id = :o;\n-- name: part\n{sql}\n"
    )
    found = world(tmp_path, ddl, queries, rows, make_settings(shared.made_limits()))
    assert shared.aggregates(found.plan) == ["PET_TOTALS_BY_KIND"]
    with open_source(parse_location(str(found.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(found.plan, snapshot)
    with closing(sqlite3.connect(found.path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for owner in (0, 7, 7, 13):
            assert carried_out(connection, sql, {"id": owner})
            perform(found.plan, found.plan.pattern("part"), {"id": owner}, table, MemoryWriter(table))
    assert clean(found, table)
