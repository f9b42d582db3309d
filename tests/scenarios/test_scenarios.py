"""Whole plans, byte for byte; each is also loaded and verified.

After a change that is meant: `UPDATE_GOLDEN=1 python -m pytest tests/scenarios`, and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from migrator.plan.document import dump
from migrator.render.documents import render
from migrator.render.samples import Samples
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.legality import faults
from tests.design.world import World, world
from tests.verify.memory import loaded

HOME = Path(__file__).parent
SCENARIOS = sorted(folder.name for folder in HOME.iterdir() if (folder / "schema.sql").exists())
REFUSED = {"blog": {"search"}, "tickets": {"how_many_open"}, "library": set[str]()}


def scenario(name: str, folder: Path) -> World:
    return world(folder, (HOME / name / "schema.sql").read_text(), (HOME / name / "queries.sql").read_text())


def files(made: World) -> dict[str, bytes]:
    return {"plan.json": dump(made.plan), "design.md": render(made.plan, Samples(()))["design.md"].encode()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_gives_the_plan_and_the_document_that_were_reviewed(name: str, tmp_path: Path) -> None:
    for file, content in files(scenario(name, tmp_path)).items():
        golden = HOME / name / file
        if os.environ.get("UPDATE_GOLDEN"):
            golden.write_bytes(content)
        assert golden.read_bytes() == content, f"{name}/{file} differs; UPDATE_GOLDEN=1 rewrites it"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_answers_as_its_source_does(name: str, tmp_path: Path) -> None:
    made = scenario(name, tmp_path)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        assert verify_rows(made.plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(made.plan, snapshot, table)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]


@pytest.mark.parametrize("name", SCENARIOS)
def test_only_what_no_key_can_serve_is_refused_and_writes_are_legal(name: str, tmp_path: Path) -> None:
    made = scenario(name, tmp_path)
    assert {p.name for p in made.plan.access_patterns if p.status == "refused"} <= REFUSED[name]
    writes = [p for p in made.plan.access_patterns if p.kind == "write"]
    assert [fault for pattern in writes for fault in faults(made.plan, pattern)] == []
