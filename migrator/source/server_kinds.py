"""From SQLAlchemy's reflected types to the families of values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql

from migrator.model.schema import Kind
from migrator.source.kinds import TypeFacts

_BITS: tuple[tuple[type, int], ...] = (
    (mysql.TINYINT, 8),
    (mysql.MEDIUMINT, 24),
    (types.SmallInteger, 16),
    (types.BigInteger, 64),
    (types.Integer, 32),
)
_SIZED = frozenset({Kind.TEXT, Kind.BYTES})


def server_type(declared: Any) -> TypeFacts:
    """The facts of a reflected type; UNKNOWN for one that SQLAlchemy or this program does not know."""
    if isinstance(declared, postgresql.DOMAIN):
        return server_type(declared.data_type)
    if isinstance(declared, mysql.SET):
        # Its length is that of the longest member; a value holds several.
        return TypeFacts(Kind.TEXT)
    if isinstance(declared, types.Integer | mysql.YEAR):
        return _integer(declared)
    if isinstance(declared, mysql.BIT):
        return TypeFacts(Kind.BYTES)
    if isinstance(declared, types.Float | types.Double):
        return TypeFacts(Kind.FLOAT)
    if isinstance(declared, types.Numeric):
        return TypeFacts(Kind.DECIMAL, precision=declared.precision, scale=declared.scale)
    if isinstance(declared, mysql.TIME):
        # Up to 838 hours and below zero: a span, and the driver gives it as one.
        return TypeFacts(Kind.INTERVAL)
    if isinstance(declared, types.Time) and declared.timezone:
        # Compared by the instant that it names, which its text does not sort by.
        return TypeFacts(Kind.UNKNOWN)
    if isinstance(declared, types.DateTime):
        return TypeFacts(_moment(declared))
    for family, kind in _KINDS:
        if isinstance(declared, family):
            return TypeFacts(kind, length=getattr(declared, "length", None) if kind in _SIZED else None)
    return TypeFacts(Kind.UNKNOWN)


def _integer(declared: Any) -> TypeFacts:
    bits = next((bits for family, bits in _BITS if isinstance(declared, family)), 16)
    return TypeFacts(Kind.INTEGER, bits=bits, unsigned=bool(getattr(declared, "unsigned", False)))


def _moment(declared: Any) -> Kind:
    """An instant, or a wall-clock time: MySQL's TIMESTAMP is an instant although it names no zone."""
    return Kind.TIMESTAMP if declared.timezone or isinstance(declared, mysql.TIMESTAMP) else Kind.DATETIME


_KINDS: tuple[tuple[type, Kind], ...] = (
    (types.Boolean, Kind.BOOLEAN),
    (types.ARRAY, Kind.ARRAY),
    (types.JSON, Kind.JSON),
    (types.Uuid, Kind.UUID),
    (types.Enum, Kind.ENUM),
    (types.Date, Kind.DATE),
    (types.Time, Kind.TIME),
    (types.Interval, Kind.INTERVAL),
    (postgresql.INTERVAL, Kind.INTERVAL),
    (types.LargeBinary, Kind.BYTES),
    (mysql.TINYBLOB, Kind.BYTES),
    (mysql.MEDIUMBLOB, Kind.BYTES),
    (mysql.LONGBLOB, Kind.BYTES),
    (postgresql.BIT, Kind.TEXT),
    (types.BINARY, Kind.BYTES),
    (types.VARBINARY, Kind.BYTES),
    (types.String, Kind.TEXT),
)
