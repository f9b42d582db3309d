"""Stored joins: random lists that meet, read through their pairs and kept by planned writes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.amount import many
from tests.design.world import make_settings, planned
from tests.verify.chance import write
from tests.verify.chance_pairs import pairs_world
from tests.verify.memory import loaded
from tests.verify.performed import follow, in_memory

SEEDS = many(12)
BATCHES = 3


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_joins_of_two_lists_give_the_answers_of_the_source(batch: int, tmp_path: Path) -> None:
    told: Counter[str] = Counter()
    path = tmp_path / "source.db"
    for seed in range(batch, SEEDS, BATCHES):
        made, patterns = pairs_world(seed)
        write(made, path)
        world = planned(path, made.queries + "\n" + "\n".join(one.text() for one in patterns), make_settings())
        with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
            table = loaded(world.plan, snapshot)
            rows = verify_rows(world.plan, snapshot, table, allow_scan=True)
            assert rows.clean, f"seed {seed}: {rows}"
            for report in verify_queries(world.plan, snapshot, table, samples=12, seed=seed).patterns:
                assert not report.differences, f"seed {seed}: {report}"
                told["with rows"] += report.with_rows
        told["stored joins"] += len(world.plan.joins())
        told["refused reads"] += sum(p.kind == "read" and p.status == "refused" for p in world.plan.access_patterns)
    assert told["stored joins"] > SEEDS // BATCHES // 2
    assert told["with rows"]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_writes_of_either_side_keep_the_pairs(batch: int, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    path = tmp_path / "source.db"
    for seed in range(batch, SEEDS, BATCHES):
        made, patterns = pairs_world(seed)
        write(made, path)
        world = planned(path, made.queries + "\n" + "\n".join(one.text() for one in patterns), make_settings())
        story = follow(world, made, patterns, seed, path, 20, in_memory)
        assert story.trouble == [], f"seed {seed}"
        outcomes += story.outcomes
        outcomes["stored joins"] += len(world.plan.joins())
    assert outcomes["done"] and outcomes["stored joins"] > SEEDS // BATCHES // 2
