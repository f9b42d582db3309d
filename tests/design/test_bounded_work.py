"""The search for the best design is bounded in the solver's own steps: what is left unproven is stated, and the design
is one that stands."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from migrator.design.drafting import Slots
from migrator.design.programme import Component
from migrator.design.solve import Model, Row, minimise
from migrator.design.work import Work
from migrator.model.settings import Limits
from migrator.plan.recheck import recheck
from migrator.render.review import proof

from tests.design.test_decisions import SHOP, shop_rows
from tests.design.test_programme import MOST
from tests.design.test_programme import world as component
from tests.design.test_properties import WORKLOAD
from tests.design.world import World, make_settings, world

STEPS = 60


def shop(folder: Path, proof_steps: int) -> World:
    limits = Limits(proof_steps=proof_steps)
    return world(folder, SHOP, WORKLOAD.format(rate=1), shop_rows(), make_settings(limits))


def covering() -> Model:
    """Sets that cover every point at least cost: more than the solver proves in a few steps."""
    chance, model = random.Random(1), Model()
    numbers = [model.variable(float(chance.randint(5, 20))) for _ in range(150)]
    for _ in range(220):
        model.rows.append(Row(tuple((number, 1.0) for number in chance.sample(numbers, 6)), 1.0, math.inf))
    return model


def test_without_any_search_a_plan_stands_and_says_how_far_it_may_be_from_the_best(tmp_path: Path) -> None:
    best, plain = shop(tmp_path, Limits().proof_steps), shop(tmp_path, 0)
    assert best.plan.optimality.gap == 0
    optimality = plain.plan.optimality
    assert optimality.gap and optimality.bound is not None
    assert optimality.bound <= best.plan.optimality.objective <= optimality.objective
    assert "proof_steps" in optimality.claim and "not proven optimal" in proof(plain.plan)
    assert all(pattern.status == "served" for pattern in plain.plan.access_patterns)
    assert recheck(plain.plan) == ()


def test_the_same_few_steps_give_the_same_plan(tmp_path: Path) -> None:
    assert shop(tmp_path, 0).plan == shop(tmp_path, 0).plan


@pytest.mark.parametrize("seed", range(40))
def test_what_is_found_without_search_is_no_better_and_its_bound_no_higher_than_the_best(seed: int) -> None:
    made, bundles = component(random.Random(seed))
    best = Component(tuple(made), tuple(bundles)).best(MOST)
    plain = Component(tuple(made), tuple(bundles), Work(0.0, root=0)).best(MOST)
    for count in range(MOST + 1):
        exact, found = best.at(Slots(count)), plain.at(Slots(count))
        assert exact.proven and not found.proven
        assert found.mark >= (len(exact.refused), exact.usd - 1e-6)
        if len(found.refused) == len(exact.refused):
            assert found.bound <= exact.usd + 1e-6


def test_the_solver_stops_after_so_many_steps_at_the_same_place_with_a_bound_that_holds() -> None:
    first, again = minimise(covering(), STEPS), minimise(covering(), STEPS)
    assert first == again
    assert first.values and not first.proven and first.steps < 2 * STEPS
    longer = minimise(covering(), 4 * STEPS)
    assert first.bound <= longer.bound <= longer.cost <= first.cost


def test_a_solver_stopped_before_it_found_anything_has_no_values() -> None:
    assert minimise(covering(), 0).values == ()
