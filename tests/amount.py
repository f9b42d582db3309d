"""How much of what is random is tried: `make test` takes minutes, `make soak` hours."""

from __future__ import annotations

import os

SHARE = float(os.environ.get("MIGRATE_TEST_SHARE", "1"))
"""Times the number of random worlds that `make test` looks at."""


def many(number: int) -> int:
    """So many of what `make test` tries `number` of."""
    return max(1, round(number * SHARE))
