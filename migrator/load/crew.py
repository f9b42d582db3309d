"""Threads over chunks: each takes the next chunk until none is left, or one of them fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from migrator.load.chunk_loader import load_chunk
from migrator.load.job import Job
from migrator.load.retry import Stopped
from migrator.load.tally import Tally
from migrator.model.unit import Chunk


def interleave(chunks: Mapping[str, Sequence[Chunk]]) -> Iterator[Chunk]:
    """One chunk of each table in turn, and each table's in an order in which neighbours lie far apart: rows that are
    close in key order often share a partition key, and those that load at one time should not."""
    for row in zip_longest(*map(spread, chunks.values())):
        yield from (chunk for chunk in row if chunk is not None)


def spread(chunks: Sequence[Chunk]) -> list[Chunk]:
    """By the place's binary digits backwards: the first, the middle one, the quarters, the eighths ..."""
    digits = max(1, (len(chunks) - 1).bit_length())
    order = sorted(range(len(chunks)), key=lambda place: f"{place:0{digits}b}"[::-1])
    return [chunks[place] for place in order]


def load_chunks(job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
    """Loads them all. The first failure of any thread, once the others have drained; Stopped when the run
    was to stop, or Ctrl-C says so. A second Ctrl-C passes through at once."""
    crew = _Crew(job, chunks, tally)
    try:
        for _ in range(max(1, job.options.workers)):
            crew.hire()
        crew.wait()
    except KeyboardInterrupt:
        job.options.stop.set()
        crew.wait()
    if crew.failures:
        raise crew.failures[0]
    if job.options.stop.is_set() and not tally.complete():
        raise Stopped


class _Crew:
    """Counts its threads itself: before Python 3.13 a thread whose join a signal interrupts counts as ended
    while it still runs (cpython issue 90882)."""

    def __init__(self, job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
        self.failures: list[BaseException] = []
        self._job = job
        self._chunks = chunks
        self._tally = tally
        self._change = threading.Condition()
        self._hired = self._begun = self._ended = 0

    def hire(self) -> None:
        threading.Thread(target=self._work, daemon=True).start()
        self._hired += 1

    def wait(self) -> None:
        """Until every thread that was hired or has begun is through: one whose hiring was interrupted may
        begin later, finds the run stopping, and does nothing."""
        with self._change:
            while self._ended < max(self._hired, self._begun):
                # In short stretches: a signal that another thread received is handled only between them.
                self._change.wait(0.5)

    def _work(self) -> None:
        with self._change:
            self._begun += 1
        try:
            self._load()
        except BaseException as failure:  # whatever ends a thread ends the run: no chunk may be lost silently
            self._fail(failure)
        finally:
            with self._change:
                self._ended += 1
                self._change.notify_all()

    def _load(self) -> None:
        while not self._job.should_stop() and (chunk := self._next()) is not None:
            load_chunk(self._job, chunk, self._tally.listener(chunk.table))

    def _next(self) -> Chunk | None:
        with self._change:
            return next(self._chunks, None)

    def _fail(self, failure: BaseException) -> None:
        """A thread that drains because of another's failure comes after it, and is not the one raised."""
        with self._change:
            self.failures.append(failure)
        self._job.failed.set()
