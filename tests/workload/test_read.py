"""Whole files: the shared cases, nasty statements, and normal forms run against SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from migrator.model.errors import UsageError
from migrator.model.query import AccessPattern, Insert, Select, Workload
from migrator.model.schema import Column, ForeignKey, Kind, Schema, Table
from migrator.workload.read import read_workload
from migrator.workload.starter import starter

from .shop import shop

SHARED = Path(__file__).resolve().parents[3] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here")


def reflected(connection: sqlite3.Connection) -> Schema:
    """Enough of a SQLite schema for names and joins."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return Schema("sqlite", tuple(_table(connection, name) for (name,) in names if not name.startswith("sqlite_")))


def _table(connection: sqlite3.Connection, name: str) -> Table:
    rows = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    key = [row[1] for row in sorted(rows, key=lambda row: int(row[5])) if row[5]]
    found: dict[int, list[tuple[str, str, str]]] = {}
    for number, _, parent, child, referred, *_rest in connection.execute(f'PRAGMA foreign_key_list("{name}")'):
        found.setdefault(number, []).append((parent, child, referred))
    return Table(
        name,
        tuple(Column(row[1], row[2], Kind.UNKNOWN, not row[3]) for row in rows),
        tuple(key),
        tuple(
            ForeignKey(f"fk{number}", tuple(c for _, c, _ in parts), parts[0][0], tuple(r for _, _, r in parts))
            for number, parts in sorted(found.items())
        ),
    )


def _read(folder: Path, connection: sqlite3.Connection) -> Workload:
    return read_workload((folder / "queries.sql").read_text(), reflected(connection), "queries.sql")


@pytest.fixture(scope="module")
def chinook() -> Iterator[Workload]:
    folder = SHARED / "data" / "chinook"
    connection = sqlite3.connect(f"file:{folder / 'chinook.sqlite3'}?mode=ro&immutable=1", uri=True)
    yield _read(folder, connection)
    connection.close()


def named(workload: Workload, name: str) -> AccessPattern:
    return next(pattern for pattern in workload.patterns if pattern.name == name)


@needs_shared
def test_every_shared_case_is_read_without_a_refusal() -> None:
    for folder in sorted(path.parent for path in (SHARED / "cases").glob("*/queries.sql")):
        connection = sqlite3.connect(":memory:")
        connection.executescript((folder / "schema.sql").read_text())
        for pattern in _read(folder, connection).patterns:
            for statement in pattern.statements:
                assert statement.form is not None, (folder.name, pattern.name, statement.refusal)
                connection.execute(f"EXPLAIN {statement.sql}", {use.name: None for use in statement.parameters})
        assert read_workload(starter(reflected(connection)), reflected(connection), "starter.sql").patterns


@needs_shared
def test_chinook_is_read_whole(chinook: Workload) -> None:
    assert len(chinook.patterns) == 25
    assert all(statement.form for pattern in chinook.patterns for statement in pattern.statements)


@needs_shared
@pytest.mark.parametrize(
    ("name", "driver", "parents"),
    [("album_page", "t", ["a", "ar"]), ("tracks_of_playlist", "pt", ["t"]), ("invoice_detail", "l", ["i", "t"])],
)
def test_chinook_joins_are_driven_by_the_child(chinook: Workload, name: str, driver: str, parents: list[str]) -> None:
    form = named(chinook, name).statements[0].form
    assert isinstance(form, Select)
    assert (form.driver, [join.parent for join in form.joins]) == (driver, parents)


@needs_shared
def test_chinook_rates_and_writes(chinook: Workload) -> None:
    assert named(chinook, "track_by_id").rate == 120
    insert = named(chinook, "new_invoice")
    assert insert.kind == "write"
    assert isinstance(insert.statements[0].form, Insert)


NASTY = r"""
SELECT l.no, sum(l.qty * (1 - p.price)) AS r FROM line l, product p WHERE p.id = l.product_id GROUP BY 1 ORDER BY 2
SELECT id, (SELECT count(*) FROM line WHERE order_id = o.id) FROM orders o
SELECT name FROM customer WHERE id IN (SELECT customer_id FROM orders GROUP BY customer_id HAVING sum(total) > 300)
SELECT c.name FROM customer c WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.customer_id = c.id)
SELECT extract(year FROM placed_at) AS y, count(*) FROM orders GROUP BY extract(year FROM placed_at)
SELECT count(*) FROM customer c LEFT OUTER JOIN orders o ON c.id = o.customer_id AND o.status NOT LIKE '%special%'
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t
WITH r AS (SELECT customer_id, sum(total) AS s FROM orders GROUP BY 1) SELECT * FROM r, customer WHERE id = customer_id
SELECT * FROM orders o1 JOIN orders o2 ON o1.customer_id = o2.customer_id AND o1.id < o2.id
SELECT * FROM staff a JOIN staff b ON a.boss_id = b.id JOIN staff c ON b.boss_id = c.id JOIN staff d ON c.boss_id = d.id
SELECT 100 * sum(CASE WHEN name LIKE 'PROMO%' THEN price ELSE 0 END) / sum(price) FROM product
SELECT DISTINCT c.name, r.name FROM customer c JOIN region r ON c.region_id = r.id ORDER BY r.name, c.name LIMIT 9
SELECT * FROM orders WHERE placed_at >= date('1994-01-01') AND placed_at < date('1994-01-01', '+1 year')
SELECT * FROM orders WHERE placed_at < CURRENT_DATE - 30
SELECT * FROM orders WHERE id = (((((((((((1)))))))))))
SELECT * FROM orders WHERE id = 1 UNION ALL SELECT * FROM orders WHERE id = 2 ORDER BY 1 LIMIT 3
(SELECT * FROM orders)
SELECT * FROM (orders)
SELECT * FROM orders AS o(a, b, c, d, e)
SELECT o FROM orders o
SELECT orders.* FROM orders o
SELECT o.id.x FROM orders o
SELECT id AS "a b", total AS [c d] FROM orders ORDER BY "a b"
SELECT * FROM orders WHERE id IN ((1), (2))
SELECT * FROM orders WHERE (id) IN (1, :x, -2.50)
SELECT * FROM orders WHERE id NOT IN (SELECT order_id FROM line)
SELECT * FROM orders WHERE 1
SELECT * FROM orders WHERE 'x' = status
SELECT * FROM orders WHERE status = status
SELECT * FROM orders WHERE NOT (status IS NULL AND NOT (total > 1 OR total < 0))
SELECT * FROM orders WHERE status LIKE '%' ESCAPE ''
SELECT * FROM orders WHERE status LIKE 'a\%' ESCAPE '\'
SELECT * FROM orders WHERE status LIKE :a || :b || '%'
SELECT * FROM orders WHERE id = ?99999999999999999999
SELECT * FROM orders WHERE id = 0x10 OR id = 1_000
SELECT * FROM orders ORDER BY 99999999999999999999
SELECT * FROM orders ORDER BY NULL
SELECT * FROM orders ORDER BY id, id DESC, total COLLATE nocase
SELECT * FROM orders LIMIT NULL
SELECT * FROM orders LIMIT 'a'
SELECT * FROM orders LIMIT 1.5
SELECT count(DISTINCT *) FROM orders
SELECT count(*) + 1 FROM orders
SELECT count(*), id FROM orders GROUP BY 2
SELECT avg(DISTINCT total), total(total), string_agg(status, ',') FROM orders
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders
SELECT lag(total) OVER (PARTITION BY customer_id ORDER BY id) FROM orders
SELECT * FROM json_each('[1]')
SELECT * FROM orders, json_each(status)
SELECT * FROM orders CROSS APPLY foo
SELECT * FROM orders PIVOT (sum(total) FOR status IN ('a'))
SELECT TOP 10 * FROM orders
SELECT * FROM orders QUALIFY row_number() OVER (ORDER BY id) = 1
SELECT * FROM orders AS OF SYSTEM TIME '2020-01-01'
SELECT * FROM orders FOR SYSTEM_TIME AS OF '2020-01-01'
SELECT * INTO copy FROM orders
SELECT /*+ INDEX(orders x) */ id FROM orders
SELECT id FROM orders WHERE id = @x := 3
SELECT ARRAY[1, 2], ROW(1, 2), status[1], status::text FROM orders
SELECT * FROM unnest(ARRAY[1]) u
SELECT id FROM orders WHERE (SELECT 1) = 1
SELECT id FROM orders WHERE (id, total) = (SELECT 1, 2)
SELECT id FROM orders WHERE ROW(id, total) < ROW(1, 2)
SELECT id FROM orders WHERE id BETWEEN 1 AND 2 AND total NOT BETWEEN :a AND status
INSERT INTO orders (id) VALUES (1) ON CONFLICT (nope) DO NOTHING
INSERT INTO orders (id) VALUES (1), (2, 3)
INSERT INTO orders () VALUES ()
INSERT INTO orders AS o (id, total) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET total = o.total + excluded.total
INSERT INTO nope VALUES (1)
INSERT INTO orders VALUES (:a, :b, :c, :d, :e), (?, ?, ?, ?, ?)
INSERT OR FAIL INTO orders (id) SELECT 1 UNION SELECT 2
REPLACE INTO orders SELECT * FROM orders
REPLACE orders (id) VALUES (1)
UPDATE orders SET (total, status) = (SELECT 1, 2)
UPDATE orders SET total = total + 1, status = upper(status) WHERE CURRENT OF c
UPDATE orders, customer SET total = 1
UPDATE orders SET nope.total = 1
UPDATE orders o JOIN customer c ON c.id = o.customer_id SET o.total = 1
DELETE FROM orders o USING customer c WHERE c.id = o.customer_id
DELETE orders, line FROM orders JOIN line ON line.order_id = orders.id
DELETE FROM orders WHERE EXISTS (SELECT 1 FROM line WHERE order_id = orders.id)
TRUNCATE orders
CREATE TRIGGER t AFTER INSERT ON orders BEGIN DELETE FROM line
GRANT SELECT ON orders TO bob
COPY orders TO '/tmp/x'
LOAD DATA INFILE 'x' INTO TABLE orders
ATTACH 'x' AS y
SHOW TABLES
USE shop
EXECUTE foo(1)
DO $$ BEGIN END $$
DECLARE c CURSOR FOR SELECT 1
LOCK TABLE orders
ANALYZE
SAVEPOINT a
WITH x AS (UPDATE orders SET total = 1 RETURNING *) SELECT * FROM x
SELECT
SELECT FROM
SELECT * FROM
SELECT * FROM orders WHERE
SELECT * FROM orders WHERE ()
SELECT * FROM orders GROUP BY ()
SELECT * FROM orders ORDER BY
SELECT * FROM orders LIMIT
SELECT ,
)
'a'
1
:x
{{ jinja }}
""".strip().splitlines()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "mariadb", "oracle"])
@pytest.mark.parametrize("sql", NASTY)
def test_nasty_sql_gives_a_form_a_refusal_or_a_usage_error(sql: str, dialect: str) -> None:
    try:
        workload = read_workload(f"-- name: x\n{sql}\n", shop(dialect), "q.sql")
    except UsageError as error:
        assert error.what.startswith("q.sql:")
        assert error.next_step
        return
    for statement in workload.patterns[0].statements:
        assert (statement.form is None) == (statement.refusal is not None)
        if statement.refusal is not None:
            assert "param_" not in statement.refusal.reason


def test_deep_and_long_conditions_do_not_break_the_reader() -> None:
    for condition in (
        " OR ".join(f"total < {n}" for n in range(3000)),
        "(" * 3000 + "id = 1" + ")" * 3000,
        "NOT " * 3000 + "id = 1",
    ):
        try:
            workload = read_workload(f"-- name: x\nSELECT id FROM orders WHERE {condition}", shop(), "q.sql")
        except UsageError:
            continue
        assert workload.patterns[0].statements
