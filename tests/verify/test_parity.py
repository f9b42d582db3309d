"""Whatever the plan serves gives SQLite's answer: random databases, random queries, random parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.amount import many
from tests.verify.parity import check_world

CHUNKS = 10
SEEDS = many(3)


@pytest.mark.parametrize("seed", [1199, 1304, 20_074, 20_084])
def test_a_right_plan_is_not_taken_for_a_wrong_one(seed: int, tmp_path: Path) -> None:
    assert check_world(seed, tmp_path).faults == []


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_served_is_what_the_source_answers(chunk: int, tmp_path: Path) -> None:
    outcomes = [check_world(seed, tmp_path) for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS)]
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    assert not faults, faults[:3]
    assert sum(outcome.served for outcome in outcomes) > SEEDS
    assert sum(outcome.with_rows for outcome in outcomes) > SEEDS


def test_random_worlds_have_indexes_of_the_rows_in_one_state(tmp_path: Path) -> None:
    assert any(check_world(seed, tmp_path).states for seed in range(CHUNKS * SEEDS))
