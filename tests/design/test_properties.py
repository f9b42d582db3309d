"""What holds of every design: more indexes never cost more, dearer ones are never used more, order means nothing, a
pinned key is kept, and a plan's own workload gives the plan again."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from migrator.design.design import TABLE
from migrator.design.pins import spoken_view
from migrator.design.prices import default_prices
from migrator.model.errors import BlockedError
from migrator.model.settings import Limits, PinnedView, TableOverride
from migrator.plan.plan import Plan

from tests.amount import many
from tests.design.test_decisions import SHOP, shop_rows
from tests.design.world import World, make_settings, planned, world
from tests.verify.chance import random_world, write

SEEDS = range(300, 300 + many(6))
WORKLOAD = """
-- name: page
-- rate: 20
SELECT * FROM customer WHERE id = :c;
SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at DESC LIMIT 5;
-- name: order
-- rate: 30
SELECT * FROM orders WHERE id = :o;
SELECT * FROM line WHERE order_id = :o;
-- name: by_status
-- rate: 2
SELECT * FROM orders WHERE status = :s ORDER BY placed_at LIMIT 20;
-- name: by_total
SELECT * FROM orders WHERE total = :t;
-- name: by_email
SELECT * FROM customer WHERE email = :e;
-- name: sold
SELECT * FROM line WHERE product = :p;
-- name: close
-- rate: {rate}
UPDATE orders SET status = 'paid' WHERE id = :o;
-- name: buy
INSERT INTO orders (id, customer_id, placed_at, status, total) VALUES (:o, :c, :at, 'open', :t);
"""


def random_plan(seed: int, folder: Path, limits: Limits, queries: str | None = None) -> World:
    path = folder / "chance.db"
    write(made := random_world(seed), path)
    return planned(path, queries or made.queries, make_settings(limits))


def refused(plan: Plan) -> int:
    return sum(pattern.status == "refused" for pattern in plan.access_patterns)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_larger_budget_of_indexes_is_never_worse(seed: int, tmp_path: Path) -> None:
    made = [random_plan(seed, tmp_path, Limits(max_indexes=most)) for most in range(4)]
    marks = [(refused(one.plan), round(one.design.objective, 3)) for one in made]
    assert marks == sorted(marks, reverse=True)
    assert all(one.indexes() <= most for most, one in enumerate(made))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_frontier_tells_what_the_smaller_budgets_give(seed: int, tmp_path: Path) -> None:
    whole = random_plan(seed, tmp_path, Limits())
    for point in whole.design.frontier:
        least = random_plan(seed, tmp_path, Limits(max_indexes=point.indexes)).design
        assert sum(read.refusal is not None for read in least.reads) <= point.refused
        if point.refused == whole.design.frontier[-1].refused:
            assert least.objective <= point.monthly_usd + 0.001


@pytest.mark.parametrize("seed", SEEDS)
def test_every_random_design_is_proven(seed: int, tmp_path: Path) -> None:
    optimality = random_plan(seed, tmp_path, Limits()).plan.optimality
    assert optimality.gap == 0
    assert optimality.bound == pytest.approx(optimality.objective, abs=0.001)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_queries_changes_nothing(seed: int, tmp_path: Path) -> None:
    base = random_plan(seed, tmp_path, Limits())
    blocks = [
        block for block in re.split(r"(?=^-- name:)", random_world(seed).queries, flags=re.MULTILINE) if block.strip()
    ]
    random.Random(seed).shuffle(blocks)
    other = random_plan(seed, tmp_path, Limits(), "\n".join(blocks))
    assert {e.name: e.keys for e in other.plan.entities} == {e.name: e.keys for e in base.plan.entities}
    assert other.design.objective == pytest.approx(base.design.objective, abs=0.001)


def test_a_dearer_index_is_never_used_more(tmp_path: Path) -> None:
    counts = []
    for price in (0.0, 0.1, 1.0, 5.0, 50.0, 5_000.0):
        prices = replace(default_prices(), index_month=price)
        settings = replace(make_settings(), prices=prices)
        counts.append(world(tmp_path, SHOP, WORKLOAD.format(rate=1), shop_rows(), settings).indexes())
    assert counts == sorted(counts, reverse=True)


def test_a_write_that_becomes_more_frequent_never_costs_more_a_call(tmp_path: Path) -> None:
    units = []
    for rate in (0.01, 1, 10, 100, 1_000):
        made = world(tmp_path, SHOP, WORKLOAD.format(rate=rate), shop_rows())
        units.append(made.pattern("close").write_units)
    assert units == sorted(units, reverse=True)


def test_a_pinned_key_is_kept(tmp_path: Path) -> None:
    settings = make_settings(overrides=(TableOverride("customer", key=("email",)),))
    made = world(tmp_path, SHOP, WORKLOAD.format(rate=1), shop_rows(), settings)
    columns = {attr.column for attr in made.design.entity("customer").template(TABLE).attrs()}
    assert columns == {"email"}


def test_a_pinned_template_is_kept_and_its_price_told(tmp_path: Path) -> None:
    override = TableOverride("line", partition=("no",), sort=("order_id",))
    queries = "-- name: lines\n-- rate: 50\nSELECT * FROM line WHERE order_id = :o ORDER BY no;"
    made = world(tmp_path, SHOP, queries, shop_rows(), make_settings(overrides=(override,)))
    (key,) = (keys for keys in made.plan.entity("LINE").keys if keys.slot == "table")
    assert (key.partition, key.sort) == ("LINE#NO#{no}", "LINE#{order_id}")
    (told,) = (text for text in made.plan.assumptions if "the key of line, (no | order_id)" in text)
    assert "$0.00" not in told


def test_a_pinned_template_that_is_no_unique_key_is_infeasible_by_name(tmp_path: Path) -> None:
    override = TableOverride("line", partition=("product",), sort=("no",))
    with pytest.raises(BlockedError, match="is infeasible: the table's key must be exactly one"):
        world(tmp_path, SHOP, "", shop_rows(), make_settings(overrides=(override,)))


PINS = (
    PinnedView(("status",), ("total", "placed_at")),
    PinnedView(("total",)),
    PinnedView((), ("placed_at",)),
    PinnedView(("customer_id", "status"), ("placed_at",)),
)


@pytest.mark.parametrize("workload", ["", WORKLOAD.format(rate=1)])
@pytest.mark.parametrize("pinned", [PINS[:1], PINS[1:3], PINS], ids=["one", "two", "four"])
def test_pinned_views_are_kept_whatever_asks_for_them(
    pinned: tuple[PinnedView, ...], workload: str, tmp_path: Path
) -> None:
    settings = make_settings(overrides=(TableOverride("orders", views=pinned),))
    made = world(tmp_path, SHOP, workload, shop_rows(), settings)
    free = world(tmp_path, SHOP, workload, shop_rows())
    assert [view for view in pinned if view not in views_of(made, "orders")] == []
    assert refused(made.plan) == refused(free.plan)
    assert made.plan.optimality.gap == 0
    assert made.indexes() >= len(pinned)
    (told,) = (text for text in made.plan.assumptions if text.startswith("migrate.toml asks for"))
    assert "an index of orders, (" in told
    assert told.count("an index of orders") == len(pinned)
    assert f"${made.design.objective - free.design.objective:,.2f} a month against a free choice" in told


def views_of(made: World, table: str) -> list[PinnedView]:
    """The views of whole items that stand in indexes, each as it could be pinned without the row's key."""
    there = made.design.entity(table)
    key = set(there.key)
    found = []
    for slot, template in there.views:
        if slot != TABLE and there.only(slot) is None:
            sort = [part.attr.column for part in template.sort]
            while sort and sort[-1] in key:
                sort.pop()
            found.append(PinnedView(tuple(sorted(part.attr.column for part in template.partition)), tuple(sort)))
    return found


@pytest.mark.parametrize("seed", range(400, 400 + many(8)))
def test_a_pinned_template_is_kept_or_named_infeasible(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    free = random_plan(seed, tmp_path, Limits())
    table = chance.choice(free.schema.tables)
    columns = [column.name for column in table.columns if column.name not in table.primary_key]
    wanted = tuple(
        PinnedView(tuple(sorted(drawn[:cut])), tuple(drawn[cut:]))
        for drawn, cut in ((chance.sample(columns, min(len(columns), 2)), chance.randint(0, 1)) for _ in range(2))
    )
    limits = Limits(max_indexes=chance.choice((1, 2, 20)))
    settings = make_settings(limits, (TableOverride(table.name, views=wanted),))
    try:
        made = planned(free.path, random_world(seed).queries, settings)
    except BlockedError as error:
        assert f"the view pinned for table {table.name}, (" in error.what
        assert "is infeasible: " in error.what
        same = len({spoken_view(view) for view in wanted}) < len(wanted)
        assert same or len(wanted) > limits.max_indexes or "which no key can" in error.what
    else:
        assert [view for view in wanted if view not in views_of(made, table.name)] == []
        assert made.indexes() <= limits.max_indexes


@pytest.mark.parametrize(
    ("ddl", "views", "why"),
    [
        ("body JSON", (PinnedView(("body",)),), r"\(body\), is infeasible: body holds a document"),
        ("v TEXT COLLATE RTRIM", (PinnedView((), ("v",)),), r"\(one constant | v\), is infeasible: v compares"),
        ("v TEXT", (PinnedView(("v",), ("v",)),), "v stands in it twice"),
        ("v TEXT", (PinnedView(),), "it names no column"),
        ("v TEXT", (PinnedView(("v",)), PinnedView(("v",), ("id",))), "another one is the same"),
        ("v TEXT", (PinnedView(("v",)), PinnedView(("id",))), "max_indexes under .limits. allows 1"),
    ],
)
def test_a_view_that_cannot_be_is_infeasible_by_name(
    ddl: str, views: tuple[PinnedView, ...], why: str, tmp_path: Path
) -> None:
    settings = make_settings(Limits(max_indexes=1 if "allows" in why else 20), (TableOverride("paper", views=views),))
    with pytest.raises(BlockedError, match=why):
        world(tmp_path, f"CREATE TABLE paper(id INTEGER PRIMARY KEY, {ddl});", "", {}, settings)


def test_forbidden_copies_are_not_made(tmp_path: Path) -> None:
    override = TableOverride("orders", copies=False)
    select = "SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.id = :i;"
    queries = f"-- name: q\n-- rate: 9\n{select}"
    made = world(tmp_path, SHOP, queries, shop_rows(), make_settings(overrides=(override,)))
    assert [a.name for a in made.plan.entity("ORDERS").attributes if a.copied_from] == []
    assert made.pattern("q").round_trips == 2
    assert any("no copies on orders" in text for text in made.plan.assumptions)


def test_a_pinned_key_that_cannot_name_a_row_is_said(tmp_path: Path) -> None:
    ddl = "CREATE TABLE paper(body JSON NOT NULL UNIQUE, title TEXT);"
    settings = make_settings(overrides=(TableOverride("paper", key=("body",)),))
    with pytest.raises(BlockedError, match="the key of table paper holds body"):
        world(tmp_path, ddl, "-- name: all\nSELECT * FROM paper ORDER BY title LIMIT 5;", {}, settings)


def test_the_plan_of_a_plans_own_workload_is_itself(tmp_path: Path) -> None:
    first = world(tmp_path, SHOP, WORKLOAD.format(rate=3), shop_rows())
    written = "\n".join(
        f"-- name: {p.name}\n-- rate: {p.rate}/s\n-- peak: {p.peak}/s\n{p.sql.rstrip(';')};"
        for p in first.plan.access_patterns
    )
    second = planned(first.path, written)
    unsaid = [replace(p, notes=()) for p in first.plan.access_patterns]
    assert [replace(p, notes=()) for p in second.plan.access_patterns] == unsaid
    assert (second.plan.entities, second.plan.indexes, second.plan.optimality) == (
        first.plan.entities,
        first.plan.indexes,
        first.plan.optimality,
    )
