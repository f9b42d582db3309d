"""`migrate export`: the plan in the form that another tool takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.exporting_items import ITEMS, Exported, ItemOptions, export_items
from migrator.cli.folder import StoredPlan, prepared, read_plan, write_files
from migrator.cli.planning import SAMPLES_FILE
from migrator.cli.sections import nearest
from migrator.model.errors import MigrateError, UsageError
from migrator.render.exports.formats import FORMATS
from migrator.render.samples import Samples

FOLDER = "export"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the command line says. `out` is None for the folder `export` beside the plan; `items` is for the one format
    that holds data."""

    form: str
    plan: Path
    out: Path | None = None
    stdout: bool = False
    items: ItemOptions = field(default_factory=ItemOptions)


def export_plan(options: ExportOptions, console: Console) -> Exported:
    """Writes the format's files and gives what to show: their names, or the only one's text."""
    if options.form not in (*FORMATS, ITEMS):
        raise UsageError(f"there is no format {options.form!r}", nearest(options.form, (*FORMATS, ITEMS)))
    stored = read_plan(options.plan)
    if options.form == ITEMS:
        if options.stdout:
            raise UsageError(f"{ITEMS} makes several files", "name a folder with --out")
        return export_items(stored, options.out or stored.folder / FOLDER / ITEMS, options.items, console)
    if options.items != ItemOptions():
        raise UsageError(
            f"{options.form} is made of the plan alone", f"--source, --config and --allow-rejects are for {ITEMS}"
        )
    files = FORMATS[options.form].files(stored.plan, _samples(stored))
    if options.stdout:
        return Exported(_only(options.form, files))
    folder = options.out or stored.folder / FOLDER
    with prepared(folder):
        write_files(folder, {name: text.encode() for name, text in files.items()})
    return Exported("\n".join(f"wrote {folder / name}" for name in files))


def _samples(stored: StoredPlan) -> Samples:
    """The samples that `migrate plan` took of this plan; none when they were deleted."""
    file = stored.folder / SAMPLES_FILE
    try:
        return Samples.from_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Samples()
    except (OSError, UnicodeDecodeError) as error:
        raise MigrateError(f"{file} cannot be read: {error}", "run `migrate plan` again, or delete the file") from None


def _only(form: str, files: Mapping[str, str]) -> str:
    if len(files) > 1:
        raise UsageError(f"{form} makes {len(files)} files: {', '.join(files)}", "name a folder with --out")
    return next(iter(files.values())).rstrip("\n")
