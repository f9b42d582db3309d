"""What becomes of every type that can be declared, from the functions that decide it: a part of docs/types.md."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.mysql.base import ischema_names as mysql_names
from sqlalchemy.dialects.postgresql.base import ischema_names as postgresql_names
from sqlalchemy.dialects.sqlite.base import ischema_names as sqlite_names

from migrator.model.schema import Kind
from migrator.source.kinds import sqlite_type
from migrator.source.server_kinds import server_type

_HEAD = """
## Declared types

Which kind a declared type is: every type that SQLAlchemy reflects. One that is not here is `unknown`: each value is
stored by its own type, as the driver gives it, and the plan tells so as a hazard.

| source | kind | declared types |
|---|---|---|
"""
_FOOT = """
SQLite: any other name goes by SQLite's rules of affinity (INT, CHAR, CLOB, TEXT, BLOB, REAL, FLOA, DOUB in the name). A
date or time column whose sampled values are all numbers is a number.

PostgreSQL: JSON is read as its text, so that no digit and no repeated name is lost; ranges, network addresses and
spans with months or years are kept as the text that the server writes. Infinity, years before 1 and after 9999, and
24:00 are rejected by name. A domain is what it is made of; composite types, XML, text-search vectors and geometric
types are kept as the text that the server writes.

MySQL and MariaDB: TIME is a span (it goes to 838 hours), TIMESTAMP an instant, TINYINT(1) a number, ZEROFILL no part of
the number; a SET is its members' text. Dates that no calendar has ('0000-00-00', '2024-02-00') are rejected by name. A
JSON column of MariaDB is a document, although it is declared as LONGTEXT with a check. Spatial columns are refused by
name before anything is measured.

[servers.md](servers.md) says how servers are read. Each of these types is loaded and verified value by value by
`tests/acceptance/test_server_types.py`, on the server itself.
"""


def declared_types() -> str:
    """The section of the page."""
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows()) + _FOOT


def _rows() -> Iterator[tuple[str, str, str]]:
    for source, kinds in (
        ("SQLite", ((name, sqlite_type(name).kind) for name in sqlite_names)),
        ("PostgreSQL", _reflected({**postgresql_names, "_array": _ARRAY, "enum": postgresql.ENUM(name="e")})),
        ("MySQL, MariaDB", _reflected({**mysql_names, "tinyint(1)": mysql.TINYINT(display_width=1)})),
    ):
        yield from _grouped(source, kinds)


_ARRAY = postgresql.ARRAY(types.Integer())


def _reflected(names: dict[str, Any]) -> Iterator[tuple[str, Kind]]:
    for name, declared in names.items():
        made: Any = declared() if inspect.isclass(declared) else declared
        if name.endswith("with time zone"):
            made.timezone = True
        yield {"_array": "any array"}.get(name, name), server_type(made).kind


def _grouped(source: str, kinds: Iterable[tuple[str, Kind]]) -> Iterator[tuple[str, str, str]]:
    grouped: defaultdict[Kind, list[str]] = defaultdict(list)
    for name, kind in kinds:
        grouped[kind].append(name)
    for kind in Kind:
        if kind in grouped:
            yield source, f"`{kind.value}`", ", ".join(f"`{name}`" for name in sorted(grouped[kind]))
