from decimal import Decimal

import pytest
from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Like,
    Literal,
    Membership,
    NullTest,
    Parameter,
    Predicate,
)

from .shop import refusal, where

ID, NAME, ACTIVE, CREDIT = (Field("customer", name) for name in ("id", "name", "active", "credit"))
X, Y = Parameter("x"), Parameter("y")


def same(found: tuple[Predicate, ...], *wanted: Predicate) -> bool:
    """Equal also in the types of literals: True is not 1."""
    return repr(found) == repr(wanted)


@pytest.mark.parametrize("op", ["=", "<>", "<", "<=", ">", ">="])
def test_comparisons_read_from_either_side(op: str) -> None:
    flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
    assert where(f"id {op} :x") == (Comparison(ID, op, X),)
    assert where(f":x {flipped} id") == (Comparison(ID, op, X),)


def test_both_spellings_of_equality_are_read() -> None:
    assert where("id == 3 AND id != 4") == (Comparison(ID, "=", Literal(3)), Comparison(ID, "<>", Literal(4)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3", 3),
        ("-7", -7),
        ("1.50", Decimal("1.50")),
        ("-.5", Decimal("-0.5")),
        ("1e3", Decimal("1E+3")),
        ("12345678901234567890123", 12345678901234567890123),
        ("'it''s'", "it's"),
        ("TRUE", True),
        ("x'00ff'", b"\x00\xff"),
        ("((3))", 3),
    ],
)
def test_literals_are_exact(written: str, value: str | int | Decimal | bool | bytes) -> None:
    assert same(where(f"id = {written}"), Comparison(ID, "=", Literal(value)))


def test_between_is_two_comparisons() -> None:
    assert where("id BETWEEN :x AND 9") == (Comparison(ID, ">=", X), Comparison(ID, "<=", Literal(9)))
    negated = Either(((Comparison(ID, "<", X),), (Comparison(ID, ">", Literal(9)),)))
    assert where("id NOT BETWEEN :x AND 9") == (negated,)
    assert where(":x BETWEEN id AND credit") == (Comparison(ID, "<=", X), Comparison(CREDIT, ">=", X))


def test_in_is_a_membership() -> None:
    assert where("id IN (1, :x)") == (Membership(ID, (Literal(1), X)),)
    assert where("id NOT IN (1, :x)") == (Membership(ID, (Literal(1), X), negated=True),)


def test_or_of_equalities_of_one_column_is_a_membership() -> None:
    assert where("id = 1 OR id = :x OR id IN (:x, 3)") == (Membership(ID, (Literal(1), X, Literal(3))),)


def test_or_keeps_its_branches_as_conjunctions() -> None:
    one, two = Comparison(ID, "=", X), NullTest(CREDIT)
    three = Comparison(CREDIT, "<", Y)
    assert where("id = :x AND credit IS NULL OR credit < :y") == (Either(((one, two), (three,))),)
    assert where("(id = :x OR credit < :y) AND credit IS NULL") == (Either(((one,), (three,))), two)
    assert where("id = :x OR (credit < :y OR credit IS NULL)") == (Either(((one,), (three,), (two,))),)
    assert where("id = :x OR id = :x") == (one,)


@pytest.mark.parametrize(
    ("negation", "plain"),
    [
        ("NOT id = :x", "id <> :x"),
        ("NOT id < :x", "id >= :x"),
        ("NOT (id = 1 OR name = 'a')", "id <> 1 AND name <> 'a'"),
        ("NOT (id = 1 AND name = 'a')", "id <> 1 OR name <> 'a'"),
        ("NOT id IN (1, 2)", "id NOT IN (1, 2)"),
        ("NOT name LIKE 'a%'", "name NOT LIKE 'a%'"),
        ("NOT id IS NULL", "id IS NOT NULL"),
        ("NOT NOT id = 1", "id = 1"),
        ("NOT (id, credit) < (1, 2)", "(id, credit) >= (1, 2)"),
        ("id NOTNULL", "id IS NOT NULL"),
    ],
)
def test_negation_is_pushed_to_the_comparisons(negation: str, plain: str) -> None:
    assert where(negation) == where(plain)


def test_null_tests() -> None:
    assert where("credit IS NULL AND id IS NOT NULL") == (NullTest(CREDIT), NullTest(ID, negated=True))


def test_is_with_a_literal_is_null_safe() -> None:
    assert where("id IS 3") == (Comparison(ID, "=", Literal(3)),)
    assert where("id IS NOT 3") == (Either(((Comparison(ID, "<>", Literal(3)),), (NullTest(ID),))),)
    assert where("NOT id IS 3") == where("id IS NOT 3")
    assert where("id <=> 3", "mysql") == where("id IS 3")
    assert where("id IS NOT DISTINCT FROM 3", "postgresql") == where("id IS 3")


def test_a_bare_boolean_column_is_a_comparison() -> None:
    assert same(where("active"), Comparison(ACTIVE, "<>", Literal(0)))
    assert same(where("NOT active"), Comparison(ACTIVE, "=", Literal(0)))
    assert same(where("active", "postgresql"), Comparison(ACTIVE, "=", Literal(True)))
    assert same(where("NOT active", "postgresql"), Comparison(ACTIVE, "=", Literal(False)))
    assert same(where("active IS TRUE"), Comparison(ACTIVE, "<>", Literal(0)))
    assert same(where("active IS NOT TRUE"), Either(((Comparison(ACTIVE, "=", Literal(0)),), (NullTest(ACTIVE),))))


def test_a_comparison_of_rows_is_expanded() -> None:
    last = (Comparison(ID, "=", X), Comparison(CREDIT, "<", Y))
    assert where("(id, credit) < (:x, :y)") == (Either(((Comparison(ID, "<", X),), last)),)
    assert where("(id, credit) = (:x, :y)") == (Comparison(ID, "=", X), Comparison(CREDIT, "=", Y))
    pairs = [(Comparison(ID, "=", Literal(a)), Comparison(CREDIT, "=", Literal(b))) for a, b in ((1, 2), (3, 4))]
    implied = (Membership(ID, (Literal(1), Literal(3))), Membership(CREDIT, (Literal(2), Literal(4))))
    assert where("(id, credit) IN ((1, 2), (3, 4))") == (Either(tuple(pairs)), *implied)


def test_two_columns_are_compared_as_columns() -> None:
    assert where("id < credit") == (FieldComparison(ID, "<", CREDIT),)


def test_a_condition_that_is_always_true_says_nothing() -> None:
    assert where("1 = 1 AND TRUE AND 2 > 1 AND 1 AND id = 3") == (Comparison(ID, "=", Literal(3)),)
    assert where("id = 3 OR 1 = 1") == ()


@pytest.mark.parametrize(
    ("pattern", "pieces", "prefix"),
    [
        ("'abc%'", (Literal("abc%"),), Literal("abc")),
        (":x", (X,), None),
        (":x || '%'", (X, Literal("%")), X),
        ("(:x || '%')", (X, Literal("%")), X),
        ("CONCAT(:x, '%')", (X, Literal("%")), X),
        ("'%' || :x || '%'", (Literal("%"), X, Literal("%")), None),
        ("CONCAT('%', :x, '%')", (Literal("%"), X, Literal("%")), None),
        ("'a' || 'b' || '%'", (Literal("ab%"),), Literal("ab")),
        ("'a_%'", (Literal("a_%"),), None),
        ("'a%b'", (Literal("a%b"),), None),
        ("'%'", (Literal("%"),), None),
        ("'abc'", (Literal("abc"),), None),
        ("'a!%b%' ESCAPE '!'", (Literal("a!%b%"),), Literal("a%b")),
    ],
)
def test_like_knows_its_pieces_and_its_prefix(
    pattern: str, pieces: tuple[Literal | Parameter, ...], prefix: Literal | Parameter | None
) -> None:
    (found,) = where(f"name LIKE {pattern}")
    assert isinstance(found, Like)
    assert (found.pattern, found.prefix, found.negated) == (pieces, prefix, False)


@pytest.mark.parametrize(
    ("condition", "dialect", "ignores"),
    [
        ("name LIKE 'a%'", "sqlite", True),
        ("name LIKE 'a%'", "postgresql", False),
        ("name ILIKE 'a%'", "postgresql", True),
        ("name LIKE 'a%'", "mysql", True),
    ],
)
def test_like_ignores_case_as_the_dialect_does(condition: str, dialect: str, ignores: bool) -> None:
    (found,) = where(condition, dialect)
    assert isinstance(found, Like)
    assert found.ignore_case is ignores


def test_like_carries_its_escape_character() -> None:
    escapes = [where("name LIKE 'a'", dialect)[0] for dialect in ("sqlite", "postgresql", "mysql")]
    assert [found.escape for found in escapes if isinstance(found, Like)] == [None, "\\", "\\"]
    (found,) = where("name NOT LIKE 'a!%' ESCAPE '!'")
    assert isinstance(found, Like)
    assert (found.escape, found.negated) == ("!", True)


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("id = NULL", "IS [NOT] NULL"),
        ("id IN (1, NULL)", "NULL in a list"),
        ("id IN ()", "empty list"),
        ("id IN :x", "list in parentheses"),
        ("id IN region", "list in parentheses"),
        ("id = ANY(:x)", "ANY"),
        ("id IS :x", "null-safe"),
        (":x IS NULL OR id = :x", "filter optional"),
        (":x = 1", "parameters alone"),
        ("1 = 0", "always false"),
        ("'a'", "bare value"),
        ("name", "values are text"),
        ("lower(email) = :x", "function lower"),
        ("date(id) = :x", "function date"),
        ("id + 1 = :x", "id + 1"),
        ("id = :x + 1", ":x + 1"),
        ("id = CAST(:x AS INT)", "cast"),
        ("id = -credit", "-credit"),
        ("name = :x COLLATE NOCASE", "COLLATE"),
        ("name GLOB 'a*'", "GLOB"),
        ("name REGEXP 'a'", "regular expression"),
        ("name MATCH 'a'", "Full-text"),
        ("name LIKE email", "LIKE pattern"),
        ("name LIKE 'a' ESCAPE :x", "ESCAPE"),
        ("lower(name) LIKE 'a'", "function lower"),
        ("id IN (SELECT 1)", "query within a query"),
        ("EXISTS (SELECT 1)", "EXISTS"),
        ("id = (SELECT 1)", "subquery"),
        ("id > ALL (SELECT 1)", "subquery"),
        ("CASE WHEN id = 1 THEN 1 END = 1", "CASE"),
        ("id = CURRENT_TIMESTAMP", "current_timestamp"),
        ("(id, credit) = (1, 2, 3)", "different length"),
        ("id = 1 = 2", "id = 1"),
    ],
)
def test_a_condition_that_is_not_understood_is_refused_by_name(condition: str, named: str) -> None:
    found = refusal(f"SELECT id FROM customer WHERE {condition}")
    assert named in f"{found.reason} {found.way_out}"


@pytest.mark.parametrize(
    ("condition", "dialect", "named"),
    [
        ("id = :x::int", "postgresql", "cast"),
        ("id = ANY(ARRAY[1, 2])", "postgresql", "ANY"),
        ("name SIMILAR TO 'a'", "postgresql", "SIMILAR TO"),
        ("name ~ 'a'", "postgresql", "regular expression"),
        ("id BETWEEN SYMMETRIC 1 AND 2", "postgresql", "SYMMETRIC"),
        ("name -> 'a' = 1", "postgresql", "name -> 'a'"),
        ("name = DATE '2020-01-01'", "postgresql", "cast"),
        ("name LIKE :x || '%'", "mysql", "CONCAT"),
        ("id XOR credit", "mysql", "XOR"),
        ("MATCH (name) AGAINST (:x)", "mysql", "Full-text"),
    ],
)
def test_what_only_servers_know_is_refused_by_name(condition: str, dialect: str, named: str) -> None:
    found = refusal(f"SELECT id FROM customer WHERE {condition}", dialect)
    assert named in f"{found.reason} {found.way_out}"
