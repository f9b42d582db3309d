"""Each query of the suite gets the right decision, and what is served is what SQLite answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.settings import Limits
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.adversarial.cases import CASES, Case
from tests.adversarial.schemas import SCHEMAS
from tests.design.filling import fill_schema
from tests.design.world import Rows, World, fill, make_settings, world
from tests.verify.memory import loaded

LARGE = Limits(listed_rows=10, bounded_items=20)
"""The filled tables have up to 40 rows: with these limits they are too large to be listed whole."""


def filled(schema: str, folder: Path) -> Rows:
    fill(folder / "empty.db", SCHEMAS[schema], {})
    with open_source(parse_location(str(folder / "empty.db"))) as source:
        return fill_schema(reflect(source))


def declared(case: Case) -> str:
    return f"-- name: {case.name}\n" + ";\n".join(part.strip() for part in case.sql.split(";")) + ";\n"


def differences(made: World) -> list[str]:
    """What the table gives otherwise than the source."""
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        assert verify_rows(made.plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(made.plan, snapshot, table)
    return [str(difference) for pattern in report.patterns for difference in pattern.differences]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.schema}-{case.name}")
def test_the_decision_is_right(case: Case, tmp_path: Path) -> None:
    made = world(tmp_path, SCHEMAS[case.schema], declared(case), filled(case.schema, tmp_path), make_settings(LARGE))
    (pattern,) = made.plan.access_patterns
    assert "Scan" not in {request.operation for request in pattern.requests}
    if pattern.status == "refused":
        assert case.clause and case.clause in (pattern.reason or ""), pattern.reason
        assert pattern.way_out
        assert made.indexes() == 0, "no index is made for what is refused"
        return
    assert len(pattern.requests) == case.requests, [request.operation for request in pattern.requests]
    assert differences(made) == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_all_queries_of_a_schema_together_are_answered_from_one_table(schema: str, tmp_path: Path) -> None:
    named = [case for case in CASES if case.schema == schema and "?" not in case.sql]
    queries = "\n".join(declared(case) for case in named)
    made = world(tmp_path, SCHEMAS[schema], queries, filled(schema, tmp_path), make_settings(LARGE))
    served = {pattern.name for pattern in made.plan.access_patterns if pattern.status == "served"}
    assert served >= {case.name for case in named if case.clause is None}
    assert made.plan.optimality.gap == 0
    assert differences(made) == []


def test_the_suite_is_as_large_as_it_should_be() -> None:
    assert len(CASES) >= 60
    assert len({case.schema for case in CASES}) >= 8
    assert len({(case.schema, case.name) for case in CASES}) == len(CASES)
