"""The type policy: values of rows to DynamoDB's wire form and back (see docs/types.md).

Wire form is what DynamoDB speaks: {"S": str}, {"N": str}, {"B": bytes}, {"BOOL": bool}, {"M": ...}, {"L": ...}.
NULL has no wire form: the attribute is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from migrator.model.schema import NUMBERS, Kind
from migrator.model.unit import InvalidText, OutOfCalendar, Unsummable

Wire = Mapping[str, Any]
Item = Mapping[str, Wire]

MAX_DIGITS = 38
MAX_EXPONENT = 125
MIN_EXPONENT = -130
MAX_DEPTH = 31


class Unstorable(Exception):
    """A value or a row that DynamoDB cannot hold as planned; the text says why."""

    @property
    def reason(self) -> str:
        return str(self)


def number_text(value: Decimal) -> str:
    """The one way a number is written: no exponent within 40 places, no trailing zeros, no minus zero."""
    if not value:
        return "0"
    digits = _significant(value)
    text = _positional(digits, value.adjusted() + 1)
    return "-" + text if value < 0 else text


def _significant(value: Decimal) -> str:
    return "".join(map(str, value.as_tuple().digits)).strip("0")


def _positional(digits: str, point: int) -> str:
    """`digits` with the decimal point after `point` of them."""
    if len(digits) <= point <= 40:
        return digits.ljust(point, "0")
    if 0 < point <= 40:
        return f"{digits[:point]}.{digits[point:]}"
    if -40 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}E{point - 1:+d}"


def _number(value: Decimal) -> Wire:
    if not value.is_finite():
        raise Unstorable(f"{value} is not a number that DynamoDB can hold")
    if value and len(_significant(value)) > MAX_DIGITS:
        raise Unstorable(f"a number of more than {MAX_DIGITS} significant digits")
    if value and not MIN_EXPONENT <= value.adjusted() <= MAX_EXPONENT:
        raise Unstorable(f"the number {value:.3E} is outside 1E-130 to 9.99E+125")
    return {"N": number_text(value)}


def _text(value: str) -> Wire:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Unstorable(f"text that is not valid Unicode at position {error.start}") from None
    return {"S": value}


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat(timespec="microseconds")
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    except OverflowError:
        raise Unstorable(f"the moment {value.isoformat()} is outside the years 1 to 9999 in UTC") from None


def _duration(value: timedelta) -> str:
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    return f"{sign}PT{micros // 1_000_000}.{micros % 1_000_000:06d}S"


def _json_text(value: str) -> Wire:
    """Objects and arrays become maps and lists; any other JSON, or what DynamoDB cannot nest, stays text."""
    try:
        parsed = _DECODER.decode(value)
        if isinstance(parsed, (dict, list)):
            return _nested(parsed, MAX_DEPTH)
    except (ValueError, RecursionError, InvalidOperation, Unstorable):
        pass
    return _text(value)


def _no_constant(name: str) -> Decimal:
    raise ValueError(name)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says a name twice has no map that says as much."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


_DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant, object_pairs_hook=_each_name_once
)


def _nested(value: Any, depth: int) -> Wire:
    if depth < 0:
        raise Unstorable("nested more than 32 levels deep")
    if value is None:
        return {"NULL": True}
    if isinstance(value, dict):
        if "" in value:
            raise Unstorable("an object with an empty name")
        return {"M": {_text(str(name))["S"]: _nested(inner, depth - 1) for name, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"L": [_nested(inner, depth - 1) for inner in value]}
    return to_wire(Kind.UNKNOWN, value) or {"NULL": True}


def to_wire(kind: Kind, value: Any) -> Wire | None:
    """The wire form of a row's value in a column of that kind; None for NULL. Unstorable when there is none.

    The value's own type decides: a text in an INTEGER column stays a text. The kind only tells booleans from
    numbers and JSON from text, which SQLite cannot.
    """
    if value is None:
        return None
    if isinstance(value, str) and not isinstance(value, OutOfCalendar):
        return _json_text(value) if kind is Kind.JSON else _text(value)
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"BOOL": bool(value)} if kind is Kind.BOOLEAN and value in (0, 1) else _number(Decimal(value))
    if isinstance(value, float):
        return _number(Decimal(repr(value)))
    return _other_to_wire(value)


def _other_to_wire(value: Any) -> Wire:
    match value:
        case Decimal():
            return _number(value)
        case OutOfCalendar():
            raise Unstorable(f"{value} is no date or time of the years 1 to 9999")
        case Unsummable():
            raise Unstorable(value.decode(errors="replace"))
        case InvalidText():
            raise Unstorable("text that is not valid in the database's encoding")
        case bytes() | bytearray() | memoryview():
            return {"B": bytes(value)}
        case datetime():
            return {"S": _moment(value)}
        case date() | time():
            return {"S": value.isoformat()}
        case timedelta():
            return {"S": _duration(value)}
        case UUID():
            return {"S": str(value)}
        case dict() | list() | tuple():
            return _nested(value, MAX_DEPTH)
        case _:
            raise Unstorable(f"a value of type {type(value).__name__}, which has no place in DynamoDB")


def from_wire(wire: Wire | None) -> Any:
    """The plain value: text, Decimal, bytes, bool, list, dict, or None."""
    if wire is None:
        return None
    ((tag, value),) = wire.items()
    match tag:
        case "N":
            return Decimal(value)
        case "B":
            return bytes(value)
        case "NULL":
            return None
        case "M":
            return {name: from_wire(inner) for name, inner in value.items()}
        case "L":
            return [from_wire(inner) for inner in value]
        case _:
            return value


def canonical(wire: Wire) -> Wire:
    """The wire form with every number written in the one way, for comparing by value and type."""
    ((tag, value),) = wire.items()
    match tag:
        case "N":
            return {"N": number_text(Decimal(value))}
        case "B":
            return {"B": bytes(value)}
        case "M":
            return {"M": {name: canonical(inner) for name, inner in value.items()}}
        case "L":
            return {"L": [canonical(inner) for inner in value]}
        case _:
            return {tag: value}


def dynamodb_type(kind: Kind) -> str:
    """The type that a well-typed value of that kind has in the table."""
    return {
        Kind.INTEGER: "N",
        Kind.DECIMAL: "N",
        Kind.FLOAT: "N",
        Kind.BOOLEAN: "BOOL",
        Kind.BYTES: "B",
        Kind.JSON: "M/L",
        Kind.ARRAY: "L",
    }.get(kind, "S")


_TEXTUAL = (Kind.TEXT, Kind.ENUM)
_NUMERAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


def read_parameter(kind: Kind, value: Any) -> Wire | None:
    """A parameter as the column it meets would hold it: text from a command line becomes a number, a boolean
    or bytes where the column has those. Unstorable when it cannot be read so (then no row can match)."""
    if isinstance(value, str) and kind in NUMBERS:
        if not _NUMERAL.fullmatch(value.strip()):
            raise Unstorable(f"{value!r} is not a number")
        return _number(Decimal(value.strip()))
    if isinstance(value, Decimal) and kind is Kind.BOOLEAN and value in (0, 1):
        return {"BOOL": bool(value)}
    if isinstance(value, str) and kind is Kind.BOOLEAN:
        word = value.strip().lower()
        if word not in ("0", "1", "true", "false"):
            raise Unstorable(f"{value!r} is not a boolean")
        return {"BOOL": word in ("1", "true")}
    if isinstance(value, str) and kind is Kind.BYTES:
        try:
            return {"B": bytes.fromhex(value)}
        except ValueError:
            raise Unstorable(f"{value!r} is not hexadecimal") from None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and kind in _TEXTUAL:
        return {"S": number_text(Decimal(str(value)))}
    return to_wire(kind, value)
