"""The declared queries: where their file is, and what is assumed when there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from migrator.cli.settings import CliConfig
from migrator.model.errors import UsageError
from migrator.model.query import Workload
from migrator.model.schema import Schema
from migrator.plan.plan import NamedReason
from migrator.workload.read import read_workload
from migrator.workload.starter import starter

QUERIES_FILE = "queries.sql"
ASSUMED = (
    "no queries were declared: every primary key, unique key, foreign key and index of the schema is asked for "
    "once a second"
)


@dataclass(frozen=True, slots=True)
class QueriesText:
    """A queries file. `found`: it was there; otherwise `text` is to be written to it. `assumed`: it is the
    starter, as the schema alone gives it."""

    file: Path
    text: str
    found: bool
    assumed: bool = False

    @property
    def unread(self) -> Path | None:
        """A queries.sql of the working directory that somebody may take for the one that was read."""
        beside = Path(QUERIES_FILE)
        return beside if self.assumed and beside.is_file() and beside.resolve() != self.file.resolve() else None


def find_queries(given: Path | None, config: CliConfig, plan_folder: Path) -> QueriesText:
    """The file that is named (it must be there), else queries.sql in the plan's folder."""
    named = given or config.queries
    file = named or plan_folder / QUERIES_FILE
    try:
        return QueriesText(file, file.read_text(encoding="utf-8"), True)
    except (FileNotFoundError, NotADirectoryError):
        if named is None:
            return QueriesText(file, "", False)
        raise UsageError(
            f"there is no queries file {file}", "check --queries, or make one with `migrate init`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{file} cannot be read: {reason}", "name a text file of SQL with --queries") from None


def read_declared(
    queries: QueriesText, schema: Schema, excluded: tuple[NamedReason, ...]
) -> tuple[Workload, QueriesText]:
    """The workload, and the queries that it was read from: the starter where there are none."""
    assumed = starter(schema)
    if not queries.found:
        queries = replace(queries, text=assumed)
    queries = replace(queries, assumed=queries.text == assumed)
    try:
        workload = read_workload(queries.text, schema, str(queries.file))
    except UsageError as error:
        raise _explained(error, excluded) from None
    if queries.assumed:
        workload = replace(workload, assumptions=(ASSUMED, *workload.assumptions))
    return workload, queries


def _explained(error: UsageError, excluded: tuple[NamedReason, ...]) -> UsageError:
    named = [left_out.name for left_out in excluded if left_out.name.lower() in error.what.lower().split()]
    if not named:
        return error
    return UsageError(f"{error.what} ({named[0]} is excluded in migrate.toml)", "take the query or the exclusion out")
