"""Designs that experts published, planned from their schema and access patterns, loaded and verified."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from migrator.target.local import LocalEngine

from tests.acceptance.commands import SHARED, migrate
from tests.acceptance.sources import fill_case

CASES = sorted(path.parent for path in (SHARED / "cases").glob("*/schema.sql"))

pytestmark = pytest.mark.skipif(not CASES, reason="the public cases are not here")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_planned_with_no_more_indexes_than_the_expert_and_verifies_clean(
    case: Path, tmp_path: Path, engine: LocalEngine
) -> None:
    fill_case(case / "schema.sql", tmp_path / "case.db")
    arguments = ("case.db", "--queries", case / "queries.sql", "--table-name", f"case-{case.name}")
    done = migrate("plan", *arguments, cwd=tmp_path)
    assert done.code == 0, done.err
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text())
    expert = re.search(r"expert_gsi_count: (\d+)", (case / "expert.yaml").read_text())
    assert expert is not None
    assert len(plan["indexes"]) <= int(expert[1])
    reads = [pattern for pattern in plan["access_patterns"] if pattern["kind"] == "read"]
    assert [pattern["name"] for pattern in reads if pattern["status"] != "served"] == []
    loaded = migrate("apply", "plan/plan.json", "--endpoint-url", engine.endpoint, cwd=tmp_path)
    assert loaded.code == 0, loaded.err + loaded.out
