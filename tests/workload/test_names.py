import pytest
from migrator.model.errors import UsageError
from migrator.model.query import Field
from migrator.model.schema import Schema

from .shop import refusal, select, statement, table

CAMEL = (table("Track", "TrackId Name:text größe", ("TrackId",)),)


def test_unquoted_names_are_found_without_case_and_spelled_as_in_the_schema() -> None:
    form = select("SELECT TRACKID FROM track T WHERE t.name = :n", schema=Schema("sqlite", CAMEL))
    assert (form.tables[0].table, form.outputs[0].name) == ("Track", "TrackId")
    assert form.outputs[0].field == Field("T", "TrackId")


def test_every_style_of_quoting_is_read() -> None:
    for sql in ('SELECT "TrackId" FROM [Track]', "SELECT `TrackId` FROM `Track`"):
        assert select(sql, schema=Schema("sqlite", CAMEL)).driver == "Track"


def test_postgres_names_that_are_not_quoted_are_folded() -> None:
    with pytest.raises(UsageError) as error:
        statement("SELECT * FROM Track", schema=Schema("postgresql", CAMEL))
    assert error.value.next_step == 'PostgreSQL folds names that are not quoted: write "Track".'
    assert select('SELECT "TrackId" FROM "Track"', schema=Schema("postgresql", CAMEL)).driver == "Track"
    assert select("SELECT ID FROM ORDERS", "postgresql").driver == "orders"


@pytest.mark.parametrize(
    ("sql", "message", "advice"),
    [
        ("SELECT * FROM order_s", "no table order_s", "Did you mean orders?"),
        (
            "SELECT *\nFROM orders\nWHERE totl = 1",
            "queries.sql:4: there is no column totl in orders",
            "Did you mean total?",
        ),
        ("SELECT x.id FROM orders o", "no table is called x", "There are: o."),
        ("SELECT orders.id FROM orders o", "no table is called orders", "There are: o."),
        ("SELECT id FROM orders o JOIN customer c ON c.id = o.customer_id", "id is ambiguous", "Write o.id or c.id."),
        ("SELECT * FROM orders, orders", "two tables are called orders", "alias"),
        ('SELECT * FROM orders WHERE status = "open"', "no column open", "single quotes"),
        ("SELECT lower(totl) FROM orders", "no column totl", "total"),
        ("SELECT id FROM orders WHERE id IN (SELECT x FROM nowhere)", "no table nowhere", "There are:"),
        ("INSERT INTO orders (id, totl) VALUES (1, 2)", "no column totl", "total"),
        ("UPDATE orders SET totl = 1", "no column totl", "total"),
        ("DELETE FROM orders WHERE totl = 1", "no column totl", "total"),
    ],
)
def test_a_wrong_name_is_an_error_with_line_and_nearest_names(sql: str, message: str, advice: str) -> None:
    with pytest.raises(UsageError) as error:
        statement(sql)
    assert message in error.value.what
    assert advice in error.value.next_step


@pytest.mark.parametrize(
    ("sql", "line"),
    [("SELECT *\nFROM orders\nWHERE id = = 1", 4), ("SELECT *\nFROM\nWHERE", 4), ("SELEC 1", 2), ("foo", 2)],
)
def test_a_syntax_error_names_the_line_of_the_file(sql: str, line: int) -> None:
    with pytest.raises(UsageError, match=f"queries.sql:{line}: "):
        statement(sql)


def test_views_hidden_columns_and_other_schemas_are_refused() -> None:
    assert "view big_orders" in refusal("SELECT * FROM big_orders").reason
    assert "rowid" in refusal("SELECT rowid FROM orders").reason
    assert "another schema" in refusal("SELECT * FROM attached.orders").reason
    assert select("SELECT id FROM main.orders").driver == "orders"
    assert select("SELECT id FROM public.orders", "postgresql").driver == "orders"
