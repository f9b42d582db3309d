"""What migrate.toml says of the data is proven when the plan is made, not when it is applied."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.cli.proving import prove_overrides
from migrator.model.errors import BlockedError
from migrator.model.settings import TableOverride
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect

from tests.cli.conftest import Command
from tests.design.world import fill, make_settings

DDL = """
CREATE TABLE visit (day TEXT, room INTEGER, guest TEXT, until TEXT, paid BOOLEAN, seconds INTEGER, mostly TEXT);
CREATE TABLE bare (a TEXT, open BLOB);
"""
ROWS = {
    "visit": [
        ("2024-05-01", 1, "ann", "2024-05-02 10:00:00", 1, 1_700_000_000, "2024-05-02"),
        ("2024-05-01", 2, "ann", "soon", 0, None, "2024-05-02"),
        ("2024-05-02", 1, None, "later", 1, 1_700_000_000, "later"),
    ]
}


def proven(folder: Path, override: TableOverride, exact_rows: int = 1_000) -> tuple[str, ...]:
    path = folder / "visits.db"
    fill(path, DDL, ROWS)
    with open_source(parse_location(str(path))) as source:
        schema = reflect(source)
        statistics = measure(source, schema, exact_rows=exact_rows)
        return prove_overrides(source, schema, statistics, make_settings(overrides=(override,)))


@pytest.mark.parametrize(
    "override",
    [
        TableOverride("visit", key=("day", "room")),
        TableOverride("visit", key=("day", "room"), ttl="seconds"),
        TableOverride("visit", key=("day", "room"), ttl="none"),
        TableOverride("bare", key=("a",), ttl="a"),
    ],
)
def test_what_the_data_bears_out_needs_no_word(tmp_path: Path, override: TableOverride) -> None:
    assert proven(tmp_path, override) == ()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (TableOverride("visit", key=("day",)), r"\(day\), does not name its rows: several rows share 1 value of it"),
        (TableOverride("visit", key=("room",)), "several rows share 1 value of it"),
        (TableOverride("visit", key=("day", "guest")), "NULL stands in it in 1 row"),
        (
            TableOverride("visit", key=("day", "room"), ttl="guest"),
            "cannot expire by guest .TEXT., .*none of 2 values looked at is a time",
        ),
        (TableOverride("visit", key=("day", "room"), ttl="paid"), "none of 3 values looked at is a time"),
        (TableOverride("bare", ttl="open"), "its kind holds no times"),
    ],
)
def test_what_it_does_not_bear_out_stops_the_plan(tmp_path: Path, override: TableOverride, message: str) -> None:
    with pytest.raises(BlockedError, match=message):
        proven(tmp_path, override)


def test_some_values_that_are_no_times_are_counted(tmp_path: Path) -> None:
    (told,) = proven(tmp_path, TableOverride("visit", key=("day", "room"), ttl="mostly"))
    assert told == "1 of 3 values of visit.mostly looked at are no time: `apply` rejects such rows"


def test_a_key_of_a_table_too_large_to_count_is_said_to_be_unproven(tmp_path: Path) -> None:
    (told,) = proven(tmp_path, TableOverride("visit", key=("day",)), exact_rows=2)
    assert told.startswith("that (day) tells the rows of visit apart is taken from migrate.toml")


def test_the_command_stops_with_the_exit_code_of_what_blocks(migrate: Command, folder: Path) -> None:
    fill(folder / "visits.db", DDL, ROWS)
    (folder / "migrate.toml").write_text("[tables.visit]\nkey = ['day']\n[tables.bare]\nexclude = true\n")
    ended = migrate("plan", "visits.db")
    assert ended.code == 4
    assert "does not name its rows" in ended.err
