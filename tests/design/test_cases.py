"""Published expert designs, restated as schemas and queries: as few indexes, every read served, no Scan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.filling import fill_schema
from tests.design.world import World, fill, world
from tests.verify.memory import loaded

FOLDER = Path(__file__).parents[3] / "shared" / "cases"
NAMES = ("aws_device_status", "aws_online_shop", "aws_session_mgmt", "debrie_ecommerce")


def case(name: str, folder: Path) -> World:
    home = FOLDER / name
    if not home.is_dir():
        pytest.skip(f"the case {name} is not here")
    ddl = (home / "schema.sql").read_text()
    fill(folder / "empty.db", ddl, {})
    with open_source(parse_location(str(folder / "empty.db"))) as source:
        rows = fill_schema(reflect(source))
    return world(folder, ddl, (home / "queries.sql").read_text(), rows)


def expert_indexes(name: str) -> int:
    found = re.search(r"^expert_gsi_count: (\d+)", (FOLDER / name / "expert.yaml").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.parametrize("name", NAMES)
def test_an_expert_case_is_served_with_no_more_indexes_than_the_expert(name: str, tmp_path: Path) -> None:
    made = case(name, tmp_path)
    assert [(p.name, p.reason) for p in made.plan.access_patterns if p.status != "served"] == []
    assert made.indexes() <= expert_indexes(name)
    operations = {request.operation for pattern in made.plan.access_patterns for request in pattern.requests}
    assert "Scan" not in operations


@pytest.mark.parametrize("name", NAMES)
def test_an_expert_case_gives_what_the_source_gives(name: str, tmp_path: Path) -> None:
    made = case(name, tmp_path)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        assert verify_rows(made.plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(made.plan, snapshot, table)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]
    assert table.scans == 1
