"""What a server's schema may hold beside plain tables: each is read as what it is, or named as left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from migrator.cli.unfit import demand_movable
from migrator.model.errors import BlockedError, UsageError
from migrator.model.schema import Kind, Schema
from migrator.source.location import from_toml, parse_location
from migrator.source.open import open_source
from migrator.source.reflect import reflect

from tests.servers import own_database

POSTGRESQL = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE DOMAIN quantity AS integer CHECK (value > 0)",
    "CREATE TABLE person (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, m mood,"
    " q quantity, at timestamptz, twice integer GENERATED ALWAYS AS (q * 2) STORED, spot point, gone boolean)",
    "CREATE UNIQUE INDEX person_email ON person (lower(email))",
    "CREATE UNIQUE INDEX person_here ON person (email) WHERE NOT gone",
    "CREATE INDEX person_at ON person (at) INCLUDE (q)",
    "CREATE TABLE reading (id integer, at date NOT NULL, v numeric, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
    "CREATE TABLE reading_2024 PARTITION OF reading FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE reading_rest PARTITION OF reading DEFAULT",
    "CREATE MATERIALIZED VIEW newest AS SELECT max(at) AS at FROM reading",
    "CREATE VIEW sad AS SELECT id FROM person WHERE m = 'sad'",
    "CREATE SCHEMA sales",
    "CREATE TABLE sales.person (code varchar(8) PRIMARY KEY)",
)
MYSQL = (
    "CREATE TABLE person (id bigint unsigned zerofill AUTO_INCREMENT PRIMARY KEY, flag tinyint(1), m enum('sad', 'ok'),"
    " tags set('x', 'yy'), doc json, email varchar(80) NOT NULL UNIQUE, twice int AS (flag * 2) STORED)",
    "CREATE TABLE reading (id int PRIMARY KEY, v decimal(10, 2)) PARTITION BY HASH (id) PARTITIONS 3",
    "CREATE VIEW sad AS SELECT id FROM person WHERE m = 'sad'",
)


@contextmanager
def schema_of(kind: str, *statements: str, schema: str | None = None) -> Iterator[Schema]:
    with own_database(kind, statements) as url:
        location = parse_location(url)
        with open_source(location if schema is None else location.of_schema(schema)) as source:
            yield reflect(source)


def test_a_postgresql_schema_is_read_as_what_it_is() -> None:
    with schema_of("POSTGRESQL", *POSTGRESQL) as schema:
        assert [table.name for table in schema.tables] == ["person", "reading"]
        person = schema.table("person")
        kinds = {column.name: column.kind for column in person.columns}
        assert (kinds["m"], kinds["q"], kinds["at"]) == (Kind.ENUM, Kind.INTEGER, Kind.TIMESTAMP)
        assert person.column("m").values == ("sad", "ok")
        assert [column.name for column in person.columns if column.generated] == ["twice"]
        assert person.column("spot").sql_type == "point"
        assert person.uniques == ()
        assert [index.columns for index in person.indexes] == [("at",)]
        left_out = {skipped.name: skipped.reason for skipped in schema.skipped}
        assert set(left_out) == {"reading_2024", "reading_rest", "newest"}
        assert "a partition of reading" in left_out["reading_2024"]
        assert [view.name for view in schema.views] == ["sad"]
        demand_movable(schema)


def test_another_schema_is_read_when_it_is_named() -> None:
    with schema_of("POSTGRESQL", *POSTGRESQL, schema="sales") as schema:
        assert [(table.name, table.primary_key) for table in schema.tables] == [("person", ("code",))]


def test_a_schema_that_is_not_there_is_named_with_those_that_are() -> None:
    with own_database("POSTGRESQL", POSTGRESQL) as url, pytest.raises(UsageError) as told:
        open_source(parse_location(f"{url}?schema=sale"))
    assert "no schema sale" in told.value.what
    assert "public, sales" in told.value.next_step


def test_the_schema_stands_in_what_is_written_of_the_source() -> None:
    location = parse_location("postgresql://me@db/shop").of_schema("sales")
    assert from_toml(location.to_toml(Path()), Path()) == location
    assert parse_location("mysql://me@db/shop").of_schema("other").display == "mysql://me@db/other"


def test_a_mysql_schema_is_read_as_what_it_is() -> None:
    with schema_of("MYSQL", *MYSQL) as schema:
        assert [table.name for table in schema.tables] == ["person", "reading"]
        person = schema.table("person")
        kinds = {column.name: column.kind for column in person.columns}
        assert (kinds["flag"], kinds["m"], kinds["tags"], kinds["doc"]) == (
            Kind.INTEGER,
            Kind.ENUM,
            Kind.TEXT,
            Kind.JSON,
        )
        assert person.column("id").unsigned and person.column("tags").length is None
        assert person.column("twice").generated
        assert [unique.columns for unique in person.uniques] == [("email",)]
        assert schema.collation is not None


def test_a_mysql_column_compares_as_the_server_says_whether_it_states_that_or_not() -> None:
    ddl = (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9), b varchar(9) COLLATE utf8mb4_general_ci) COLLATE utf8mb4_bin"
    )
    with schema_of("MYSQL", ddl) as schema:
        told = {c.name: (c.collation, c.sql_type) for c in schema.table("t").columns}
    assert told["a"] == (None, "VARCHAR(9) COLLATE utf8mb4_bin")
    assert told["b"][0] is None or schema.collation != "utf8mb4_general_ci"


def test_spatial_columns_are_refused_by_name() -> None:
    with schema_of("MYSQL", "CREATE TABLE place (id int PRIMARY KEY, spot point, area geometry)") as schema:
        with pytest.raises(BlockedError) as refused:
            demand_movable(schema)
        assert "place.spot is of the spatial type point" in refused.value.what
        assert 'exclude = ["spot"]' in refused.value.next_step


def test_tables_that_inherit_are_refused_beside_their_parents() -> None:
    ddl = ("CREATE TABLE animal (id integer PRIMARY KEY)", "CREATE TABLE cat (name text) INHERITS (animal)")
    with schema_of("POSTGRESQL", *ddl) as schema, pytest.raises(BlockedError, match="cat inherits from animal"):
        demand_movable(schema)


def test_tables_with_a_history_are_tables() -> None:
    with schema_of("MYSQL", "CREATE TABLE kept (id int PRIMARY KEY) WITH SYSTEM VERSIONING") as schema:
        assert schema.has_table("kept")
