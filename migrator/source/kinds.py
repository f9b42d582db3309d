"""From a type as SQLite's DDL spells it to the family of its values.

Names that people mean (BOOLEAN, DATE, DECIMAL, JSON) keep their meaning; any other goes by SQLite's rules of
affinity, https://www.sqlite.org/datatype3.html#determination_of_column_affinity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migrator.model.schema import Kind

_SQLITE_INTEGER_BITS = 64
_ARGUMENTS = re.compile(r"\(([^)]*)\)")

_BY_NAME = {
    "BOOL": Kind.BOOLEAN,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "TIME": Kind.TIME,
    "DATETIME": Kind.DATETIME,
    "TIMESTAMP": Kind.DATETIME,
    "TIMESTAMP WITHOUT TIME ZONE": Kind.DATETIME,
    "TIMESTAMP WITH TIME ZONE": Kind.TIMESTAMP,
    "TIMESTAMPTZ": Kind.TIMESTAMP,
    "DATETIMEOFFSET": Kind.TIMESTAMP,
    "JSON": Kind.JSON,
    "JSONB": Kind.JSON,
    "NUMERIC": Kind.DECIMAL,
    "DECIMAL": Kind.DECIMAL,
    "NUMBER": Kind.DECIMAL,
    "MONEY": Kind.DECIMAL,
    "UUID": Kind.TEXT,
    "GUID": Kind.TEXT,
    "UNIQUEIDENTIFIER": Kind.TEXT,
    "STRING": Kind.TEXT,
    "ENUM": Kind.TEXT,
    "BINARY": Kind.BYTES,
    "VARBINARY": Kind.BYTES,
    "BYTEA": Kind.BYTES,
}
_BY_AFFINITY = (
    (("INT",), Kind.INTEGER),
    (("CHAR", "CLOB", "TEXT"), Kind.TEXT),
    (("BLOB",), Kind.BYTES),
    (("REAL", "FLOA", "DOUB"), Kind.FLOAT),
)


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What a declared type says. `length` counts characters or bytes as the source does."""

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    unsigned: bool = False


def sqlite_type(sql_type: str) -> TypeFacts:
    """The facts of a declared SQLite type; a column without a type, or STRICT's ANY, is UNKNOWN."""
    name = " ".join(_ARGUMENTS.sub(" ", sql_type).upper().split())
    kind = _kind(name)
    numbers = _numbers(sql_type)
    if kind is Kind.INTEGER:
        return TypeFacts(kind, bits=_SQLITE_INTEGER_BITS, unsigned="UNSIGNED" in name)
    if kind is Kind.DECIMAL and numbers:
        return TypeFacts(kind, precision=numbers[0], scale=numbers[1] if len(numbers) > 1 else 0)
    if kind in (Kind.TEXT, Kind.BYTES) and len(numbers) == 1:
        return TypeFacts(kind, length=numbers[0])
    return TypeFacts(kind)


def _kind(name: str) -> Kind:
    if known := _BY_NAME.get(name):
        return known
    for parts, kind in _BY_AFFINITY:
        if any(part in name for part in parts):
            return kind
    return _BY_NAME.get(name.split(" ")[0], Kind.UNKNOWN)


def _numbers(sql_type: str) -> tuple[int, ...]:
    found = _ARGUMENTS.search(sql_type)
    return tuple(int(number) for number in re.findall(r"-?\d+", found.group(1))) if found else ()
