"""Threads over chunks: each takes the next chunk until none is left, or one of them fails."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from migrator.load.chunk_loader import load_chunk
from migrator.load.job import Job
from migrator.load.retry import Stopped
from migrator.load.tally import Tally
from migrator.model.unit import Chunk


def interleave(chunks: Mapping[str, Iterable[Chunk]]) -> Iterator[Chunk]:
    """The first chunk of each table, then the second of each: neighbours write to different partitions."""
    for row in zip_longest(*chunks.values()):
        yield from (chunk for chunk in row if chunk is not None)


def load_chunks(job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
    """Loads them all. The first failure of any thread, once the others have drained; Stopped when the run
    was to stop."""
    crew = _Crew(job, chunks, tally)
    threads = [threading.Thread(target=crew.work, daemon=True) for _ in range(max(1, job.options.workers))]
    for thread in threads:
        thread.start()
    try:
        _join(threads)
    except KeyboardInterrupt:  # the first drains; a second one passes through
        job.options.stop.set()
        _join(threads)
    if crew.failures:
        raise crew.failures[0]


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


class _Crew:
    def __init__(self, job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
        self.failures: list[BaseException] = []
        self._job = job
        self._chunks = chunks
        self._tally = tally
        self._lock = threading.Lock()

    def work(self) -> None:
        try:
            while not self._job.should_stop() and (chunk := self._next()) is not None:
                load_chunk(self._job, chunk, self._tally.listener(chunk.table))
            if self._job.options.stop.is_set():
                raise Stopped
        except BaseException as failure:  # whatever ends a thread ends the run: no chunk may be lost silently
            self._fail(failure)

    def _next(self) -> Chunk | None:
        with self._lock:
            return next(self._chunks, None)

    def _fail(self, failure: BaseException) -> None:
        """A thread that drains because of another's failure comes after it, and is not the one raised."""
        with self._lock:
            self.failures.append(failure)
        self._job.failed.set()
