import pytest
from migrator.model.errors import UsageError
from migrator.model.query import Change, Comparison, Either, Field, Literal, Now, Parameter

from .shop import delete, insert, refusal, statement, update

X = Parameter("x")


def test_an_insert_has_columns_and_rows() -> None:
    form = insert("INSERT INTO orders (id, TOTAL) VALUES (:x, 1.5), (2, NULL)")
    assert (form.table, form.columns, form.on_conflict) == ("orders", ("id", "total"), "fail")
    assert form.rows[0][0] == X
    assert form.rows[1] == (Literal(2), Literal(None))


def test_an_insert_without_columns_names_all() -> None:
    assert insert("INSERT INTO region VALUES (:x, 'a')").columns == ("id", "name")


@pytest.mark.parametrize(
    ("clock", "dialect"),
    [
        *(
            (clock, dialect)
            for clock in ("CURRENT_TIMESTAMP", "now()")
            for dialect in ("sqlite", "postgresql", "mysql")
        ),
        ("datetime('now')", "sqlite"),
        ("CURRENT_TIMESTAMP()", "mysql"),
    ],
)
def test_the_clock_is_the_writers(clock: str, dialect: str) -> None:
    assert insert(f"INSERT INTO orders (id, placed_at) VALUES (1, {clock})", dialect).rows[0][1] == Now()


@pytest.mark.parametrize(
    ("sql", "dialect", "conflict"),
    [
        ("INSERT OR REPLACE INTO region VALUES (1, 'a')", "sqlite", "replace"),
        ("REPLACE INTO region VALUES (1, 'a')", "sqlite", "replace"),
        ("REPLACE INTO region (id, name) VALUES (1, 'a')", "mysql", "replace"),
        ("INSERT OR IGNORE INTO region VALUES (1, 'a')", "sqlite", "ignore"),
        ("INSERT IGNORE INTO region VALUES (1, 'a')", "mysql", "ignore"),
        ("INSERT OR ABORT INTO region VALUES (1, 'a')", "sqlite", "fail"),
        ("INSERT INTO region VALUES (1, 'a') ON CONFLICT DO NOTHING", "sqlite", "ignore"),
        ("INSERT INTO region VALUES (1, 'a') ON CONFLICT (id) DO NOTHING", "postgresql", "ignore"),
    ],
)
def test_conflicts_are_ignored_replaced_or_fail(sql: str, dialect: str, conflict: str) -> None:
    assert insert(sql, dialect).on_conflict == conflict


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("INSERT INTO orders (id, total) VALUES (1, :x) ON CONFLICT (id) DO UPDATE SET {set}", "sqlite"),
        ("INSERT INTO orders (id, total) VALUES (1, :x) ON CONFLICT (id) DO UPDATE SET {set}", "postgresql"),
    ],
)
def test_an_upsert_takes_the_proposed_value(sql: str, dialect: str) -> None:
    form = insert(sql.format(set="total = excluded.total, credit = 3".replace("credit", "status")), dialect)
    assert (form.on_conflict, form.assignments) == ("update", (("total", X), ("status", Literal(3))))
    counted = insert(sql.format(set="total = orders.total + excluded.total"), dialect)
    assert counted.assignments == (("total", Change("total", "+", X)),)


@pytest.mark.parametrize("proposed", ["VALUES(total)", "new.total"])
def test_mysql_upserts_take_the_proposed_value(proposed: str) -> None:
    alias = " AS new" if "new" in proposed else ""
    sql = f"INSERT INTO orders (id, total) VALUES (1, :x){alias} ON DUPLICATE KEY UPDATE total = {proposed}"
    form = insert(sql, "mysql")
    assert (form.on_conflict, form.assignments) == ("update", (("total", X),))


def test_an_update_sets_changes_and_stamps() -> None:
    form = update(
        "UPDATE orders AS o SET total = o.total - :x, customer_id = 1 + customer_id, status = status || 'x',"
        " placed_at = CURRENT_TIMESTAMP, id = NULL WHERE o.id = 3 AND (o.total < 1 OR o.status = 'a')"
    )
    assert form.table == "orders"
    assert form.assignments == (
        ("total", Change("total", "-", X)),
        ("customer_id", Change("customer_id", "+", Literal(1))),
        ("status", Change("status", "||", Literal("x"))),
        ("placed_at", Now()),
        ("id", Literal(None)),
    )
    either = Either(
        (
            (Comparison(Field("orders", "total"), "<", Literal(1)),),
            (Comparison(Field("orders", "status"), "=", Literal("a")),),
        )
    )
    assert form.predicates == (Comparison(Field("orders", "id"), "=", Literal(3)), either)


def test_a_row_assignment_is_taken_apart() -> None:
    form = update("UPDATE orders SET (total, status) = (:x, 'a')")
    assert form.assignments == (("total", X), ("status", Literal("a")))
    assert form.predicates == ()


def test_a_delete_has_predicates_in_terms_of_its_table() -> None:
    form = delete("DELETE FROM orders AS o WHERE o.id = :x")
    assert (form.table, form.predicates) == ("orders", (Comparison(Field("orders", "id"), "=", X),))
    assert delete("DELETE FROM orders").predicates == ()


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("INSERT INTO orders SELECT * FROM orders", "INSERT ... SELECT"),
        ("INSERT INTO orders DEFAULT VALUES", "DEFAULT VALUES"),
        ("INSERT INTO orders (id, total) VALUES (1, DEFAULT)", "DEFAULT"),
        ("INSERT INTO orders (id) VALUES (1) RETURNING id + 1", "RETURNING"),
        ("INSERT INTO orders (id) VALUES (abs(:x))", "function abs"),
        ("INSERT INTO orders (id) VALUES ((SELECT 1))", "subquery"),
        (
            "INSERT INTO customer (id, email) VALUES (1, 'a') ON CONFLICT (email) DO UPDATE SET id = 2",
            "ON CONFLICT (id)",
        ),
        (
            "INSERT INTO region VALUES (1, 'a'), (2, 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            "several rows",
        ),
        ("INSERT INTO region (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = excluded.name", "proposed value"),
        (
            "INSERT INTO region (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'a' WHERE id = 2",
            "WHERE in ON CONFLICT",
        ),
        ("INSERT INTO region (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = lower(name)", "function lower"),
        ("UPDATE orders SET total = customer_id", "customer_id"),
        ("UPDATE orders SET total = :x - total", "total"),
        ("UPDATE orders SET total = total * 2", "total * 2"),
        ("UPDATE orders SET total = (SELECT 1)", "subquery"),
        ("UPDATE orders SET total = 1 FROM customer WHERE customer.id = customer_id", "UPDATE ... FROM"),
        ("UPDATE orders SET total = 1 RETURNING total * 2", "RETURNING"),
        ("UPDATE OR IGNORE orders SET total = 1", "UPDATE OR"),
        ("WITH x AS (SELECT 1) DELETE FROM orders", "WITH"),
        ("DELETE FROM orders WHERE id IN (SELECT 1)", "query within a query"),
        ("DELETE FROM orders RETURNING lower(status)", "RETURNING"),
        ("MERGE INTO orders USING customer ON orders.id = customer.id WHEN MATCHED THEN DELETE", "MERGE"),
    ],
)
def test_a_write_that_depends_on_more_than_its_values_is_refused(sql: str, named: str) -> None:
    found = refusal(sql)
    assert named in f"{found.reason} {found.way_out}"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("DELETE FROM orders USING customer WHERE customer.id = customer_id", "USING"),
        ("INSERT INTO region VALUES (1, 'a') ON CONFLICT ON CONSTRAINT x DO NOTHING", "CONSTRAINT"),
        ("TRUNCATE TABLE orders", "TRUNCATE"),
    ],
)
def test_what_only_postgres_writes_is_refused(sql: str, named: str) -> None:
    assert named in refusal(sql, "postgresql").reason


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("DELETE o FROM orders o JOIN customer c ON c.id = o.customer_id", "several tables"),
        ("UPDATE orders SET total = 1 ORDER BY id LIMIT 3", "in a write"),
        ("DELETE FROM orders LIMIT 3", "LIMIT in a write"),
    ],
)
def test_what_only_mysql_writes_is_refused(sql: str, named: str) -> None:
    assert named in refusal(sql, "mysql").reason


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("INSERT INTO region (id, name) VALUES (1)", "1 value for 2 columns"),
        ("INSERT INTO region (id, id) VALUES (1, 2)", "the column id is named twice"),
        ("UPDATE region SET name = 'a', name = 'b'", "the column name is assigned twice"),
    ],
)
def test_a_write_that_does_not_add_up_is_an_error(sql: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"queries.sql:2: {message}"):
        statement(sql)
