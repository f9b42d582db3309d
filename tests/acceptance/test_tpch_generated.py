"""The 22 reports of TPC-H as its own generator writes them, over rows of its own: each is refused with a way out, or
served as the source answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.acceptance.test_tpch import APPLICATION, HOME
from tests.acceptance.tpch.generated import generated
from tests.design.world import World, planned, world
from tests.verify.memory import loaded

SCALE = 0.001
"""6,005 line items."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The filled tables, planned for what an application asks of them, and the reports."""

    made: World
    reports: Mapping[str, str]


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows, reports = generated(SCALE)
    ddl = (HOME / "schema.sql").read_text(encoding="utf-8")
    return Benchmark(world(tmp_path_factory.mktemp("tpch"), ddl, APPLICATION, rows), reports)


def assert_as_the_source_answers(made: World) -> None:
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        report = verify_queries(made.plan, snapshot, table, samples=8)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]


def test_what_an_application_asks_is_served_over_the_generated_rows(benchmark: Benchmark) -> None:
    assert [p.name for p in benchmark.made.plan.access_patterns if p.status != "served"] == []
    assert_as_the_source_answers(benchmark.made)


def test_every_generated_row_is_in_the_table(benchmark: Benchmark) -> None:
    plan = benchmark.made.plan
    with open_source(parse_location(str(benchmark.made.path))) as source, take_snapshot(source, None) as snapshot:
        report = verify_rows(plan, snapshot, loaded(plan, snapshot), allow_scan=True)
    assert report.clean and report.checked > 8_000


def test_each_generated_report_is_refused_with_a_way_out_or_served_as_the_source_answers(benchmark: Benchmark) -> None:
    declared = "\n".join(f"-- name: {name}\n{text}" for name, text in benchmark.reports.items())
    made = planned(benchmark.made.path, declared)
    patterns = made.plan.access_patterns
    assert len(patterns) == 22
    refused = [pattern for pattern in patterns if pattern.status == "refused"]
    assert [pattern.name for pattern in refused if not (pattern.reason and pattern.way_out)] == []
    assert len(refused) >= 20, "these are analytics"
    assert_as_the_source_answers(made)
