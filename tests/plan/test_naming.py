"""No two things in the table share a name, whatever the source calls them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.prices import default_prices
from migrator.model.errors import UsageError
from migrator.model.settings import Settings, TableOverride
from migrator.plan.document import dump, load
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.plan import Plan

from tests.plan.hand import unit_of
from tests.planning import make_database, plan_database

COLLIDING = """
CREATE TABLE "a b" (id INTEGER PRIMARY KEY, "PK" TEXT, "SK" TEXT, type TEXT, ttl TEXT, "GSI1PK" TEXT, "a.b" TEXT,
                    "x:y" TEXT NOT NULL UNIQUE, "{z}" TEXT, "shard" TEXT, "0.q" TEXT, "" TEXT);
CREATE TABLE "a_b" (id INTEGER PRIMARY KEY, "a b id" INTEGER REFERENCES "a b" (id), "{z}" TEXT);
CREATE TABLE "unique" (id INTEGER PRIMARY KEY, v TEXT);
CREATE TABLE "migrate" (id TEXT PRIMARY KEY NOT NULL, v TEXT);
CREATE TABLE "größe" ("schlüssel" TEXT NOT NULL PRIMARY KEY, "名前" TEXT);
CREATE TABLE "###" (id INTEGER PRIMARY KEY, v);
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, a_b TEXT UNIQUE, "a#b" TEXT UNIQUE, UNIQUE (a, b));
CREATE TABLE t_unique_a_b (id INTEGER PRIMARY KEY, v TEXT);
"""
QUERIES = """
-- name: by_brace
SELECT id FROM "a b" WHERE "{z}" = :z ORDER BY "a.b";
-- name: by_dot
SELECT id FROM "a b" WHERE "a.b" = :shard AND "0.q" > :q;
-- name: joined
SELECT x."{z}", y."x:y", y."shard" FROM a_b x JOIN "a b" y ON y.id = x."a b id" WHERE x.id = :id;
-- name: in_unicode
SELECT * FROM "größe" WHERE "名前" = :n;
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    database = make_database(tmp_path_factory.mktemp("naming") / "odd.db", COLLIDING)
    return plan_database(database, QUERIES)


def test_every_entity_has_a_name_of_its_own(plan: Plan) -> None:
    names = [entity.name for entity in plan.entities]
    assert len(set(names)) == len(names)
    assert not {"UNIQUE", "MIGRATE"} & set(names)


def test_tables_that_would_share_a_tag_are_numbered(plan: Plan) -> None:
    tags = {entity.source_table: entity.name for entity in plan.entities if entity.kind == "row"}
    assert (tags["a b"], tags["a_b"], tags["größe"]) == ("A_B", "A_B_2", "GRÖSSE")
    assert (tags["unique"], tags["migrate"]) == ("UNIQUE_2", "MIGRATE_2")


def test_no_attribute_hides_a_key_the_type_or_the_expiry(plan: Plan) -> None:
    keys = {"PK", "SK", *(name for index in plan.indexes for name in (index.partition_key, index.sort_key))}
    for entity in plan.entities:
        names = [attribute.name for attribute in entity.attributes]
        assert len(set(names)) == len(names)
        assert not (keys | {plan.type_attribute, ""}) & set(names)
    assert plan.type_attribute == "entity_type"


def test_every_column_reaches_its_item(plan: Plan) -> None:
    columns = unit_shape(plan, "a b").columns
    unit = unit_of(plan, "a b", {name: f"<{name}>" for name in columns} | {"id": 1})
    item, _ = compile_footprint(plan, "a b")(unit)
    entity = plan.entities_of("a b")[0]
    assert {a.column: item[a.name] for a in entity.attributes if a.column != "id"} == {
        name: {"S": f"<{name}>"} for name in columns if name != "id"
    }


def test_guards_of_different_constraints_never_share_a_key(plan: Plan) -> None:
    row = {"id": 1, "a": "B", "b": "v", "a_b": "v", "a#b": "v"}
    items = compile_footprint(plan, "t")(unit_of(plan, "t", row))
    keys = {(item["PK"]["S"], item["SK"]["S"]) for item in items}
    assert len(items) == len(keys) == 4


def test_odd_names_survive_the_document(plan: Plan) -> None:
    assert load(dump(plan), "plan.json") == plan


def test_a_chosen_tag_is_taken_and_one_that_breaks_keys_is_refused(tmp_path: Path) -> None:
    database = make_database(tmp_path / "x.db", "CREATE TABLE x (id INTEGER PRIMARY KEY);")
    settings = Settings(default_prices(), overrides=(TableOverride("x", tag="Ex"),))
    assert [entity.name for entity in plan_database(database, "", settings).entities] == ["Ex"]
    with pytest.raises(UsageError, match="cannot stand in a key"):
        plan_database(database, "", replace(settings, overrides=(TableOverride("x", tag="E#x"),)))
