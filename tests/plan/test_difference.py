"""What a plan has otherwise than the plan before it: each change said, with what it asks of loaded data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from migrator.model.settings import Settings
from migrator.plan.difference import Difference, Effort, difference
from migrator.plan.plan import Plan

from tests.planning import plan_database

SCHEMA = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE purchase (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id),
    made TEXT NOT NULL, total INTEGER NOT NULL
);
"""
BY_ID = "-- name: purchase\nSELECT * FROM purchase WHERE id = :id;\n"
OF_CUSTOMER = "-- name: of_customer\nSELECT * FROM purchase WHERE customer_id = :c ORDER BY made DESC LIMIT 5;\n"
RARELY = OF_CUSTOMER.replace("SELECT", "-- rate: 3/day\nSELECT")
UNSERVABLE = "-- name: about\nSELECT id FROM customer WHERE length(name) = :word;\n"


def planned(folder: Path, queries: str, more: str = "", settings: Settings | None = None) -> Plan:
    file = folder / "shop.db"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO customer VALUES (?, ?)", [(n, f"n{n}") for n in range(20)])
        connection.executemany(
            "INSERT INTO purchase VALUES (?, ?, ?, ?)", [(n, n % 20, f"2024-{n:04}", n) for n in range(3000)]
        )
        connection.executescript(more)
        connection.commit()
    return plan_database(file, queries, settings)


def told(found: Difference, subject: str) -> list[str]:
    return [change.what for change in found.changes if change.subject == subject]


def test_a_plan_does_not_differ_from_itself(tmp_path: Path) -> None:
    plan = planned(tmp_path, BY_ID + OF_CUSTOMER)
    found = difference(plan, plan)
    assert (found.changes, found.effort, found.rewritten, found.rows) == ((), Effort.NONE, (), 0)


def test_a_query_that_needs_an_index_rewrites_the_items_that_stand_there(tmp_path: Path) -> None:
    found = difference(planned(tmp_path, BY_ID), planned(tmp_path, BY_ID + OF_CUSTOMER))
    assert found.rewritten == ("PURCHASE",)
    assert found.rows == 3000
    assert found.effort is Effort.ITEMS
    assert told(found, "query of_customer") == ["is new: served by Query GSI1"]
    assert any(what.startswith("is new (GSI1PK") for what in told(found, "index GSI1"))
    assert found.monthly_after > found.monthly_before


def test_what_was_new_one_way_is_gone_the_other_way(tmp_path: Path) -> None:
    found = difference(planned(tmp_path, BY_ID + OF_CUSTOMER), planned(tmp_path, BY_ID))
    assert told(found, "index GSI1") == ["is gone"]
    assert told(found, "query of_customer") == ["is not declared any more"]


def test_another_rate_asks_nothing_of_the_data(tmp_path: Path) -> None:
    found = difference(planned(tmp_path, BY_ID + OF_CUSTOMER), planned(tmp_path, BY_ID + RARELY))
    assert "is asked 3.47222e-05/s" in told(found, "query of_customer")[0]
    assert found.effort is Effort.NONE or "GSI1" in str(found.changes)


def test_a_new_column_rewrites_its_table_and_a_new_table_adds_an_entity(tmp_path: Path) -> None:
    more = "ALTER TABLE customer ADD COLUMN email TEXT; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);"
    found = difference(planned(tmp_path, BY_ID), planned(tmp_path, BY_ID, more))
    assert told(found, "entity CUSTOMER") == ["has the new attribute email"]
    assert told(found, "entity NOTE") == ["is new: row of note"]
    assert set(found.rewritten) == {"CUSTOMER", "NOTE"}
    assert found.rows == 20


def test_a_query_that_becomes_servable_or_is_refused_says_so(tmp_path: Path) -> None:
    refused = planned(tmp_path, UNSERVABLE)
    served = planned(tmp_path, UNSERVABLE.replace("length(name) = :word", "id = :word"))
    assert any(
        "served by GetItem now, was refused" in what for what in told(difference(refused, served), "query about")
    )
    assert any(what.startswith("refused (") for what in told(difference(served, refused), "query about"))


@pytest.mark.parametrize(
    ("change", "effort", "said"),
    [
        ({"name": "other"}, Effort.TABLE, "is other now, was"),
        ({"partition_key": "key"}, Effort.TABLE, "has the primary key key, SK now, had PK, SK"),
        ({"deletion_protection": False}, Effort.SETTING, "has deletion_protection False now, had True"),
        ({"stream_view_type": "NEW_IMAGE"}, Effort.SETTING, "has stream_view_type NEW_IMAGE now, had none"),
    ],
)
def test_settings_of_the_table_say_what_they_ask(
    change: dict[str, Any], effort: Effort, said: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path, BY_ID)
    found = difference(plan, replace(plan, table=replace(plan.table, **change)))
    assert [(c.subject, c.effort) for c in found.changes] == [("the table", effort)]
    assert found.changes[0].what.startswith(said)
