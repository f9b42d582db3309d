"""Samples of item collections: whole where that is said, masked, or none at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from migrator.cli.sampling import LONGEST, take_samples
from migrator.plan.plan import Plan
from migrator.render.samples import Samples, samples_json
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot

from tests.planning import make_database, plan_database

SCRIPT = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, city TEXT NOT NULL);
CREATE TABLE purchase (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), made TEXT NOT NULL
);
INSERT INTO customer VALUES
    (1, 'ann@example.org', 'Rome'), (2, 'bob@example.org', 'Rome'), (3, 'eve@example.org', 'Oslo');
WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n LIMIT 30)
INSERT INTO purchase SELECT v, CASE WHEN v <= 3 THEN 2 ELSE 1 END, '2026-01-' || (10 + v % 20) FROM n;
"""
QUERIES = """
-- name: customer_with_purchases
-- rate: 50
SELECT * FROM customer WHERE id = :id;
SELECT * FROM purchase WHERE customer_id = :id ORDER BY made;
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    path = make_database(tmp_path_factory.mktemp("samples") / "shop.db", SCRIPT)
    return plan_database(path, QUERIES), path


def samples(made: tuple[Plan, Path], show: bool = False) -> Samples:
    plan, path = made
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as rows:
        return take_samples(plan, rows, show)


def test_a_collection_that_can_be_shown_whole_is_chosen(made: tuple[Plan, Path]) -> None:
    collection = next(one for one in samples(made).collections if one.slot == "GSI1")

    assert collection.whole
    assert sorted(entity for entity, _ in collection.items) == ["CUSTOMER", "PURCHASE", "PURCHASE", "PURCHASE"]
    assert {dict(item)["GSI1PK"] for _, item in collection.items} == {"CUSTOMER#2"}
    assert [dict(item)["GSI1SK"] for _, item in collection.items] == sorted(
        dict(item)["GSI1SK"] for _, item in collection.items
    )


def test_no_collection_is_longer_than_what_is_shown(made: tuple[Plan, Path]) -> None:
    assert all(len(one.items) <= LONGEST for one in samples(made).collections)


def test_collections_are_masked_as_samples_are_and_read_back(made: tuple[Plan, Path]) -> None:
    masked, whole = samples(made), samples(made, show=True)

    assert "bob@" not in samples_json(masked)
    assert "bob@" in samples_json(whole)
    assert Samples.from_json(samples_json(masked)) == masked
    assert json.loads(samples_json(masked))["sizes"]["PURCHASE"]


def test_sizes_are_those_of_the_items(made: tuple[Plan, Path]) -> None:
    sizes = dict(samples(made).sizes)

    assert len(sizes["PURCHASE"]) == 30
    assert all(20 < size < 400 for size in sizes["PURCHASE"])
