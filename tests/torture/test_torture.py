"""Sixty odd databases go through plan, apply and verify, and each ends as it must: nothing is lost in silence."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from migrator.target.connect import Connection

from tests.cli.conftest import Command, at_engine, folder, migrate
from tests.torture.odd_files import FILES
from tests.torture.odd_keys import KEYS
from tests.torture.odd_names import NAMES
from tests.torture.odd_schemas import SCHEMAS
from tests.torture.odd_values import VALUES
from tests.torture.oddity import Faithful, Oddity, Refused, Rejected
from tests.torture.oracle import source_rows, table_items

__all__ = ["at_engine", "folder", "migrate"]

ODDITIES = [oddity for collection in (VALUES, KEYS, SCHEMAS, NAMES, FILES) for oddity in collection.found]


class Case:
    """An oddity under way: its files, its commands, and its table."""

    def __init__(self, oddity: Oddity, folder: Path, migrate: Command, connection: Connection, table: str) -> None:
        self.source = folder / "odd.db"
        self.folder = folder
        self.migrate = migrate
        self.client = connection.client
        self.table = table
        oddity.build(self.source)
        self.before = self.contents()
        if oddity.settings:
            (folder / "migrate.toml").write_text(oddity.settings + "\n")
        self.queries: tuple[object, ...] = ()
        if oddity.queries:
            (folder / "queries.sql").write_text(oddity.queries + "\n")
            self.queries = ("--queries", "queries.sql")

    def contents(self) -> dict[str, str]:
        """The source's files apart from SQLite's shared memory, which reading makes."""
        files = sorted(self.folder.glob("odd.db*"))
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if not f.name.endswith("-shm")}

    def plan(self) -> Any:
        return self.migrate("plan", "odd.db", *self.queries)

    def planned(self) -> Any:
        return json.loads((self.folder / "plan" / "plan.json").read_text())

    def has_table(self) -> bool:
        try:
            self.client.describe_table(TableName=self.table)
        except ClientError:
            return False
        return True

    def rejects(self) -> list[dict[str, Any]]:
        (file,) = self.folder.glob("plan/**/*rejects*")
        return [json.loads(line) for line in file.read_text().splitlines()]

    def check_rows(self, rows: int, rejected: int) -> None:
        """Rows of the source = items of the table + rejects, and each item says what its row says."""
        plan = self.planned()
        wanted = source_rows(self.source, plan)
        found, _ = table_items(self.client, self.table, plan)
        assert found - wanted == Counter(), "items that no row made"
        assert (wanted - found).total() == rejected, wanted - found
        assert (found.total(), wanted.total()) == (rows, rows + rejected)


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: oddity.name)
def test_an_odd_database_ends_as_it_must(
    oddity: Oddity, folder: Path, migrate: Command, connection: Connection, at_engine: str
) -> None:
    case = Case(oddity, folder, migrate, connection, at_engine)
    match oddity.ending:
        case Faithful() as ending:
            _ends_faithfully(case, ending)
        case Rejected() as ending:
            _ends_with_rejects(case, ending)
        case Refused() as ending:
            _ends_refused(case, ending)
    assert case.contents() == case.before, "the source was written"


def _plan(case: Case, says: tuple[str, ...], code: int = 0) -> None:
    planned = case.plan()
    assert planned.code == code, planned.out + planned.err
    text = json.dumps(case.planned(), ensure_ascii=False)
    missing = [fragment for fragment in says if fragment not in text]
    assert not missing, f"the plan does not say {missing}"


def _ends_faithfully(case: Case, ending: Faithful) -> None:
    _plan(case, ending.says, ending.plan_code)
    applied = case.migrate("apply", "plan", "--json")
    assert applied.code == 0, applied.out + applied.err
    load = applied.json()["load"]
    assert (load["rows"], load["rejected"]) == (ending.rows, 0)
    case.check_rows(ending.rows, 0)
    verified = case.migrate("verify", "plan")
    assert verified.code == 0, verified.out + verified.err


def _ends_with_rejects(case: Case, ending: Rejected) -> None:
    _plan(case, ending.says)
    blocked = case.migrate("apply", "plan")
    assert blocked.code == 4, blocked.out + blocked.err
    assert "nothing was written" in blocked.err
    assert not case.has_table()
    for table, keys in ending.keys.items():
        assert all(f"{table} ({key})" in blocked.err for key in keys[:5]), blocked.err
    applied = case.migrate("apply", "plan", "--allow-rejects", "--json")
    assert applied.code == 3, applied.out + applied.err
    expected = Counter((table, key) for table, keys in ending.keys.items() for key in keys)
    lines = case.rejects()
    assert Counter((line["table"], line["key"]) for line in lines) == expected
    assert all(ending.reason in line["reason"] for line in lines), lines
    load = applied.json()["load"]
    assert (load["rows"], load["rejected"]) == (ending.rows, expected.total())
    case.check_rows(ending.rows, expected.total())
    verified = case.migrate("verify", "plan")
    assert verified.code == 3, verified.out + verified.err
    assert "0 missing, 0 different" in verified.out, verified.out


def _ends_refused(case: Case, ending: Refused) -> None:
    ended = case.plan()
    if ending.command == "apply":
        assert ended.code in (0, 3), ended.out + ended.err
        ended = case.migrate("apply", "plan", "--allow-rejects")
    assert ended.code == ending.code, ended.out + ended.err
    missing = [fragment for fragment in ending.says if fragment not in ended.err]
    assert not missing, f"{missing} is not in: {ended.err}"
    assert "Traceback" not in ended.err
    assert "this is a bug" not in ended.err
    assert not case.has_table()


def test_the_suite_is_as_large_as_it_should_be_and_says_what_each_oddity_is() -> None:
    assert len(ODDITIES) >= 60
    assert all(oddity.sentence for oddity in ODDITIES)
    assert len({oddity.name for oddity in ODDITIES}) == len(ODDITIES)
