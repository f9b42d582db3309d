"""Rows that live within others' items: random databases, random writes, and what the table then holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.amount import many
from tests.verify.embedded import tell_within

SEEDS = many(28)
BATCHES = 4


@pytest.mark.parametrize("batch", range(BATCHES))
def test_writes_of_embedded_rows_leave_the_table_as_they_leave_the_source(batch: int, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(batch, SEEDS, BATCHES):
        story = tell_within(seed, tmp_path)
        if story is not None:
            assert story.trouble == [], f"seed {seed}"
            outcomes += story.outcomes
    assert outcomes["embedded tables"] > SEEDS // 40
    assert outcomes["done"] > outcomes["refused patterns"]
    assert outcomes["nothing"] and outcomes["failed: taken"], "rows that are not there, and values that are taken"
