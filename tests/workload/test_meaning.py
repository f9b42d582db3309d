"""The normal form means what SQLite answers: random statements, run on both sides."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Like,
    Literal,
    Membership,
    NullTest,
    Predicate,
    Related,
    Select,
    Value,
)

from .shop import pattern, shop, statement

Cell = int | str | None
Row = Mapping[str, Cell]
ORDERS = [
    (n, [None, 1, 2, 3][n % 4], None, [None, 0, 1, 2, 3][n % 5], [None, "a", "Ab", "a%"][n % 4]) for n in range(12)
]
CUSTOMERS = [
    (1, "a", "x", 1, 1, 0),
    (2, "Ab", None, 0, None, 2),
    (3, None, "%", None, 2, None),
    (4, "a_", "y", 1, 9, 1),
]
REGIONS = [(1, "a"), (2, None)]


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for table, rows in (("orders", ORDERS), ("customer", CUSTOMERS), ("region", REGIONS)):
        columns = shop().table(table).columns
        names = ", ".join(f"{c.name} {'TEXT' if c.kind.value == 'text' else 'INTEGER'}" for c in columns)
        connection.execute(f"CREATE TABLE {table} ({names})")
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
    return connection


def rows_of(table: str) -> list[Row]:
    rows: list[tuple[Cell, ...]] = {"orders": ORDERS, "customer": CUSTOMERS, "region": REGIONS}[table]  # type: ignore[assignment]
    names = [column.name for column in shop().table(table).columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def answer(form: Select, forms: Sequence[Select] = ()) -> list[tuple[Cell, ...]]:
    """The rows of a normal form without groups, in no order. `forms`: those of its whole pattern."""
    found = []
    once: set[tuple[Cell, ...]] = set()
    for driver in rows_of(form.table(form.driver)):
        bound: dict[str, Row | None] = {form.driver: driver}
        kept = True
        for join in form.joins:
            child = bound[join.child]
            parents = [row for row in rows_of(form.table(join.parent)) if child and matches(child, row, join.pairs)]
            bound[join.parent] = parents[0] if parents else None
            kept = kept and (bool(parents) or join.outer)
        key = tuple(cell(field, bound) for field in form.distinct_on) if kept else ()
        if kept and all(holds(predicate, bound, forms) for predicate in form.predicates) and key not in once:
            once |= {key} if form.distinct_on else set()
            found.append(tuple(cell(output.field, bound) for output in form.outputs if output.field))
    return found


def matches(child: Row, parent: Row, pairs: tuple[tuple[str, str], ...]) -> bool:
    return all(child[a] is not None and child[a] == parent[b] for a, b in pairs)


def cell(field: Field, bound: Mapping[str, Row | None]) -> Cell:
    row = bound[field.alias]
    return row[field.column] if row is not None else None


def literal(value: Value) -> Cell:
    assert isinstance(value, Literal)
    assert isinstance(value.value, int | str)
    return int(value.value) if isinstance(value.value, bool) else value.value


def holds(predicate: Predicate, bound: Mapping[str, Row | None], forms: Sequence[Select] = ()) -> bool:
    match predicate:
        case Comparison(field, op, value):
            return compare(cell(field, bound), op, literal(value))
        case FieldComparison(left, op, right):
            return compare(cell(left, bound), op, cell(right, bound))
        case Membership(field, values, negated):
            member = cell(field, bound)
            return member is not None and (member in [literal(value) for value in values]) != negated
        case NullTest(field, negated):
            return (cell(field, bound) is None) != negated
        case Like():
            return holds_like(predicate, cell(predicate.field, bound))
        case Related(statement=number, fields=fields, negated=negated):
            wanted = tuple(cell(field, bound) for field in fields)
            rows = [row[: len(fields)] for row in answer(forms[number], forms)]
            return (None not in wanted and wanted in rows) != negated
        case Either(branches):
            return any(all(holds(part, bound) for part in branch) for branch in branches)


def holds_like(predicate: Like, text: Cell) -> bool:
    if text is None:
        return False
    pattern = "".join(str(literal(piece)) for piece in predicate.pattern)
    found = like(str(text), pattern, predicate.escape)
    if predicate.prefix is not None:
        assert found == str(text).lower().startswith(str(literal(predicate.prefix)).lower())
    return found != predicate.negated


def compare(left: Cell, op: str, right: Cell) -> bool:
    if left is None or right is None:
        return False
    a, b = (isinstance(left, str), left), (isinstance(right, str), right)  # SQLite: numbers before texts
    order = (a > b) - (a < b)
    return {"=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]


def like(text: str, pattern: str, escape: str | None) -> bool:
    parts, escaped = [], False
    for character in pattern:
        if escaped or character not in ("%", "_", escape):
            parts.append(re.escape(character))
            escaped = False
        elif character == escape:
            escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL | re.ASCII) is not None


numbers = st.sampled_from(["o.id", "o.total", "c.credit", "c.region_id", "o.customer_id"])
texts = st.sampled_from(["o.status", "c.name"])
constants = st.sampled_from(["0", "1", "2", "3", "-1"])
words = st.sampled_from(["'a'", "'Ab'", "'a%'", "''"])
patterns = st.sampled_from(["'a%'", "'%b'", "'_'", "'a!%' ESCAPE '!'", "'A' || '%'", "'%'"])
operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"])
comparisons = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
maybe_not = st.sampled_from(["", "NOT "])

atoms = st.one_of(
    st.builds("{} {} {}".format, numbers, operators, constants),
    st.builds("{} {} {}".format, constants, comparisons, numbers),
    st.builds("{} {} {}".format, numbers, comparisons, numbers),
    st.builds("{} {} {}".format, texts, operators, words),
    st.builds("{} {}BETWEEN {} AND {}".format, numbers, maybe_not, constants, constants),
    st.builds("{} {}IN ({}, {})".format, numbers, maybe_not, constants, constants),
    st.builds("{} IS {}NULL".format, st.one_of(numbers, texts), maybe_not),
    st.builds("{} {}LIKE {}".format, texts, maybe_not, patterns),
    st.builds("({}, {}) {} ({}, {})".format, numbers, numbers, comparisons, constants, constants),
    st.builds("c.active IS {}{}".format, maybe_not, st.sampled_from(["TRUE", "FALSE"])),
    st.just("c.active"),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=6,
)
sources = st.sampled_from(
    [
        "orders o JOIN customer c ON c.id = o.customer_id",
        "orders o LEFT JOIN customer c ON o.customer_id = c.id",
        "customer c LEFT JOIN orders o ON o.customer_id = c.id",
        "customer c, orders o",
        "orders o LEFT JOIN customer c ON o.customer_id = c.id LEFT JOIN region r ON r.id = c.region_id",
        "orders o LEFT JOIN customer c ON o.customer_id = c.id JOIN region r ON c.region_id = r.id",
        "region r LEFT JOIN customer c ON r.id = c.region_id JOIN orders o ON c.id = o.customer_id",
    ]
)
DATABASE = database()


@settings(max_examples=500, deadline=None)
@given(sources, conditions)
def test_a_normal_form_is_true_for_the_rows_that_sqlite_answers(source: str, condition: str) -> None:
    if source == "customer c, orders o":
        condition = f"c.id = o.customer_id AND {condition}"
    sql = f"SELECT o.id, c.id, c.name FROM {source} WHERE {condition}"
    found = statement(sql)
    if not isinstance(found.form, Select):
        assert found.refusal is not None
        return
    expected = DATABASE.execute(found.sql).fetchall()
    assert sorted(answer(found.form), key=repr) == sorted(expected, key=repr), sql


inner_conditions = st.sampled_from(
    [
        "",
        " AND x.status = 'a'",
        " AND x.total = 1",
        " AND x.total IN (0, 2)",
        " AND x.id > 3",
        " AND x.status LIKE 'a%'",
    ]
)
parents = st.sampled_from(["", " AND r.name = 'a'", " AND r.name IS NULL"])
tests = st.one_of(
    st.builds("{}EXISTS (SELECT 1 FROM orders x WHERE x.customer_id = c.id{})".format, maybe_not, inner_conditions),
    st.builds("{}EXISTS (SELECT * FROM region r WHERE r.id = c.region_id{})".format, maybe_not, parents),
    st.builds("c.id IN (SELECT customer_id FROM orders x WHERE 1 = 1{})".format, inner_conditions),
    st.builds("c.credit {}IN (SELECT x.total FROM orders x WHERE 1 = 1{})".format, st.just(""), inner_conditions),
    st.builds("{}EXISTS (SELECT 1 FROM orders x WHERE {} = 1)".format, maybe_not, st.sampled_from(["x.id", "x.total"])),
    st.builds(
        "{}EXISTS (SELECT 1 FROM orders x JOIN customer y ON y.id = x.customer_id WHERE x.customer_id = c.id"
        " AND y.name = 'a')".format,
        maybe_not,
    ),
)
outers = st.sampled_from(["c.id = 1", "c.id = 4", "c.active = 1", "c.credit > 0", "c.region_id = 1", "1 = 1"])
missing = st.sampled_from(["", " LEFT JOIN orders z ON z.customer_id = c.id AND z.total = 1"])


@settings(max_examples=400, deadline=None)
@given(outers, st.lists(tests, min_size=1, max_size=2), missing)
def test_a_statement_with_tests_and_those_made_of_them_mean_what_sqlite_answers(
    outer: str, asked: list[str], join: str
) -> None:
    conditions = [outer, *(test.replace(" x", f" x{n}").replace("x.", f"x{n}.") for n, test in enumerate(asked))]
    conditions += ["z.id IS NULL"] if join else []
    sql = f"SELECT c.id, c.name FROM customer c{join} WHERE {' AND '.join(conditions)}"
    read = pattern(sql).statements
    forms = [one.form for one in read if isinstance(one.form, Select)]
    assert len(forms) == len(read), read[0].refusal
    expected = DATABASE.execute(read[0].sql).fetchall()
    assert sorted(answer(forms[0], forms), key=repr) == sorted(expected, key=repr), sql
    for one in read[1:]:
        assert isinstance(one.form, Select)
        own = DATABASE.execute(one.sql).fetchall()
        assert sorted(answer(one.form), key=repr) == sorted(own, key=repr), one.sql
