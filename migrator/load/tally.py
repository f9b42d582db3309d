"""What a run has done so far, counted over its threads from the checkpoints they report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from migrator.load.checkpoint import Checkpoint
from migrator.load.run_record import State


@dataclass(frozen=True, slots=True)
class Progress:
    """A table's counts so far, what earlier runs wrote included."""

    table: str
    rows: int
    items: int
    rejected: int
    chunks_done: int
    chunks: int


@dataclass(frozen=True, slots=True)
class TableReport:
    """What one source table became, or an aggregate, whose groups are items and no rows of the source. `rows` were
    written, `rejected` were not; `seconds` from its first batch to its last in this run (0.0 when all was there)."""

    name: str
    rows: int
    items: int
    rejected: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A finished load. `already`: it had been finished before, and nothing was written now. `write_units`
    are what all its transactions took; `repeated` counts requests that were asked again; `imported` are the bytes of
    items that ImportTable read instead."""

    tables: tuple[TableReport, ...]
    write_units: int
    seconds: float
    state: State
    already: bool = False
    resumed: bool = False
    repeated: int = 0
    imported: int = 0

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def items(self) -> int:
        return sum(table.items for table in self.tables)

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)


class Tally:
    """The latest checkpoint of each chunk, summed by table. Memory: one small record a table."""

    def __init__(
        self, chunks: dict[str, int], clock: Callable[[], float], on_progress: Callable[[Progress], None]
    ) -> None:
        self._counts = {table: _Counts(chunks=number) for table, number in chunks.items()}
        self._clock = clock
        self._on_progress = on_progress
        self._lock = threading.Lock()

    def listener(self, table: str) -> Callable[[Checkpoint], None]:
        """Hears one chunk's checkpoints in order, the one that already stood first."""
        latest = Checkpoint(table, 0)
        first = True

        def hear(checkpoint: Checkpoint) -> None:
            nonlocal latest, first
            with self._lock:
                counts = self._counts[table]
                counts.add(latest, checkpoint, self._clock(), wrote=not first)
                self._on_progress(counts.progress(table))
            latest, first = checkpoint, False

        return hear

    def reports(self) -> tuple[TableReport, ...]:
        return tuple(counts.report(table) for table, counts in self._counts.items())

    def complete(self) -> bool:
        """Whether every chunk has been heard to be done."""
        return all(counts.chunks_done == counts.chunks for counts in self._counts.values())

    def units(self) -> int:
        return sum(counts.units for counts in self._counts.values())


@dataclass(slots=True)
class _Counts:
    chunks: int
    chunks_done: int = 0
    rows: int = 0
    items: int = 0
    rejected: int = 0
    units: int = 0
    began: float | None = None
    ended: float | None = None

    def add(self, before: Checkpoint, after: Checkpoint, now: float, *, wrote: bool) -> None:
        self.rows += after.rows - before.rows
        self.items += after.items - before.items
        self.rejected += after.rejected - before.rejected
        self.units += after.units - before.units
        self.chunks_done += after.done - before.done
        if not after.done or wrote:
            self.began = now if self.began is None else self.began
            self.ended = now

    def progress(self, table: str) -> Progress:
        return Progress(table, self.rows, self.items, self.rejected, self.chunks_done, self.chunks)

    def report(self, table: str) -> TableReport:
        seconds = 0.0 if self.began is None or self.ended is None else self.ended - self.began
        return TableReport(table, self.rows, self.items, self.rejected, seconds)
