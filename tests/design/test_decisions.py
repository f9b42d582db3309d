"""What the designer decides, by behaviour."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from migrator.model.errors import BlockedError
from migrator.model.settings import Limits, TableOverride
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries

from tests.design.world import World, make_settings, world
from tests.verify.memory import loaded

SHOP = """
CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),
  placed_at TEXT NOT NULL, status TEXT, total NUMERIC(10,2));
CREATE TABLE line(order_id INTEGER NOT NULL REFERENCES orders(id), no INTEGER NOT NULL, product TEXT,
  PRIMARY KEY (order_id, no));
CREATE TABLE tag(id INTEGER PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE tagged(order_id INTEGER NOT NULL REFERENCES orders(id), tag_id INTEGER NOT NULL REFERENCES tag(id),
  PRIMARY KEY (order_id, tag_id));
"""

INSERT_ORDER = """
-- name: order
INSERT INTO orders(id, customer_id, placed_at, status, total) VALUES (:id, :c, :at, :s, :t);
"""


def shop_rows(customers: int = 40, orders: int = 200) -> dict[str, Iterable[tuple[Any, ...]]]:
    states = ["open", "paid", None]
    return {
        "customer": [(n, f"c{n}@example.org", f"Name {n % 7}") for n in range(customers)],
        "orders": [(n, n % customers, f"2024-01-{1 + n % 28:02}", states[n % 3], n / 4) for n in range(orders)],
        "line": [(n // 2, n % 2, f"p{n % 5}") for n in range(orders)],
        "tag": [(n, f"t{n}") for n in range(5)],
        "tagged": [(n, n % 5) for n in range(orders)],
    }


def shop(folder: Path, queries: str, **settings: Any) -> World:
    made = world(folder, SHOP, queries, shop_rows(), make_settings(**settings))
    assert_answers(made)
    return made


def assert_answers(made: World) -> None:
    """Every served read gives the source's rows."""
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        report = verify_queries(made.plan, snapshot, loaded(made.plan, snapshot))
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]


def test_children_by_their_foreign_key_get_one_index(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: order_by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: orders_of_customer
        SELECT * FROM orders WHERE customer_id = :customer_id ORDER BY placed_at DESC LIMIT 10;
        -- name: open_orders
        SELECT * FROM orders WHERE customer_id = :customer_id AND placed_at >= :since ORDER BY placed_at;
        """,
    )
    assert made.indexes() == 1
    assert made.operations("orders_of_customer") == made.operations("open_orders") == [("Query", "GSI1")]
    assert made.pattern("orders_of_customer").requests[0].limit == "10"


def test_entities_that_need_one_view_each_share_an_index(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: order_by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: orders_of_customer
        SELECT * FROM orders WHERE customer_id = :customer_id;
        -- name: tag_by_id
        SELECT * FROM tag WHERE id = :id;
        -- name: tag_by_label
        SELECT * FROM tag WHERE label = :label;
        """,
    )
    assert made.indexes() == 1
    assert made.operations("tag_by_label") == made.operations("orders_of_customer") == [("Query", "GSI1")]


def test_a_weak_entity_lives_in_its_parents_partition_and_both_come_in_one_query(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: order_with_lines
        SELECT * FROM orders WHERE id = :id;
        SELECT * FROM line WHERE order_id = :id ORDER BY no;
        """,
    )
    assert made.indexes() == 0
    assert made.operations("order_with_lines") == [("Query", None)]
    row, line = made.plan.entity("ORDERS").keys[0], made.plan.entity("LINE").keys[0]
    assert (row.partition, line.partition) == ("ORDERS#{id}", "ORDERS#{order_id}")
    assert "order_with_lines" in made.plan.entity("LINE").co_located_because[0]


def test_a_link_table_serves_both_directions_with_one_index(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: tags_of_order
        SELECT * FROM tagged WHERE order_id = :order_id;
        -- name: orders_of_tag
        SELECT * FROM tagged WHERE tag_id = :tag_id;
        """,
    )
    assert made.indexes() == 1
    directions = {made.operations("tags_of_order")[0], made.operations("orders_of_tag")[0]}
    assert directions == {("Query", None), ("Query", "GSI1")}


def test_a_unique_column_is_served_and_guarded(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: by_id
        SELECT * FROM customer WHERE id = :id;
        -- name: by_email
        SELECT * FROM customer WHERE email = :email;
        """,
    )
    guards = [entity for entity in made.plan.entities if entity.kind == "guard"]
    assert [guard.guards for guard in guards] == [("email",)]
    assert made.pattern("by_email").status == "served"


def test_a_list_of_keys_becomes_a_batch(tmp_path: Path) -> None:
    made = shop(tmp_path, "-- name: some\nSELECT * FROM orders WHERE id IN (:a, :b, :c);")
    assert made.operations("some") == [("BatchGetItem", None)]
    assert len(made.pattern("some").requests[0].keys) == 3


def test_a_list_of_partitions_becomes_parallel_queries(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        "-- name: some\nSELECT * FROM orders WHERE customer_id IN (:a, :b) ORDER BY placed_at DESC LIMIT 5;",
    )
    assert made.operations("some") == [("Query", "GSI1"), ("Query", "GSI1")]
    assert made.pattern("some").round_trips == 1


LATEST = """
-- name: latest
SELECT * FROM orders ORDER BY placed_at DESC LIMIT 20;
-- name: place
-- rate: {rate}
-- peak: {peak}
INSERT INTO orders(id, customer_id, placed_at) VALUES (:id, :customer_id, :at);
"""


def test_the_latest_rows_come_from_a_constant_partition(tmp_path: Path) -> None:
    made = shop(tmp_path, LATEST.format(rate=10, peak=50))
    (request,) = made.pattern("latest").requests
    assert (request.partition, request.forward, request.limit, request.shards) == ("ORDERS#ALL", False, "20", None)


def test_a_constant_partition_is_sharded_when_the_peak_of_writes_demands_it(tmp_path: Path) -> None:
    made = shop(tmp_path, LATEST.format(rate=100, peak=4000))
    (request,) = made.pattern("latest").requests
    assert request.partition == "ORDERS#ALL#{shard}"
    assert request.shards == 5, "4,000 write units a second over 1,000 a partition, with a quarter in reserve"


def test_every_row_of_a_statement_counts_for_the_shards(tmp_path: Path) -> None:
    two = LATEST.format(rate=100, peak=2000).replace("(:id, :customer_id, :at)", "(:a, :c, :t), (:b, :c, :t)")
    (request,) = shop(tmp_path, two).pattern("latest").requests
    assert request.shards == 5, "two rows a call, 2,000 calls a second"


def test_each_shard_that_is_read_costs_a_request_of_its_own(tmp_path: Path) -> None:
    folders = [tmp_path / "whole", tmp_path / "spread"]
    for folder in folders:
        folder.mkdir()
    whole = shop(folders[0], LATEST.format(rate=10, peak=50)).pattern("latest")
    spread = shop(folders[1], LATEST.format(rate=100, peak=4000)).pattern("latest")
    assert spread.requests[0].shards == 5
    assert spread.read_units == 5 * whole.read_units, "each shard may hold all of the latest rows"


def test_rows_without_a_value_are_found_by_is_null(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        "-- name: orphaned\nSELECT * FROM orders WHERE status IS NULL AND customer_id = :customer_id;",
    )
    assert made.pattern("orphaned").status == "served"


def test_an_index_over_a_nullable_column_is_sparse_unless_null_is_asked_for(tmp_path: Path) -> None:
    by_state = "-- name: by_state\nSELECT * FROM orders WHERE status = :status ORDER BY placed_at;\n"
    without = shop(tmp_path, by_state)
    slot = without.plan.entity("ORDERS").slot("GSI1")
    assert slot is not None and slot.requires == ("status",)
    null_too = shop(
        tmp_path,
        by_state + "-- name: stateless\nSELECT * FROM orders WHERE status IS NULL ORDER BY placed_at;",
    )
    slot = null_too.plan.entity("ORDERS").slot("GSI1")
    assert slot is not None and slot.requires == ()


def test_a_prefix_search_folds_case_as_sqlite_does_and_keeps_its_order(tmp_path: Path) -> None:
    rows = {"word": [(n, w) for n, w in enumerate(["Apple", "apple", "apply", "APT", "ape", "bat", "", "a%", "É"])]}
    made = world(
        tmp_path,
        "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL);",
        "-- name: search\nSELECT * FROM word WHERE text LIKE :start || '%' ORDER BY text;",
        rows,
    )
    assert made.pattern("search").status == "served"
    assert_answers(made)


def test_strong_reads_by_the_tables_key_are_consistent(tmp_path: Path) -> None:
    made = shop(tmp_path, "-- name: now\n-- consistency: strong\nSELECT * FROM orders WHERE id = :id;")
    assert made.pattern("now").requests[0].consistent


COPY = """
-- name: orders_with_name
-- rate: 100
SELECT o.id, o.placed_at, c.name FROM orders o JOIN customer c ON c.id = o.customer_id
WHERE o.status = :status ORDER BY o.placed_at DESC LIMIT 10;
"""


def copies(made: World) -> list[str]:
    return [a.name for a in made.plan.entity("ORDERS").attributes if a.copied_from]


def test_a_parents_column_is_copied_when_nothing_changes_it(tmp_path: Path) -> None:
    made = shop(tmp_path, COPY)
    assert copies(made) == ["customer_name"]
    assert made.pattern("orders_with_name").round_trips == 1


RENAME = "-- name: rename\n-- rate: {rate}\nUPDATE customer SET name = :name WHERE id = :id;"


def test_a_parents_column_that_often_changes_is_read_after_the_rows(tmp_path: Path) -> None:
    made = shop(tmp_path, COPY + RENAME.format(rate=90))
    assert copies(made) == []
    assert made.pattern("orders_with_name").round_trips == 2
    assert [r.operation for r in made.pattern("orders_with_name").requests] == ["Query", "BatchGetItem"]


def test_a_parents_column_that_seldom_changes_is_copied_and_something_finds_its_rows(tmp_path: Path) -> None:
    made = shop(tmp_path, COPY + RENAME.format(rate=0.1))
    assert copies(made) == ["customer_name"]
    assert made.pattern("orders_with_name").round_trips == 1
    partitions = [keys.partition for keys in made.plan.entity("ORDERS").keys]
    assert "CUSTOMER#{customer_id}" in partitions


def test_a_condition_on_a_parents_column_that_changes_is_answered_by_a_copy_in_a_key(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: orders_by_name
        SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id WHERE c.name = :name ORDER BY o.placed_at;
        """
        + RENAME.format(rate=1),
        limits=Limits(bounded_items=20, listed_rows=20),
    )
    (request,) = made.pattern("orders_by_name").requests
    assert request.operation == "Query" and request.partition == "CUSTOMER#NAME#{:name}"


def test_strong_consistency_by_another_column_than_the_key_gets_a_second_item(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: now
        -- consistency: strong
        SELECT * FROM orders WHERE customer_id = :c AND placed_at >= :since ORDER BY placed_at DESC LIMIT 3;
        """,
    )
    (request,) = made.pattern("now").requests
    assert (request.operation, request.index, request.consistent) == ("Query", None, True)
    assert request.entities == ("ORDERS_BY_CUSTOMER_ID",)
    assert made.plan.entity("ORDERS_BY_CUSTOMER_ID").kind == "edge"
    assert made.indexes() == 0


WIDE = """
CREATE TABLE page(id INTEGER PRIMARY KEY, site TEXT NOT NULL, at TEXT NOT NULL, title TEXT, body TEXT, views INTEGER);
"""
PAGES = """
-- name: page
SELECT * FROM page WHERE id = :id;
-- name: titles
-- rate: {titles}
SELECT id, title FROM page WHERE site = :s ORDER BY at DESC LIMIT 10;
-- name: view
-- rate: 50
UPDATE page SET views = views + 1 WHERE id = :id;
"""


def pages(folder: Path, queries: str) -> World:
    rows = {"page": [(n, f"s{n % 9}", f"2026-01-{1 + n % 28:02}", f"t{n}", "x" * 3000, n) for n in range(180)]}
    made = world(folder, WIDE, queries, rows)
    assert_answers(made)
    return made


def test_a_column_that_changes_all_the_time_stays_out_of_an_index(tmp_path: Path) -> None:
    made = pages(tmp_path, PAGES.format(titles=20))
    (index,) = made.plan.indexes
    assert (index.projection, index.attributes) == ("INCLUDE", ("at", "id", "site", "title", "type"))
    assert made.operations("titles") == [("Query", "GSI1")]
    assert made.pattern("view").write_units == 4, "the item alone is written: its entry does not hold the column"


def test_writes_of_a_narrow_index_cost_what_its_entries_take(tmp_path: Path) -> None:
    writes = """
-- name: retitle
UPDATE page SET title = :t WHERE id = :id;
-- name: add
INSERT INTO page (id, site, at, title, body, views) VALUES (:id, :s, :at, :t, :b, 0);
"""
    made = pages(tmp_path, PAGES.format(titles=20) + writes)
    assert made.plan.indexes[0].projection == "INCLUDE"
    assert (made.pattern("retitle").write_units, made.pattern("add").write_units) == (4 + 1, 4 + 1)


def test_rows_that_are_seldom_listed_whole_are_read_by_the_keys_of_a_narrow_index(tmp_path: Path) -> None:
    made = pages(tmp_path, PAGES.replace("id, title", "*").format(titles=0.5))
    (index,) = made.plan.indexes
    assert (index.projection, index.attributes) == ("KEYS_ONLY", ())
    assert made.operations("titles") == [("Query", "GSI1"), ("BatchGetItem", None)]
    assert made.pattern("titles").round_trips == 2


def test_nothing_is_copied_over_references_that_miss_their_row(tmp_path: Path) -> None:
    rows = shop_rows()
    rows["orders"] = [*rows["orders"], (999, 12345, "2024-01-01", "open", 1)]
    made = world(tmp_path, SHOP, COPY, rows)
    assert copies(made) == []
    assert_answers(made)


def test_a_condition_on_a_parents_changing_column_is_judged_after_the_join(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: lines_of_order
        SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id
        WHERE o.customer_id = :customer_id AND c.name > :name ORDER BY o.placed_at LIMIT 3;
        -- name: rename
        UPDATE customer SET name = :name WHERE id = :id;
        """,
    )
    pattern = made.pattern("lines_of_order")
    assert pattern.status == "served" and copies(made) == []
    assert all(request.limit is None for request in pattern.requests)


def test_a_hot_partition_is_a_hazard_that_stops(tmp_path: Path) -> None:
    made = world(
        tmp_path,
        SHOP,
        "-- name: paid\n-- rate: 5000\n-- peak: 90000\nSELECT * FROM orders WHERE status = :status;",
        shop_rows(),
    )
    (hazard,) = [h for h in made.plan.hazards if h.code == "hot-partition"]
    assert hazard.approve_with == "hot-partition:ORDERS"


def test_hazards_of_one_kind_and_entity_wait_for_a_decision_each(tmp_path: Path) -> None:
    schema = """
    CREATE TABLE person (id INTEGER PRIMARY KEY);
    CREATE TABLE parcel (
        id INTEGER PRIMARY KEY, giver INTEGER REFERENCES person (id), taker INTEGER REFERENCES person (id)
    );
    """
    parcels: dict[str, list[tuple[Any, ...]]] = {"parcel": [(1, 7, 8), (2, 1, 9)], "person": [(1,)]}
    made = world(tmp_path, schema, "-- name: one\nSELECT * FROM parcel WHERE id = :id;", parcels)
    named = [hazard.approve_with for hazard in made.plan.hazards if hazard.code == "orphans"]
    assert named == ["orphans:PARCEL:giver", "orphans:PARCEL:taker"]


def test_a_write_that_is_refused_makes_nothing_hot(tmp_path: Path) -> None:
    served = "-- name: one\nSELECT * FROM orders WHERE id = :id;"
    wild = "-- name: raise_all\n-- peak: 90000\nUPDATE orders SET total = total + 1 WHERE total > :least;"
    made = world(tmp_path, SHOP, f"{served}\n{wild}", shop_rows())
    assert made.pattern("raise_all").status == "refused"
    assert not [heat for heat in made.plan.heat if "raise_all" in heat.patterns]


@pytest.mark.parametrize(
    "column", ["expires_at DATETIME", "valid_until TIMESTAMP", "ttl INTEGER", "expiresAt DATETIME"]
)
def test_a_column_that_says_when_a_row_expires_becomes_ttl(column: str, tmp_path: Path) -> None:
    made = world(tmp_path, f"CREATE TABLE session(id TEXT PRIMARY KEY, {column});", "")
    assert made.plan.table.ttl_attribute
    assert made.plan.entity("SESSION").expires == column.split()[0]
    assert not [h for h in made.plan.hazards if h.code == "no-expiry"]


def test_an_ephemeral_table_without_an_expiry_is_a_hazard(tmp_path: Path) -> None:
    made = world(tmp_path, "CREATE TABLE user_sessions(id TEXT PRIMARY KEY, data TEXT);", "")
    assert [h.code for h in made.plan.hazards] == ["no-expiry"]
    assert made.plan.table.ttl_attribute is None


def test_a_table_without_a_key_blocks_and_names_the_override(tmp_path: Path) -> None:
    ddl = "CREATE TABLE log(at TEXT, text TEXT);"
    with pytest.raises(BlockedError, match=r"table log has no primary key") as caught:
        world(tmp_path, ddl, "")
    assert '[tables."log"] key' in caught.value.next_step
    made = world(tmp_path, ddl, "", {}, make_settings(overrides=(TableOverride("log", key=("at", "text")),)))
    assert made.plan.entity("LOG").source_key == ("at", "text")


def test_empty_tables_plan_with_stated_assumptions(tmp_path: Path) -> None:
    made = world(tmp_path, SHOP, "-- name: of\nSELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at;")
    assert made.pattern("of").status == "served"
    assert any("table orders is empty" in text for text in made.plan.assumptions)


def test_no_index_is_made_for_a_query_that_is_refused_all_the_same(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: half
        SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at;
        SELECT * FROM orders WHERE status LIKE '%x%';
        """,
        limits=Limits(listed_rows=10, bounded_items=50),
    )
    assert made.pattern("half").status == "refused"
    assert made.indexes() == 0


def test_the_budget_of_indexes_is_kept(tmp_path: Path) -> None:
    queries = """
        -- name: by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: by_customer
        SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at;
        -- name: by_status
        SELECT * FROM orders WHERE status = :s ORDER BY placed_at;
        -- name: by_total
        SELECT * FROM orders WHERE total = :t ORDER BY placed_at;
    """
    for most in range(4):
        made = shop(tmp_path, queries, limits=Limits(max_indexes=most, bounded_items=0))
        assert made.indexes() <= most


def test_one_more_index_never_makes_the_design_worse(tmp_path: Path) -> None:
    queries = """
        -- name: by_id
        SELECT * FROM orders WHERE id = :id;
        -- name: by_customer
        SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at;
        -- name: by_status
        SELECT * FROM orders WHERE status = :s ORDER BY placed_at LIMIT 5;
        -- name: lines_of_product
        SELECT * FROM line WHERE product = :p;
        -- name: place
        -- rate: 500
        INSERT INTO orders(id, customer_id, placed_at) VALUES (:id, :c, :at);
    """
    ranks = []
    for most in range(5):
        made = shop(tmp_path, queries, limits=Limits(max_indexes=most))
        refused = sum(p.status == "refused" for p in made.plan.access_patterns)
        best = min(point.monthly_usd for point in made.design.frontier if point.refused <= refused)
        ranks.append((refused, best))
    assert ranks == sorted(ranks, reverse=True)


def test_conditions_on_a_joined_row_are_judged_before_a_request_stops_at_the_limit(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: q
        SELECT o.id, c.email FROM orders o JOIN customer c ON c.id = o.customer_id
        WHERE c.id = :id AND (c.name = :name OR c.email = :email) LIMIT 1;
        """,
    )
    (part,) = made.pattern("q").parts
    assert part.complete or [resolution.how for resolution in part.resolutions] == ["copy"]


@pytest.mark.parametrize("order", ["status", "status DESC", "status NULLS LAST", "status DESC NULLS FIRST"])
def test_rows_that_have_a_value_are_read_from_where_those_without_end(order: str, tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        f"-- name: q\nSELECT * FROM orders WHERE customer_id = :c AND status IS NOT NULL ORDER BY {order} LIMIT 2;",
        limits=Limits(bounded_items=3),
    )
    (request,) = made.pattern("q").requests
    assert request.sort is not None
    assert (request.sort.op, request.limit, request.filter) == ("between", "2", ())
    assert request.sort.values[0].endswith("\x02"), "behind NULL"


def test_all_rows_that_have_a_value_are_a_listing_and_no_range(tmp_path: Path) -> None:
    made = shop(tmp_path, "-- name: q\nSELECT * FROM orders WHERE status IS NOT NULL;", limits=Limits(listed_rows=50))
    assert made.pattern("q").status == "refused"


def test_where_rows_without_a_value_stand_does_not_matter_in_a_range(tmp_path: Path) -> None:
    query = "-- name: q\nSELECT * FROM orders WHERE total < :t ORDER BY total DESC NULLS FIRST LIMIT 2;"
    made = shop(tmp_path, query, limits=Limits(listed_rows=50))
    assert made.pattern("q").requests[0].limit == "2"


@pytest.mark.parametrize(("writes", "partition"), [("", "ORDERS#ALL"), (INSERT_ORDER, "ORDERS#STATUS#{:s}")])
def test_a_listing_is_filtered_only_where_no_declared_query_adds_rows(
    writes: str, partition: str, tmp_path: Path
) -> None:
    made = shop(
        tmp_path,
        f"""
        -- name: latest
        SELECT * FROM orders ORDER BY placed_at DESC LIMIT 10;
        -- name: latest_in_state
        -- rate: 1/day
        SELECT * FROM orders WHERE status = :s ORDER BY placed_at DESC LIMIT 10;
        {writes}
        """,
    )
    assert made.pattern("latest_in_state").requests[0].partition == partition


def test_the_rarer_the_wanted_rows_the_more_are_read_to_fill_a_limit(tmp_path: Path) -> None:
    made = shop(
        tmp_path,
        """
        -- name: latest
        SELECT * FROM orders ORDER BY placed_at DESC LIMIT 10;
        -- name: one_in_three
        -- rate: 1/day
        SELECT * FROM orders WHERE status = :s ORDER BY placed_at DESC LIMIT 10;
        -- name: one_in_two_hundred
        -- rate: 1/day
        SELECT * FROM orders WHERE total = :t ORDER BY placed_at DESC LIMIT 10;
        """,
    )
    items = {read.pattern: round(read.served[0].path.items) for read in made.design.reads}
    assert items == {"latest": 10, "one_in_three": 30, "one_in_two_hundred": 200}


GAMES = """
CREATE TABLE game(id INTEGER PRIMARY KEY, map TEXT NOT NULL, open_since TEXT, made TEXT NOT NULL, moves INTEGER);
"""


def test_few_rows_that_are_wanted_stand_alone_in_an_index_of_theirs(tmp_path: Path) -> None:
    rows = [(n, f"m{n % 3}", f"2026-01-{n % 28 + 1:02}" if n % 20 == 0 else None, f"{n:05}", 0) for n in range(400)]
    made = world(
        tmp_path,
        GAMES,
        """
        -- name: open_games
        -- rate: 20
        SELECT * FROM game WHERE map = :m AND open_since IS NOT NULL ORDER BY made LIMIT 10;
        -- name: move
        -- rate: 200
        UPDATE game SET moves = moves + 1 WHERE id = :id;
        -- name: make
        -- rate: 20
        INSERT INTO game (id, map, open_since, made, moves) VALUES (:id, :m, :since, :made, 0);
        """,
        {"game": rows},
    )
    assert_answers(made)
    (keys,) = (keys for keys in made.plan.entity("GAME").keys if keys.slot == "GSI1")
    assert keys.requires == ("map", "open_since")
    (request,) = made.pattern("open_games").requests
    assert (request.index, request.filter, request.limit) == ("GSI1", (), "10")


@pytest.mark.parametrize("value", ["'abc'", "x'00'"])
def test_a_key_is_compared_with_a_value_that_its_column_cannot_hold(value: str, tmp_path: Path) -> None:
    one = f"-- name: one\nSELECT * FROM orders WHERE id = {value};"
    made = shop(tmp_path, f"{one}\n-- name: two\nSELECT * FROM orders WHERE id IN (1, {value});")
    assert [made.pattern(name).status for name in ("one", "two")] == ["served", "served"]
