"""Each kind of log, as its server or library writes it."""

from __future__ import annotations

import pytest
from migrator.model.errors import UsageError
from migrator.workload.logs import KINDS, log_kind

from tests.workload.capturing import of_log

ECHO = """\
2026-11-24 10:00:00,000 INFO sqlalchemy.engine.Engine BEGIN (implicit)
2026-11-24 10:00:00,100 INFO sqlalchemy.engine.Engine SELECT orders.id AS orders_id, orders.total AS orders_total
FROM orders
WHERE orders.customer_id = ?
 LIMIT ? OFFSET ?
2026-11-24 10:00:00,101 INFO sqlalchemy.engine.Engine [generated in 0.00012s] (5, 20, 0)
2026-11-24 10:00:00,900 WARNING app.views not one of the engine's
and its second line
2026-11-24 10:00:10,000 INFO sqlalchemy.engine.Engine INSERT INTO region (id, name) VALUES (?, ?)
2026-11-24 10:00:10,000 INFO sqlalchemy.engine.Engine [cached since 5.1s ago] [(1, 'a, (b'), (2, 'it''s')]
2026-11-24 10:00:10,000 INFO sqlalchemy.engine.Engine COMMIT
"""
POSTGRESQL = """\
2026-11-24 10:00:00.000 UTC [71] app@shop LOG:  statement: BEGIN
2026-11-24 10:00:00.100 UTC [71] app@shop LOG:  duration: 0.110 ms  parse <unnamed>: SELECT id, total
\tFROM orders WHERE customer_id = $1
2026-11-24 10:00:00.100 UTC [71] app@shop LOG:  duration: 0.210 ms  bind <unnamed>: SELECT id, total
\tFROM orders WHERE customer_id = $1
2026-11-24 10:00:00.100 UTC [71] app@shop LOG:  execute <unnamed>: SELECT id, total
\tFROM orders WHERE customer_id = $1
2026-11-24 10:00:00.100 UTC [71] app@shop DETAIL:  parameters: $1 = '4711'
2026-11-24 10:00:10.000 UTC [72] app@shop LOG:  duration: 1.5 ms  statement: INSERT INTO region (id, name) VALUES (1, 'a'),
\t(2, 'b')
2026-11-24 10:00:10.000 UTC [72] app@shop ERROR:  duplicate key value
2026-11-24 10:00:10.000 UTC [72] app@shop STATEMENT:  INSERT INTO region (id, name) VALUES (1, 'a')
"""
POSTGRESQL_CSV = """\
2026-11-24 10:00:00.000 UTC,"app","shop",71,"[local]",6743.1,1,"BEGIN",2026-11-24 10:00:00 UTC,3/5,0,LOG,00000,"statement: BEGIN",,,
2026-11-24 10:00:00.100 UTC,"app","shop",71,"[local]",6743.1,2,"SELECT",2026-11-24 10:00:00 UTC,3/5,0,LOG,00000,"execute <unnamed>: SELECT id, total
FROM orders WHERE customer_id = $1","parameters: $1 = '4711'",,
2026-11-24 10:00:10.000 UTC,"app","shop",72,"[local]",6743.2,1,"INSERT",2026-11-24 10:00:00 UTC,3/6,0,LOG,00000,"statement: INSERT INTO ""region"" (id, name) VALUES (1, 'a'), (2, 'b')",,,
"""
POSTGRESQL_JSON = """\
{"timestamp":"2026-11-24 10:00:00.000 UTC","pid":71,"error_severity":"LOG","message":"statement: BEGIN"}
{"timestamp":"2026-11-24 10:00:00.100 UTC","pid":71,"error_severity":"LOG","message":"execute <unnamed>: SELECT id, total FROM orders WHERE customer_id = $1","detail":"parameters: $1 = '4711'"}
{"timestamp":"2026-11-24 10:00:10.000 UTC","pid":72,"error_severity":"LOG","message":"statement: INSERT INTO region (id, name) VALUES (1, 'a'), (2, 'b')"}
"""
MARIADB_GENERAL = """\
/usr/sbin/mariadbd, Version: 10.11.6-MariaDB (Debian). started with:
Tcp port: 3306  Unix socket: /run/mysqld.sock
Time\t\t    Id Command\tArgument
261124 10:00:00\t     8 Connect\tapp@localhost on shop using TCP/IP
\t\t     8 Query\tBEGIN
\t\t     8 Query\tSELECT id, total
FROM orders WHERE customer_id = 4711
261124 10:00:10\t     9 Query\tINSERT INTO region (id, name) VALUES (1, 'a'), (2, 'b')
\t\t     9 Quit\t
"""
MYSQL_GENERAL = """\
2026-11-24T10:00:00.000000Z\t    8 Query\tBEGIN
2026-11-24T10:00:00.100000Z\t    8 Prepare\tSELECT id, total FROM orders WHERE customer_id = ?
2026-11-24T10:00:00.100000Z\t    8 Execute\tSELECT id, total FROM orders WHERE customer_id = 4711
2026-11-24T10:00:10.000000Z\t    9 Query\tINSERT INTO region (id, name) VALUES (1, 'a'), (2, 'b')
"""
SLOW = """\
# Time: 2026-11-24T10:00:00.000000Z
# User@Host: app[app] @ localhost []  Id:     8
# Query_time: 0.000123  Lock_time: 0.000004 Rows_sent: 0  Rows_examined: 0
use shop;
SET timestamp=1795514400;
BEGIN;
# Time: 2026-11-24T10:00:00.100000Z
# User@Host: app[app] @ localhost []  Id:     8
# Query_time: 0.000123  Lock_time: 0.000004 Rows_sent: 20  Rows_examined: 20
SET timestamp=1795514400;
SELECT id, total
FROM orders WHERE customer_id = 4711;
# administrator command: Quit;
# Time: 2026-11-24T10:00:10.000000Z
# User@Host: app[app] @ localhost []  Id:     9
# Query_time: 0.000123  Lock_time: 0.000004 Rows_sent: 0  Rows_examined: 0
# Rows_affected: 2  Bytes_sent: 11
SET timestamp=1795514410;
INSERT INTO region (id, name) VALUES (1, 'a'), (2, 'b');
"""
TRACE = """\
{"sql": "BEGIN", "time": "2026-11-24T10:00:00Z"}
{"statement": "SELECT id, total FROM orders WHERE customer_id = ?", "params": [4711], "timestamp": 1795514400.1}
{"name": "GET /", "traceId": "1", "attributes": {"http.method": "GET"}}
{"traceId": "1", "startTimeUnixNano": "1795514410000000000", "attributes": [{"key": "db.statement", "value": {"stringValue": "INSERT INTO region (id, name) VALUES (?, ?)"}}], "count": 2}
"""
LOGS = {
    "echo": ("sqlalchemy", "sqlite", ECHO),
    "postgresql": ("postgresql", "postgresql", POSTGRESQL),
    "postgresql-csv": ("postgresql", "postgresql", POSTGRESQL_CSV),
    "postgresql-json": ("postgresql", "postgresql", POSTGRESQL_JSON),
    "mariadb-general": ("mysql-general", "mysql", MARIADB_GENERAL),
    "mysql-general": ("mysql-general", "mysql", MYSQL_GENERAL),
    "slow": ("mysql-slow", "mysql", SLOW),
    "trace": ("json", "sqlite", TRACE),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_recognised_and_its_statements_are_counted(name: str) -> None:
    kind, dialect, text = LOGS[name]
    assert log_kind(text.splitlines(keepends=True), "app.log") == kind
    capture, captured = of_log(text, kind, dialect)
    assert {query.name: query.calls for query in captured.queries} == {"insert_region": 2, "orders_by_customer_id": 1}
    assert captured.unread == ()
    assert "transaction control" in dict(captured.left_out)
    measured = capture.measured()
    assert measured is not None
    assert measured.seconds == pytest.approx(10)
    assert all("4711" not in query.sql for query in captured.queries)


def test_the_peak_is_the_calls_of_the_busiest_second() -> None:
    lines = [
        f'{{"sql": "SELECT name FROM region WHERE id = ?", "time": {1795514400 + second}.{n}}}\n'
        for second, calls in enumerate((1, 7, 2, 0, 1))
        for n in range(calls)
    ]
    _, captured = of_log("".join(lines), "json", "sqlite")
    assert [(query.calls, query.peak) for query in captured.queries] == [(11, 7.0)]


def test_a_line_of_a_trace_that_says_nothing_is_told_with_its_number() -> None:
    _, captured = of_log(
        '{"sql": "SELECT 1"}\n\nnot json\n{"params": [1]}\n{"sql": "x", "count": "many"}\n', "json", "sqlite"
    )
    assert [(one.where, one.reason.split(" with")[0]) for one in captured.unread] == [
        ("app.log:3", "it is not JSON"),
        ("app.log:4", "it is not a JSON object"),
        ("app.log:5", "its count is no whole number"),
    ]


def test_bound_values_that_are_hidden_still_count_the_statement() -> None:
    text = ECHO.replace("(5, 20, 0)", "[SQL parameters hidden due to hide_parameters=True]")
    _, captured = of_log(text, "sqlalchemy", "sqlite")
    assert len(captured.queries) == 2


def test_a_file_that_is_no_log_is_refused_with_the_kinds() -> None:
    with pytest.raises(UsageError) as raised:
        log_kind(["once upon a time\n"], "story.txt")
    assert all(kind in raised.value.next_step for kind in KINDS)
