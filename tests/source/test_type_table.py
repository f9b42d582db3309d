"""Every type that SQLAlchemy reflects has an outcome, and the page says which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from migrator.model.schema import Kind
from migrator.source.server_kinds import server_type
from migrator.source.type_table import declared_types
from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.mysql.base import ischema_names as mysql_names
from sqlalchemy.dialects.postgresql.base import ischema_names as postgresql_names
from sqlalchemy.dialects.sqlite.base import ischema_names as sqlite_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "types.md"


def test_the_page_is_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(declared_types())


@pytest.mark.parametrize("names", [sqlite_names, postgresql_names, mysql_names], ids=["sqlite", "postgresql", "mysql"])
def test_every_reflected_type_is_on_the_page(names: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in page and name != "_array"] == []


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        (mysql.LONGBLOB(), Kind.BYTES),
        (mysql.TINYBLOB(), Kind.BYTES),
        (mysql.TIME(fsp=6), Kind.INTERVAL),
        (mysql.SET("a", "b"), Kind.TEXT),
        (mysql.BIT(1), Kind.BYTES),
        (mysql.YEAR(), Kind.INTEGER),
        (mysql.TIMESTAMP(), Kind.TIMESTAMP),
        (postgresql.BIT(3), Kind.TEXT),
        (postgresql.TIME(timezone=True), Kind.UNKNOWN),
        (postgresql.TIMESTAMP(timezone=True), Kind.TIMESTAMP),
        (postgresql.INT4RANGE(), Kind.UNKNOWN),
        (postgresql.ARRAY(postgresql.JSONB()), Kind.ARRAY),
        (postgresql.MONEY(), Kind.UNKNOWN),
        (types.NullType(), Kind.UNKNOWN),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else type(value).__name__,
)
def test_a_servers_type_has_its_kind(declared: Any, kind: Kind) -> None:
    assert server_type(declared).kind is kind
