"""PostgreSQL's odd values come as they can be kept, where MIGRATE_TEST_POSTGRESQL names a server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from migrator.model.schema import Kind
from migrator.model.unit import OutOfCalendar
from migrator.plan.values import Unstorable, to_wire
from migrator.source.location import parse_location
from migrator.source.open import Source, first, open_source
from migrator.source.reflect import reflect
from sqlalchemy.engine import Connection

from tests.servers import own_database

DDL = ("CREATE TABLE odd(id INT PRIMARY KEY, at TIMETZ, doc JSONB, address INET)",)


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    with own_database("POSTGRESQL", DDL) as url, open_source(parse_location(url)) as source:
        yield source


@pytest.fixture
def connection(source: Source) -> Iterator[Connection]:
    with source.connect() as connection:
        yield connection


def read(connection: Connection, expression: str) -> Any:
    row = first(connection, f"SELECT {expression}")
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    "expression",
    [
        "'infinity'::date",
        "'-infinity'::timestamp",
        "'infinity'::timestamptz",
        "'0044-03-15 BC'::date",
        "'10000-01-01'::timestamp",
        "'24:00'::time",
    ],
)
def test_a_moment_beyond_the_calendar_is_named_and_not_fatal(connection: Connection, expression: str) -> None:
    value = read(connection, expression)
    assert isinstance(value, OutOfCalendar)
    with pytest.raises(Unstorable, match="no date or time of the years 1 to 9999"):
        to_wire(Kind.DATE, value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'2024-02-29'::date", date(2024, 2, 29)),
        ("'2024-02-29 12:00+02'::timestamptz", datetime(2024, 2, 29, 10, tzinfo=UTC)),
        ("'09:30'::time", time(9, 30)),
        ("'1 day 00:00:01'::interval", timedelta(days=1, seconds=1)),
        ("'1 mon 3 days'::interval", "1 mon 3 days"),
        ("'2 years'::interval", "2 years"),
        ("int4range(1, 5)", "[1,5)"),
        ("'10.0.0.1/8'::inet", "10.0.0.1/8"),
        ("B'101'::bit(3)", "101"),
        ("ARRAY['1.2.3.4'::inet]", ["1.2.3.4"]),
        ("""'{"a": 1, "a": 2}'::json""", '{"a": 1, "a": 2}'),
        ("""'[0.12345678901234567890123]'::jsonb""", "[0.12345678901234567890123]"),
    ],
)
def test_a_value_comes_whole(connection: Connection, expression: str, value: Any) -> None:
    assert read(connection, expression) == value


def test_a_moment_beyond_the_calendar_within_an_array_rejects_its_row(connection: Connection) -> None:
    with pytest.raises(Unstorable, match="infinity"):
        to_wire(Kind.ARRAY, read(connection, "ARRAY['infinity'::date]"))


def test_a_column_of_no_own_kind_is_unknown(source: Source) -> None:
    schema = reflect(source)
    kinds = {column.name: column.kind for column in schema.table("odd").columns}
    assert kinds == {"id": Kind.INTEGER, "at": Kind.UNKNOWN, "doc": Kind.JSON, "address": Kind.UNKNOWN}
