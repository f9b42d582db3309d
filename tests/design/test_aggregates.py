"""When figures are kept in counter items, how they are keyed, and why they are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from migrator.design.prices import default_prices
from migrator.model.settings import Limits, Settings
from migrator.plan.plan import Entity

from tests.design.world import World, make_settings, world

DDL = """
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),
  status TEXT NOT NULL, place TEXT NOT NULL COLLATE NOCASE, note TEXT, total DECIMAL(10,2) NOT NULL, points INTEGER,
  weight REAL NOT NULL);
"""
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "customer": [(n, f"c{n}") for n in range(4)],
    "orders": [(n, n % 4, ("open", "paid", "sent")[n % 3], "x", None, n / 4, n % 5 or None, n / 8) for n in range(600)],
}
SMALL = Limits(bounded_items=50, listed_rows=50)
"""Limits under which 150 orders of a customer are too many to read."""
BY_STATUS = "-- name: q\nSELECT status, COUNT(*) AS n, SUM(total) AS t FROM orders GROUP BY status ORDER BY t DESC;\n"
PLACE = "-- name: place\n-- rate: 0.01\nINSERT INTO orders VALUES (:i, :c, :s, :p, :n, :t, :v, :w);\n"


def made(folder: Path, queries: str, limits: Limits = SMALL, settings: Settings | None = None) -> World:
    return world(folder, DDL, queries, ROWS, settings or make_settings(limits))


def counters(made: World) -> list[Entity]:
    return [entity for entity in made.plan.entities if entity.kind == "aggregate"]


def test_figures_of_every_group_are_one_query_of_a_constant_partition(tmp_path: Path) -> None:
    plan = made(tmp_path, BY_STATUS).plan
    (request,) = plan.pattern("q").requests
    entity = plan.entity("ORDERS_TOTALS_BY_STATUS")
    assert (request.operation, request.index, request.entities) == ("Query", None, (entity.name,))
    assert entity.keys[0].partition == "ORDERS_TOTALS_BY_STATUS#ORDERS#ALL"
    assert entity.keys[0].sort == "TOTALS#{status}"
    assert [(m.name, m.function, m.column) for m in entity.measures] == [
        ("count", "count", None),
        ("sum_total", "sum", "total"),
    ]


def test_what_is_fixed_by_equality_makes_the_partition_and_the_rest_follows(tmp_path: Path) -> None:
    plan = made(
        tmp_path, "-- name: q\nSELECT status, COUNT(*) FROM orders WHERE customer_id = :c GROUP BY status;"
    ).plan
    (request,) = plan.pattern("q").requests
    assert request.partition == "ORDERS_TOTALS_BY_CUSTOMER_ID_STATUS#CUSTOMER#{:c}"


def test_a_group_that_is_named_whole_is_one_get(tmp_path: Path) -> None:
    plan = made(tmp_path, "-- name: q\nSELECT COUNT(*), SUM(points) FROM orders WHERE customer_id = :c;").plan
    (request,) = plan.pattern("q").requests
    assert (request.operation, len(request.keys)) == ("GetItem", 1)
    (entity,) = [e for e in plan.entities if e.kind == "aggregate"]
    assert [m.name for m in entity.measures] == ["count", "count_points", "sum_points"]


def test_coarser_questions_share_the_aggregate_of_finer_ones(tmp_path: Path) -> None:
    more = "-- name: all\nSELECT COUNT(*) FROM orders;\n-- name: some\nSELECT COUNT(*) FROM orders WHERE status = :s;\n"
    assert [entity.name for entity in counters(made(tmp_path, BY_STATUS + more))] == ["ORDERS_TOTALS_BY_STATUS"]


def test_rows_are_read_where_that_is_cheaper_than_keeping_counters(tmp_path: Path) -> None:
    queries = "-- name: q\n-- rate: 0.01\nSELECT COUNT(*) FROM orders WHERE customer_id = :c;\n" + PLACE.replace(
        "0.01", "5"
    )
    found = made(tmp_path, queries, Limits())
    assert counters(found) == []
    rejected = [r for r in found.pattern("q").rejected if "counter items" in r.path]
    assert rejected and "every write of the table" in rejected[0].why


def test_counters_are_kept_where_reading_rows_is_dearer(tmp_path: Path) -> None:
    found = made(
        tmp_path, "-- name: q\n-- rate: 20\nSELECT COUNT(*) FROM orders WHERE customer_id = :c;\n" + PLACE, Limits()
    )
    assert [entity.name for entity in counters(found)] == ["ORDERS_TOTALS_BY_CUSTOMER_ID"]


def test_the_price_of_one_more_kind_of_item_decides(tmp_path: Path) -> None:
    queries = "-- name: q\n-- rate: 20\nSELECT COUNT(*) FROM orders WHERE customer_id = :c;\n" + PLACE
    dear = Settings(replace(default_prices(), item_kind_month=1_000.0))
    assert counters(made(tmp_path, queries, settings=dear)) == []


def test_upkeep_is_part_of_what_the_design_costs(tmp_path: Path) -> None:
    found = made(tmp_path, BY_STATUS + PLACE)
    (kept,) = found.design.aggregates
    month, write = 2_628_000, 0.625 / 1e6
    updates, row = 0.01 * month * write * 2, 0.01 * month * write
    storage = 3 * (kept.bytes + 100) * 0.25 / 1024**3
    assert kept.monthly_usd == pytest.approx(updates + row + storage + default_prices().item_kind_month, abs=1e-4)
    assert found.design.objective >= kept.monthly_usd


UNKEPT = {
    "a group that may be NULL": ("SELECT note, COUNT(*) FROM orders GROUP BY note;", "note may be NULL"),
    "a group under a collation": ("SELECT COUNT(*) FROM orders WHERE place = :p;", "place compares with NOCASE"),
    "sums of floats": ("SELECT SUM(weight) FROM orders;", "sums of weight"),
    "the greatest of what may go": ("SELECT MAX(weight) FROM orders;", "values of weight (REAL) do not make groups"),
    "rows that are groups of their own": ("SELECT id, COUNT(*) FROM orders GROUP BY id;", "a group of its own"),
    "joined rows": (
        "SELECT c.name, COUNT(*) FROM orders o JOIN customer c ON c.id = o.customer_id GROUP BY c.name;",
        "it joins",
    ),
}


@pytest.mark.parametrize("case", UNKEPT)
def test_what_no_counter_can_keep_is_refused_by_name(case: str, tmp_path: Path) -> None:
    sql, reason = UNKEPT[case]
    pattern = made(tmp_path, f"-- name: q\n{sql}\n").pattern("q")
    assert pattern.status == "refused"
    assert reason in (pattern.reason or "")


def test_a_replace_leaves_no_counter_right(tmp_path: Path) -> None:
    replace = "-- name: put\nINSERT OR REPLACE INTO customer (id, name) VALUES (:i, :n);\n"
    rows = {**ROWS, "customer": [(n, f"c{n % 3}") for n in range(400)]}
    queries = "-- name: q\nSELECT name, COUNT(*) FROM customer GROUP BY name;\n"
    assert world(tmp_path, DDL, queries, rows, make_settings(SMALL)).pattern("q").status == "served"
    (tmp_path / "again").mkdir()
    refused = world(tmp_path / "again", DDL, queries + replace, rows, make_settings(SMALL)).pattern("q")
    assert "REPLACE of customer" in (refused.reason or "")


def test_a_counter_that_would_be_too_hot_is_refused_with_figures(tmp_path: Path) -> None:
    queries = "-- name: q\nSELECT COUNT(*) FROM orders;\n" + PLACE.replace("0.01", "200")
    reason = made(tmp_path, queries).pattern("q").reason or ""
    assert "1,600 write units a second at the peak, and one item takes 1,000" in reason


def test_a_busy_counter_is_a_hazard_with_figures(tmp_path: Path) -> None:
    queries = "-- name: q\nSELECT COUNT(*) FROM orders;\n" + PLACE.replace("0.01", "20")
    (hazard,) = [h for h in made(tmp_path, queries).plan.hazards if h.code == "busy-counter"]
    assert "80 times a second at the peak" in hazard.message


def test_a_table_whose_rows_expire_is_not_counted(tmp_path: Path) -> None:
    ddl = "CREATE TABLE visit(id INTEGER PRIMARY KEY, page TEXT NOT NULL, expires_at INTEGER);"
    rows = {"visit": [(n, f"p{n % 3}", None) for n in range(300)]}
    queries = "-- name: q\nSELECT page, COUNT(*) FROM visit GROUP BY page;\n"
    reason = world(tmp_path, ddl, queries, rows, make_settings(SMALL)).pattern("q").reason or ""
    assert "TTL deletes rows of visit" in reason
