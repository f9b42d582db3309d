"""Designs that experts published, restated as schemas and queries: the planner does as well, or is known not to.

An expert counts requests and indexes, the planner dollars. So each case is planned twice: at the usual prices, where
two requests side by side may be cheaper than what one would take, and where a request is so dear that only one will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.prices import default_prices
from migrator.model.settings import Settings
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows
from migrator.workload.read import read_workload

from tests.design.published_cases import FOLDER, NAMES, SIZES, Published, expert, published, reflected
from tests.verify.memory import loaded

USUAL = Settings(default_prices())
DEAR_REQUESTS = Settings(replace(default_prices(), request_million=20.0, round_trip_million=20.0))
FALLS_SHORT = {
    "chat_rooms": "a message's table key is its id alone, so that its room takes an index: no table key holds more "
    "than a unique key",
}
"""Cases that need more indexes than the expert, and why."""

ASKS_TWICE = {
    "code_hosting": "a repo lies beside its account's other repos, which saves more than to lie beside its own issues; "
    "no one query reads both a partition and a branch of it",
    "complaints": "a communication's table key is its id alone, and to write complaints into its index costs more than "
    "a second request beside the first",
    "event_tickets": "to write orders into the index of their seats costs more than a second request beside the first",
    "ledger": "to write transfers into the index of their entries costs more than a second request beside the first",
    "tenants": "tickets begin with their own tag and not with their project's, so that no range of an organisation's "
    "partition holds a project and its tickets",
}
"""Cases that at the usual prices take two requests side by side for what takes the expert one, and why."""


READ_BY_KEYS = {
    "chat_rooms": {"rooms_of_chatter"},
    "code_hosting": {"forks_of_repo"},
    "game_scores": {"scores_of_player"},
    "sensors": {"sensors_of_building", "sensors_of_floor", "building_with_sensors"},
}
"""Reads that at the declared rates are cheaper by far with an index of keys alone, by which the rows are read then: to
keep whole rows in an index costs a write for each of many changes. The experts say no rates."""


def cases(short: Mapping[str, str], sizes: tuple[str, ...] = SIZES) -> list[object]:
    """Every case over tables of these sizes; those that fall short must fail."""
    marks = {name: [pytest.mark.xfail(reason=reason, strict=True)] for name, reason in short.items()}
    return [
        pytest.param(name, size, id=f"{name}-{size}", marks=marks.get(name, ())) for name in NAMES for size in sizes
    ]


def taken(case: Published) -> dict[str, int]:
    """Requests of each read."""
    return {pattern.name: len(pattern.requests) for pattern in case.plan.access_patterns if pattern.kind == "read"}


def saving(case: Published, read: str) -> float | None:
    """Dollars a month that a read by keys saves against the cheapest alternative told that takes one round trip."""
    pattern = case.plan.pattern(read)
    others = [r.monthly_usd for r in pattern.rejected if r.round_trips == 1 and r.path.startswith("index")]
    known = [usd for usd in others if usd is not None]
    return min(known) - pattern.monthly_usd if known else None


@pytest.mark.parametrize(("name", "size"), cases(FALLS_SHORT))
def test_a_published_design_is_planned_with_no_more_indexes(name: str, size: str, tmp_path: Path) -> None:
    case = published(name, size, tmp_path, USUAL)
    assert len(case.plan.indexes) <= case.allowed_indexes
    counted = {"aggregate"} if any("counter" in item for item in case.expert.extra_items) else set[str]()
    assert {entity.kind for entity in case.plan.entities} <= {"row", "guard"} | counted


@pytest.mark.parametrize(("name", "size"), cases({}))
def test_every_query_of_a_published_design_is_served_in_one_round_trip(name: str, size: str, tmp_path: Path) -> None:
    case = published(name, size, tmp_path, USUAL)
    assert [(p.name, p.reason) for p in case.plan.access_patterns if p.status != "served"] == []
    once = set(case.expert.one_request) - READ_BY_KEYS.get(name, set())
    reads = [pattern for pattern in case.plan.access_patterns if pattern.name in once]
    assert {pattern.name: pattern.round_trips for pattern in reads if pattern.round_trips > 1} == {}
    assert "Scan" not in {request.operation for pattern in reads for request in pattern.requests}


@pytest.mark.parametrize(("name", "size"), cases(FALLS_SHORT))
def test_what_takes_the_expert_one_request_takes_one_where_requests_are_dear(
    name: str, size: str, tmp_path: Path
) -> None:
    case = published(name, size, tmp_path, DEAR_REQUESTS)
    requests = taken(case)
    once = set(case.expert.one_request) - (READ_BY_KEYS["sensors"] if name == "sensors" else set())
    assert {read: requests[read] for read in once if requests[read] > 1} == {}
    assert len(case.plan.indexes) <= case.allowed_indexes


@pytest.mark.parametrize(("name", "size"), cases(ASKS_TWICE, ("small",)))
def test_what_takes_the_expert_one_request_takes_one_at_the_usual_prices(name: str, size: str, tmp_path: Path) -> None:
    case = published(name, size, tmp_path, USUAL)
    requests = taken(case)
    once = set(case.expert.one_request) - READ_BY_KEYS.get(name, set())
    assert {read: requests[read] for read in once if requests[read] > 1} == {}


@pytest.mark.parametrize("name", sorted(set(READ_BY_KEYS) - {"chat_rooms"}))
def test_a_read_by_the_keys_of_an_index_saves_more_than_ten_dollars(name: str, tmp_path: Path) -> None:
    case = published(name, "small", tmp_path, USUAL)
    by_keys = {read for read in READ_BY_KEYS[name] if case.plan.pattern(read).round_trips > 1}
    savings = [usd for read in by_keys if (usd := saving(case, read)) is not None]
    assert max(savings) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_published_design_gives_what_the_source_gives(name: str, tmp_path: Path) -> None:
    case = published(name, "small", tmp_path, USUAL, whole=True)
    with open_source(parse_location(str(case.database))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(case.plan, snapshot)
        assert verify_rows(case.plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(case.plan, snapshot, table)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]
    assert [h.message for h in case.plan.hazards if h.code == "orphans"] == [], "the rows' references hold"


@pytest.mark.parametrize("name", NAMES)
def test_a_published_design_speaks_of_each_of_its_reads(name: str, tmp_path: Path) -> None:
    home, told = FOLDER / name, expert(name)
    schema = reflected(tmp_path / "empty.db", (home / "schema.sql").read_text())
    workload = read_workload((home / "queries.sql").read_text(), schema, "queries.sql")
    reads = {pattern.name for pattern in workload.patterns if pattern.kind == "read"}
    assert set(told.one_request) | set(told.unserved) == reads
    assert not set(told.one_request) & set(told.unserved)
