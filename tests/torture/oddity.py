"""What an oddity is: a small database with one strange thing in it, and how its migration must end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Faithful:
    """Every one of so many rows is in the table, with every value. `says`: what the plan tells the reviewer."""

    rows: int
    says: tuple[str, ...] = ()
    plan_code: int = 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """So many rows are in the table; the others are in the reject file by their keys. `reason` stands with each."""

    rows: int
    keys: Mapping[str, tuple[str, ...]]
    reason: str
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The command ends with that code and a message that holds all of `says`; no table is made."""

    command: str
    code: int
    says: tuple[str, ...]


Ending = Faithful | Rejected | Refused


@dataclass(frozen=True, slots=True)
class Oddity:
    """`queries` are declared ones; without any, every key and index is served. `settings` is a migrate.toml."""

    build: Callable[[Path], None]
    ending: Ending
    queries: str = ""
    settings: str = ""

    @property
    def name(self) -> str:
        return self.build.__name__

    @property
    def sentence(self) -> str:
        return (self.build.__doc__ or "").strip()


@dataclass(slots=True)
class Collection:
    """Oddities in the order of their definition."""

    found: list[Oddity] = field(default_factory=list)

    def ends(self, ending: Ending, queries: str = "", settings: str = "") -> Callable[[Any], Any]:
        """Puts the decorated function here: it makes the database at the path that it is given."""

        def collect(build: Callable[[Path], None]) -> Callable[[Path], None]:
            self.found.append(Oddity(build, ending, queries, settings))
            return build

        return collect


Rows = tuple[str, Iterable[Sequence[Any]]]


def make(path: Path, script: str, *filled: Rows) -> None:
    """A database by a script; then each statement of `filled` once for each of its rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for statement, rows in filled:
            connection.executemany(statement, rows)
        connection.commit()
