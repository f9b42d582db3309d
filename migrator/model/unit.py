"""How rows travel from the source to the pure function that makes items of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from migrator.model.stored_join import StoredJoin

Scalar = None | bool | int | float | Decimal | str | bytes | date | datetime | time | timedelta | UUID
RowValue = Scalar | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A column of an N:1 ancestor: `path` are foreign-key names, the first owned by the unit's table."""

    path: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over the rows of one group: "count" of its rows, or of those whose `column` is not NULL; or the
    exact "sum" of a column's values, 0 when there are none."""

    function: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of another table that belong to each row: those whose columns equal its own by `pairs` (theirs, its).
    `columns` are what is wanted of each, in the order of `key`, whose columns are never NULL."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnitShape:
    """What one unit of a table holds: its own columns, then columns of ancestors (NULL when missing).
    `key` is what orders and names the rows: a key of the table whose columns are never NULL. With `holds` it has the
    rows of another table that belong to it, too.

    With `gathered` measures a unit is a group of rows instead: `key` and `columns` are what groups them (columns
    that are never NULL; none: all rows are one group), and the measures follow, the first being the count of rows.
    A table without rows has no groups. `name` tells such a stream from its table's.

    With `joined` a unit is a pair of rows of two tables, and `table` is what the pairs go by."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    ancestors: tuple[Ancestor, ...] = ()
    gathered: tuple[Measure, ...] = ()
    name: str = ""
    holds: Held | None = None
    joined: StoredJoin | None = None

    @property
    def stream(self) -> str:
        """What chunks, checkpoints and rejects know the units by: the table, or the groups' own name."""
        return self.name or self.table


@dataclass(frozen=True, slots=True)
class Chunk:
    """A half-open stretch of a stream's key order: units with key > `after` (None: from the first) and
    key <= `until` (None: to the last). `table` is the stream's name; `number` counts from 0 within it."""

    table: str
    number: int
    after: tuple[RowValue, ...] | None
    until: tuple[RowValue, ...] | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One row with its ancestors' columns: values in the order of its shape's columns, then ancestors. One group:
    its columns, then its measures. `held`: the rows that belong to it, in the order of their key."""

    values: tuple[RowValue, ...]
    held: tuple[tuple[RowValue, ...], ...] = ()


class Unsummable(bytes):
    """A sum that does not exist: the reason, as text in UTF-8, so that the group can be named."""

    def __repr__(self) -> str:
        return f"Unsummable({bytes(self)!r})"


class OutOfCalendar(str):
    """A date or time of a server that the years 1 to 9999 and the hours 0 to 23 do not have (infinity, a year before
    Christ, 24:00): as the server writes it, so that the row can be named."""

    __slots__ = ()


class InvalidText(bytes):
    """Text of the source that is not valid in its encoding: its bytes, so that the row can be named."""

    def __repr__(self) -> str:
        return f"InvalidText({bytes(self)!r})"
