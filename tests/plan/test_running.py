"""The arithmetic of running a plan, and of how large its items and collections are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from migrator.plan.partitions import partition_sizes
from migrator.plan.running import running
from migrator.plan.weights import BOUNDS, item_count, size_histogram

from tests.render.plans import ORDER, ORDERS, RICH


def test_capacity_adds_up_what_all_served_queries_take() -> None:
    served = [pattern for pattern in RICH.access_patterns if pattern.status == "served"]
    capacity = running(RICH).capacity

    assert capacity.read_mean == pytest.approx(sum(one.rate * one.read_units for one in served))
    assert capacity.write_peak == pytest.approx(sum(one.peak * one.write_units for one in served))
    assert capacity.on_demand_usd == RICH.cost.reads + RICH.cost.writes


def test_a_steady_load_is_cheaper_provisioned() -> None:
    busy = [
        replace(one, rate=1000.0, peak=1000.0, read_units=1.0, write_units=0.0)
        for one in RICH.access_patterns
        if one.kind == "read" and one.status == "served"
    ]
    cost = replace(RICH.cost, reads=len(busy) * 1000 * 2_628_000 * 0.125 / 1e6, writes=0.0)

    assert running(replace(RICH, access_patterns=tuple(busy), cost=cost)).capacity.cheaper == "provisioned"


def test_a_load_takes_its_units_by_the_rate() -> None:
    plan = replace(RICH, cost=replace(RICH.cost, load_write_units=40_000))

    assert [time.seconds for time in running(plan).load_times] == [40.0, 10.0, 4.0, 1.0]


def test_a_collection_is_as_large_as_its_foreign_key_was_measured() -> None:
    shared = next(size for size in partition_sizes(RICH) if "Order" in size.entities and size.slot == "table")

    assert shared.entities == ("Customer", "Order")
    assert (shared.mean, shared.p99, shared.most) == (51.0, 301, 1_201)


def test_sizes_weigh_as_much_as_their_entity_has_items() -> None:
    bars = size_histogram(RICH, {"Order": [100, 3_000], "Customer": [100]})
    orders, customers = item_count(RICH, ORDER), 100

    assert [bar.upto for bar in bars] == list(BOUNDS)
    assert orders == ORDERS.rows
    assert bars[0].share == pytest.approx((orders / 2 + customers) / (orders + customers), abs=1e-5)
    assert sum(bar.share for bar in bars) == pytest.approx(1, abs=1e-4)
    assert size_histogram(RICH, {}) == ()
