"""Rows of one partition key stand together in the source; they must not be written together."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from migrator.load.crew import interleave, spread
from migrator.load.load import load
from migrator.model.unit import Chunk
from migrator.plan.plan import TABLE_SLOT, SlotKeys

from tests.load.world import MemorySource, MemoryTable, Rows, a_plan, name_of, quick

WHOLE = a_plan()
ORDERS = replace(WHOLE.entity("order"), keys=(SlotKeys(TABLE_SLOT, "CUSTOMER#{customer_id}", "ORDER#{id}"),))
PLAN = replace(WHOLE, entities=(ORDERS,), indexes=(), source=replace(WHOLE.source, tables=WHOLE.source.tables[1:]))
CUSTOMERS, EACH, WORKERS = 16, 400, 8
ROWS: Rows = {"orders": [(n, n // EACH, 5) for n in range(CUSTOMERS * EACH)]}
WINDOW = 800
"""Writes: those of about a second at the rate that one partition takes."""


def busiest_share(workers: int) -> float:
    """The largest share of one partition key in any window of the writes, in the order in which they came. A barrier
    keeps the threads in step, as a service does whose answers take the same time."""
    written: list[str] = []
    table = MemoryTable()
    turn = threading.Barrier(workers, timeout=20)

    def note(actions: object) -> None:
        written.extend(name for put in actions if (name := name_of(put.item)[0]).startswith("C"))  # type: ignore[attr-defined]

    def in_step(number: int) -> None:
        if not turn.broken:
            try:
                turn.wait(0.5)
            except threading.BrokenBarrierError:
                return

    table.refuse, table.before = note, in_step
    load(PLAN, MemorySource(ROWS), table, quick(workers=workers, rows_per_chunk=EACH), lambda progress: None)
    windows = range(0, len(written) - WINDOW + 1, 50)
    return max(max(Counter(written[place : place + WINDOW]).values()) / WINDOW for place in windows)


def test_no_partition_takes_more_than_its_part_of_any_window() -> None:
    assert busiest_share(1) > 0.45, "one after the other, a partition takes all that is written for a while"
    assert busiest_share(WORKERS) <= 2 / WORKERS


def test_chunks_that_load_at_one_time_lie_far_apart() -> None:
    chunks = [Chunk("t", number, None, None) for number in range(64)]
    order = [chunk.number for chunk in spread(chunks)]
    assert sorted(order) == list(range(64))
    assert order[:8] == [0, 32, 16, 48, 8, 40, 24, 56]
    assert min(abs(one - other) for one, other in pairwise(order)) >= 16


def test_each_table_takes_its_turn() -> None:
    cut = {
        name: tuple(Chunk(name, number, None, None) for number in range(many)) for name, many in [("a", 3), ("b", 1)]
    }
    assert [(chunk.table, chunk.number) for chunk in interleave(cut)] == [("a", 0), ("b", 0), ("a", 2), ("a", 1)]
