"""Row values as JSON text that reads back as exactly the same values: positions in a table's key order."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from migrator.model.unit import InvalidText, RowValue

_WRITERS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (float, "float", repr),
    (Decimal, "decimal", str),
    (InvalidText, "invalid", lambda value: b64encode(value).decode()),
    (bytes, "bytes", lambda value: b64encode(value).decode()),
    (datetime, "datetime", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "interval", lambda value: [value.days, value.seconds, value.microseconds]),
    (UUID, "uuid", str),
    (list, "list", lambda value: [_plain(inner) for inner in value]),
    (dict, "map", lambda value: {str(name): _plain(inner) for name, inner in value.items()}),
)

_READERS: dict[str, Callable[[Any], RowValue]] = {
    "float": float,
    "decimal": Decimal,
    "invalid": lambda text: InvalidText(b64decode(text)),
    "bytes": b64decode,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "interval": lambda parts: timedelta(*parts),
    "uuid": UUID,
    "list": lambda inner: [_value(value) for value in inner],
    "map": lambda inner: {name: _value(value) for name, value in inner.items()},
}


def encode_values(values: Sequence[RowValue]) -> str:
    """One line of ASCII. Text, integers, booleans and NULL stand as they are; the rest as {"kind": text}."""
    return json.dumps([_plain(value) for value in values], separators=(",", ":"))


def decode_values(text: str) -> tuple[RowValue, ...]:
    """The inverse of `encode_values`."""
    return tuple(_value(value) for value in json.loads(text))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    for kind, name, write in _WRITERS:
        if isinstance(value, kind):
            return {name: write(value)}
    raise TypeError(f"no exact JSON form for {type(value).__name__}")


def _value(plain: Any) -> RowValue:
    if isinstance(plain, dict):
        ((name, inner),) = plain.items()
        return _READERS[name](inner)
    result: RowValue = plain
    return result
