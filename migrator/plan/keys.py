"""The key codec: values to the text of key attributes (specified in docs/keys.md).

A part is *plain* (readable, no order promised) or *ordered* (its text sorts as its value does). Text order is
DynamoDB's: UTF-8 bytes, which for valid text is code-point order.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from migrator.model.schema import Column, Kind
from migrator.plan.compare import fold
from migrator.plan.values import Unstorable, Wire, number_text

PLAIN_END = "#"
"""Follows a part unless it is the last of its key: below every character an ordered fixed-width part uses."""
TEXT_END = "\t"
"""Follows an ordered text unless it is last: below every character that an escaped text begins or goes on with."""
PLAIN_NULL = "%00"
ORDERED_NULL = "\x01"
AFTER_NULL = "\x02"
ORDERED_NUMBER = "\x03"
"""Begins a number in an ordered text part: SQLite sorts numbers before text."""
PLAIN_NUMBER = "~"
"""Begins a number in a plain part of a column that may hold both."""

_ESCAPED = re.compile("[\x00-\x0a]")
_UNESCAPED = re.compile("\n(.)", re.DOTALL)
_NINES = str.maketrans("0123456789", "9876543210")

_WANTED = {
    Kind.INTEGER: "N",
    Kind.DECIMAL: "N",
    Kind.FLOAT: "N",
    Kind.BYTES: "B",
    Kind.BOOLEAN: "BOOL",
}
_MIXED = (Kind.UNKNOWN, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP)
"""Kinds whose columns hold numbers as well as text in SQLite (seconds since 1970, a Julian day)."""


def ordered_encoding(column: Column, dialect: str) -> str:
    """The name of the ordered encoding for a column's declared type: width never depends on today's data."""
    match column.kind:
        case Kind.INTEGER if column.bits is not None:
            return "int" + str({16: 5, 24: 8, 32: 10}.get(column.bits, 20 if column.unsigned else 19))
        case Kind.INTEGER | Kind.DECIMAL | Kind.FLOAT:
            return "num"
        case Kind.BYTES:
            return "hex"
        case Kind.BOOLEAN | Kind.UUID:
            return ""
        case Kind.DATE | Kind.TIME | Kind.DATETIME | Kind.TIMESTAMP if dialect != "sqlite":
            return ""
        case _:
            return "text"


def terminator(encoding: str) -> str:
    """What stands between a part of that encoding and the next."""
    return TEXT_END if encoding in ("text", "fold") else PLAIN_END


def null_text(encoding: str) -> str:
    """How NULL is written in a part of that encoding; sorts before every value when ordered."""
    return ORDERED_NULL if encoding else PLAIN_NULL


def encode(encoding: str, kind: Kind, wire: Wire | None) -> str:
    """A value's text in a key part. Unstorable when its type is not the column's, or it does not fit."""
    if wire is None:
        return null_text(encoding)
    ((tag, value),) = wire.items()
    if tag == "N" and kind in _MIXED and encoding in ("", "text"):
        return _number_among_text(encoding, Decimal(value))
    wanted = _WANTED.get(kind, "S")
    if tag != wanted:
        raise _unfit(wanted, tag)
    return _ordered(encoding, tag, value) if encoding else _plain(tag, value)


def _unfit(wanted: str, tag: str) -> Unstorable:
    return Unstorable(f"a key needs {_spoken(wanted)} here, the row holds {_spoken(tag)}")


def _number_among_text(encoding: str, value: Decimal) -> str:
    return ORDERED_NUMBER + _sortable_number(value) if encoding else PLAIN_NUMBER + number_text(value)


def _ordered(encoding: str, tag: str, value: Any) -> str:
    """A column that refers to another is written as that one is, whose declared type may be another."""
    if encoding in ("text", "fold"):
        text = number_text(Decimal(value)) if tag == "N" else value
        if not isinstance(text, str):
            raise _unfit("S", tag)
        return _escaped(fold(text) if encoding == "fold" else text)
    if encoding == "hex":
        if tag != "B":
            raise _unfit("B", tag)
        return bytes(value).hex()
    if tag != "N":
        raise _unfit("N", tag)
    if encoding == "num":
        return _sortable_number(Decimal(value))
    return _padded_integer(int(encoding.removeprefix("int")), Decimal(value))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" + chr(ord(found[0]) + 0x30), text)


def _spoken(tag: str) -> str:
    return {"N": "a number", "S": "a text", "B": "bytes", "BOOL": "a boolean"}.get(tag, "a document")


def _plain(tag: str, value: object) -> str:
    if tag == "N":
        return number_text(Decimal(str(value)))
    if tag == "BOOL":
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    text = escape_plain(str(value))
    return "%7E" + text[1:] if text.startswith(PLAIN_NUMBER) else text


def escape_plain(text: str) -> str:
    """Text in which no separator of a key stands."""
    return text.replace("%", "%25").replace("#", "%23")


def _padded_integer(width: int, value: Decimal) -> str:
    if value != value.to_integral_value():
        raise Unstorable(f"{number_text(value)} is not an integer")
    digits = str(abs(int(value)))
    if len(digits) > width:
        raise Unstorable(f"an integer of more than {width} digits")
    padded = digits.rjust(width, "0")
    return "-" + padded.translate(_NINES) if value < 0 else padded


def _sortable_number(value: Decimal) -> str:
    """Sign, exponent (three digits, biased), mantissa; all complemented below zero."""
    if not value:
        return "5"
    digits = "".join(map(str, value.as_tuple().digits)).lstrip("0").rstrip("0")
    exponent = f"{value.adjusted() + 500:03d}"
    if value > 0:
        return "6" + exponent + digits
    return "4" + exponent.translate(_NINES) + digits.translate(_NINES) + "~"


def decode(encoding: str, kind: Kind, text: str) -> Wire | None:
    """The value a part's text stands for: the inverse of `encode`, but for the case that `fold` gave up.
    ValueError on text it never writes."""
    if text == null_text(encoding):
        return None
    wanted = _WANTED.get(kind, "S")
    if encoding == "text" and text.startswith(ORDERED_NUMBER):
        return {"N": number_text(_number_sorted(text[1:]))}
    if encoding in ("text", "fold"):
        return {"S": _UNESCAPED.sub(lambda found: chr(ord(found[1]) - 0x30), text)}
    if encoding == "hex" or (encoding == "" and wanted == "B"):
        return {"B": bytes.fromhex(text)}
    if encoding == "num":
        return {"N": number_text(_number_sorted(text))}
    if encoding.startswith("int"):
        return {"N": str(-int(text[1:].translate(_NINES)) if text.startswith("-") else int(text))}
    if wanted == "S" and text.startswith(PLAIN_NUMBER):
        return {"N": text[1:]}
    if wanted == "BOOL":
        return {"BOOL": text == "true"}
    return {wanted: text} if wanted == "N" else {"S": _unescape_plain(text)}


def _unescape_plain(text: str) -> str:
    return text.replace("%7E", "~").replace("%23", "#").replace("%25", "%")


def _number_sorted(text: str) -> Decimal:
    if text == "5":
        return Decimal(0)
    negative = text[0] == "4"
    body = text[1:].removesuffix("~").translate(_NINES) if negative else text[1:]
    digits = tuple(map(int, body[3:]))
    return Decimal((int(negative), digits, int(body[:3]) - 500 - len(digits) + 1))
