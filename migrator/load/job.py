"""What the loaders of one run share: the plan compiled, both ends, and the run's rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Protocol

from migrator.load.packing import LoadedTable
from migrator.load.rejects import Reject, RejectMemory, RejectSink
from migrator.load.retry import Backoff, Ceiling, Gate, Patience
from migrator.load.run_record import Mode
from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.plan.plan import Plan
from migrator.ports import ItemReader, ItemSink, ObjectStore, RowSource


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load. `workers` requests are under way at a time at most, in each process; `first_workers` at the
    beginning (default: all), and more as waiting makes them worth it. More than one of `processes` needs an
    `opener`, which opens source and sink in each. `max_write_units` is a ceiling a second; `max_rejects` stops the
    run beyond that many bad rows (None: no bound). Setting `stop` drains the run; it stays resumable. `clock` gives
    seconds; `sleep` waits that many (default: as long, or until the run stops); `new_nonce` names a new run's first
    life. `reconcile`: a run whose source has changed goes on to the new moment, which takes a `reader`. `objects` takes
    large values where the plan keeps them in S3."""

    workers: int = 4
    first_workers: int | None = None
    processes: int = 1
    opener: Any = None
    rows_per_chunk: int = 10_000
    allow_rejects: bool = False
    max_rejects: int | None = None
    max_write_units: float | None = None
    rejects: RejectSink = field(default_factory=RejectMemory)
    stop: threading.Event = field(default_factory=threading.Event)
    backoff: Backoff = field(default_factory=Backoff)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None
    new_nonce: Callable[[], str] = lambda: token_hex(8)
    mode: Mode = Mode.TRANSACT
    reconcile: bool = False
    reader: ItemReader | None = None
    objects: ObjectStore | None = None


class Turns(Protocol):
    """Requests wait for their turn here: a ceiling, or what stands for one in another process."""

    def take(self, units: float) -> None: ...

    def reserve(self, units: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A run under way. `failed` is set by the first loader that fails: the others drain."""

    plan: Plan
    source: RowSource
    sink: ItemSink
    options: LoadOptions
    nonce: str
    tables: dict[str, LoadedTable]
    patience: Patience
    gate: Gate
    ceiling: Turns
    failed: threading.Event
    standing: ItemReader | None = None
    """Reads what stands already, in a run that fills up what another moment of the source has left."""
    mode: Mode = Mode.TRANSACT

    def should_stop(self) -> bool:
        return self.options.stop.is_set() or self.failed.is_set()

    def admit(self, rejects: tuple[Reject, ...]) -> None:
        """Puts bad rows on record before the load goes past them. BlockedError when they are not allowed, or
        too many."""
        if not rejects:
            return
        if not self.options.allow_rejects:
            raise blocked(rejects[0])
        self.options.rejects.write(rejects)
        most = self.options.max_rejects
        if most is not None and len(self.options.rejects) > most:
            raise BlockedError(
                f"more than {plural(most, 'row')} cannot be loaded; the last: {_told(rejects[-1])}",
                "read the reject file; a higher --max-rejects goes on from here",
            )


def new_job(plan: Plan, source: RowSource, sink: ItemSink, options: LoadOptions, nonce: str = "") -> Job:
    failed = threading.Event()
    sleep = _sleeper(options, failed)
    return Job(
        plan=plan,
        source=source,
        sink=sink,
        options=options,
        nonce=nonce,
        tables=compile_tables(plan, options.mode),
        patience=Patience(options.backoff, sleep),
        gate=Gate(max(1, options.workers), first=options.first_workers),
        ceiling=Ceiling(options.max_write_units, options.clock, sleep),
        failed=failed,
        mode=options.mode,
    )


def compile_tables(plan: Plan, mode: Mode = Mode.TRANSACT) -> dict[str, LoadedTable]:
    """Every table that the plan makes items of."""
    transactional = mode is Mode.TRANSACT
    return {
        name: LoadedTable.of(plan, name, transactional=transactional)
        for name in plan.tables()
        if plan.entities_of(name)
    }


def blocked(reject: Reject) -> BlockedError:
    """The error for a bad row where none is allowed."""
    return BlockedError(
        f"{_told(reject)} (found while loading; what is loaded stays)",
        "correct the row and start again, or go on with --allow-rejects, which leaves it out",
    )


def _told(reject: Reject) -> str:
    return f"{reject.table} ({reject.key_text}): {reject.reason}"


def _sleeper(options: LoadOptions, failed: threading.Event) -> Callable[[float], bool]:
    """Waits, and tells whether the run is to stop. Looks up four times a second, for another loader's
    failure."""

    def sleep(seconds: float) -> bool:
        if options.sleep is not None:
            options.sleep(seconds)
            return options.stop.is_set() or failed.is_set()
        left = seconds
        while left > 0 and not failed.is_set() and not options.stop.wait(min(left, 0.25)):
            left -= 0.25
        return options.stop.is_set() or failed.is_set()

    return sleep
