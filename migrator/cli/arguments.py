"""The options that several commands share, described once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class WriteMode(StrEnum):
    """How rows are written."""

    TRANSACT = "transact"
    BATCH = "batch"


PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json, or the folder that holds it.")]
SourceArgument = Annotated[
    str | None, typer.Argument(metavar="[SOURCE]", help="A path to a SQLite file, or a SQLAlchemy URL.")
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="The source, when it is not where it was: a path to a SQLite file, or a URL."),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings, in place of migrate.toml or pyproject.toml in this folder.")
]
EndpointUrl = Annotated[str | None, typer.Option("--endpoint-url", help="Where DynamoDB is, when it is not AWS's own.")]
Region = Annotated[str | None, typer.Option("--region", help="The AWS region.")]
Profile = Annotated[str | None, typer.Option("--profile", help="The profile of ~/.aws/config.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More on stderr; tracebacks of bugs.")]
AllowRejects = Annotated[
    bool, typer.Option("--allow-rejects", help="Leave out rows that cannot be loaded, and name them in a file.")
]
NoCopy = Annotated[
    bool, typer.Option("--no-copy", help="Read the SQLite file in place: only if nobody writes it meanwhile.")
]
SchemaOption = Annotated[
    str | None, typer.Option("--schema", help="The schema of a server that holds the tables (MySQL: the database).")
]
BriefLock = Annotated[
    bool,
    typer.Option("--allow-brief-lock", help="MySQL, MariaDB: hold writers up for a moment, to read with several."),
]
ModeOption = Annotated[
    WriteMode,
    typer.Option("--mode", help="transact: exactly once, beside anything. batch: fewer write units, on its own table."),
]
Restart = Annotated[bool, typer.Option("--restart", help="Drop what an unfinished load has written, and begin anew.")]
Reconcile = Annotated[
    bool, typer.Option("--reconcile", help="Go on with an unfinished load from the source as it is now.")
]
OnlyRejects = Annotated[
    Path | None,
    typer.Option("--only-rejects", metavar="FILE", help="Load the rows that this reject file names, now mended."),
]
ViaImport = Annotated[
    str | None,
    typer.Option("--via-import", metavar="S3_URL", help="Upload files of items here, and let ImportTable load them."),
]
