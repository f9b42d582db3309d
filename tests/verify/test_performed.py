"""Planned writes performed: after each, every row's items are what the source's rows make, and nothing beside them.

Longer: `MIGRATE_TEST_SHARE=50 python -m pytest tests/verify/test_performed.py -n 2`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.amount import many
from tests.verify.performed import tell

SEEDS = many(20)
BATCHES = 2


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_writes_leave_the_table_as_they_leave_the_source(batch: int, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(batch, SEEDS, BATCHES):
        story = tell(seed, tmp_path)
        assert story.trouble == [], f"seed {seed}"
        outcomes += story.outcomes
    assert outcomes["done"] > outcomes["refused patterns"]
    assert outcomes["nothing"] and outcomes["failed: taken"], "rows that are not there, and values that are taken"
    assert outcomes["edges"], "second items of rows, kept with them"
    assert outcomes["indexes of a state"], "entries that come and go with a literal value"
