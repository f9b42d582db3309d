"""Every way in which applications write SQL, each with the decision that it should get: read as a form, or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from migrator.model.errors import UsageError
from migrator.model.query import (
    Comparison,
    Either,
    Field,
    GroupTest,
    Literal,
    Membership,
    NullTest,
    Output,
    Parameter,
    Predicate,
    Related,
    Select,
)
from migrator.model.schema import Schema

from .shop import pattern, refusal, select, shop, statement, where

ID, NAME, CREDIT = (Field("customer", name) for name in ("id", "name", "credit"))
ONE, TWO = Literal(1), Literal(2)

READ: tuple[tuple[str, tuple[Predicate, ...]], ...] = (
    ("id = ?1", (Comparison(ID, "=", Parameter("p1")),)),
    ("id = :7", (Comparison(ID, "=", Parameter("p7")),)),
    ("id = $2", (Comparison(ID, "=", Parameter("p2")),)),
    ("id = @n", (Comparison(ID, "=", Parameter("n")),)),
    ("id = %s", (Comparison(ID, "=", Parameter("p1")),)),
    ("id = %(n)s", (Comparison(ID, "=", Parameter("n")),)),
    (":n = id", (Comparison(ID, "=", Parameter("n")),)),
    (":n < id", (Comparison(ID, ">", Parameter("n")),)),
    ("id IS 1", (Comparison(ID, "=", ONE),)),
    ("id IS NOT DISTINCT FROM 1", (Comparison(ID, "=", ONE),)),
    ("credit IS DISTINCT FROM 1", (Either(((Comparison(CREDIT, "<>", ONE),), (NullTest(CREDIT),))),)),
    ("NOT (id = 1 OR credit = 2)", (Comparison(ID, "<>", ONE), Comparison(CREDIT, "<>", TWO))),
    ("NOT (id = 1 AND credit = 2)", (Either(((Comparison(ID, "<>", ONE),), (Comparison(CREDIT, "<>", TWO),))),)),
    ("NOT NOT id = 1", (Comparison(ID, "=", ONE),)),
    ("id = id", (NullTest(ID, negated=True),)),
    ("credit <= credit AND 1 = 1", (NullTest(CREDIT, negated=True),)),
    ("id = 1 OR id IN (2, :n)", (Membership(ID, (ONE, TWO, Parameter("n"))),)),
    (
        "(id, credit) IN ((:x, 1), (2, :y))",
        (
            Either(
                (
                    (Comparison(ID, "=", Parameter("x")), Comparison(CREDIT, "=", ONE)),
                    (Comparison(ID, "=", TWO), Comparison(CREDIT, "=", Parameter("y"))),
                )
            ),
            Membership(ID, (Parameter("x"), TWO)),
            Membership(CREDIT, (ONE, Parameter("y"))),
        ),
    ),
    ("(id, credit) = (1, 2)", (Comparison(ID, "=", ONE), Comparison(CREDIT, "=", TWO))),
    ("id = 1 -- of a thousand\n AND /* and */ credit = 2", (Comparison(ID, "=", ONE), Comparison(CREDIT, "=", TWO))),
)

REFUSED: tuple[tuple[str, str, str, str], ...] = (
    # dialect, statement, what is named, the way out
    ("sqlite", "SELECT id FROM customer WHERE id = ANY(:l)", "= ANY", "IN (:a, :b)"),
    ("postgresql", "SELECT id FROM customer WHERE id = ANY(%(l)s)", "ANY(:l)", "IN (:a, :b)"),
    ("sqlite", "SELECT id FROM customer WHERE credit IS :x", "null-safe comparison with a parameter", "IS NULL"),
    ("sqlite", "SELECT id FROM customer WHERE 1 = 0", "always false", "Remove"),
    ("sqlite", "SELECT id FROM customer WHERE :p IS NULL OR name = :p", "NULL test of a parameter", "each combination"),
    ("sqlite", "SELECT id FROM customer WHERE name GLOB 'a*'", "GLOB", "LIKE :prefix || '%'"),
    ("sqlite", "SELECT id FROM customer WHERE name REGEXP 'a'", "regular expression", "search service"),
    (
        "postgresql",
        "SELECT id FROM customer WHERE id BETWEEN SYMMETRIC 1 AND 2",
        "BETWEEN SYMMETRIC",
        "Order the bounds",
    ),
    ("sqlite", "SELECT id FROM orders WHERE placed_at < CURRENT_TIMESTAMP", "current_timestamp", "pass a parameter"),
    ("sqlite", "SELECT id FROM orders WHERE placed_at < date('now', '-1 day')", "function date", "pass a parameter"),
    ("postgresql", "SELECT id FROM orders WHERE placed_at < now() - interval '1 day'", "INTERVAL", "pass a parameter"),
    ("sqlite", "SELECT upper(name) FROM customer", "function upper in the select list", "compute in the application"),
    ("sqlite", "SELECT coalesce(name, 'x') FROM customer", "coalesce", "compute in the application"),
    ("sqlite", "SELECT credit + 1 FROM customer", "credit + 1", "compute in the application"),
    ("sqlite", "SELECT CASE WHEN id = 1 THEN 2 END FROM customer", "CASE", "compute in the application"),
    ("postgresql", "SELECT name::text FROM customer", "A cast", "Convert in the application"),
    ("sqlite", "SELECT (SELECT count(*) FROM orders) FROM customer", "subquery in the select list", "under one name"),
    ("sqlite", "SELECT EXISTS (SELECT 1 FROM orders WHERE id = 1)", "EXISTS in the select list", "LIMIT 1"),
    ("sqlite", "SELECT sum(id * credit) FROM customer", "aggregate sum over anything but one column", "Athena"),
    ("sqlite", "SELECT row_number() OVER () FROM customer", "window function", "compute in the application"),
    ("sqlite", "SELECT id FROM customer, LATERAL (SELECT 1) x", "LATERAL", "under one name"),
    ("sqlite", "SELECT id FROM customer TABLESAMPLE (10)", "TABLESAMPLE", "S3"),
    ("sqlite", "SELECT id FROM customer QUALIFY 1", "QUALIFY", "compute in the application"),
    ("sqlite", "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t", "WITH RECURSIVE", "one level at a time"),
    ("sqlite", "VALUES (1)", "VALUES", "SELECT"),
    ("postgresql", "SELECT id FROM customer FOR UPDATE", "FOR UPDATE", "optimistic locking"),
    ("sqlite", "SELECT * FROM customer NATURAL JOIN orders", "NATURAL JOIN", "ON"),
    ("sqlite", "SELECT * FROM customer NATURAL JOIN orders WHERE id = :id", "NATURAL JOIN", "ON"),
    ("sqlite", "SELECT * FROM customer FULL JOIN orders ON orders.customer_id = customer.id", "FULL JOIN", "LEFT JOIN"),
    ("sqlite", "SELECT * FROM line JOIN payment USING (order_id) WHERE order_id = 1", "two lists", "under one name"),
    ("sqlite", "SELECT id FROM other.customer", "another schema", "migrated schema"),
    ("sqlite", "SELECT id FROM a.b.customer", "another schema", "migrated schema"),
    ("sqlite", "SELECT id FROM customer EXCEPT SELECT id FROM orders", "EXCEPT", "separately"),
    ("sqlite", "SELECT id FROM customer UNION ALL SELECT id FROM orders LIMIT 3", "ORDER BY or LIMIT", "merges"),
    (
        "sqlite",
        "SELECT id FROM customer WHERE id IN (SELECT customer_id FROM orders LIMIT 3)",
        "with LIMIT inside",
        "name",
    ),
    (
        "sqlite",
        "SELECT id FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id > c.id)",
        "only equalities",
        "under one name",
    ),
    (
        "sqlite",
        "SELECT id FROM customer WHERE id NOT IN (SELECT customer_id FROM orders)",
        "orders.customer_id may be NULL",
        "NOT EXISTS",
    ),
    (
        "sqlite",
        "SELECT id FROM customer c WHERE id = 1 OR EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)",
        "EXISTS",
        "under one name",
    ),
    (
        "sqlite",
        "SELECT id FROM customer WHERE EXISTS (SELECT count(*) FROM orders)",
        "EXISTS (SELECT ...) over a computed value",
        "under one name",
    ),
    ("sqlite", "SELECT name FROM customer GROUP BY name HAVING avg(credit) > sum(id)", "HAVING", "Athena"),
)


@pytest.mark.parametrize(("condition", "predicates"), READ)
def test_a_condition_is_read(condition: str, predicates: tuple[Predicate, ...]) -> None:
    assert where(condition) == predicates


@pytest.mark.parametrize(("dialect", "sql", "named", "way_out"), REFUSED)
def test_a_form_is_refused_by_name_with_a_way_out(dialect: str, sql: str, named: str, way_out: str) -> None:
    found = refusal(sql, dialect)
    assert named in found.reason
    assert way_out in found.way_out


@pytest.mark.parametrize(
    ("clause", "limit", "offset"),
    [
        ("LIMIT 5 OFFSET 20", Literal(5), Literal(20)),
        ("LIMIT 20, 5", Literal(5), Literal(20)),
        ("LIMIT :n OFFSET :k", Parameter("n"), Parameter("k")),
        ("LIMIT -1 OFFSET 3", None, Literal(3)),
        ("LIMIT 5 OFFSET -3", Literal(5), None),
        ("OFFSET 5 ROWS FETCH NEXT 3 ROWS ONLY", Literal(3), Literal(5)),
    ],
)
def test_an_offset_is_read(clause: str, limit: object, offset: object) -> None:
    form = select(f"SELECT id FROM customer ORDER BY id {clause}")
    assert (form.limit, form.offset) == (limit, offset)


def test_a_statement_with_an_offset_says_what_deep_pages_cost() -> None:
    found = pattern("SELECT id FROM customer ORDER BY id LIMIT 5 OFFSET :k")
    assert any("deep pages cost" in told and "last key seen" in told for told in found.assumptions)
    assert [(use.name, use.role) for use in found.statements[0].parameters] == [("k", "offset")]


def test_having_is_read_by_aggregate_alias_and_group() -> None:
    form = select(
        "SELECT name AS n, count(*) AS c FROM customer GROUP BY n"
        " HAVING c > :least AND NOT max(credit) >= 7 AND sum(id) BETWEEN 1 AND 2 AND n <> 'x'"
    )
    assert form.having == (
        GroupTest(Output("", None, "count"), ">", Parameter("least")),
        GroupTest(Output("", CREDIT, "max"), "<", Literal(7)),
        GroupTest(Output("", ID, "sum"), ">=", ONE),
        GroupTest(Output("", ID, "sum"), "<=", TWO),
    )
    assert form.predicates == (Comparison(NAME, "<>", Literal("x")),)


def test_children_with_an_equality_of_their_own_drive_and_their_parent_counts_once() -> None:
    form = select(
        "SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = :s)"
    )
    assert (form.driver, form.distinct_on) == ("o", (Field("c", "id"),))
    assert [(join.child, join.parent) for join in form.joins] == [("o", "c")]


def forms(sql: str) -> list[Select]:
    found = [one.form for one in pattern(sql).statements]
    return [form for form in found if isinstance(form, Select)]


def test_a_test_of_bounded_rows_asks_a_statement_of_its_own() -> None:
    outer, inner = forms(
        "SELECT id FROM orders WHERE customer_id = :c AND NOT EXISTS (SELECT 1 FROM line WHERE order_id = orders.id)"
    )
    assert outer.predicates[-1] == Related(
        1, (Field("orders", "id"),), (("line", "order_id"),), True, "NOT EXISTS (SELECT ...)"
    )
    assert (inner.driver, inner.outputs) == ("line", (Output("order_id", Field("line", "order_id")),))
    assert inner.predicates == (Comparison(Field("orders", "customer_id"), "=", Parameter("c")),)


def test_a_test_knows_what_the_outer_row_s_key_says() -> None:
    _, inner = forms(
        "SELECT name FROM customer c WHERE id = :c AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)"
    )
    assert inner.predicates == (Comparison(Field("o", "customer_id"), "=", Parameter("c")),)


def test_a_left_join_whose_rows_must_be_missing_is_a_test() -> None:
    outer, inner = forms(
        "SELECT c.id FROM customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id = :c AND o.id IS NULL"
    )
    assert [ref.alias for ref in outer.tables] == ["c"]
    assert isinstance(outer.predicates[-1], Related)
    assert inner.driver == "o"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.id FROM customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total IS NULL",
        "SELECT c.id, o.id FROM customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL",
        "SELECT * FROM customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL",
    ],
)
def test_a_left_join_that_shows_its_rows_or_may_have_some_is_no_test(sql: str) -> None:
    assert "LEFT JOIN" in refusal(sql).reason


def test_aliases_that_a_statement_and_its_inner_query_share_are_told_apart() -> None:
    outer, inner = forms(
        "SELECT x.id FROM staff x WHERE x.id = :s AND NOT EXISTS (SELECT 1 FROM staff WHERE staff.boss_id = x.id)"
    )
    assert (outer.driver, inner.driver) == ("x", "staff")
    _, other = forms("SELECT id FROM staff WHERE id = :s AND EXISTS (SELECT 1 FROM staff WHERE boss_id = 3)")
    assert other.predicates == (Comparison(Field("staff_2", "boss_id"), "=", Literal(3)),)


def test_a_statement_made_of_an_inner_query_is_sql_that_the_source_runs() -> None:
    _, inner = pattern(
        "SELECT id FROM orders WHERE id = :o AND NOT EXISTS (SELECT 1 FROM line l JOIN product p ON p.id = l.product_id"
        " WHERE l.order_id = orders.id AND (p.name LIKE 'it''s%' OR p.price IS NULL) AND l.no IN (1, :n))"
    ).statements
    assert inner.made_of == "NOT EXISTS (SELECT ...)"
    assert inner.sql == (
        'SELECT "l"."order_id" FROM "line" AS "l" JOIN "product" AS "p" ON "p"."id" = "l"."product_id" WHERE'
        ' (("p"."name" LIKE \'it\'\'s%\') OR ("p"."price" IS NULL)) AND "l"."no" IN (1, :n) AND'
        ' "l"."order_id" = :o'
    )


def test_a_merged_column_is_shown_once_where_each_database_shows_it() -> None:
    sql = "SELECT * FROM payment JOIN line USING (order_id) JOIN orders ON orders.id = order_id"
    assert "two lists" in refusal(sql).reason
    for dialect, names in (("sqlite", ["id", "order_id", "amount"]), ("postgresql", ["order_id", "id", "amount"])):
        found = select("SELECT * FROM payment JOIN orders AS o USING (order_id)", dialect, _renamed(dialect))
        assert [output.name for output in found.outputs][:3] == names


def _renamed(dialect: str) -> Schema:
    """The shop whose orders have their own name in their key's."""
    made = shop(dialect)
    orders = made.table("orders")
    columns = tuple(replace(c, name="order_id") if c.name == "id" else c for c in orders.columns)
    payment = made.table("payment")
    key = replace(payment.foreign_keys[0], referred_columns=("order_id",))
    others = tuple(table for table in made.tables if table.name not in ("orders", "payment"))
    changed = (
        replace(orders, columns=columns, primary_key=("order_id",)),
        replace(payment, foreign_keys=(key,)),
    )
    return replace(made, tables=(*others, *changed))


def test_postgresql_folds_aliases_that_are_not_quoted() -> None:
    form = select("SELECT O.id FROM orders O WHERE o.id = 1", "postgresql")
    assert form.driver == "o"
    assert select('SELECT "O".id FROM orders "O"', "postgresql").driver == "O"


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO orders (id, total) VALUES (1, 2) RETURNING id, total AS t",
        "UPDATE orders SET total = 1 WHERE id = 2 RETURNING *",
        "DELETE FROM orders WHERE id = 2 RETURNING orders.status",
    ],
)
def test_returning_plain_columns_is_told_and_not_refused(sql: str) -> None:
    found = pattern(sql)
    assert found.statements[0].refusal is None
    assert any(told.startswith("RETURNING") and "ReturnValues" in told for told in found.assumptions)


def test_a_union_becomes_statements_whose_equal_rows_the_application_keeps_once() -> None:
    found = pattern("SELECT id FROM orders WHERE total = 1 UNION SELECT id FROM orders WHERE total = 2")
    assert len(found.statements) == 2
    assert any("keeps equal ones once" in told for told in found.assumptions)


@pytest.mark.parametrize(("column", "named"), [("o.nope", "no column nope in orders"), ("nope", "nope in orders")])
def test_a_misspelling_in_an_inner_query_is_a_mistake(column: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        statement(f"SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = c.id AND {column} = 1)")


@pytest.mark.parametrize("sql", ["SELECT TOP 5 id FROM customer", "SELECT id FROM customer WHERE", "SELECT FROM"])
def test_what_the_dialect_does_not_know_is_a_mistake_with_its_line(sql: str) -> None:
    with pytest.raises(UsageError, match=r"queries\.sql:2"):
        statement(sql)
