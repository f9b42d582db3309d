"""Planned writes: legal requests that keep items, index keys, guards and copies together."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.plan.plan import PlannedPattern

from tests.design.legality import actions_of, faults
from tests.design.test_decisions import SHOP, shop_rows
from tests.design.world import World, planned, world
from tests.verify.chance import random_world, write

READS = """
-- name: order_by_id
-- rate: 50
SELECT * FROM orders WHERE id = :id;
SELECT * FROM line WHERE order_id = :id;
-- name: of_customer
SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at DESC LIMIT 10;
-- name: by_status
SELECT * FROM orders WHERE status = :s ORDER BY placed_at LIMIT 10;
-- name: customer
-- rate: 50
SELECT * FROM customer WHERE id = :id;
"""


def plan_write(folder: Path, sql: str, reads: str = READS) -> tuple[World, PlannedPattern]:
    made = world(folder, SHOP, f"{reads}\n-- name: w\n{sql}", shop_rows())
    pattern = made.pattern("w")
    if pattern.status == "served":
        assert faults(made.plan, pattern) == []
    return made, pattern


def told(pattern: PlannedPattern) -> list[tuple[str, str]]:
    return [(action.operation, action.entity) for action in actions_of(pattern)]


def test_an_insert_puts_the_row_and_takes_its_unique_values_in_one_transaction(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "INSERT INTO customer(id, email, name) VALUES (:id, :email, :name);")
    assert [r.operation for r in pattern.requests] == ["TransactWriteItems"]
    assert told(pattern) == [("Put", "CUSTOMER"), ("Put", "CUSTOMER_UNIQUE_EMAIL")]
    assert {action.condition for action in actions_of(pattern)} == {"attribute_not_exists(PK)"}
    assert pattern.write_units == 4.0


def test_a_key_that_the_database_made_is_a_parameter_of_its_own(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "INSERT INTO orders(customer_id, placed_at) VALUES (:id, :at);")
    (action,) = actions_of(pattern)
    assert action.keys.partition == "ORDERS#{:new_id}", ":id is the customer's"
    assert any("made by the application" in note for note in pattern.notes)


def test_a_unique_column_without_a_value_takes_no_guard(tmp_path: Path) -> None:
    ddl = "CREATE TABLE person(id INTEGER PRIMARY KEY, phone TEXT UNIQUE);"
    made = world(tmp_path, ddl, "-- name: w\nINSERT INTO person(id) VALUES (:id);")
    assert told(made.pattern("w")) == [("Put", "PERSON")]
    made = world(tmp_path, ddl, "-- name: w\nINSERT INTO person(id, phone) VALUES (:id, :phone);")
    assert told(made.pattern("w")) == [("Put", "PERSON"), ("Put", "PERSON_UNIQUE_PHONE")]
    assert any("where phone is NULL" in note for note in made.pattern("w").notes)


def test_a_replaced_row_gives_up_its_old_unique_values(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "INSERT OR REPLACE INTO customer(id, email, name) VALUES (:id, :email, :name);")
    assert told(pattern)[:4] == [
        ("Put", "CUSTOMER"),
        ("Delete", "CUSTOMER_UNIQUE_EMAIL"),
        ("Put", "CUSTOMER_UNIQUE_EMAIL"),
        ("Put", "CUSTOMER_UNIQUE_EMAIL"),
    ]
    _, given_up, new, over = actions_of(pattern)[:4]
    assert given_up.unless == ((given_up.keys, new.keys),), "not where the value stays"
    assert (new.missing, over.each) == ((1,), 1), "put where there was none, or over the one that was read"


def test_another_row_that_holds_a_replaced_rows_unique_value_gives_way(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "INSERT OR REPLACE INTO customer(id, email, name) VALUES (:id, :email, :name);")
    held, other = pattern.requests[1:3]
    assert (held.entities, other.entities) == (("CUSTOMER_UNIQUE_EMAIL",), ("CUSTOMER",))
    assert other.after == (1,)
    ousted = actions_of(pattern)[4]
    assert (ousted.operation, ousted.entity, ousted.each) == ("Delete", "CUSTOMER", 2)


def test_an_upsert_changes_the_row_that_is_there_and_keeps_its_other_columns(tmp_path: Path) -> None:
    ddl = "CREATE TABLE page(id TEXT PRIMARY KEY, hits INTEGER NOT NULL, title TEXT NOT NULL);"
    made = world(
        tmp_path,
        ddl,
        """
        -- name: w
        INSERT INTO page(id, hits, title) VALUES (:id, :n, :title)
        ON CONFLICT (id) DO UPDATE SET hits = hits + excluded.hits;
        """,
    )
    (action,) = actions_of(made.pattern("w"))
    assert (action.operation, action.condition) == ("Update", None)
    assert action.update is not None
    assert "{hits} = if_not_exists({hits}, 0) + {:n}" in action.update
    assert "{title} = if_not_exists({title}, {:title})" in action.update


def test_an_upsert_that_one_request_cannot_say_reads_the_row_first(tmp_path: Path) -> None:
    _, pattern = plan_write(
        tmp_path,
        "INSERT INTO tag(id, label) VALUES (:id, :label) ON CONFLICT (id) DO UPDATE SET label = :other;",
    )
    assert [r.operation for r in pattern.requests] == ["GetItem", "TransactWriteItems"]
    made, changed = actions_of(pattern)
    assert (made.operation, made.missing, made.condition) == ("Put", (0,), "attribute_not_exists(PK)")
    assert (changed.operation, changed.each, changed.update) == ("Update", 0, "SET {label} = {:other}")


def test_an_update_of_a_plain_column_is_one_request(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "UPDATE orders SET total = :t WHERE id = :id;")
    (request,) = pattern.requests
    assert (request.operation, request.update) == ("UpdateItem", "SET {total} = {:t}")
    assert request.condition == "attribute_exists(PK)"


def test_arithmetic_on_a_column_that_is_never_null_is_left_to_the_table(tmp_path: Path) -> None:
    ddl = "CREATE TABLE page(id TEXT PRIMARY KEY, hits INTEGER NOT NULL, likes INTEGER);"
    made = world(tmp_path, ddl, "-- name: w\nUPDATE page SET hits = hits + :n WHERE id = :id;")
    (request,) = made.pattern("w").requests
    assert request.update == "SET {hits} = {hits} + {:n}"


def test_arithmetic_on_a_column_that_may_be_null_is_done_on_what_was_read(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "UPDATE orders SET total = total + :t WHERE id = :id;")
    read, write = pattern.requests
    assert (read.operation, write.update) == ("GetItem", "SET {total} = {0.total} + {:t}")
    assert write.condition == "attribute_exists(PK) AND {total} = {0.total}"


def test_an_update_of_an_indexed_column_reads_the_row_and_writes_the_index_keys(tmp_path: Path) -> None:
    made, pattern = plan_write(tmp_path, "UPDATE orders SET status = :status WHERE id = :id;")
    assert [r.operation for r in pattern.requests] == ["GetItem", "UpdateItem"]
    slot = next(keys.slot for keys in made.plan.entity("ORDERS").keys if "STATUS" in keys.partition)
    update = pattern.requests[1].update
    assert update == f"SET {{status}} = {{:status}}, {{{slot}PK}} = {{:{slot}PK}}, {{{slot}SK}} = {{:{slot}SK}}"
    assert any(f":{slot}PK" in note for note in pattern.notes)


def test_null_removes_the_attribute(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "UPDATE orders SET total = NULL WHERE id = :id;")
    assert pattern.requests[0].update == "REMOVE {total}"


def test_an_update_of_a_unique_column_moves_its_guard(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "UPDATE customer SET email = :email WHERE id = :id;")
    assert [r.operation for r in pattern.requests] == ["GetItem", "TransactWriteItems"]
    assert told(pattern) == [
        ("Update", "CUSTOMER"),
        ("Delete", "CUSTOMER_UNIQUE_EMAIL"),
        ("Put", "CUSTOMER_UNIQUE_EMAIL"),
    ]
    _, old, new = actions_of(pattern)
    assert (old.keys.partition, new.keys.partition) == (
        "UNIQUE#CUSTOMER#EMAIL#{0.email}",
        "UNIQUE#CUSTOMER#EMAIL#{:email}",
    )


def test_a_guard_of_several_columns_keeps_those_that_do_not_change(tmp_path: Path) -> None:
    made = world(
        tmp_path,
        "CREATE TABLE seat(id INTEGER PRIMARY KEY, hall TEXT NOT NULL, no INTEGER NOT NULL, UNIQUE (hall, no));",
        "-- name: w\nUPDATE seat SET no = :no WHERE id = :id;\n-- name: r\nSELECT * FROM seat WHERE id = :id;",
    )
    new = actions_of(made.pattern("w"))[-1]
    assert new.keys.partition == "UNIQUE#SEAT#HALL#{0.hall}#NO#{:no}"


def test_a_delete_frees_the_unique_values(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "DELETE FROM customer WHERE id = :id;")
    assert told(pattern) == [("Delete", "CUSTOMER"), ("Delete", "CUSTOMER_UNIQUE_EMAIL")]
    assert any("rows of orders that refer to it stay" in note for note in pattern.notes)


def test_children_are_deleted_by_their_parent_and_nothing_beside_them(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "DELETE FROM line WHERE order_id = :id;")
    found, deleted = pattern.requests
    assert (found.operation, found.partition) == ("Query", "ORDERS#{:id}")
    assert found.sort is not None and found.sort.values == ("LINE#",), "the order itself is in that partition too"
    (action,) = deleted.actions
    assert (deleted.operation, action.keys.sort, action.each) == ("TransactWriteItems", "LINE#{0.no}", 0)


def test_a_condition_beside_the_key_is_kept(tmp_path: Path) -> None:
    _, pattern = plan_write(
        tmp_path, "UPDATE orders SET total = :t WHERE id = :id AND id = :other AND status = 'open';"
    )
    assert pattern.requests[0].condition == "attribute_exists(PK) AND {id} = {:other} AND {status} = 'open'"


def test_rows_that_no_key_leads_to_are_refused(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "DELETE FROM orders WHERE total < :t;")
    assert pattern.reason and "no key or index of the design finds" in pattern.reason


def test_rows_that_a_sparse_index_leaves_out_are_not_looked_for_there(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "DELETE FROM orders WHERE status IS NULL;")
    assert pattern.status == "refused"


def test_two_statements_on_one_item_are_refused(tmp_path: Path) -> None:
    _, pattern = plan_write(
        tmp_path, "UPDATE orders SET total = :t WHERE id = :id;\nUPDATE orders SET placed_at = :p WHERE id = :id;"
    )
    assert pattern.reason and "writes one item of ORDERS twice" in pattern.reason


def test_more_than_a_transaction_takes_is_refused(tmp_path: Path) -> None:
    rows = ", ".join(f"(:id{n}, :email{n})" for n in range(60))
    _, pattern = plan_write(tmp_path, f"INSERT INTO customer(id, email) VALUES {rows};")
    assert pattern.reason and "120 actions" in pattern.reason


def test_the_tables_key_never_changes_in_place(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "UPDATE line SET no = :no WHERE order_id = :o AND no = :old;")
    assert pattern.reason and "part of the table's key of line" in pattern.reason
    assert pattern.way_out and "delete the row and insert it" in pattern.way_out


def test_a_changed_reference_writes_the_copies_anew(tmp_path: Path) -> None:
    reads = """
    -- name: with_name
    -- rate: 200
    SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.status = :s ORDER BY o.id LIMIT 5;
    -- name: order_by_id
    -- rate: 50
    SELECT * FROM orders WHERE id = :id;
    -- name: customer
    -- rate: 50
    SELECT * FROM customer WHERE id = :id;
    """
    _, pattern = plan_write(tmp_path, "UPDATE orders SET customer_id = :c WHERE id = :id;", reads)
    assert pattern.requests[0].keys[0].partition == "CUSTOMER#{:c}"
    assert pattern.requests[-1].update == "SET {customer_id} = {:c}, {customer_name} = {0.name}"


def test_a_changed_expiry_moves_the_time_to_live(tmp_path: Path) -> None:
    made = world(
        tmp_path,
        "CREATE TABLE session(id TEXT PRIMARY KEY, expires_at DATETIME);",
        "-- name: w\nUPDATE session SET expires_at = :e WHERE id = :id;",
    )
    assert made.pattern("w").requests[0].update == "SET {expires_at} = {:e}, {ttl} = {:ttl}"


@pytest.mark.parametrize("seed", range(40))
def test_writes_of_random_databases_are_legal(seed: int, tmp_path: Path) -> None:
    made = random_world(seed, queries=4)
    write(made, tmp_path / "x.db")
    found = planned(tmp_path / "x.db", made.queries)
    writes = [p for p in found.plan.access_patterns if p.kind == "write" and p.status == "served"]
    assert [fault for pattern in writes for fault in faults(found.plan, pattern)] == []


def test_a_write_by_other_columns_than_the_key_gets_an_index_that_finds_its_rows(tmp_path: Path) -> None:
    made, pattern = plan_write(tmp_path, "DELETE FROM orders WHERE customer_id = :c AND status = :s;", "")
    assert [(r.operation, r.index) for r in pattern.requests] == [("Query", "GSI1"), ("TransactWriteItems", None)]
    assert made.indexes() == 1
    (finder, _) = pattern.requests
    assert (
        finder.partition and finder.partition.count("{") + (finder.sort.values[0].count("{") if finder.sort else 0) == 2
    )
    assert finder.filter == (), "both equalities stand in the key"


def test_a_write_shares_the_index_of_a_read_with_the_same_condition(tmp_path: Path) -> None:
    made, pattern = plan_write(tmp_path, "UPDATE orders SET status = :new WHERE customer_id = :c AND placed_at < :d;")
    (finder, _) = pattern.requests
    (reader,) = made.pattern("of_customer").requests
    assert (finder.index, finder.partition) == (reader.index, reader.partition)


def test_a_write_that_no_equality_bounds_asks_for_no_index(tmp_path: Path) -> None:
    made, pattern = plan_write(tmp_path, "DELETE FROM orders WHERE placed_at < :d;", "")
    assert (pattern.status, made.indexes()) == ("refused", 0)
    assert pattern.reason and "no key or index of the design finds" in pattern.reason


def test_several_rows_are_put_with_their_second_items(tmp_path: Path) -> None:
    made = world(
        tmp_path,
        "CREATE TABLE kid (id INTEGER PRIMARY KEY, mark TEXT NOT NULL);",
        """
        -- name: marked
        -- consistency: strong
        SELECT id FROM kid WHERE mark = :m;
        -- name: two
        INSERT INTO kid (id, mark) VALUES (:i, :m), (:j, :m);
        """,
    )
    (request,) = made.pattern("two").requests
    assert [action.entity for action in request.actions] == ["KID", "KID_BY_MARK"] * 2


@pytest.mark.parametrize("insert", ["(id, name) VALUES (:i, :n)", "(id, email, name) VALUES (:i, NULL, :n)"])
def test_a_row_that_the_source_would_refuse_for_want_of_a_value_is_told(insert: str, tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, f"INSERT INTO customer {insert};", "")
    assert any(note.startswith("email is NOT NULL and has no value here") for note in pattern.notes)


def test_a_row_with_all_that_must_be_there_is_not_told_of(tmp_path: Path) -> None:
    _, pattern = plan_write(tmp_path, "INSERT INTO customer (id, email) VALUES (:i, :e);", "")
    assert not any("NOT NULL" in note for note in pattern.notes)
