import pytest
import sqlglot
from migrator.model.query import Field, Literal, OrderTerm, Output, Parameter
from migrator.workload.mistakes import Refused
from migrator.workload.selects import read_select
from sqlglot import exp

from .shop import refusal, select, shop, statement

ID, TOTAL, STATUS = (Field("orders", name) for name in ("id", "total", "status"))


def names(sql: str, dialect: str = "sqlite") -> list[str]:
    return [output.name for output in select(sql, dialect).outputs]


def test_stars_expand_in_the_order_of_the_schema() -> None:
    assert names("SELECT * FROM region") == ["id", "name"]
    assert names("SELECT o.id, c.* FROM orders o JOIN customer c ON c.id = o.customer_id")[:3] == ["id", "id", "name"]
    both = names("SELECT * FROM payment p JOIN orders o ON o.id = p.order_id")
    assert both == ["id", "order_id", "amount", "id", "customer_id", "placed_at", "total", "status"]


def test_outputs_are_named_as_the_database_names_them() -> None:
    sql = "SELECT ID, total AS Sum, 1, COUNT( * ), max(total) FROM orders GROUP BY id, total"
    assert names(sql) == ["id", "Sum", "1", "COUNT( * )", "max(total)"]
    assert names(sql, "postgresql") == ["id", "sum", "?column?", "count", "max"]
    assert names('SELECT id AS "Id", id AS Id FROM orders', "postgresql") == ["Id", "id"]


def test_aggregates_and_literals() -> None:
    sql = (
        "SELECT count(*), count(1), count(id), count(DISTINCT status), sum(total), avg(total), min(id), 'x' FROM orders"
    )
    found = [(output.function, output.field, output.distinct, output.literal) for output in select(sql).outputs]
    assert found == [
        ("count", None, False, None),
        ("count", None, False, None),
        ("count", ID, False, None),
        ("count", STATUS, True, None),
        ("sum", TOTAL, False, None),
        ("avg", TOTAL, False, None),
        ("min", ID, False, None),
        (None, None, False, Literal("x")),
    ]


@pytest.mark.parametrize("group", ["status", "orders.status", "1", "s"])
def test_groups_are_columns_ordinals_or_aliases(group: str) -> None:
    form = select(f"SELECT status AS s, count(*) AS n FROM orders GROUP BY {group} ORDER BY n DESC, s")
    assert form.group_by == (STATUS,)
    assert form.order == (OrderTerm(1, None, True, False), OrderTerm(None, STATUS, False, True))


def test_columns_that_a_grouped_key_determines_are_groups_too() -> None:
    sql = "SELECT c.name, r.name, count(*) FROM orders o JOIN customer c ON c.id = o.customer_id"
    form = select(f"{sql} JOIN region r ON r.id = c.region_id GROUP BY c.id")
    assert form.group_by == (Field("c", "id"), Field("c", "name"), Field("r", "name"))


def test_order_by_a_column_is_by_field_whether_selected_named_or_numbered() -> None:
    for term in ("total", "orders.total", "t", "2"):
        form = select(f"SELECT id, total AS t FROM orders ORDER BY {term} DESC")
        assert form.order == (OrderTerm(None, TOTAL, True, False),)
    assert select("SELECT id FROM orders ORDER BY total").order == (OrderTerm(None, TOTAL, False, True),)


def test_an_alias_is_preferred_to_a_column_of_the_same_name() -> None:
    assert select("SELECT total AS id FROM orders ORDER BY id").order[0].field == TOTAL


def test_an_aggregate_orders_by_its_number() -> None:
    assert select("SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY count(*)").order[0].output == 1


@pytest.mark.parametrize(
    ("dialect", "ascending", "descending"),
    [("sqlite", True, False), ("mysql", True, False), ("postgresql", False, True)],
)
def test_nulls_sort_as_the_dialect_sorts_them(dialect: str, ascending: bool, descending: bool) -> None:
    form = select("SELECT id FROM orders ORDER BY total, status DESC", dialect)
    assert [term.nulls_first for term in form.order] == [ascending, descending]
    explicit = select("SELECT id FROM orders ORDER BY total NULLS LAST, status DESC NULLS FIRST", dialect)
    assert [term.nulls_first for term in explicit.order] == [False, True]


@pytest.mark.parametrize(
    ("clause", "limit"),
    [
        ("LIMIT 5", Literal(5)),
        ("LIMIT :n", Parameter("n")),
        ("LIMIT ?", Parameter("p1")),
        ("LIMIT 5 OFFSET 0", Literal(5)),
        ("LIMIT 0, 5", Literal(5)),
        ("FETCH FIRST 5 ROWS ONLY", Literal(5)),
        ("LIMIT -1", None),
        ("", None),
    ],
)
def test_limits(clause: str, limit: Literal | Parameter | None) -> None:
    assert select(f"SELECT id FROM orders {clause}").limit == limit


def test_distinct() -> None:
    form = select("SELECT DISTINCT status FROM orders ORDER BY status")
    assert (form.distinct, form.outputs) == (True, (Output("status", STATUS),))


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT id FROM orders LIMIT 5 OFFSET 1 + 1", "OFFSET"),
        ("SELECT id FROM orders LIMIT 2 + 3", "2 + 3"),
        ("SELECT id FROM orders ORDER BY lower(status)", "function lower in ORDER BY"),
        ("SELECT id FROM orders ORDER BY status COLLATE NOCASE", "COLLATE"),
        ("SELECT id, 1 AS one FROM orders ORDER BY one", "constant"),
        ("SELECT id FROM orders ORDER BY count(*)", "not selected"),
        ("SELECT DISTINCT status FROM orders ORDER BY total", "not in the answer"),
        ("SELECT status, count(*) FROM orders", "beside an aggregate"),
        ("SELECT id, status FROM orders GROUP BY status", "beside an aggregate"),
        ("SELECT count(*) FROM orders GROUP BY lower(status)", "GROUP BY"),
        ("SELECT status FROM orders GROUP BY status HAVING count(*) > 1 OR min(id) = 2", "HAVING"),
        ("SELECT status FROM orders GROUP BY status HAVING count(*) > sum(id)", "HAVING"),
        ("SELECT status FROM orders GROUP BY status HAVING total = 1", "neither grouped by nor aggregated"),
        ("SELECT status FROM orders HAVING status = 'a'", "HAVING without groups"),
        ("SELECT count(DISTINCT id, status) FROM orders", "one column"),
        ("SELECT sum(total + 1) FROM orders", "one column"),
        ("SELECT total + 1 FROM orders", "total + 1"),
        ("SELECT status || 'x' FROM orders", "status || 'x'"),
        ("SELECT lower(status) FROM orders", "function lower in the select list"),
        ("SELECT CASE WHEN id = 1 THEN 2 END FROM orders", "CASE"),
        ("SELECT :x FROM orders", ":x"),
        ("SELECT id = 1 FROM orders", "id = 1"),
        ("SELECT group_concat(status) FROM orders", "aggregate group_concat"),
        ("SELECT count(*) FILTER (WHERE id = 1) FROM orders", "FILTER"),
        ("SELECT row_number() OVER (ORDER BY id) FROM orders", "window function"),
        ("SELECT sum(total) OVER w FROM orders WINDOW w AS (ORDER BY id)", "WINDOW"),
        ("SELECT (SELECT 1) FROM orders", "subquery"),
        ("SELECT id FROM (SELECT max(id) AS id FROM orders) x", "subquery"),
        ("WITH x AS (SELECT max(id) AS id FROM orders) SELECT id FROM x", "WITH"),
        ("SELECT id FROM orders UNION SELECT order_id FROM line ORDER BY 1", "UNION with ORDER BY"),
        ("SELECT id FROM orders INTERSECT SELECT id FROM payment", "INTERSECT"),
        ("SELECT id FROM orders EXCEPT SELECT id FROM payment", "EXCEPT"),
        ("VALUES (1)", "VALUES"),
        ("SELECT 1", "without FROM"),
        ("SELECT id FROM orders INDEXED BY x", "INDEXED BY"),
        ("PRAGMA user_version", "PRAGMA"),
        ("BEGIN", "BEGIN"),
        ("CREATE TABLE x (a int)", "CREATE"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
    ],
)
def test_what_has_no_normal_form_is_refused_by_name_with_a_way_out(sql: str, named: str) -> None:
    found = refusal(sql)
    assert named in f"{found.reason} {found.way_out}"
    assert found.reason.endswith(".") and found.way_out.endswith(".")


@pytest.mark.parametrize(
    ("sql", "dialect", "named"),
    [
        ("SELECT id FROM orders FOR UPDATE", "postgresql", "FOR UPDATE"),
        ("SELECT DISTINCT ON (id) id FROM orders", "postgresql", "DISTINCT ON"),
        ("SELECT id FROM orders TABLESAMPLE SYSTEM (10)", "postgresql", "TABLESAMPLE"),
        ("SELECT id FROM ONLY orders", "postgresql", "ONLY"),
        ("SELECT status FROM orders GROUP BY ROLLUP (status)", "postgresql", "ROLLUP"),
        ("SELECT id FROM orders FETCH FIRST 5 ROWS WITH TIES", "postgresql", "WITH TIES"),
        ("SELECT status, count(*) FROM orders GROUP BY status WITH ROLLUP", "mysql", "ROLLUP"),
        ("SELECT id FROM orders USE INDEX (x)", "mysql", "index hint"),
        ("SELECT SQL_CALC_FOUND_ROWS id FROM orders", "mysql", "OPERATION MODIFIERS"),
    ],
)
def test_what_only_servers_offer_is_refused_by_name(sql: str, dialect: str, named: str) -> None:
    assert named in refusal(sql, dialect).reason


def test_a_refused_statement_keeps_its_text() -> None:
    found = statement("SELECT lower(status) FROM orders WHERE id = ?")
    assert (found.form, found.sql) == (None, "SELECT lower(status) FROM orders WHERE id = :p1")


def _read(tree: exp.Expr) -> None:
    assert isinstance(tree, exp.Select)
    read_select(tree, shop(), "sqlite", [])


READ = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct"}


@pytest.mark.parametrize("argument", sorted(set(exp.Select.arg_types) - READ))
def test_no_argument_of_a_select_is_ignored(argument: str) -> None:
    tree = sqlglot.parse_one("SELECT id FROM orders", dialect="sqlite")
    tree.set(argument, exp.true())
    assert isinstance(tree, exp.Select)
    with pytest.raises(Refused):
        read_select(tree, shop(), "sqlite", ["id"])


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (exp.Table, {"this", "alias"}),
        (exp.Join, {"this", "on", "side", "kind", "using", "method"}),
        (exp.Group, {"expressions"}),
        (exp.Order, {"expressions"}),
        (exp.Ordered, {"this", "desc", "nulls_first"}),
        (exp.Limit, {"expression"}),
        (exp.Column, {"this", "table"}),
        (exp.Like, {"this", "expression", "negate"}),
        (exp.In, {"this", "expressions"}),
        (exp.Count, {"this", "big_int"}),
        (exp.Alias, {"this", "alias"}),
        (exp.Distinct, set()),
        (exp.Where, {"this"}),
        (exp.From, {"this"}),
        (exp.Placeholder, {"this"}),
    ],
)
def test_no_argument_of_a_part_is_ignored(kind: type[exp.Expr], read: set[str]) -> None:
    sql = (
        "SELECT DISTINCT o.status AS s, count(*) FROM orders AS o JOIN customer AS c ON c.id = o.customer_id"
        " WHERE o.status LIKE 'a' AND o.id IN (1) AND o.total = :param_x GROUP BY s ORDER BY s LIMIT 3"
    )
    unread = set(kind.arg_types) - read
    for argument in sorted(unread):
        tree = sqlglot.parse_one(sql, dialect="sqlite")
        _read(tree)
        part = tree.find(kind)
        assert part is not None
        part.set(argument, [exp.to_identifier("x")] if argument == "expressions" else exp.to_identifier("x"))
        with pytest.raises(Refused):
            _read(tree)
