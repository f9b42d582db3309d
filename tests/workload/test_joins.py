import pytest
from migrator.model.query import Comparison, Field, FieldComparison, Join, Literal, NullTest
from migrator.model.schema import Column, ForeignKey, Kind, Schema, Table

from .shop import refusal, select

OF_CUSTOMER = (("customer_id", "id"),)


@pytest.mark.parametrize(
    "source",
    [
        "orders o JOIN customer c ON c.id = o.customer_id",
        "orders o INNER JOIN customer c ON o.customer_id = c.id",
        "customer c JOIN orders o ON c.id = o.customer_id",
        "orders o CROSS JOIN customer c WHERE c.id = o.customer_id",
        "orders o, customer c WHERE o.customer_id = c.id",
        "customer c LEFT JOIN orders o ON c.id = o.customer_id WHERE o.total > 3",
        "orders o LEFT JOIN customer c ON c.id = o.customer_id WHERE c.name = 'a'",
    ],
)
def test_the_child_drives_an_inner_join_however_it_is_written(source: str) -> None:
    form = select(f"SELECT o.id FROM {source}")
    assert form.driver == "o"
    assert form.joins == (Join("o", "c", "orders_customer_id", OF_CUSTOMER),)
    assert not any(isinstance(predicate, FieldComparison) for predicate in form.predicates)


def test_a_left_join_of_the_parent_is_an_outer_step() -> None:
    form = select("SELECT o.id, c.name FROM orders o LEFT JOIN customer c ON c.id = o.customer_id WHERE o.id = 1")
    assert form.joins == (Join("o", "c", "orders_customer_id", OF_CUSTOMER, outer=True),)
    assert form.predicates == (Comparison(Field("o", "id"), "=", Literal(1)),)


def test_steps_chain_from_the_driver_to_its_ancestors() -> None:
    form = select(
        "SELECT r.name FROM region r JOIN customer c ON c.region_id = r.id JOIN orders o ON o.customer_id = c.id"
        " JOIN line l ON l.order_id = o.id JOIN product p ON p.id = l.product_id WHERE r.id = :r"
    )
    assert form.driver == "l"
    assert [(join.child, join.parent) for join in form.joins] == [("l", "o"), ("l", "p"), ("o", "c"), ("c", "r")]


def test_an_inner_join_beyond_a_left_join_makes_that_one_inner() -> None:
    form = select(
        "SELECT o.id FROM orders o LEFT JOIN customer c ON c.id = o.customer_id JOIN region r ON r.id = c.region_id"
    )
    assert [join.outer for join in form.joins] == [False, False]


def test_left_joins_chain_and_keep_their_null_tests() -> None:
    form = select(
        "SELECT o.id FROM orders o LEFT JOIN customer c ON c.id = o.customer_id"
        " LEFT JOIN region r ON r.id = c.region_id WHERE r.id IS NULL"
    )
    assert [(join.parent, join.outer) for join in form.joins] == [("c", True), ("r", True)]
    assert form.predicates == (NullTest(Field("r", "id")),)


def test_a_self_join_steps_along_the_self_reference() -> None:
    form = select("SELECT s.name, b.name FROM staff b JOIN staff s ON s.boss_id = b.id")
    assert (form.driver, form.joins) == ("s", (Join("s", "b", "staff_boss_id", (("boss_id", "id"),)),))
    assert [output.name for output in form.outputs] == ["name", "name"]


def test_conditions_in_on_join_those_of_where() -> None:
    form = select(
        "SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id AND c.credit < o.total WHERE o.id = 1"
    )
    assert form.predicates == (
        FieldComparison(Field("c", "credit"), "<", Field("o", "total")),
        Comparison(Field("o", "id"), "=", Literal(1)),
    )


def shared_key() -> Schema:
    def made(name: str, columns: str, key: str, *refers: ForeignKey) -> Table:
        return Table(name, tuple(Column(c, "int", Kind.INTEGER) for c in columns.split()), tuple(key.split()), refers)

    return Schema(
        "sqlite",
        (
            made(
                "item",
                "shop_id order_id no",
                "shop_id order_id no",
                ForeignKey("of", ("shop_id", "order_id"), "ord", ("shop_id", "id")),
            ),
            made("ord", "shop_id id", "shop_id id", ForeignKey("at", ("shop_id",), "shop", ("shop_id",))),
            made("shop", "shop_id city", "shop_id"),
        ),
    )


def test_a_composite_foreign_key_has_to_match_whole() -> None:
    schema = shared_key()
    whole = "SELECT i.no FROM item i JOIN ord o ON o.shop_id = i.shop_id AND i.order_id = o.id"
    assert select(whole, schema=schema).joins[0].pairs == (("shop_id", "shop_id"), ("order_id", "id"))
    using = "SELECT no FROM item JOIN ord USING (shop_id) JOIN shop USING (shop_id) WHERE ord.id = order_id"
    assert [join.parent for join in select(using, schema=schema).joins] == ["ord", "shop"]
    assert "no foreign key" in refusal("SELECT l.no FROM line l JOIN orders o ON o.id = l.no").reason


def test_equalities_that_follow_from_others_explain_a_join() -> None:
    orders = "SELECT i.no FROM item i JOIN ord o ON o.shop_id = i.shop_id AND o.id = i.order_id"
    form = select(f"{orders} JOIN shop s ON s.shop_id = i.shop_id", schema=shared_key())
    assert [(join.child, join.parent) for join in form.joins] == [("i", "o"), ("o", "s")]
    assert form.predicates == ()


def test_star_over_using_shows_the_shared_column_once() -> None:
    form = select("SELECT * FROM ord JOIN shop USING (shop_id)", schema=shared_key())
    assert [output.name for output in form.outputs] == ["shop_id", "id", "city"]


def test_an_equality_that_no_step_explains_stays_a_condition() -> None:
    form = select("SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer_id AND c.credit = o.total")
    assert form.predicates == (FieldComparison(Field("c", "credit"), "=", Field("o", "total")),)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("customer c LEFT JOIN orders o ON o.customer_id = c.id", "many side"),
        ("customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total IS NULL", "many side"),
        ("customer c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total > 1 OR c.id = 1", "many side"),
        ("orders o LEFT JOIN customer c ON c.id = o.customer_id AND c.credit > 1", "beyond the foreign key"),
        ("orders o LEFT JOIN customer c ON c.credit = o.total", "no foreign key"),
        ("orders o LEFT JOIN customer c ON 1 = 1", "no foreign key"),
        ("orders o JOIN line l ON l.order_id = o.id JOIN payment p ON p.order_id = o.id", "multiplies the lists"),
        ("line l JOIN payment p ON p.order_id = l.order_id", "two lists"),
        ("orders o JOIN customer c ON c.credit = o.total", "c.credit = o.total"),
        ("orders o JOIN customer c ON c.id < o.customer_id", "c.id < o.customer_id"),
        ("orders o, customer c", "multiplies the tables"),
        ("orders o JOIN customer c ON c.id = o.customer_id OR c.id = 1", "multiplies the tables"),
        ("orders o NATURAL JOIN line l", "NATURAL JOIN"),
        ("orders o RIGHT JOIN customer c ON c.id = o.customer_id", "RIGHT JOIN"),
        ("orders o FULL OUTER JOIN customer c ON c.id = o.customer_id", "FULL OUTER JOIN"),
        ("orders o JOIN (line l JOIN product p ON p.id = l.product_id) ON l.order_id = o.id", "parentheses"),
        ("orders o JOIN (SELECT 1) x", "subquery"),
        ("orders o, LATERAL (SELECT 1) x", "LATERAL"),
        ("generate_series(1, 3) g", "table function"),
    ],
)
def test_a_join_without_a_driver_is_refused_by_name(source: str, named: str) -> None:
    assert named in refusal(f"SELECT 1 FROM {source}").reason
