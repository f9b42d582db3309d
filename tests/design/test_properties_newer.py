"""The laws of every design, where it takes an index of a state, a second item, counter items and rows within items."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from migrator.model.settings import Limits, Settings, TableOverride

from tests.design.test_decisions import SHOP, shop_rows
from tests.design.test_properties import SEEDS, random_plan, refused
from tests.design.test_stability import NAMES, shape
from tests.design.world import World, make_settings, planned, world
from tests.verify.chance import random_world

BLOCKS = (
    "-- name: waiting\n-- rate: 5\nSELECT * FROM orders WHERE status = 'open' ORDER BY placed_at LIMIT 20;",
    "-- name: figures\n-- rate: 200\nSELECT COUNT(*), SUM(total) FROM orders WHERE customer_id = :c;",
    "-- name: page\n-- rate: 90\nSELECT * FROM orders WHERE id = :o;\nSELECT * FROM line WHERE order_id = :o;",
    "-- name: surely\n-- rate: 3\n-- consistency: strong\n"
    "SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at DESC LIMIT 3;",
    "-- name: close\n-- rate: 1\nUPDATE orders SET status = 'paid' WHERE id = :o;",
    "-- name: buy\n-- rate: 0.1\n"
    "INSERT INTO orders (id, customer_id, placed_at, status, total) VALUES (:o, :c, :at, 'open', :t);",
)
ROWS = (30, 1_200)


def chosen(embed: bool, table: str = "line", limits: Limits | None = None) -> Settings:
    """Items that hold rows of others have no second items, so that both are asked for apart."""
    return make_settings(limits or Limits(), (TableOverride(table, embed=True),) if embed else ())


@pytest.fixture(scope="module", params=[False, True], ids=["second item", "rows within items"])
def embed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def blocks(embed: bool) -> tuple[str, ...]:
    return tuple(block for block in BLOCKS if not (embed and "strong" in block))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, blocks: tuple[str, ...], embed: bool) -> World:
    return world(tmp_path_factory.mktemp("newer"), SHOP, "\n".join(blocks), shop_rows(*ROWS), chosen(embed))


def test_the_workload_is_one_for_the_newer_candidates(base: World, embed: bool) -> None:
    kinds = {entity.kind for entity in base.plan.entities}
    assert "aggregate" in kinds and ("edge" in kinds) != embed
    assert any(keys.where for entity in base.plan.entities for keys in entity.keys)
    assert [held.source_table for _, held in base.plan.embedded()] == ["line"] * embed
    assert (refused(base.plan), base.plan.optimality.gap) == (0, 0)


def test_a_larger_budget_of_indexes_is_never_worse(base: World, blocks: tuple[str, ...], embed: bool) -> None:
    budgets = [Limits(max_indexes=most) for most in range(3)]
    made = [planned(base.path, "\n".join(blocks), chosen(embed, limits=limits)) for limits in budgets]
    marks = [(refused(one.plan), round(one.design.objective, 3)) for one in made]
    assert marks == sorted(marks, reverse=True)
    assert all(one.indexes() <= most for most, one in enumerate(made))


@pytest.mark.parametrize("seed", range(1))
def test_the_order_of_the_queries_changes_nothing(base: World, blocks: tuple[str, ...], embed: bool, seed: int) -> None:
    shuffled = list(blocks)
    random.Random(seed).shuffle(shuffled)
    other = planned(base.path, "\n".join(shuffled), chosen(embed))
    assert {e.name: e.keys for e in other.plan.entities} == {e.name: e.keys for e in base.plan.entities}
    assert shape(other.plan, other.design) == shape(base.plan, base.design)


def test_names_of_equal_length_change_nothing_but_names(
    base: World, blocks: tuple[str, ...], embed: bool, tmp_path: Path
) -> None:
    renamed = re.compile(r"\b(" + "|".join(NAMES) + r")(?=\b|_)")

    def other_names(text: str) -> str:
        return renamed.sub(lambda found: NAMES[found[1]], text)

    rows = {NAMES.get(table, table): listed for table, listed in shop_rows(*ROWS).items()}
    settings = chosen(embed, NAMES["line"])
    other = world(tmp_path, other_names(SHOP), other_names("\n".join(blocks)), rows, settings)
    assert shape(other.plan, other.design) == shape(base.plan, base.design)


@pytest.mark.parametrize("name", ["close", "buy"])
def test_a_write_that_becomes_more_frequent_never_costs_more_a_call(
    base: World, blocks: tuple[str, ...], embed: bool, name: str
) -> None:
    units = []
    for rate in (0.01, 30, 1_000):
        made = planned(base.path, at_rate("\n".join(blocks), name, rate), chosen(embed))
        units.append(made.pattern(name).write_units)
    assert units == sorted(units, reverse=True)


def at_rate(queries: str, name: str, rate: float) -> str:
    """The queries with one pattern's rate set."""
    blocks = [block for block in re.split(r"(?=^-- name:)", queries, flags=re.MULTILINE) if block.strip()]
    return "\n".join(
        re.sub(r"^(-- name:.*\n)(?:-- rate:.*\n)?", rf"\g<1>-- rate: {rate}\n", block)
        if re.match(rf"-- name: {name}\s", block)
        else block
        for block in blocks
    )


@pytest.mark.parametrize("seed", [308, 313])
def test_a_random_write_that_becomes_more_frequent_never_costs_more_a_call(seed: int, tmp_path: Path) -> None:
    free = random_plan(seed, tmp_path, Limits())
    writes = [p.name for p in free.plan.access_patterns if p.kind == "write" and p.status == "served"]
    assert writes
    for name in writes:
        made = [
            planned(free.path, at_rate(random_world(seed).queries, name, rate), make_settings(Limits()))
            for rate in (0.01, 1_000)
        ]
        units = [one.pattern(name).write_units for one in made if one.pattern(name).status == "served"]
        assert units == sorted(units, reverse=True), name


def own_workload(made: World) -> str:
    """What a plan says of its queries, declared again."""
    return "\n".join(
        f"-- name: {p.name}\n-- rate: {p.rate}/s\n-- peak: {p.peak}/s\n-- consistency: {p.consistency}\n"
        f"{p.sql.rstrip(';')};"
        for p in made.plan.access_patterns
    )


def test_the_plan_of_a_plans_own_workload_is_itself(base: World, embed: bool) -> None:
    assert_itself(base, planned(base.path, own_workload(base), chosen(embed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_of_a_random_plans_own_workload_is_itself(seed: int, tmp_path: Path) -> None:
    first = random_plan(seed, tmp_path, Limits())
    assert_itself(first, planned(first.path, own_workload(first), make_settings(Limits())))


def assert_itself(first: World, second: World) -> None:
    unsaid = [replace(p, notes=()) for p in first.plan.access_patterns]
    assert [replace(p, notes=()) for p in second.plan.access_patterns] == unsaid
    assert (second.plan.entities, second.plan.indexes) == (first.plan.entities, first.plan.indexes)
    assert second.plan.optimality == first.plan.optimality
