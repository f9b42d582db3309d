"""Values as the driver gives them and takes them; nothing is coerced on the way out of SQLite."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from migrator.model.unit import InvalidText, RowValue

_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1


def decode_text(stored: bytes) -> str | InvalidText:
    """SQLite's text as str; bytes that are no UTF-8 keep their identity instead of failing the row."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return InvalidText(stored)


def storable(value: RowValue) -> int | float | str | bytes | None:
    """The value in a form that SQLite can bind: what an application would have stored for it."""
    if isinstance(value, int):
        return int(value) if _LONG_MIN <= value <= _LONG_MAX else str(value)
    if value is None or isinstance(value, float | str | bytes):
        return value
    if isinstance(value, Decimal):
        return _storable_decimal(value)
    return _as_text(value)


def _storable_decimal(value: Decimal) -> int | float | str | bytes | None:
    return storable(int(value)) if value.is_finite() and value == value.to_integral_value() else float(value)


def _as_text(value: RowValue) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | timedelta):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
