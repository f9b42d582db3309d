"""Queries on both sides: what is drawn, how long an index may lag, and what a wrong plan or a wrong table shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from migrator.plan.plan import Plan, PlannedPattern, Request
from migrator.ports import Item, Key
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.parameters import draw_parameters
from migrator.verify.queries import verify_queries

from tests.design.world import World, world
from tests.verify.harmed_worlds import Harmed, holding, shop
from tests.verify.memory import MemoryTable


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Harmed]:
    with shop(tmp_path) as made:
        yield made


@dataclass
class Clock:
    """Seconds that pass only while somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@dataclass
class Lagging:
    """A table whose indexes show nothing until some moment of the clock."""

    table: MemoryTable
    clock: Clock
    until: float

    def get_batch(self, keys: list[Key]) -> list[Item]:
        return self.table.get_batch(keys)

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        lags = "IndexName" in call and self.clock.now < self.until
        return iter(()) if lags else self.table.query(call)

    def scan(self) -> Iterator[list[Item]]:
        return self.table.scan()


def through(there: Harmed, until: float, seconds: float) -> tuple[bool, Clock]:
    """Whether the queries are found equal, with indexes that lag until then."""
    clock = Clock()
    report = verify_queries(
        there.plan,
        there.source,
        Lagging(there.table, clock, until),  # type: ignore[arg-type]
        settle=clock.sleep,
        settle_seconds=seconds,
        clock=clock.read,
    )
    return report.clean, clock


def test_an_index_that_catches_up_in_time_is_not_taken_for_a_wrong_one(there: Harmed) -> None:
    clean, clock = through(there, until=45.0, seconds=60.0)
    assert clean
    assert 45 <= clock.now <= 47


def test_an_index_that_never_catches_up_is_waited_for_once_and_not_for_every_answer(there: Harmed) -> None:
    clean, clock = through(there, until=10_000.0, seconds=60.0)
    assert not clean
    assert 60 <= clock.now <= 62


def test_where_nothing_lags_nothing_is_waited_for(there: Harmed) -> None:
    assert through(there, until=0.0, seconds=60.0) == (True, Clock())
    assert through(there, until=10_000.0, seconds=0.0)[1].slept == []


def with_requests(plan: Plan, name: str, change: Callable[[Request], Request]) -> Plan:
    """The plan with the requests of one pattern changed."""

    def changed(pattern: PlannedPattern) -> PlannedPattern:
        return replace(pattern, requests=tuple(map(change, pattern.requests))) if pattern.name == name else pattern

    return replace(plan, access_patterns=tuple(map(changed, plan.access_patterns)))


WRONG: dict[str, tuple[str, Callable[[Request], Request]]] = {
    "a shard too few": ("latest", lambda r: replace(r, shards=(r.shards or 1) - 1)),
    "another partition": ("customer_by_email", lambda r: replace(r, partition=f"{r.partition}0")),
    "another index": ("by_status", lambda r: replace(r, index=None)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_requests_that_do_not_answer_the_sql_are_seen_by_their_query_alone(wrong: str, there: Harmed) -> None:
    name, change = WRONG[wrong]
    plan = with_requests(there.plan, name, change)
    report = verify_queries(plan, there.source, there.table)
    assert [pattern.name for pattern in report.patterns if not pattern.clean] == [name]
    assert there.rows().clean


DDL = """
CREATE TABLE place(id INTEGER PRIMARY KEY, city TEXT, size INTEGER NOT NULL);
CREATE TABLE hamlet(id INTEGER PRIMARY KEY, city TEXT NOT NULL);
"""
QUERIES = """
-- name: of_city
SELECT id FROM place WHERE city = :city AND size >= :size ORDER BY size, id LIMIT :most;
-- name: smallest
SELECT id, size FROM place WHERE city = :city ORDER BY size, id LIMIT 3;
-- name: of_hamlet
SELECT id FROM hamlet WHERE city = :city;
"""


def places(folder: Path) -> World:
    cities = ["Berlin"] * 30 + ["K\u00f6ln"] * 3 + [None, "Ulm", "", "Aachen"]
    return world(folder, DDL, QUERIES, {"place": [(n, city, n % 7) for n, city in enumerate(cities)]})


def test_a_limited_request_that_reads_the_wrong_end_is_seen(tmp_path: Path) -> None:
    made = places(tmp_path)
    plan = with_requests(made.plan, "smallest", lambda r: replace(r, forward=not r.forward))
    with holding(made.plan, made.path) as there:
        report = verify_queries(plan, there.source, there.table)
    assert [pattern.name for pattern in report.patterns if not pattern.clean] == ["smallest"]


def drawn(folder: Path, count: int, seed: int = 0) -> tuple[dict[str, Any], ...]:
    made = places(folder)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        sets = draw_parameters(made.plan, made.pattern("of_city"), snapshot, count, seed)
        report = verify_queries(made.plan, snapshot, MemoryTable(made.plan), samples=count)
    assert [pattern.empty for pattern in report.patterns] == [(), (), ("hamlet",)]
    return sets


def test_parameters_are_common_rare_absent_null_extreme_empty_and_beyond_ascii(tmp_path: Path) -> None:
    sets = drawn(tmp_path, 25)
    assert 15 < len(sets) <= 25
    assert len({repr(one) for one in sets}) == len(sets), "none twice"
    cities = [one["city"] for one in sets]
    assert {"Berlin", "K\u00f6ln", None, "", "zz-\u2603-absent"} <= set(cities)
    assert cities[0] == "Berlin", "the commonest first"
    sizes = [one["size"] for one in sets if one["size"] is not None]
    assert {0, 6} <= set(sizes)
    assert min(sizes) < -1_000, "a value that no row has"
    assert {one["most"] for one in sets} == {1, 3, 20, 1000}


def test_the_same_seed_draws_the_same_and_another_one_others(tmp_path: Path) -> None:
    once = drawn(tmp_path, 25, 7)
    assert drawn(tmp_path, 25, 7) == once
    assert drawn(tmp_path, 25, 8) != once
