"""Errors that a user can act on, each with the exit code that scripts rely on."""

from __future__ import annotations


class MigrateError(Exception):
    """What happened (and where), and what to do next. Shown without a traceback."""

    exit_code = 1

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __reduce__(self) -> tuple[type[MigrateError], tuple[str, str]]:
        return type(self), (self.what, self.next_step)


class UsageError(MigrateError):
    """The command line, migrate.toml or the queries file is wrong."""

    exit_code = 2


class BlockedError(MigrateError):
    """Going on would be unsafe: drift, an unapproved hazard, a table that does not match."""

    exit_code = 4


class InterruptedRun(MigrateError):
    """Stopped by the user; the same command resumes."""

    exit_code = 130
