"""The words that only one dialect has, in declared queries: read, and where they are served, answered as the server
itself answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from migrator.design.engine import design
from migrator.model.settings import Limits
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.verify.queries import verify_queries
from migrator.workload.read import read_workload

from tests.design.world import make_settings
from tests.servers import own_database
from tests.verify.memory import loaded

DDL = (
    "CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, name VARCHAR(40) NOT NULL, at DATE NOT NULL,"
    " price DECIMAL(10, 2))",
    "INSERT INTO item VALUES "
    + ", ".join(f"({n}, {n % 7}, 'n{n % 13}', '2024-01-{n % 28 + 1:02}', {n / 4})" for n in range(200)),
)
SERVED = {
    "POSTGRESQL": {
        "numbered": "SELECT name FROM item WHERE id = $1",
        "formatted": "SELECT name FROM item WHERE id = %s",
        "formatted_names": "SELECT name FROM item WHERE id = %(id)s",
        "marked": "SELECT name FROM item WHERE id = ?",
        "named": "SELECT name FROM item WHERE id = :id",
        "without_case": "SELECT id FROM item WHERE owner = :o AND name ILIKE :n",
        "after_row": "SELECT id, at FROM item WHERE owner = :o AND (at, id) > (:at, :id) ORDER BY at, id LIMIT 5",
        "fetched": "SELECT id FROM item WHERE owner = :o ORDER BY id FETCH FIRST 5 ROWS ONLY",
        "paged": "SELECT id FROM item WHERE owner = $1 ORDER BY id LIMIT $2 OFFSET $3",
        "added": "INSERT INTO item (id, owner, name, at, price) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        "priced": "UPDATE item SET price = $2 WHERE id = $1 RETURNING id, price",
        "removed": "DELETE FROM item WHERE id = $1 RETURNING *",
    },
    "MYSQL": {
        "formatted": "SELECT name FROM item WHERE id = %s",
        "marked": "SELECT name FROM item WHERE id = ?",
        "named": "SELECT name FROM item WHERE id = :id",
        "quoted": "SELECT `name` FROM `item` WHERE `id` = :id",
        "paged": "SELECT id FROM item WHERE owner = ? ORDER BY id LIMIT ?, ?",
        "after_row": "SELECT id, at FROM item WHERE owner = :o AND (at, id) > (:at, :id) ORDER BY at, id LIMIT 5",
        "double_quotes": 'SELECT id FROM item WHERE owner = :o AND name <> "n1"',
        "saved": "INSERT INTO item (id, owner, name, at, price) VALUES (?, ?, ?, ?, ?)"
        " ON DUPLICATE KEY UPDATE price = VALUES(price)",
        "added": "INSERT INTO item (id, owner, name, at, price) VALUES (?, ?, ?, ?, ?) RETURNING id",
    },
}
REFUSED = {
    "POSTGRESQL": {
        "any_of": ("SELECT id, name FROM item WHERE id = ANY($1)", "the list's length is not known"),
        "cast": ("SELECT name FROM item WHERE id = :id::int", "DynamoDB converts nothing"),
        "locked": ("SELECT id, name FROM item WHERE id = :id FOR UPDATE", "DynamoDB holds no locks"),
        "skipping": ("SELECT id FROM item WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED", "DynamoDB holds no locks"),
    },
    "MYSQL": {
        "locked": ("SELECT id, name FROM item WHERE id = :id FOR UPDATE", "DynamoDB holds no locks"),
        "shared": ("SELECT id, name FROM item WHERE id = :id LOCK IN SHARE MODE", "DynamoDB holds no locks"),
        "cast": ("SELECT CAST(id AS CHAR) AS i FROM item WHERE id = :id", "DynamoDB converts nothing"),
    },
}


@contextmanager
def planned(kind: str) -> Iterator[tuple[Plan, Snapshot]]:
    """The plan of all statements of a dialect, and the moment that it is of."""
    statements = SERVED[kind] | {name: sql for name, (sql, _) in REFUSED[kind].items()}
    queries = "\n".join(f"-- name: {name}\n{sql};" for name, sql in statements.items())
    settings = make_settings(Limits(bounded_items=200, listed_rows=100))
    with own_database(kind, DDL) as url, open_source(parse_location(url)) as source:
        schema = reflect(source)
        statistics = measure(source, schema)
        workload = read_workload(queries, schema, "queries.sql")
        plan = build_plan(schema, statistics, workload, design(schema, statistics, workload, settings), settings)
        with take_snapshot(source, None) as snapshot:
            yield plan, snapshot


@pytest.mark.parametrize("kind", SERVED)
def test_a_dialects_own_words_are_served_as_the_server_answers_or_refused_by_name(kind: str) -> None:
    with planned(kind) as (plan, snapshot):
        reasons = {pattern.name: pattern.reason for pattern in plan.access_patterns}
        assert {name: reasons[name] for name in SERVED[kind]} == dict.fromkeys(SERVED[kind])
        for name, (_, reason) in REFUSED[kind].items():
            assert reason in str(reasons[name]), name
        report = verify_queries(plan, snapshot, loaded(plan, snapshot))
    assert report.clean, [pattern.differences[:1] for pattern in report.patterns if not pattern.clean]
    assert all(pattern.compared for pattern in report.patterns)
