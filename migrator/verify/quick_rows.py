"""Rows whose items are in the table just as their JSON says: counted quickly, so that only the others take time."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from migrator.model.unit import RowValue
from migrator.plan.plan import Plan
from migrator.plan.quick import Quick, compile_quick
from migrator.ports import ItemReader, PlainReader
from migrator.verify.fetch import BATCH

THREADS = 4
AHEAD = 8
"""Batches that are read ahead, for networks that take their time."""

NO_LIMIT = 1 << 62
RESERVED = "MIGRATE#"
Values = tuple[RowValue, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Of a stretch of rows, how many agree with the table, their items, and the values of the others."""

    rows: int
    items: int
    others: tuple[Values, ...]


def quick_rows(plan: Plan, table: str, reader: ItemReader) -> QuickRows | None:
    """None when the plan's table has no quick function, or the reader no plain items."""
    quick = compile_quick(plan, table, lambda _item, _size: 0, RESERVED, NO_LIMIT)
    plain: Any = reader if hasattr(reader, "get_plain") else None
    if quick is None or plain is None:
        return None
    return QuickRows(quick, plain, plan.table.key_names)


class QuickRows:
    """The quick comparison of one table's rows. Equal JSON is equal items; JSON that differs may still be (numbers
    have several texts), so that is for the obvious comparison to say."""

    def __init__(self, quick: Quick, reader: PlainReader, keys: tuple[str, str]) -> None:
        self._quick = quick
        self._reader = reader
        self._keys = keys

    def agreed(self, lists: Iterable[list[Values]]) -> Iterator[Agreed]:
        """In the rows' order; memory holds some batches."""
        rows = chain.from_iterable(lists)
        under_way: deque[Future[Agreed]] = deque()
        with ThreadPoolExecutor(THREADS) as threads:
            while some := list(islice(rows, BATCH)):
                under_way.append(threads.submit(self._compare, some))
                if len(under_way) >= AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _compare(self, rows: list[Values]) -> Agreed:
        made = list(map(self._quick, rows))
        names = [name + "}" for one in made if one is not None for name in one[1::2]]
        found = self._read(list(dict.fromkeys(names)))
        agreed = [one is not None and self._stands(one, found) for one in made]
        items = sum(len(one) // 2 for one, stands in zip(made, agreed, strict=True) if one is not None and stands)
        others = tuple(values for values, stands in zip(rows, agreed, strict=True) if not stands)
        return Agreed(len(rows) - len(others), items, others)

    def _read(self, names: list[str]) -> dict[tuple[str, str], Any]:
        partition, sort = self._keys
        found = chain.from_iterable(
            self._reader.get_plain(names[start : start + BATCH]) for start in range(0, len(names), BATCH)
        )
        return {(item[partition]["S"], item[sort]["S"]): item for item in found}

    def _stands(self, made: tuple[Any, ...], found: dict[tuple[str, str], Any]) -> bool:
        partition, sort = self._keys
        for text in made[2::2]:
            item = json.loads(text)
            if found.get((item[partition]["S"], item[sort]["S"])) != item:
                return False
        return True
