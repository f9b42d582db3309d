"""How rows travel from the source to the pure function that makes items of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

Scalar = None | bool | int | float | Decimal | str | bytes | date | datetime | time | timedelta | UUID
RowValue = Scalar | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A column of an N:1 ancestor: `path` are foreign-key names, the first owned by the unit's table."""

    path: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class UnitShape:
    """What one unit of a table holds: its own columns, then columns of ancestors (NULL when missing).
    `key` is what orders and names the rows: a key of the table whose columns are never NULL."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    ancestors: tuple[Ancestor, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A half-open stretch of a table's key order: rows with key > `after` (None: from the first) and
    key <= `until` (None: to the last). `number` counts from 0 within the table."""

    table: str
    number: int
    after: tuple[RowValue, ...] | None
    until: tuple[RowValue, ...] | None


@dataclass(frozen=True, slots=True)
class Unit:
    """One row with its ancestors' columns: values in the order of its shape's columns, then ancestors."""

    values: tuple[RowValue, ...]


class InvalidText(bytes):
    """Text of the source that is not valid in its encoding: its bytes, so that the row can be named."""

    def __repr__(self) -> str:
        return f"InvalidText({bytes(self)!r})"
