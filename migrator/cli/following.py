"""Commands that are shown to be pasted: with what the user said of source, settings and the way to DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join

from migrator.cli.said import LoadingOptions, TargetOptions
from migrator.load.run_record import Mode
from migrator.source.location import parse_location


@dataclass(frozen=True, slots=True)
class Said:
    """What holds for a plan's next command as it did for this one."""

    source: str | None = None
    config: Path | None = None
    target: TargetOptions = field(default_factory=TargetOptions)

    def command(self, verb: str, plan: Path, *more: str) -> str:
        """`migrate verb plan`, ready for a shell. A password in the source's URL is left out."""
        source = None if self.source is None else parse_location(self.source).display
        named = [("--source", source), ("--config", self.config), *self.target.named()]
        options = [word for name, value in named if value is not None for word in (name, str(value))]
        return join(["migrate", verb, str(plan), *more, *options])


def loading_words(options: LoadingOptions) -> Iterator[str]:
    """The options of the load as they were given."""
    yield from ["--allow-rejects"] * options.allow_rejects
    yield from ["--reconcile"] * options.reconcile
    yield from ["--mode", options.mode.value] if options.mode is not Mode.TRANSACT else []
    numbers = {
        "--max-rejects": options.max_rejects,
        "--workers": options.workers,
        "--max-write-units": options.max_write_units,
    }
    for name, number in numbers.items():
        yield from [name, f"{number:g}"] if number is not None else []
