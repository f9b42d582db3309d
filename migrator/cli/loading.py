"""Runs a load with what the command line knows: signals, progress, where bad rows go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan, read_plan
from migrator.cli.interrupts import Drain, draining
from migrator.cli.progress import Meter
from migrator.cli.said import LoadingOptions
from migrator.cli.targets import Target
from migrator.load.job import LoadOptions, blocked
from migrator.load.load import load
from migrator.load.rejects import Reject, RejectFile, RejectSink
from migrator.load.tally import LoadReport, Progress
from migrator.plan.plan import Plan
from migrator.ports import ItemSink, RowSource
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.target.connect import ConnectOptions, connect
from migrator.target.sink import DynamoSink


class NoRejects:
    """A RejectSink that takes none: BlockedError names the first."""

    def write(self, rejects: Iterable[Reject]) -> int:
        for reject in rejects:
            raise blocked(reject)
        return 0

    def start_over(self) -> None:
        return

    def __len__(self) -> int:
        return 0


ROWS_PER_PROCESS = 250_000
"""Rows that pay for starting one more process."""

MOST_PROCESSES = 16
MOST_REQUESTS = 24
"""Requests at a time in each process: fewer than the pool of connections holds."""


@dataclass(frozen=True, slots=True)
class LoadEnds:
    """Opens a load's plan, source and table anew, in another process."""

    plan: Path
    database: Path
    connect: ConnectOptions

    @contextmanager
    def __call__(self) -> Iterator[tuple[Plan, RowSource, ItemSink]]:
        plan, connection = read_plan(self.plan).plan, connect(self.connect)
        with open_source(Location(path=self.database)) as source, take_snapshot(source, None) as rows:
            yield plan, rows, DynamoSink(connection, plan.table.name)


def processes_for(said: int | None, rows: int) -> int:
    """How many processes load so many rows."""
    if said is not None:
        return said
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_PROCESSES, rows // ROWS_PER_PROCESS))


def load_rows(
    stored: StoredPlan, rows: Snapshot, target: Target, options: LoadingOptions, total: int, console: Console
) -> LoadReport:
    """Loads, or goes on loading. The rows have been through a pre-flight when this run is a new one, so the
    load does not repeat it: a reject sink that takes none stands for `allow_rejects` being off."""
    database = rows.source.location.path
    sink: RejectSink = RejectFile(stored.rejects) if options.allow_rejects else NoRejects()
    meter = Meter(console, "loading", total)
    with draining(console) as drain:
        said = LoadOptions(
            workers=MOST_REQUESTS,
            first_workers=1,
            # A server's moment is one connection's: only files are read by several processes.
            # Objects are put by this process's threads: there the network is what takes time.
            processes=1 if database is None or target.objects else processes_for(options.workers, total),
            opener=None if database is None else LoadEnds(stored.file, database, target.options),
            allow_rejects=True,
            max_rejects=options.max_rejects if options.allow_rejects else None,
            max_write_units=options.max_write_units,
            rejects=sink,
            stop=drain.stop,
            mode=options.mode,
            reconcile=options.reconcile,
            reader=target.reader,
            objects=target.objects,
        )
        try:
            return load(stored.plan, rows, target.sink, said, _listener(meter, drain))
        finally:
            meter.close()


def _listener(meter: Meter, drain: Drain) -> Callable[[Progress], None]:
    done: dict[str, Progress] = {}

    def hear(progress: Progress) -> None:
        drain.writing = True
        done[progress.table] = progress
        rejected = sum(table.rejected for table in done.values())
        note = f", {rejected:,} rejected" if rejected else ""
        meter.update(sum(table.rows + table.rejected for table in done.values()), note)

    return hear
