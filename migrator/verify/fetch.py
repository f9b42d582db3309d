"""Items by their keys, as many as there are: a request takes a hundred at most."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.plan.plan import Plan
from migrator.ports import Item, ItemReader, Key

BATCH = 100
"""Keys that one BatchGetItem takes."""


def fetch(reader: ItemReader, keys: Sequence[Key]) -> list[Item]:
    """The items of these keys that are there."""
    return [item for start in range(0, len(keys), BATCH) for item in reader.get_batch(keys[start : start + BATCH])]


def key_of(plan: Plan, partition: str, sort: str) -> Key:
    """A key of the table from its two texts."""
    return {plan.table.partition_key: {"S": partition}, plan.table.sort_key: {"S": sort}}
