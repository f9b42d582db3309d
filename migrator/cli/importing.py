"""`migrate apply --via-import`: files of items to S3, and a table made of them by ImportTable."""

from __future__ import annotations

import time
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.cli.targets import Target
from migrator.load.parts import Parts
from migrator.load.run_record import Mode, RunRecord, State
from migrator.load.tally import LoadReport
from migrator.model.counted import plural
from migrator.model.errors import BlockedError, MigrateError
from migrator.render.figures import size
from migrator.target.importing import import_table
from migrator.target.s3 import Files, Place, open_place
from migrator.target.table import settle_table


def demand_importable(target: Target) -> None:
    """BlockedError where a table stands that no import of this plan has made: ImportTable only makes new ones."""
    record = target.record
    if not target.absent and (record is None or record.mode is not Mode.IMPORT):
        raise BlockedError(
            f"table {target.place} is there already, and --via-import makes a table of its own",
            "load it without --via-import, or remove it first",
        )


def is_imported(record: RunRecord | None) -> bool:
    """Whether the table came from an import that has ended, and has not been verified yet."""
    return record is not None and record.mode is Mode.IMPORT and record.state is State.LOADED


def import_rows(
    stored: StoredPlan, target: Target, place: Place, folder: Path, parts: Parts, console: Console
) -> tuple[LoadReport, tuple[str, ...]]:
    """Uploads, imports, and makes the table what the plan says. The report, and notes. What was uploaded goes when the
    import has ended well."""
    began = time.monotonic()
    files = _files(target, place, parts.record)
    files.demand_bucket()
    console.say(f"uploading {plural(len(parts.parts), 'file')} to {files.place.url}")
    for part in parts.parts:
        files.upload(folder / part.name, part.name, part.md5)
    _demand_only(files, parts)
    console.say(f"importing {plural(parts.items, 'item')} ({size(parts.bytes)}) as table {target.place}")
    try:
        import_table(target.connection, stored.plan, files.place, parts.items, parts.record.nonce)
    except MigrateError:
        _sign(stored, target)
        raise
    notes = settle_imported(stored, target, place, parts.record)
    seconds = time.monotonic() - began
    return LoadReport(parts.tables, 0, seconds, State.LOADED, imported=parts.bytes), notes


def settle_imported(stored: StoredPlan, target: Target, place: Place | None, record: RunRecord) -> tuple[str, ...]:
    """What follows an import, safe to repeat: the table's settings, and its files in S3 go. Gives notes."""
    notes = settle_table(target.connection, stored.plan, stored.digest)
    if place is not None:
        files = _files(target, place, record)
        files.delete(files.names())
    return notes


def _files(target: Target, place: Place, record: RunRecord) -> Files:
    """A folder of this run's own: ImportTable reads all that lies there."""
    return open_place(target.options, target.connection, place.within(record.run_id))


def _demand_only(files: Files, parts: Parts) -> None:
    """BlockedError where something else lies among the files: it would be imported too."""
    own = {f"{files.place.prefix}{part.name}" for part in parts.parts}
    strange = [name for name in files.names() if name not in own]
    if strange:
        raise BlockedError(
            f"{files.place.url} holds {plural(len(strange), 'object')} of something else: {strange[0]}",
            "remove them, or name another place",
        )


def _sign(stored: StoredPlan, target: Target) -> None:
    """Marks what a failed import may have left, so that `migrate drop` knows it. The import's failure is what is told,
    whatever becomes of this."""
    try:
        settle_table(target.connection, stored.plan, stored.digest)
    except MigrateError:
        return
