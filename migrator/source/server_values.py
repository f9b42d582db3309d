"""PostgreSQL's values as they can be kept: what its driver would refuse or round comes as the server writes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from migrator.model.unit import OutOfCalendar

_CALENDAR = ("date", "time", "timetz", "timestamp", "timestamptz")
_AS_TEXT = (
    *("json", "jsonb", "inet", "cidr"),
    *("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"),
    *("int4multirange", "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange"),
)
"""Documents, whose numbers and repeated names Python's reader changes, and what Python has types of its own for."""
_NO_FIXED_LENGTH = (b"mon", b"year")


def keep_values(connection: Any) -> None:
    """Makes a psycopg connection give dates that no calendar has as OutOfCalendar, spans with months or years and
    the types of `_AS_TEXT` as text; all others as it does."""
    from psycopg import DataError
    from psycopg.adapt import Loader
    from psycopg.pq import Format
    from psycopg.types.string import TextLoader

    class Moment(Loader):
        """The driver's own value where it has one."""

        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._own = _usual(context, oid)(oid, context)

        def load(self, data: Any) -> Any:
            try:
                return self._own.load(data)
            except DataError:
                return OutOfCalendar(bytes(data).decode())

    class Span(Moment):
        def load(self, data: Any) -> Any:
            text = bytes(data)
            return text.decode() if any(word in text for word in _NO_FIXED_LENGTH) else super().load(data)

    def _usual(context: Any, oid: int) -> Any:
        return psycopg_adapters().get_loader(oid, Format.TEXT)

    for name in _CALENDAR:
        connection.adapters.register_loader(name, Moment)
    for name in _AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)
    connection.adapters.register_loader("interval", Span)
    _keep_declared(connection)


_DECLARED = """
SELECT t.typname, t.oid, t.typarray, t.typtype, t.typbasetype FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typarray <> 0 AND t.oid >= 16384 AND (t.typtype IN ('e', 'd') OR t.typtype = 'c' AND c.relkind = 'c')
ORDER BY t.oid
"""
"""Types that somebody has made, and their arrays, which the driver knows nothing of. A domain comes before those that
are made of it."""


def _keep_declared(connection: Any) -> None:
    """Arrays of enums, domains and composite types come as lists, and domains' elements as what they are made of."""
    from psycopg.pq import Format
    from psycopg.types import TypeInfo

    with connection.cursor() as cursor:
        cursor.execute(_DECLARED)
        declared = cursor.fetchall()
    connection.commit()
    for name, oid, array, kind, base in declared:
        TypeInfo(name, oid, array).register(connection)
        loader = connection.adapters.get_loader(base, Format.TEXT) if kind == "d" else None
        if loader is not None:
            connection.adapters.register_loader(oid, loader)


@contextmanager
def documents_parsed(connection: Any) -> Iterator[None]:
    """While this block runs, a psycopg connection gives documents parsed: SQLAlchemy's reflection asks for some."""
    from psycopg.types.json import JsonbLoader, JsonLoader
    from psycopg.types.string import TextLoader

    connection.adapters.register_loader("json", JsonLoader)
    connection.adapters.register_loader("jsonb", JsonbLoader)
    try:
        yield
    finally:
        for name in ("json", "jsonb"):
            connection.adapters.register_loader(name, TextLoader)


def psycopg_adapters() -> Any:
    import psycopg

    return psycopg.adapters
