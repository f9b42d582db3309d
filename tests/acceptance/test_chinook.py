"""A public database of 11 tables and 15,607 rows, whole: plan, apply, verify, query."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from migrator.target.local import LocalEngine

from tests.acceptance.commands import SHARED, migrate

CHINOOK = SHARED / "data" / "chinook"
ROWS = 15_607
PLAINLY_SERVABLE = 15

pytestmark = pytest.mark.skipif(not CHINOOK.is_dir(), reason="the chinook database is not here")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chinook")
    done = migrate(
        "plan",
        CHINOOK / "chinook.sqlite3",
        "--queries",
        CHINOOK / "queries.sql",
        "--table-name",
        "chinook",
        cwd=folder,
    )
    assert done.code == 3, done.err
    return folder


def test_every_read_is_served_or_refused_with_a_reason_and_a_way_out(planned: Path) -> None:
    patterns = json.loads((planned / "plan" / "plan.json").read_text())["access_patterns"]
    reads = [pattern for pattern in patterns if pattern["kind"] == "read"]
    served = [pattern for pattern in reads if pattern["status"] == "served"]
    assert len(served) >= PLAINLY_SERVABLE
    assert all(pattern["reason"] and pattern["way_out"] for pattern in reads if pattern not in served)
    assert all(request["operation"] != "Scan" for pattern in served for request in pattern["requests"])


def test_every_write_is_priced(planned: Path) -> None:
    patterns = json.loads((planned / "plan" / "plan.json").read_text())["access_patterns"]
    writes = [pattern for pattern in patterns if pattern["kind"] == "write"]
    assert len(writes) == 4
    assert all(pattern["write_units"] > 0 and pattern["monthly_usd"] > 0 for pattern in writes)


def test_all_rows_are_loaded_and_every_served_query_answers_as_the_sql_does(planned: Path, engine: LocalEngine) -> None:
    done = migrate("apply", "plan/plan.json", "--endpoint-url", engine.endpoint, "--json", cwd=planned)
    assert done.code in (0, 3), done.err
    told = json.loads(done.out)
    text = json.dumps(told)
    assert str(ROWS) in text or sum(table["rows"] for table in told["tables"]) == ROWS
    again = migrate("verify", "plan/plan.json", "--endpoint-url", engine.endpoint, cwd=planned)
    assert again.code == 0, again.err + again.out


def test_a_declared_query_runs_by_name(planned: Path, engine: LocalEngine) -> None:
    done = migrate(
        "query",
        "plan/plan.json",
        "albums_of_artist",
        "--param",
        "artist_id=1",
        "--endpoint-url",
        engine.endpoint,
        cwd=planned,
    )
    assert done.code == 0, done.err
    titles = [row["Title"] for row in json.loads(done.out)]
    assert titles == ["For Those About To Rock We Salute You", "Let There Be Rock"]
