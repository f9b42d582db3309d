"""The moment of the source that a command reads, and what fixing it has cost others."""

from __future__ import annotations

from pathlib import Path

from migrator.cli.console import Console
from migrator.source.open import Source
from migrator.source.snapshot import Snapshot, take_snapshot


def take_moment(source: Source, copy: Path | None, brief_lock: bool, console: Console) -> Snapshot:
    """As `take_snapshot`; tells how long writers were held up, where they were."""
    rows = take_snapshot(source, copy, brief_lock)
    if rows.locked_seconds is not None:
        console.say(f"writers were held up for {rows.locked_seconds * 1000:.1f} ms, while the readers began")
    return rows
