"""`migrate apply --only-rejects`: rows of a reject file, loaded once their cause is mended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from migrator.cli.folder import StoredPlan
from migrator.cli.targets import Target
from migrator.load.job import LoadOptions
from migrator.load.mend import Mended, mend
from migrator.load.rejects import RejectFile, read_lines
from migrator.model.errors import UsageError
from migrator.plan.plan import Plan
from migrator.ports import RowSource


@dataclass(frozen=True, slots=True)
class MendedFile:
    """What became of the rows of `file`; `left` rows of the run stay rejected, these and others."""

    file: Path
    mended: Mended
    left: int


def load_mended(
    stored: StoredPlan, rows: RowSource, target: Target, file: Path, max_write_units: float | None
) -> MendedFile:
    """Loads the rows that `file` names as the source has them now, and settles the plan's own reject file."""
    wanted = _lines(file, stored.plan)
    known = read_lines(stored.rejects) if stored.rejects.exists() else wanted
    strangers = [name for name in wanted if name not in known]
    if strangers:
        table, key = strangers[0]
        raise UsageError(
            f"{file} names a row that this run did not reject: {table} {key}", f"take lines of {stored.rejects}"
        )
    left = Counter(table for table, key in known if (table, key) not in wanted)
    options = LoadOptions(max_write_units=max_write_units, objects=target.objects)
    done = mend(stored.plan, rows, target.sink, options, list(wanted), left)
    if not stored.rejects.exists():
        stored.rejects.write_text("".join(f"{line}\n" for line in known.values()), encoding="ascii")
    RejectFile(stored.rejects).settle(done.resolved, done.rejected)
    return MendedFile(file, done, left.total() + len(done.rejected))


def _lines(file: Path, plan: Plan) -> dict[tuple[str, str], str]:
    try:
        lines = read_lines(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name a reject file") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not a reject file", "take the file as `migrate apply` wrote it") from None
    foreign = next((table for table, _ in lines if table not in plan.tables()), None)
    if foreign is not None:
        raise UsageError(f"{file} names a row of {foreign}, which is no table of this plan", "name its own reject file")
    return lines


def mended_text(done: MendedFile) -> str:
    mended = done.mended
    lines = [
        f"of the rows in {done.file}: {len(mended.loaded):,} loaded, {len(mended.there):,} loaded before, "
        f"{len(mended.gone):,} not in the source any more, {len(mended.rejected):,} rejected again"
    ]
    lines += [f"  {bad.table} ({bad.key_text}): {bad.reason}" for bad in mended.rejected]
    return "\n".join(lines)
