"""What running the plan takes beside its requests: capacity, recovery, caching, and the time and price of loading.

Prices are those of the service's price pages (`service_prices.json`), for one region.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from migrator.plan.plan import Plan, PlannedPattern, Request
from migrator.plan.weights import stored_bytes, table_bytes

GIB = 1024**3
HOURS_A_MONTH = 730
UTILISATION = 0.7
"""The share of provisioned capacity that auto scaling aims at (developer guide: "Managing throughput capacity")."""
CACHE_NODES = 3
CACHE_HITS = 0.8
LOAD_RATES = (1_000, 4_000, 10_000, 40_000)
"""Write units a second; a new on-demand table takes 4,000 (developer guide: "On-demand capacity mode")."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Units a second on average and at the peak, all queries at once; dollars a month on demand (reads and writes) and
    with the peak provisioned at a utilisation of 70 %."""

    read_mean: float
    read_peak: float
    write_mean: float
    write_peak: float
    on_demand_usd: float
    provisioned_usd: float

    @property
    def cheaper(self) -> str:
        return "on demand" if self.on_demand_usd <= self.provisioned_usd else "provisioned"


@dataclass(frozen=True, slots=True)
class Caching:
    """What a DAX cluster could save: eventually consistent reads cost `cacheable_usd` a month, of which a cache that
    answers 80 % of them saves `saved_usd`; its nodes cost `cluster_usd`. `strong`: reads that pass it by."""

    nodes: int
    node: str
    cluster_usd: float
    cacheable_usd: float
    saved_usd: float
    strong: tuple[str, ...]

    @property
    def pays(self) -> bool:
        return self.saved_usd > self.cluster_usd


@dataclass(frozen=True, slots=True)
class LoadTime:
    """How long the load's write units take at so many a second."""

    units_a_second: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Running:
    """All of it for one plan. Sizes in GB of 1,024 MB; dollars a month but for loading, which is once."""

    region: str
    stored_gb: float
    capacity: Capacity
    recovery_usd: float
    caching: Caching
    load_times: tuple[LoadTime, ...]
    import_gb: float
    import_usd: float


@cache
def _prices() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(files("migrator.plan").joinpath("service_prices.json").read_text("utf-8"))
    return found


def running(plan: Plan) -> Running:
    """The arithmetic of running a plan, from its declared rates and measured sizes."""
    prices = _prices()
    stored, imported = stored_bytes(plan) / GIB, table_bytes(plan) / GIB
    capacity = _capacity(plan)
    return Running(
        prices["region"],
        stored,
        capacity,
        stored * prices["recovery_gb_month"],
        _caching(plan),
        tuple(LoadTime(rate, plan.cost.load_write_units / rate) for rate in LOAD_RATES),
        imported,
        imported * prices["import_gb"],
    )


def _served(plan: Plan) -> tuple[PlannedPattern, ...]:
    return tuple(pattern for pattern in plan.access_patterns if pattern.status == "served")


def _capacity(plan: Plan) -> Capacity:
    served, prices = _served(plan), _prices()
    read_peak = sum(pattern.peak * pattern.read_units for pattern in served)
    write_peak = sum(pattern.peak * pattern.write_units for pattern in served)
    hourly = read_peak * prices["provisioned_read_hour"] + write_peak * prices["provisioned_write_hour"]
    return Capacity(
        sum(pattern.rate * pattern.read_units for pattern in served),
        read_peak,
        sum(pattern.rate * pattern.write_units for pattern in served),
        write_peak,
        plan.cost.reads + plan.cost.writes,
        hourly / UTILISATION * HOURS_A_MONTH,
    )


def _caching(plan: Plan) -> Caching:
    """A plan's reads by whether a cache may answer them; dollars by their share of all read units."""
    reads = [pattern for pattern in _served(plan) if pattern.kind == "read"]
    strong = tuple(pattern.name for pattern in reads if any(map(_passes_by, pattern.requests)))
    units = sum(pattern.rate * pattern.read_units for pattern in _served(plan))
    may = sum(pattern.rate * pattern.read_units for pattern in reads if pattern.name not in strong)
    cacheable = plan.cost.reads * may / units if units else 0.0
    cluster = CACHE_NODES * _prices()["cache_node_hour"] * HOURS_A_MONTH
    return Caching(CACHE_NODES, _prices()["cache_node"], cluster, cacheable, cacheable * CACHE_HITS, strong)


def _passes_by(request: Request) -> bool:
    return request.consistent or request.operation == "TransactGetItems"
