"""Names that migrate.toml gives are taken as they are, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.load.checkpoint import Checkpoint, checkpoint_put
from migrator.load.run_record import RunRecord, State, record_item
from migrator.model.errors import UsageError
from migrator.model.settings import ChosenNames, IndexNames, Settings, TableOverride
from migrator.plan.calling import BOOKKEEPING
from migrator.plan.document import dump, load
from migrator.plan.plan import Plan

from tests.design.world import make_settings
from tests.planning import make_database, plan_database

SCRIPT = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT NOT NULL UNIQUE);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), made TEXT,
    total INTEGER, made_by TEXT);
"""
QUERIES = """
-- name: of_customer
SELECT id, total FROM purchase WHERE customer_id = :c ORDER BY made;
-- name: with_customer
SELECT p.id, c.name FROM purchase p JOIN customer c ON c.id = p.customer_id WHERE p.id = :p;
-- name: pay
UPDATE purchase SET total = :t WHERE id = :id;
"""
WHOLE = ChosenNames("key", "range", "kind", "gone_at", (IndexNames("GSI1", "by-customer", "by", "then"),))


def plan_of(folder: Path, settings: Settings) -> Plan:
    return plan_database(make_database(folder / "named.db", SCRIPT), QUERIES, settings)


def test_chosen_names_stand_everywhere_in_the_plan(tmp_path: Path) -> None:
    overrides = (
        TableOverride("customer", tag="Buyer", attributes=(("name", "called"),)),
        TableOverride("purchase", attributes=(("made", "at"), ("total", "cents")), ttl="made"),
    )
    plan = plan_of(tmp_path, make_settings(names=WHOLE, overrides=overrides))
    assert (plan.table.partition_key, plan.table.sort_key, plan.table.ttl_attribute) == ("key", "range", "gone_at")
    (index,) = plan.indexes
    assert (index.name, index.partition_key, index.sort_key) == ("by-customer", "by", "then")
    assert plan.type_attribute == "kind"
    purchase = plan.entity("PURCHASE")
    assert {a.column: a.name for a in purchase.attributes if not a.copied_from}["total"] == "cents"
    assert [a.name for a in purchase.attributes if a.copied_from] == ["customer_called"]
    assert {keys.slot for keys in purchase.keys} == {"table", "by-customer"}
    (read,) = plan.pattern("of_customer").requests
    assert (read.index, read.partition) == ("by-customer", "Buyer#{:c}")
    (update,) = plan.pattern("pay").requests
    assert (update.update, update.condition) == ("SET {cents} = {:t}", "attribute_exists({key})")
    assert "PK" not in dump(plan).decode()
    assert load(dump(plan), "plan.json") == plan


def test_nothing_is_made_of_names_that_are_not_given(tmp_path: Path) -> None:
    half = ChosenNames(indexes=(IndexNames("GSI1", name="by-customer"),))
    plan = plan_of(tmp_path, make_settings(names=half))
    (index,) = plan.indexes
    assert (index.partition_key, index.sort_key) == ("by-customerPK", "by-customerSK")
    assert (plan.table.partition_key, plan.type_attribute) == ("PK", "type")


def attributes(**names: str) -> TableOverride:
    return TableOverride("purchase", attributes=tuple(names.items()))


@pytest.mark.parametrize(
    ("names", "override", "message"),
    [
        (ChosenNames("k", "k"), attributes(), "partition key of the table and the sort key of the table cannot both"),
        (ChosenNames("total"), attributes(), "cannot be called 'total': column total of purchase has that name"),
        (ChosenNames(type="sum"), attributes(total="sum"), "cannot be called 'sum': column total of purchase"),
        (ChosenNames(ttl="SK"), attributes(), "the TTL attribute and the sort key of the table cannot both"),
        (ChosenNames("state"), attributes(), "partition key of the table cannot be called 'state': `apply` keeps"),
        (ChosenNames("aws:rep:key"), attributes(), "cannot be called 'aws:rep:key'"),
        (ChosenNames("ö" * 128), attributes(), "cannot be called"),
        (ChosenNames(indexes=(IndexNames("GSI7", "x-y"),)), attributes(), r"\[names.indexes.GSI7\].* names no index"),
        (ChosenNames(indexes=(IndexNames("GSI1", "a b"),)), attributes(), "is no name of an index"),
        (ChosenNames(indexes=(IndexNames("GSI1", "table"),)), attributes(), "a name that the plan uses itself"),
        (ChosenNames(indexes=(IndexNames("GSI1", sort_key="PK"),)), attributes(), "sort key of index GSI1 cannot both"),
        (ChosenNames(), attributes(total="made"), "made of purchase and column total of purchase cannot both"),
        (ChosenNames(), attributes(total="x", made="x"), "made of purchase and column total of purchase cannot both"),
        (ChosenNames(), attributes(total="GSI1PK"), "cannot be called 'GSI1PK': the partition key of index GSI1"),
        (ChosenNames(), TableOverride("purchase", tag="UNIQUE"), "begins keys of items that are no rows"),
    ],
)
def test_a_name_that_cannot_be_is_refused_by_name(
    tmp_path: Path, names: ChosenNames, override: TableOverride, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        plan_of(tmp_path, make_settings(names=names, overrides=(override,)))


def test_columns_may_exchange_their_names(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, make_settings(overrides=(attributes(made="made_by", made_by="made"),)))
    names = {a.column: a.name for a in plan.entity("PURCHASE").attributes if not a.copied_from}
    assert (names["made"], names["made_by"]) == ("made_by", "made")


def test_two_tables_cannot_have_one_chosen_tag(tmp_path: Path) -> None:
    both = (TableOverride("customer", tag="X"), TableOverride("purchase", tag="X"))
    with pytest.raises(UsageError, match="items of customer and items of purchase cannot both be called 'X'"):
        plan_of(tmp_path, make_settings(overrides=both))


def test_a_chosen_tag_that_is_another_tables_own_is_refused_unless_that_is_called_otherwise(tmp_path: Path) -> None:
    taken = (TableOverride("purchase", tag="CUSTOMER"),)
    with pytest.raises(UsageError, match="items of purchase and items of customer cannot both be called 'CUSTOMER'"):
        plan_of(tmp_path, make_settings(overrides=taken))
    (tmp_path / "named.db").unlink()
    plan = plan_of(tmp_path, make_settings(overrides=(*taken, TableOverride("customer", tag="BUYER"))))
    assert {e.source_table: e.name for e in plan.entities if e.kind == "row"} == {
        "purchase": "CUSTOMER",
        "customer": "BUYER",
    }


def test_every_attribute_of_the_loads_own_items_is_kept_for_it(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, make_settings())
    record = record_item(plan, RunRecord("r", "n", "d", "f", 1, (), State.LOADING))
    checkpoint = checkpoint_put(plan, Checkpoint("t", 0), Checkpoint("t", 0)).item
    assert {*record, *checkpoint} - BOOKKEEPING == {"PK", "SK", "type"}
