"""What a log, a trace or a server's statistics show: statements as they ran, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement that ran.

    `where`: file and line, or the table of statistics. `at`: seconds since 1970 as the log tells them, None where it
    does not. `values`: the texts of the bound values in the order of the placeholders, None where they are not known
    or are bound by name. `session`: what runs its statements one after another. `rows`: given or changed by all the
    calls together, None where nobody counted."""

    sql: str
    where: str
    at: float | None = None
    calls: int = 1
    values: tuple[str, ...] | None = None
    session: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that looked like a statement and could not be read. `text` holds no values."""

    where: str
    reason: str
    calls: int = 1
    text: str = ""
