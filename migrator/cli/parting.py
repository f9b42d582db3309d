"""The files of items that ImportTable reads, for `migrate export dynamodb-json` and `migrate apply --via-import`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.load.parts import Parts, write_parts
from migrator.load.preflight import demand_clean, demand_few, preflight
from migrator.load.rejects import Reject, RejectFile
from migrator.load.run_record import Mode
from migrator.model.errors import BlockedError
from migrator.source.parents import Living
from migrator.source.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Admitting:
    """Whether rows that no item can be made of are left out and named, and how many at most (None: any number)."""

    allow_rejects: bool = False
    max_rejects: int | None = None


def make_parts(stored: StoredPlan, rows: Snapshot, folder: Path, admitting: Admitting, console: Console) -> Parts:
    """Checks every row, then writes the files into `folder`. BlockedError for bad rows that are not allowed."""
    _demand_whole(stored)
    _demand_sound(stored, rows)
    console.say("checking every row")
    found = preflight(stored.plan, rows, mode=Mode.BATCH)
    if not admitting.allow_rejects:
        demand_clean(found)
    demand_few(found, admitting.max_rejects)
    console.say("writing every item, spread over the table's partitions")
    return write_parts(stored.plan, rows, folder, _admit(stored, found.rejected), token_hex(8))


def _admit(stored: StoredPlan, rejected: int) -> Callable[[tuple[Reject, ...]], None]:
    """Names bad rows in the reject file, which begins anew where there are any."""
    if not rejected and not stored.rejects.exists():
        return lambda rejects: None
    file = RejectFile(stored.rejects)
    file.start_over()

    def admit(rejects: tuple[Reject, ...]) -> None:
        file.write(rejects)

    return admit


def _demand_whole(stored: StoredPlan) -> None:
    """BlockedError where items point to objects in S3, which only a load puts there."""
    if stored.plan.offload is not None:
        raise BlockedError(
            "this plan keeps large values in S3, which files of items do not hold",
            "load it with `migrate apply`, without --via-import, or leave `offload` out of migrate.toml",
        )


def _demand_sound(stored: StoredPlan, rows: Snapshot) -> None:
    """BlockedError for rows that share a key, and for rows within items whose parents are not there."""
    rows.demand_distinct(stored.plan.source_keys())
    for holder, held in stored.plan.embedded():
        rows.demand_parents(Living(held.source_table, holder.source_table, held.source_key, held.pairs))
