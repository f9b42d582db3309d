import pytest
from migrator.model.errors import UsageError
from migrator.model.query import ParameterUse

from .shop import pattern, statement


@pytest.mark.parametrize(
    ("placeholder", "name"),
    [
        (":x", "x"),
        ("@x", "x"),
        ("$x", "x"),
        ("?", "p1"),
        ("?3", "p3"),
        (":1", "p1"),
        ("$2", "p2"),
        ("%s", "p1"),
        ("%(x)s", "x"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_every_style_of_placeholder_becomes_a_named_parameter(placeholder: str, name: str, dialect: str) -> None:
    found = statement(f"SELECT id FROM orders WHERE id = {placeholder}", dialect)
    assert found.sql == f"SELECT id FROM orders WHERE id = :{name}"
    assert found.parameters == (ParameterUse(name, "equality", "orders", "id"),)


def test_anonymous_placeholders_count_through_a_block() -> None:
    found = pattern("SELECT id FROM orders WHERE id = ? AND total > ?; SELECT * FROM line WHERE order_id = ?")
    assert [statement.sql.count(":p") for statement in found.statements] == [2, 1]
    assert found.statements[1].parameters == (ParameterUse("p3", "equality", "line", "order_id"),)
    assert any("each ? is a parameter of its own" in text for text in found.assumptions)


def test_keywords_and_unicode_are_names_of_parameters() -> None:
    found = statement("SELECT id FROM orders WHERE id >= :from AND id < :größe LIMIT :limit")
    assert [use.name for use in found.parameters] == ["from", "größe", "limit"]


def test_text_casts_and_comments_keep_what_looks_like_a_placeholder() -> None:
    sql = "SELECT id /* :a ? */ FROM orders WHERE status = ':b ? $1 @c %s' AND \"total\" = 1 -- :d"
    found = statement(sql + "\n AND id = :e")
    assert found.sql == sql + "\n AND id = :e"
    assert [use.name for use in found.parameters] == ["e"]


def test_postgres_quotes_casts_and_json_operators_are_left_alone() -> None:
    assert statement("SELECT id FROM orders WHERE status = $tag$ :x $tag$", "postgresql").parameters == ()
    assert statement("SELECT id FROM orders WHERE id = $1::int", "postgresql").sql.endswith(":p1::int")
    assert statement("SELECT id FROM orders WHERE status ? 'x'", "postgresql").sql.endswith("? 'x'")
    assert statement(r"SELECT id FROM orders WHERE status = E'\' :x'", "postgresql").sql.endswith(":x'")


def test_a_remainder_is_no_placeholder() -> None:
    with pytest.raises(UsageError, match="there is no column s in orders"):
        statement("SELECT id FROM orders WHERE total %s = 1")


def test_a_mysql_system_variable_is_no_placeholder() -> None:
    assert statement("SELECT id FROM orders WHERE id = @@x", "mysql").sql.endswith("@@x")


def test_a_name_that_clashes_with_a_numbered_placeholder_is_an_error() -> None:
    with pytest.raises(UsageError, match="the parameter p1 is both named and positional"):
        statement("SELECT id FROM orders WHERE id = ? AND total = :p1")


def test_a_use_is_listed_once_and_every_distinct_use_is() -> None:
    found = statement("SELECT id FROM orders WHERE (id = :x AND total < :x) OR (id = :x AND status = :y) LIMIT :x")
    assert found.parameters == (
        ParameterUse("x", "equality", "orders", "id"),
        ParameterUse("x", "range", "orders", "total"),
        ParameterUse("y", "equality", "orders", "status"),
        ParameterUse("x", "limit"),
    )


def test_roles_tell_prefixes_patterns_and_written_values() -> None:
    likes = statement("SELECT id FROM customer WHERE name LIKE :a || '%' AND email LIKE '%' || :b || '%'")
    assert [(use.name, use.role) for use in likes.parameters] == [("a", "prefix"), ("b", "pattern")]
    write = statement("UPDATE orders SET total = total + :a WHERE id = :b")
    assert write.parameters == (
        ParameterUse("a", "value", "orders", "total"),
        ParameterUse("b", "equality", "orders", "id"),
    )
