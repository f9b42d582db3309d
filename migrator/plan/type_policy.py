"""The type policy as a document, from the functions that carry it out."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from migrator.model.schema import Column, Kind
from migrator.plan.keys import ordered_encoding
from migrator.plan.values import Unstorable, dynamodb_type, to_wire

_HEAD = """\
# Types

What becomes of a value, by the family of its column's declared type. The value's own type decides: SQLite's text in
an INTEGER column stays text, and is never coerced. NULL has no attribute. Bytes are shown in base64. What DynamoDB
cannot hold is rejected by name: table, key, column and reason stand in the reject file. The last two columns name the
encoding of an ordered part of a sort key ([keys.md](keys.md)); `plain` where plain text sorts as the values do.

| kind | DynamoDB | for example | becomes | ordered in keys (SQLite) | ordered in keys (servers) |
|---|---|---|---|---|---|
"""
_EXAMPLES: dict[Kind, Any] = {
    Kind.INTEGER: 42,
    Kind.DECIMAL: Decimal("12.50"),
    Kind.FLOAT: 0.1,
    Kind.TEXT: "blue",
    Kind.BOOLEAN: True,
    Kind.BYTES: b"\x00\xff",
    Kind.DATE: date(2024, 2, 29),
    Kind.TIME: time(9, 30),
    Kind.DATETIME: datetime(2024, 2, 29, 9, 30),
    Kind.TIMESTAMP: datetime(2024, 2, 29, 9, 30, tzinfo=UTC),
    Kind.INTERVAL: timedelta(days=1, seconds=1),
    Kind.UUID: UUID(int=1),
    Kind.JSON: '{"tags": ["a"]}',
    Kind.ENUM: "paid",
    Kind.ARRAY: ["a", 1],
    Kind.UNKNOWN: 42,
}
_EDGES: tuple[tuple[str, Kind, Any], ...] = (
    ("an empty text", Kind.TEXT, ""),
    ("an integer of 38 digits", Kind.INTEGER, 10**38 - 1),
    ("an integer of 39 digits", Kind.INTEGER, 10**38 + 1),
    ("a decimal with zeros at its end", Kind.DECIMAL, Decimal("1.500")),
    ("minus zero", Kind.FLOAT, -0.0),
    ("not a number", Kind.FLOAT, float("nan")),
    ("infinity", Kind.FLOAT, float("inf")),
    ("1E126", Kind.DECIMAL, Decimal("1E126")),
    ("1E-131", Kind.DECIMAL, Decimal("1E-131")),
    ("half of a surrogate pair", Kind.TEXT, "\ud800"),
    ("text in an INTEGER column", Kind.INTEGER, "n/a"),
    ("a fraction in an INTEGER column", Kind.INTEGER, 1.5),
    ("2 in a BOOLEAN column", Kind.BOOLEAN, 2),
    ("1 in a BOOLEAN column", Kind.BOOLEAN, 1),
    ("a number in a DATETIME column", Kind.DATETIME, 1_700_000_000),
    ("JSON text of a scalar", Kind.JSON, "7"),
    ("text that is no JSON in a JSON column", Kind.JSON, "{"),
    ("JSON with a name twice", Kind.JSON, '{"a": 1, "a": 2}'),
    ("JSON with NaN", Kind.JSON, '{"a": NaN}'),
    ("JSON with an empty name", Kind.JSON, '{"": 1}'),
    ("JSON of 33 levels", Kind.JSON, "[" * 33 + "]" * 33),
    ("JSON with a number of 39 digits", Kind.JSON, "[1234567890123456789012345678901234567.89]"),
)


def type_policy() -> str:
    """docs/types.md."""
    rows = "".join(f"| {' | '.join(_row(kind))} |\n" for kind in Kind)
    edges = "".join(f"| {name} | {_becomes(kind, value)} |\n" for name, kind, value in _EDGES)
    return f"{_HEAD}{rows}\n## Edges\n\n| value | becomes |\n|---|---|\n{edges}"


def _row(kind: Kind) -> tuple[str, ...]:
    example = _EXAMPLES[kind]
    orders = (_encoding(kind, dialect) for dialect in ("sqlite", "postgresql"))
    held = "by the value" if kind is Kind.UNKNOWN else dynamodb_type(kind)
    return (f"`{kind.value}`", held, f"`{_shown(example)}`", _becomes(kind, example), *orders)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (str, bytes, list)) else str(value)


def _becomes(kind: Kind, value: Any) -> str:
    try:
        return f"`{_wire_text(to_wire(kind, value))}`"
    except Unstorable as error:
        return f"rejected: {error.reason}"


def _wire_text(wire: Any) -> str:
    return json.dumps(wire, default=lambda data: b64encode(data).decode())


def _encoding(kind: Kind, dialect: str) -> str:
    if kind in (Kind.JSON, Kind.ARRAY):
        return "never in a key"
    sized = Column("c", "", kind, bits=64 if kind is Kind.INTEGER else None)
    return f"`{ordered_encoding(sized, dialect)}`" if ordered_encoding(sized, dialect) else "plain"
