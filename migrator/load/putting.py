"""Batch mode's writes: puts without a condition, confirmed one by one."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.load.job import Job
from migrator.model.counted import plural
from migrator.ports import Throttled

MOST_PUTS = 25
"""Items of one BatchWriteItem."""


def put_all(job: Job, texts: Sequence[str], units: int) -> None:
    """Returns when the service has confirmed every item; all of them take so many write units. What it leaves undone
    is asked again, like a throttle."""
    for place in range(0, len(texts), MOST_PUTS):
        _put_some(job, list(texts[place : place + MOST_PUTS]), units / len(texts))


def _put_some(job: Job, left: list[str], units_each: float) -> None:
    def attempt_once() -> None:
        nonlocal left
        job.ceiling.take(units_each * len(left))
        with job.gate.request():
            left = job.sink.put_all(left)
        if left:
            raise Throttled(f"{plural(len(left), 'item')} left unprocessed")

    job.patience.call(attempt_once, job.gate.throttled)
