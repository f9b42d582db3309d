"""Aggregates over random data: loaded, read back, and asked; and a counter that is off by one is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from migrator.load.load import load
from migrator.load.rejects import RejectMemory
from migrator.model.errors import BlockedError
from migrator.model.query import Field
from migrator.model.settings import Limits
from migrator.model.unit import RowValue
from migrator.plan.document import dump
from migrator.plan.document import load as read_plan
from migrator.plan.plan import Plan, Request
from migrator.plan.recheck import recheck
from migrator.render.documents import render
from migrator.render.samples import Samples
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.target.connect import Connection
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.world import World, make_settings, world
from tests.load.world import MemoryTable as Sink
from tests.load.world import quick
from tests.verify.memory import loaded

DDL = """
CREATE TABLE owner(id TEXT PRIMARY KEY);
CREATE TABLE entry(id INTEGER PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES owner(id), state TEXT NOT NULL,
  level INTEGER NOT NULL, day DATE NOT NULL, total DECIMAL(12,2) NOT NULL, points INTEGER);
"""
QUERIES = """
-- name: by_state
SELECT state, COUNT(*) AS n, SUM(total) AS sum, AVG(points) AS mean FROM entry GROUP BY state ORDER BY n DESC, state;
-- name: of_owner
SELECT COUNT(*), SUM(points), COUNT(points), AVG(total) FROM entry WHERE owner_id = :o;
-- name: of_owner_by_state
SELECT state, COUNT(points) FROM entry WHERE owner_id = :o GROUP BY state;
-- name: of_some_owners
SELECT owner_id, SUM(total) FROM entry WHERE owner_id IN (:o, :p) GROUP BY owner_id;
-- name: everything
SELECT COUNT(*), SUM(points) FROM entry;
-- name: days
SELECT day, SUM(total) FROM entry WHERE state = 'open' AND day >= :from AND day < :to GROUP BY day ORDER BY day LIMIT 3;
-- name: levels
SELECT MIN(level), MAX(level), COUNT(DISTINCT level), SUM(level), AVG(level) FROM entry
WHERE owner_id = :o AND level > :l;
-- name: busy_states
SELECT state, SUM(total) FROM entry GROUP BY state HAVING COUNT(*) > 100 AND COUNT(points) < 1000 ORDER BY state;
-- name: high_owners
SELECT owner_id FROM entry GROUP BY owner_id HAVING MAX(level) = 2 AND SUM(points) > :p;
-- name: states
SELECT DISTINCT state FROM entry WHERE state <> :s OR level = 2;
"""
STATES = ("open", "", "a#b", "100%", "Open")


TOTALS = (0, 3, 0.1, 0.2, 99.99)


def some_rows(seed: int, count: int = 700, totals: tuple[float, ...] = TOTALS) -> dict[str, list[tuple[RowValue, ...]]]:
    chance = random.Random(seed)
    entries: list[tuple[RowValue, ...]] = [
        (
            number,
            f"o{chance.randrange(4)}",
            chance.choice(STATES),
            chance.randrange(-1, 3),
            f"2024-02-{chance.randrange(1, 15):02}",
            chance.choice(totals),
            chance.choice((None, None, 7, 2**50)),
        )
        for number in range(count)
    ]
    return {"owner": [(f"o{n}",) for n in range(5)], "entry": entries}


def made_limits() -> Limits:
    """Limits under which 700 entries of four owners are too many to read."""
    return Limits(bounded_items=60, listed_rows=60)


def made(folder: Path, seed: int = 1, **changes: list[tuple[RowValue, ...]]) -> World:
    return world(folder, DDL, QUERIES, {**some_rows(seed), **changes}, make_settings(made_limits()))


@contextmanager
def snapshot_of(made: World) -> Iterator[Snapshot]:
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        yield snapshot


def aggregates(plan: Plan) -> list[str]:
    return [entity.name for entity in plan.entities if entity.kind == "aggregate"]


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_what_the_source_answers(seed: int, tmp_path: Path) -> None:
    found = made(tmp_path, seed)
    plan = read_plan(dump(found.plan), "plan.json")
    assert plan == found.plan
    assert {p.status for p in plan.access_patterns} == {"served"}
    assert all(plan.entity(part.entity).kind == "aggregate" for p in plan.access_patterns for part in p.parts)
    with snapshot_of(found) as snapshot:
        table = loaded(plan, snapshot)
        assert verify_rows(plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(plan, snapshot, table)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]
    assert all(pattern.with_rows for pattern in report.patterns)


def test_an_aggregate_of_no_rows_has_no_items_and_answers_as_sql_does(tmp_path: Path) -> None:
    found = made(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = world(empty, DDL, "-- name: q\nSELECT COUNT(*) FROM owner;", {"owner": [("o",)]})
    with snapshot_of(bare) as snapshot:
        table = loaded(found.plan, snapshot)
        assert set(table.items) == {("OWNER#o", "OWNER#")}
        assert verify_queries(found.plan, snapshot, table).clean


@pytest.mark.parametrize("name", ["count", "sum_total", "count_points"])
def test_a_counter_that_is_off_by_one_is_found_by_rows_and_by_queries(name: str, tmp_path: Path) -> None:
    found = made(tmp_path)
    with snapshot_of(found) as snapshot:
        table = loaded(found.plan, snapshot)
        identity = next(
            i for i, item in table.items.items() if name in item and item["type"]["S"] in aggregates(found.plan)
        )
        item = table.items[identity]
        table.items[identity] = {**item, name: {"N": str(Decimal(item[name]["N"]) + 1)}}
        report = verify_rows(found.plan, snapshot, table)
        (difference,) = report.differences
        assert (difference.entity, difference.attribute) == (item["type"]["S"], name)
        assert not verify_queries(found.plan, snapshot, table).clean


def test_a_group_whose_rows_are_gone_is_in_no_answer(tmp_path: Path) -> None:
    found = made(tmp_path)
    with snapshot_of(found) as snapshot:
        table = loaded(found.plan, snapshot)
        for identity, item in list(table.items.items()):
            if item["type"]["S"] in aggregates(found.plan):
                ghost = {n: ({"N": "0"} if "N" in wire and n not in ("level",) else wire) for n, wire in item.items()}
                table.items[(identity[0], identity[1] + "~")] = {**ghost, "SK": {"S": identity[1] + "~"}}
        assert verify_queries(found.plan, snapshot, table).clean


def test_a_load_in_many_chunks_writes_every_group_once_and_resumes(tmp_path: Path) -> None:
    found = made(tmp_path)
    with snapshot_of(found) as snapshot:
        sink, wanted = Sink(), loaded(found.plan, snapshot).items
        report = load(found.plan, snapshot, sink, quick(rows_per_chunk=7), lambda progress: None)
        assert {table.name for table in report.tables} >= set(aggregates(found.plan))
        assert sink.own() == wanted
        assert load(found.plan, snapshot, sink, quick(rows_per_chunk=7), lambda progress: None).already


def test_a_text_among_the_numbers_stops_the_load_by_the_group_s_name(tmp_path: Path) -> None:
    rows = [*some_rows(1)["entry"], (9999, "o1", "open", 1, "2024-02-01", "many", None)]
    found = made(tmp_path, entry=rows)
    with snapshot_of(found) as snapshot:
        with pytest.raises(BlockedError, match="sum_total: values to add that are not numbers: 1"):
            load(found.plan, snapshot, Sink(), quick(), lambda progress: None)
        rejects = RejectMemory()
        load(found.plan, snapshot, Sink(), quick(allow_rejects=True, rejects=rejects), lambda progress: None)
        assert {table for table, _ in rejects.rejects} <= set(aggregates(found.plan))


def test_the_embedded_engine_answers_from_aggregates_as_the_source_does(
    tmp_path: Path, connection: Connection, table_name: str
) -> None:
    found = made(tmp_path)
    plan = replace(found.plan, table=replace(found.plan.table, name=table_name))
    create_table(connection, plan, "d")
    with snapshot_of(found) as snapshot:
        load(plan, snapshot, DynamoSink(connection, table_name), quick(workers=4), lambda progress: None)
        reader = DynamoReader(connection, table_name)
        assert verify_rows(plan, snapshot, reader).clean
        assert verify_queries(plan, snapshot, reader, samples=6).clean


def changed(plan: Plan, name: str, **changes: object) -> Plan:
    """The plan with one pattern's first request changed."""
    pattern = plan.pattern(name)
    first: Request = replace(pattern.requests[0], **changes)  # type: ignore[arg-type]
    patterns = tuple(replace(p, requests=(first, *p.requests[1:])) if p == pattern else p for p in plan.access_patterns)
    return replace(plan, access_patterns=patterns)


def test_the_recheck_finds_what_no_aggregate_answers(tmp_path: Path) -> None:
    plan = made(tmp_path).plan
    assert recheck(plan) == ()
    assert any("stops before it has all groups" in fault for fault in recheck(changed(plan, "by_state", limit="2")))
    bare = tuple(replace(e, measures=e.measures[:1]) for e in plan.entities)
    assert any("keeps no sum of it" in fault for fault in recheck(replace(plan, entities=bare)))
    pattern = plan.pattern("by_state")
    (part,) = pattern.parts
    finer = replace(part, select=replace(part.select, group_by=(Field(part.select.driver, "points"),)))
    patterns = tuple(replace(p, parts=(finer,)) if p == pattern else p for p in plan.access_patterns)
    assert any("points, which the groups" in fault for fault in recheck(replace(plan, access_patterns=patterns)))


def test_documents_tell_what_an_aggregate_is(tmp_path: Path) -> None:
    text = "".join(render(made(tmp_path).plan, Samples(())).values())
    assert "one item for each group of rows of `entry` that share their values of" in text
    assert "the sum of `total`, 0 when there is none" in text
