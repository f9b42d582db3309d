"""The worked example of docs/design-engine.md: what the page says is what the engine gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from migrator.design.price import monthly_requests

from tests.design.world import Rows, World, world

PAGE = (Path(__file__).parents[2] / "docs" / "design-engine.md").read_text(encoding="utf-8")
DDL, QUERIES = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS: Rows = {
    "customer": [(f"C{n:03}", f"Name {n:03}") for n in range(100)],
    "purchase": [(f"P{n:04}", f"C{n % 100:03}", f"2026-01-{n // 100 + 1:02}", n) for n in range(1_000)],
}


@pytest.fixture
def example(tmp_path: Path) -> World:
    return world(tmp_path, DDL, QUERIES, ROWS)


def dollars(what: str) -> float:
    """The page's figure for it."""
    found = re.search(rf"^\| {re.escape(what)} \|.*\| ([0-9.]+) \|$", PAGE, re.MULTILINE)
    assert found, what
    return float(found[1])


def test_the_queries_cost_what_the_page_says(example: World) -> None:
    page, purchase = example.design.reads
    beside = monthly_requests(example.settings.prices, 10, 1)
    apart = sum(part.monthly_usd for part in page.served) + beside
    assert [round(apart, 4), round(apart - page.monthly_usd, 4), round(page.monthly_usd, 4)] == [
        dollars("`customer_page`, apart"),
        dollars("its bundle saves"),
        dollars("`customer_page`"),
    ]
    assert round(purchase.monthly_usd, 4) == dollars("`purchase`")


def test_the_whole_costs_the_sum_of_its_lines(example: World) -> None:
    lines = ("`customer_page`", "`purchase`", "the view of `purchase`", "one index")
    assert example.plan.optimality.objective == dollars("the design")
    assert example.plan.optimality.gap == 0
    assert sum(map(dollars, lines)) == pytest.approx(dollars("the design"), abs=0.0002)


def test_the_request_is_the_one_of_the_page(example: World) -> None:
    (request,) = example.pattern("customer_page").requests
    told = f"`{request.operation} {request.index}, {request.partition}, backwards, Limit {request.limit}`"
    assert not request.forward
    assert told in PAGE.replace("\n", " ")
