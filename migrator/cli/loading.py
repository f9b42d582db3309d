"""Runs a load with what the command line knows: signals, progress, where bad rows go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.cli.interrupts import Drain, draining
from migrator.cli.progress import Meter
from migrator.cli.targets import Target
from migrator.load.job import LoadOptions, blocked
from migrator.load.load import load
from migrator.load.rejects import Reject, RejectFile, RejectSink
from migrator.load.run_record import Mode
from migrator.load.tally import LoadReport, Progress
from migrator.ports import RowSource


@dataclass(frozen=True, slots=True)
class LoadingOptions:
    """What the command line says of the load."""

    workers: int = 4
    allow_rejects: bool = False
    max_rejects: int | None = None
    max_write_units: float | None = None
    mode: Mode = Mode.TRANSACT
    reconcile: bool = False


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


def load_rows(
    stored: StoredPlan, rows: RowSource, target: Target, options: LoadingOptions, total: int, console: Console
) -> LoadReport:
    """Loads, or goes on loading. The rows have been through a pre-flight when this run is a new one, so the
    load does not repeat it: a reject sink that takes none stands for `allow_rejects` being off."""
    sink: RejectSink = RejectFile(stored.rejects) if options.allow_rejects else NoRejects()
    meter = Meter(console, "loading", total)
    with draining(console) as drain:
        said = LoadOptions(
            workers=options.workers,
            allow_rejects=True,
            max_rejects=options.max_rejects if options.allow_rejects else None,
            max_write_units=options.max_write_units,
            rejects=sink,
            stop=drain.stop,
            mode=options.mode,
            reconcile=options.reconcile,
            reader=target.reader,
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
