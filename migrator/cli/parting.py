"""The files of items that ImportTable reads, for `migrate export dynamodb-json` and `migrate apply --via-import`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.load.parts import Parts, write_parts
from migrator.load.preflight import Preflight
from migrator.load.rejects import RejectFile, RejectMemory, RejectSink
from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.plan import Plan
from migrator.source.snapshot import Snapshot


def demand_whole(plan: Plan) -> None:
    """BlockedError where items point to objects in S3, which only a load puts there."""
    if plan.offload is not None:
        raise BlockedError(
            "this plan keeps large values in S3, which files of items do not hold",
            "load it with `migrate apply`, without --via-import, or leave `offload` out of migrate.toml",
        )


def make_parts(stored: StoredPlan, rows: Snapshot, folder: Path, found: Preflight, console: Console) -> Parts:
    """Writes every item into files in `folder`, and names bad rows in the plan's reject file. The rows have been
    looked through, which has `found` those."""
    rejects = RejectFile(stored.rejects)
    if found.rejected or stored.rejects.exists():
        rejects.start_over()
    return _write(stored, rows, folder, rejects, console)


@contextmanager
def parts_aside(
    stored: StoredPlan, rows: Snapshot, found: Preflight | None, console: Console
) -> Iterator[tuple[Path, Parts]]:
    """The files of items in a folder beside the plan, which goes with the block. Without `found` it is a rehearsal,
    and bad rows are named nowhere."""
    stored.lock.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="parts-", dir=stored.lock.parent) as name:
        folder = Path(name)
        try:
            if found is None:
                parts = _write(stored, rows, folder, RejectMemory(), console)
            else:
                parts = make_parts(stored, rows, folder, found, console)
        except OSError as error:
            raise MigrateError(
                f"the files of items cannot be written in {folder.parent}: {error.strerror}",
                "make room there, then run the same command again",
            ) from None
        yield folder, parts


def _write(stored: StoredPlan, rows: Snapshot, folder: Path, rejects: RejectSink, console: Console) -> Parts:
    console.say("writing every item, spread over the table's partitions")
    return write_parts(stored.plan, rows, folder, rejects, token_hex(8))
