"""The tables of the TPC-H benchmark: its 22 reports are refused, each by the clause that stands in the way, and what an
application asks of the same tables is served as the source answers it."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.model.settings import Limits
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.filling import fill_schema
from tests.design.world import World, fill, make_settings, world
from tests.verify.memory import loaded

HOME = Path(__file__).parent / "tpch"
APPLICATION = """
-- name: order_page
SELECT o.*, c.c_name FROM orders o JOIN customer c ON c.c_custkey = o.o_custkey WHERE o.o_orderkey = :order;
SELECT * FROM lineitem WHERE l_orderkey = :order ORDER BY l_linenumber;
-- name: latest_orders_of_customer
SELECT * FROM orders WHERE o_custkey = :customer ORDER BY o_orderdate DESC LIMIT 10;
-- name: customer_page
SELECT * FROM customer WHERE c_custkey = :customer;
SELECT * FROM orders WHERE o_custkey = :customer AND o_orderdate >= :since ORDER BY o_orderdate;
-- name: suppliers_of_part
SELECT ps.ps_supplycost, s.s_name FROM partsupp ps JOIN supplier s ON s.s_suppkey = ps.ps_suppkey
WHERE ps.ps_partkey = :part ORDER BY ps.ps_suppkey;
-- name: parts_of_supplier
SELECT ps_partkey, ps_availqty FROM partsupp WHERE ps_suppkey = :supplier;
-- name: spent_in_order
SELECT COUNT(*), SUM(l_extendedprice) FROM lineitem WHERE l_orderkey = :order;
"""
CLAUSES = {
    "q01_pricing_summary": "aggregate sum over anything but one column",
    "q02_cheapest_supplier": "subquery in WHERE",
    "q03_unshipped_orders": "aggregate sum over anything but one column",
    "q04_order_priorities": "EXISTS",
    "q05_local_supplier_volume": "join of two lists",
    "q06_revenue_change": "aggregate sum over anything but one column",
    "q07_volume_shipping": "subquery in FROM",
    "q08_market_share": "subquery in FROM",
    "q09_profit_by_product": "subquery in FROM",
    "q10_returned_items": "aggregate sum over anything but one column",
    "q11_important_stock": "aggregate sum over anything but one column",
    "q12_shipping_modes": "aggregate sum over anything but one column",
    "q13_customer_distribution": "subquery in FROM",
    "q14_promotion_effect": "no foreign key of the schema explains it",
    "q15_top_supplier": "WITH",
    "q16_parts_suppliers": "IN (SELECT ...)",
    "q17_small_quantities": "subquery in WHERE",
    "q18_large_orders": "IN (SELECT ...)",
    "q19_discounted_revenue": "no foreign key of the schema explains it",
    "q20_part_promotion": "IN (SELECT ...)",
    "q21_waiting_suppliers": "EXISTS",
    "q22_sales_opportunity": "subquery in FROM",
}


LARGE = Limits(listed_rows=10, bounded_items=20)
"""The filled tables have up to 40 rows: with these limits they are too large to be listed whole, as the benchmark's
are."""


def tpch(folder: Path, queries: str, limits: Limits | None = None) -> World:
    ddl = (HOME / "schema.sql").read_text(encoding="utf-8")
    fill(folder / "empty.db", ddl, {})
    with open_source(parse_location(str(folder / "empty.db"))) as source:
        rows = fill_schema(reflect(source))
    return world(folder, ddl, queries, rows, make_settings(limits))


def test_each_report_is_refused_by_its_clause_with_a_way_out(tmp_path: Path) -> None:
    made = tpch(tmp_path, (HOME / "queries.sql").read_text(encoding="utf-8"), LARGE)
    patterns = {pattern.name: pattern for pattern in made.plan.access_patterns}
    assert set(patterns) == set(CLAUSES)
    unnamed = {
        name: pattern.reason
        for name, pattern in patterns.items()
        if pattern.status != "refused" or CLAUSES[name] not in (pattern.reason or "")
    }
    assert unnamed == {}
    assert all(pattern.way_out for pattern in patterns.values())
    assert made.indexes() == 0, "no index is made for what is refused"


@pytest.mark.parametrize("name", ["q02_cheapest_supplier", "q07_volume_shipping", "q13_customer_distribution"])
def test_a_nested_report_is_sent_to_where_reports_belong(name: str, tmp_path: Path) -> None:
    made = tpch(tmp_path, (HOME / "queries.sql").read_text(encoding="utf-8"))
    assert "Athena" in (made.pattern(name).way_out or "")


def test_what_an_application_asks_of_the_same_tables_is_served_as_the_source_answers(tmp_path: Path) -> None:
    made = tpch(tmp_path, APPLICATION)
    assert [(p.name, p.reason) for p in made.plan.access_patterns if p.status != "served"] == []
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(made.plan, snapshot)
        assert verify_rows(made.plan, snapshot, table, allow_scan=True).clean
        report = verify_queries(made.plan, snapshot, table)
    assert report.clean, [pattern.differences for pattern in report.patterns if not pattern.clean]
