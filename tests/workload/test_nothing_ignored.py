"""Nothing that the parser understood is ignored: every argument of every node is read, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlglot
from migrator.model.query import Delete, Insert, Update
from migrator.workload.inserts import read_insert
from migrator.workload.mistakes import Mistake, Refused
from migrator.workload.within import Reading, read_query
from migrator.workload.writes import read_delete, read_update
from sqlglot import exp

from .shop import shop

STATEMENTS = (
    "SELECT DISTINCT o.status AS s FROM orders AS o JOIN customer AS c ON c.id = o.customer_id WHERE o.status LIKE 'a%'"
    " AND o.id IN (1, 2) AND o.total = :param_x AND NOT (o.total < 3 OR c.name IS NULL) ORDER BY s DESC LIMIT 3",
    "SELECT status, count(*), count(DISTINCT id), sum(total) FROM orders WHERE total BETWEEN 1 AND 2"
    " GROUP BY status HAVING count(*) > 2 AND status <> 'x' ORDER BY 2 LIMIT 5 OFFSET 3",
    "SELECT o.*, c.name FROM orders o LEFT JOIN customer c ON c.id = o.customer_id"
    " WHERE (o.id, o.total) < (:param_a, 2)",
    "SELECT id FROM orders WHERE status IS NULL",
    "WITH g AS (SELECT * FROM orders WHERE status = 'a') SELECT id FROM g WHERE total = 1",
    "SELECT g.id FROM (SELECT id FROM orders WHERE status = 'a') AS g",
    "SELECT id FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'a'"
    " LIMIT 1)",
    "SELECT id FROM orders WHERE id = 1 AND id NOT IN (SELECT line.order_id FROM line JOIN product ON product.id ="
    " line.product_id)",
    "SELECT id FROM customer c WHERE id = 1 AND NOT EXISTS (SELECT o.id FROM orders o WHERE o.customer_id = c.id)",
    "SELECT c.id FROM customer c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 1 WHERE o.id IS NULL",
    "SELECT id FROM orders WHERE status LIKE :param_p || '%' ESCAPE '!' AND customer_id IS NOT 3",
    "SELECT id FROM main.orders WHERE id = 1 ORDER BY total NULLS LAST",
    "INSERT INTO orders (id, customer_id, status) VALUES (1, :param_c, 'a'), (2, 3, NULL)",
    "INSERT INTO orders (id, status) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET status = excluded.status",
    "INSERT OR IGNORE INTO orders (id, placed_at) VALUES (1, CURRENT_TIMESTAMP)",
    "UPDATE orders SET total = total + 1, status = 'b' WHERE id = 3 AND status <> 'c'",
    "UPDATE orders SET (total, status) = (1, 'b') WHERE id = 3",
    "DELETE FROM orders WHERE id = 3 AND customer_id IN (1, 2)",
)
HARMLESS = {
    (exp.Identifier, "quoted"),  # the same name, in a dialect that compares letters without case
    (exp.Identifier, "global_"),
    (exp.Identifier, "temporary"),  # SQL Server's #names
    (exp.CTE, "materialized"),  # a hint
    (exp.OnConflict, "duplicate"),  # MySQL's word for the same
    (exp.Table, "alias"),  # another name for the same
    (exp.Literal, "is_string"),  # the 1 of EXISTS (SELECT 1 ...), which is compared with nothing
}
PLANTS = (True, exp.to_identifier("x"), [exp.column("x")])
WORDS = {"kind": ("x",), "side": ("x",), "method": ("x",), "table": (exp.to_identifier("x"),)}
Form = Reading | Insert | Update | Delete


def read(tree: exp.Expr) -> Form:
    match tree:
        case exp.Select():
            return read_query(tree, shop(), "sqlite", [], 0)
        case exp.Insert():
            return read_insert(tree, shop(), "sqlite")
        case exp.Update():
            return read_update(tree, shop(), "sqlite")
        case exp.Delete():
            return read_delete(tree, shop(), "sqlite")
    raise AssertionError(tree)


def parsed(sql: str) -> exp.Expr:
    tree = sqlglot.parse_one(sql, dialect="sqlite")
    assert isinstance(tree, exp.Expr)
    return tree


def unread(sql: str) -> Iterator[str]:
    """Arguments that can be set, somewhere in a statement, without any difference."""
    before = read(parsed(sql))
    for place, original in enumerate(parsed(sql).walk()):
        for argument in sorted(original.arg_types):
            if original.args.get(argument) or (type(original), argument) in HARMLESS:
                continue
            for plant in WORDS.get(argument, PLANTS):
                tree = parsed(sql)
                node = list(tree.walk())[place]
                node.set(argument, plant)
                try:
                    after = read(tree)
                except (Refused, Mistake):
                    continue
                except (AttributeError, TypeError, ValueError, KeyError):
                    continue  # the parser never makes such a tree
                if after == before:
                    yield f"{type(original).__name__}.{argument} = {plant!r} in {original.sql()[:80]}"


@pytest.mark.parametrize("sql", STATEMENTS)
def test_every_argument_is_read_or_refused(sql: str) -> None:
    assert list(dict.fromkeys(unread(sql))) == []


def test_the_statements_are_read_as_they_stand() -> None:
    forms = [read(parsed(sql)) for sql in STATEMENTS]
    assert all(isinstance(form, Reading | Insert | Update | Delete) for form in forms)
    assert sum(isinstance(form, Reading) for form in forms) == 12
