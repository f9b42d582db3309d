"""Counters and ON DELETE against real servers, where the environment names one (tests/source/test_servers.py): what is
planned from a server's schema and loaded from its rows answers as the server does, and follows what its SQL does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from migrator.design.engine import design
from migrator.model.settings import Limits
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import take_snapshot
from migrator.verify.perform import perform
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows
from migrator.workload.read import read_workload
from sqlalchemy import create_engine, text

from tests.design.world import make_settings
from tests.servers import SERVERS, own_database
from tests.verify.memory import MemoryTable, loaded
from tests.verify.writing import MemoryWriter

STATES = ("open", "closed", "a#b", "Open")
DDL = (
    "CREATE TABLE team (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL)",
    "CREATE TABLE member (id INTEGER PRIMARY KEY, team_id INTEGER, label VARCHAR(20),"
    " CONSTRAINT of_team FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL)",
    "CREATE TABLE ticket (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL, state {binary} NOT NULL,"
    " opened DATE NOT NULL, total NUMERIC(12, 2) NOT NULL, points BIGINT,"
    " CONSTRAINT for_team FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE CASCADE)",
    "INSERT INTO team VALUES (1, 'one'), (2, 'two'), (3, 'three')",
    "INSERT INTO member VALUES " + ", ".join(f"({n}, {n % 3 + 1}, 'm{n}')" for n in range(9)),
    "INSERT INTO ticket VALUES "
    + ", ".join(
        f"({n}, {n % 2 + 1}, '{STATES[n % 4]}', '2024-02-{n % 14 + 1:02}', {n / 4}, {n if n % 3 else 'NULL'})"
        for n in range(240)
    ),
)
QUERIES = """
-- name: by_state
SELECT state, COUNT(*) AS n, SUM(total) AS total, COUNT(points) AS p FROM ticket GROUP BY state ORDER BY state;
-- name: of_team
SELECT COUNT(*), SUM(points), SUM(total) FROM ticket WHERE team_id = :t;
-- name: busy
SELECT state FROM ticket GROUP BY state HAVING COUNT(*) > 10;
-- name: days
SELECT opened, SUM(total) FROM ticket WHERE opened >= :since GROUP BY opened ORDER BY opened;
-- name: ticket
SELECT * FROM ticket WHERE id = :id;
-- name: restate
UPDATE ticket SET state = :s, total = total + :by WHERE id = :id;
-- name: drop_team
DELETE FROM team WHERE id = :t;
"""


@dataclass
class Server:
    """A database of the tests' own, planned and loaded into memory."""

    url: str
    plan: Plan
    table: MemoryTable

    def both(self, name: str, sql: str, **values: Any) -> None:
        """Runs the SQL on the server, and performs the write on the table."""
        told = perform(self.plan, self.plan.pattern(name), values, self.table, MemoryWriter(self.table))
        assert told.outcome == "done", told
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(sql), values)
        engine.dispose()

    def demand_agreement(self) -> None:
        with open_source(parse_location(self.url)) as source, take_snapshot(source, None) as snapshot:
            rows = verify_rows(self.plan, snapshot, self.table, allow_scan=True)
            queries = verify_queries(self.plan, snapshot, self.table)
        assert rows.clean, rows.differences[:5]
        assert queries.clean, [pattern.differences for pattern in queries.patterns if not pattern.clean]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    binary = 'VARCHAR(20) COLLATE "C"' if request.param == "POSTGRESQL" else "VARCHAR(20) COLLATE utf8mb4_bin"
    with own_database(request.param, [statement.replace("{binary}", binary) for statement in DDL]) as url:
        yield _loaded(url)


def _loaded(url: str) -> Server:
    settings = make_settings(Limits(bounded_items=200, listed_rows=100))
    with open_source(parse_location(url)) as source:
        schema = reflect(source)
        statistics = measure(source, schema)
        workload = read_workload(QUERIES, schema, "queries.sql")
        plan = build_plan(schema, statistics, workload, design(schema, statistics, workload, settings), settings)
        with take_snapshot(source, None) as snapshot:
            table = loaded(plan, snapshot)
    return Server(url, plan, table)


def test_figures_gathered_on_the_server_answer_as_it_does(server: Server) -> None:
    assert {pattern.name: pattern.reason for pattern in server.plan.access_patterns if pattern.reason} == {}
    (part,) = server.plan.pattern("by_state").parts
    assert server.plan.entity(part.entity).kind == "aggregate"
    server.demand_agreement()


def test_writes_keep_the_figures_as_the_servers_rows_have_them(server: Server) -> None:
    sql = "UPDATE ticket SET state = :s, total = total + :by WHERE id = :id"
    server.both("restate", sql, id=7, s="open", by="0.25")
    server.both("restate", sql, id=8, s="open", by="0")
    server.both("restate", sql, id=9, s="new", by="-3.5")
    server.demand_agreement()


def test_what_the_server_declares_on_delete_is_performed(server: Server) -> None:
    assert {key.on_delete for key in _keys(server.url)} == {"set null", "cascade"}
    server.both("drop_team", "DELETE FROM team WHERE id = :t", t=3)
    server.demand_agreement()


def _keys(url: str) -> list[Any]:
    with open_source(parse_location(url)) as source:
        return [key for table in reflect(source).tables for key in table.foreign_keys]
