"""A small schema, and shorthands that read one statement against it."""

from __future__ import annotations

from migrator.model.query import AccessPattern, Delete, Insert, Predicate, Refusal, Select, Statement, Update
from migrator.model.schema import Column, ForeignKey, Index, Kind, Schema, Table, UniqueKey, View
from migrator.workload.read import read_workload


def table(
    name: str,
    columns: str,
    key: tuple[str, ...] = ("id",),
    refers: tuple[tuple[str, str], ...] = (),
    uniques: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> Table:
    """A table of integers; a column written `name:kind` has another kind."""
    return Table(
        name,
        tuple(_column(column, key) for column in columns.split()),
        key,
        tuple(ForeignKey(f"{name}_{column}", (column,), parent, ("id",)) for column, parent in refers),
        tuple(UniqueKey("_".join(columns), columns) for columns in uniques),
        tuple(Index("_".join(columns), columns) for columns in indexes),
    )


def _column(text: str, key: tuple[str, ...]) -> Column:
    name, _, kind = text.partition(":")
    return Column(name, kind or "integer", Kind(kind or "integer"), nullable=name not in key)


TABLES = (
    table(
        "customer",
        "id name:text email:text active:boolean region_id credit",
        refers=(("region_id", "region"),),
        uniques=(("email",),),
    ),
    table(
        "line", "order_id no product_id qty", ("order_id", "no"), (("order_id", "orders"), ("product_id", "product"))
    ),
    table(
        "orders", "id customer_id placed_at:datetime total:decimal status:text", refers=(("customer_id", "customer"),)
    ),
    table("payment", "id order_id amount", refers=(("order_id", "orders"),)),
    table("product", "id name:text price:decimal"),
    table("region", "id name:text"),
    table("staff", "id name:text boss_id", refers=(("boss_id", "staff"),)),
)


def shop(dialect: str = "sqlite") -> Schema:
    return Schema(dialect, TABLES, views=(View("big_orders", "SELECT 1"),))


def pattern(sql: str, schema: Schema | None = None, dialect: str = "sqlite") -> AccessPattern:
    text = f"-- name: it\n{sql}\n"
    return read_workload(text, schema or shop(dialect), "queries.sql").patterns[0]


def statement(sql: str, dialect: str = "sqlite", schema: Schema | None = None) -> Statement:
    return pattern(sql, schema, dialect).statements[0]


def select(sql: str, dialect: str = "sqlite", schema: Schema | None = None) -> Select:
    form = _form(sql, dialect, schema)
    assert isinstance(form, Select)
    return form


def where(condition: str, dialect: str = "sqlite") -> tuple[Predicate, ...]:
    """The predicates of a condition on customer."""
    return select(f"SELECT id FROM customer WHERE {condition}", dialect).predicates


def insert(sql: str, dialect: str = "sqlite") -> Insert:
    form = _form(sql, dialect)
    assert isinstance(form, Insert)
    return form


def update(sql: str, dialect: str = "sqlite") -> Update:
    form = _form(sql, dialect)
    assert isinstance(form, Update)
    return form


def delete(sql: str, dialect: str = "sqlite") -> Delete:
    form = _form(sql, dialect)
    assert isinstance(form, Delete)
    return form


def refusal(sql: str, dialect: str = "sqlite") -> Refusal:
    found = statement(sql, dialect)
    assert found.form is None
    assert found.refusal is not None
    return found.refusal


def _form(sql: str, dialect: str, schema: Schema | None = None) -> object:
    found = statement(sql, dialect, schema)
    assert found.refusal is None, found.refusal
    return found.form
