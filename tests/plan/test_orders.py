"""A query that relies on an order or an equality that bytes do not have is named in a hazard."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from migrator.model.schema import Column, Kind, Schema, Table
from migrator.plan.naming import Names
from migrator.plan.orders import differing_orders
from migrator.workload.read import read_workload

NAMES = Names({"t": "T"}, {}, "type", "ttl", {}, {})


def hazards(
    column: Column,
    sql: str,
    dialect: str = "postgresql",
    collation: str | None = None,
    nulls: float = 0.0,
    key: str = "id",
) -> Sequence[str]:
    table = Table("t", (Column("id", "INT", Kind.INTEGER, nullable=False, bits=32), column), (key,))
    schema = Schema(dialect, (table,), collation=collation)
    workload = read_workload(f"-- name: asked\n{sql};\n", schema, "queries.sql")
    assert all(statement.refusal is None for pattern in workload.patterns for statement in pattern.statements)
    return [
        f"{hazard.code}: {hazard.message}" for hazard in differing_orders(schema, workload, NAMES, lambda *_: nulls)
    ]


NAME = Column("name", "TEXT", Kind.TEXT)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM t ORDER BY name",
        "SELECT id FROM t WHERE name > :n",
        "SELECT id FROM t WHERE name BETWEEN :a AND :b",
        "SELECT MAX(name) FROM t",
        "SELECT id FROM t WHERE id = :i OR name < :n",
    ],
)
def test_text_sorted_by_a_language_names_the_query_that_relies_on_it(sql: str) -> None:
    (told,) = hazards(NAME, sql, collation="en_US.UTF-8")
    assert told.startswith(
        "order-differs: t.name sorts under en_US.UTF-8 in the source and by bytes in the table; asked"
    )


@pytest.mark.parametrize("sql", ["SELECT name FROM t WHERE name = :n", "SELECT name FROM t ORDER BY id"])
def test_a_query_that_does_not_rely_on_the_order_is_not_named(sql: str) -> None:
    assert hazards(NAME, sql, collation="en_US.UTF-8") == []


def test_text_sorted_by_bytes_is_no_hazard() -> None:
    assert hazards(NAME, "SELECT id FROM t ORDER BY name") == []


@pytest.mark.parametrize(
    ("column", "dialect", "collation", "why"),
    [
        (NAME, "mysql", "utf8mb4_0900_ai_ci", "compares under utf8mb4_0900_ai_ci, for which case counts for nothing"),
        (Column("name", "CITEXT", Kind.TEXT), "postgresql", None, "is CITEXT"),
        (Column("name", "CHAR(8)", Kind.TEXT, length=8), "postgresql", None, "is CHAR(8), for which blanks"),
    ],
)
def test_texts_that_differ_and_are_equal_in_the_source_name_the_query(
    column: Column, dialect: str, collation: str | None, why: str
) -> None:
    (told,) = hazards(column, "SELECT id FROM t WHERE name = :n", dialect, collation)
    assert told.startswith(f"equality-differs: t.name {why}")
    assert "asked must be asked with the text as it is stored" in told


def test_an_enum_that_is_not_declared_in_alphabetical_order_names_the_query_that_sorts_by_it() -> None:
    for values, count in ((("low", "high"), 1), (("high", "low"), 0)):
        column = Column("name", "ENUM", Kind.ENUM, values=values)
        assert len(hazards(column, "SELECT id FROM t ORDER BY name")) == count


@pytest.mark.parametrize("kind", [Kind.INTERVAL, Kind.UNKNOWN])
def test_a_type_whose_text_does_not_sort_as_its_values_names_the_query(kind: Kind) -> None:
    (told,) = hazards(Column("name", "INET", kind), "SELECT id FROM t ORDER BY name")
    assert "by its text in the table; asked may get another order" in told


@pytest.mark.parametrize(("nulls", "count"), [(0.0, 0), (0.5, 1)])
def test_an_order_by_a_key_that_holds_nulls_waits_for_a_decision(nulls: float, count: int) -> None:
    told = hazards(NAME, "SELECT id FROM t ORDER BY name LIMIT 1", "sqlite", nulls=nulls, key="name")
    assert len(told) == count
    assert all("asked may get them the other way round" in one for one in told)
