"""A closer look at items whose JSON is long or odd: whether they keep every limit, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from migrator.plan.itemtext import read_item_text
from migrator.plan.plan import Plan
from migrator.plan.sizes import MAX_ITEM, MAX_PARTITION_KEY, MAX_SORT_KEY, item_size

UnitsOf = Callable[[Mapping[str, Mapping[str, Any]], int], int]
"""Write units of an item of so many bytes."""


def weigher(plan: Plan, units_of: UnitsOf, most_bytes: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...] | None]:
    """From (anything, name, text, name, text, ...) to the same with the write units first; None when an item breaks
    a limit, is not valid Unicode, or all take more than `most_bytes`."""
    partitions = {plan.table.partition_key, *(index.partition_key for index in plan.indexes)}
    sorts = {plan.table.sort_key, *(index.sort_key for index in plan.indexes)}

    def weigh(made: tuple[Any, ...]) -> tuple[Any, ...] | None:
        units = 0
        if sum(map(len, made[2::2])) > most_bytes:
            return None
        for text in made[2::2]:
            item = read_item_text(text)
            try:
                size = item_size(item)
            except UnicodeEncodeError:
                return None
            if size > MAX_ITEM or _is_long(item, partitions, MAX_PARTITION_KEY) or _is_long(item, sorts, MAX_SORT_KEY):
                return None
            units += units_of(item, size)
        return units, *made[1:]

    return weigh


def _is_long(item: Mapping[str, Mapping[str, Any]], names: Iterable[str], most: int) -> bool:
    return any(len(item[name]["S"].encode()) > most for name in names if name in item)
