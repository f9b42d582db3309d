"""Inner queries that say no more than a plain SELECT are read as that SELECT; all others stay refused."""

from __future__ import annotations

import pytest
from migrator.model.query import Select
from migrator.workload.read import read_workload

from tests.workload.shop import shop

SHOP = shop()


def read(sql: str) -> tuple[list[Select], list[str]]:
    """The normal forms of a block's statements, and the reasons of those that have none."""
    (pattern,) = read_workload(f"-- name: q\n{sql};\n", SHOP, "queries.sql").patterns
    forms = [statement.form for statement in pattern.statements if isinstance(statement.form, Select)]
    return forms, [statement.refusal.reason for statement in pattern.statements if statement.refusal]


def unnamed(form: Select) -> object:
    """What a SELECT means, without the names that its tables have in it."""
    names = {ref.alias: f"{place}" for place, ref in enumerate(form.tables)}
    text = repr(
        (form.tables, form.driver, form.joins, form.predicates, form.outputs, form.order, form.limit, form.group_by)
    )
    for alias, name in names.items():
        text = text.replace(f"'{alias}'", f"'{name}'")
    return text


SAME = {
    "a filtered table under a name": (
        "WITH mine AS (SELECT * FROM orders WHERE status = :s) SELECT id FROM mine WHERE total > 5",
        "SELECT id FROM orders mine WHERE total > 5 AND status = :s",
    ),
    "its columns by name": (
        "WITH mine AS (SELECT id, total FROM orders o WHERE o.status = :s) SELECT m.id FROM mine m",
        "SELECT m.id FROM orders m WHERE m.status = :s",
    ),
    "a filtered table in FROM": (
        "SELECT q.id FROM (SELECT * FROM orders WHERE status = :s) AS q ORDER BY q.id LIMIT 3",
        "SELECT q.id FROM orders q WHERE q.status = :s ORDER BY q.id LIMIT 3",
    ),
    "a parent that exists": (
        "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM customer c WHERE c.id = o.customer_id AND c.name = :n)",
        "SELECT o.id FROM orders o CROSS JOIN customer c WHERE c.id = o.customer_id AND c.name = :n",
    ),
    "a parent among some": (
        "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customer WHERE name = :n)",
        "SELECT orders.id FROM orders, customer WHERE orders.customer_id = customer.id AND customer.name = :n",
    ),
    "the whole row": (
        "SELECT * FROM orders o WHERE o.customer_id IN (SELECT c.id FROM customer c WHERE c.name = :n)",
        "SELECT o.* FROM orders o, customer c WHERE o.customer_id = c.id AND c.name = :n",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_it_means_what_the_plain_select_means(name: str) -> None:
    nested, plain = SAME[name]
    ((form,), reasons), ((wanted,), _) = read(nested), read(plain)
    assert reasons == []
    assert unnamed(form) == unnamed(wanted)


@pytest.mark.parametrize(
    ("sql", "clause"),
    [
        ("WITH g AS (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) SELECT * FROM g", "WITH"),
        ("WITH g AS (SELECT id FROM orders LIMIT 3) SELECT * FROM g", "WITH"),
        ("WITH g AS (SELECT id FROM orders WHERE status = 'a') SELECT * FROM g", "WITH"),
        ("WITH g AS (SELECT id AS i FROM orders) SELECT i FROM g", "WITH"),
        ("WITH g AS (SELECT * FROM orders) SELECT a.id FROM g a JOIN g b ON a.id = b.id", "WITH"),
        ("WITH g AS (SELECT * FROM orders), h AS (SELECT * FROM customer) SELECT id FROM g", "WITH"),
        (
            "SELECT c.id FROM customer c LEFT JOIN (SELECT * FROM orders WHERE total > 1) o ON o.customer_id = c.id",
            "subquery",
        ),
        ("SELECT id FROM orders WHERE customer_id NOT IN (SELECT id FROM customer WHERE name = 'x')", "IN (SELECT"),
        (
            "SELECT id FROM orders WHERE total = 1 OR customer_id IN (SELECT id FROM customer WHERE name = 'x')",
            "IN (SELECT",
        ),
        ("SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customer LIMIT 1)", "IN (SELECT"),
    ],
)
def test_what_says_more_stays_refused(sql: str, clause: str) -> None:
    forms, reasons = read(sql)
    assert forms == []
    assert clause in reasons[0]


def test_the_branches_of_a_union_all_are_statements() -> None:
    forms, reasons = read("SELECT id FROM orders WHERE status = ? UNION ALL SELECT id FROM orders WHERE total > ?")
    assert (len(forms), reasons) == (2, [])
    (pattern,) = read_workload(
        "-- name: q\nSELECT id FROM orders WHERE id = ? UNION ALL\n-- others\nSELECT id FROM orders WHERE total = ?;",
        SHOP,
        "queries.sql",
    ).patterns
    assert [use.name for statement in pattern.statements for use in statement.parameters] == ["p1", "p2"]
    assert any("the application appends their rows" in told for told in pattern.assumptions)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM orders UNION ALL SELECT id FROM customer ORDER BY 1",
        "SELECT id FROM orders UNION ALL SELECT id FROM customer LIMIT 3",
        "SELECT id FROM orders UNION ALL SELECT id FROM customer UNION SELECT id FROM orders",
        "SELECT id FROM orders EXCEPT SELECT id FROM customer",
    ],
)
def test_other_unions_stay_refused(sql: str) -> None:
    forms, reasons = read(sql)
    assert forms == []
    assert len(reasons) == 1
