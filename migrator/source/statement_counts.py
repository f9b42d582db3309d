"""The statements that a server has counted: PostgreSQL's pg_stat_statements, and MySQL's and MariaDB's digests in the
performance_schema."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from migrator.model.errors import MigrateError, UsageError
from migrator.source.faults import QueryFailed
from migrator.source.open import Source, first, stream
from migrator.workload.seen import Seen, Unread

_PG_PLACE = "pg_stat_statements"
_MYSQL_PLACE = "events_statements_summary_by_digest"
_HIDDEN = "<insufficient privilege>"


class NoStatementCounts(MigrateError):
    """The server counts no statements, or does not show them to this user."""


@dataclass(frozen=True, slots=True)
class StatementCounts:
    """What was counted, and over how many seconds; None where the server does not tell. `warnings`: what the
    counters may lack."""

    place: str
    seen: tuple[Seen | Unread, ...]
    seconds: float | None
    warnings: tuple[str, ...] = ()


def count_statements(
    source: Source, watch: float | None = None, wait: Callable[[float], None] = time.sleep
) -> StatementCounts:
    """The counters as they stand, or what they gain in `watch` seconds. UsageError for a source without a server;
    NoStatementCounts, with the way out, when the server has nothing to show."""
    if source.dialect == "sqlite":
        raise UsageError(
            f"{source.location.display}: SQLite counts no statements",
            "name a log of the application with --log, such as a SQLAlchemy echo log or a JSON trace",
        )
    if watch is None:
        return _counts(source)
    before, begun = _counts(source), time.monotonic()
    wait(watch)
    return _gained(before, _counts(source), time.monotonic() - begun)


def _counts(source: Source) -> StatementCounts:
    try:
        with source.connect() as connection:
            return _postgresql(source, connection) if source.dialect == "postgresql" else _mysql(source, connection)
    except QueryFailed as error:
        raise _pg_unread(source, error) if source.dialect == "postgresql" else _mysql_unread(source, error) from None


def _gained(before: StatementCounts, after: StatementCounts, seconds: float) -> StatementCounts:
    calls: Counter[tuple[str, str]] = Counter()
    rows: Counter[tuple[str, str]] = Counter()
    for one in before.seen:
        calls[_identity(one)] += one.calls
        rows[_identity(one)] += (one.rows or 0) if isinstance(one, Seen) else 0
    gained: list[Seen | Unread] = []
    for one in after.seen:
        more = one.calls - calls[_identity(one)]
        if more > 0 and isinstance(one, Seen):
            gained.append(replace(one, calls=more, rows=max(0, (one.rows or 0) - rows[_identity(one)])))
        elif more > 0:
            gained.append(replace(one, calls=more))
    return replace(after, seen=tuple(gained), seconds=seconds)


def _identity(one: Seen | Unread) -> tuple[str, str]:
    return (one.sql, "") if isinstance(one, Seen) else (one.reason, one.text)


def _postgresql(source: Source, connection: Connection) -> StatementCounts:
    columns = _pg_columns(source, connection)
    calls_alone = "" if "toplevel" not in columns else " AND toplevel"
    sql = (
        "SELECT query, SUM(calls), SUM(rows) FROM pg_stat_statements "  # noqa: S608
        "WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
        f"{calls_alone} GROUP BY query ORDER BY query"
    )
    seen = tuple(_pg_seen(*row) for row in stream(connection, sql))
    if seen and not any(isinstance(one, Seen) for one in seen):
        raise NoStatementCounts(
            f"{source.location.display}: pg_stat_statements shows the text of no statement to this user",
            "GRANT pg_read_all_stats TO this user, then try again",
        )
    return StatementCounts(_PG_PLACE, seen, *_pg_info(source))


def _pg_columns(source: Source, connection: Connection) -> frozenset[str]:
    sql = (
        "SELECT a.attname FROM pg_catalog.pg_attribute a "
        "WHERE a.attrelid = to_regclass('pg_stat_statements') AND a.attnum > 0"
    )
    columns = frozenset(str(row[0]) for row in stream(connection, sql))
    if not columns:
        raise NoStatementCounts(
            f"{source.location.display}: there is no pg_stat_statements in this database",
            "CREATE EXTENSION pg_stat_statements in it, with shared_preload_libraries = 'pg_stat_statements' in "
            "postgresql.conf (the server has to be started again); or name a log with --log",
        )
    return columns


def _pg_unread(source: Source, error: QueryFailed) -> NoStatementCounts:
    reason = error.what.split(": ", 1)[-1]
    if "shared_preload_libraries" in reason:
        what, way_out = (
            "pg_stat_statements is not loaded",
            "add it to shared_preload_libraries in postgresql.conf and restart the server; or name a log with --log",
        )
    elif "permission denied" in reason:
        what, way_out = (
            "this user may not read pg_stat_statements",
            "GRANT SELECT ON pg_stat_statements and GRANT pg_read_all_stats to this user, then try again",
        )
    else:
        what, way_out = f"pg_stat_statements cannot be read: {reason}", "or name a log with --log"
    return NoStatementCounts(f"{source.location.display}: {what}", way_out)


def _pg_seen(query: str | None, calls: object, rows: object) -> Seen | Unread:
    number = int(str(calls))
    if query is None or query == _HIDDEN:
        return Unread(_PG_PLACE, "its text is another user's: GRANT pg_read_all_stats shows it", number)
    return Seen(query, _PG_PLACE, calls=number, rows=int(str(rows)))


def _pg_info(source: Source) -> tuple[float | None, tuple[str, ...]]:
    """Seconds since the counters began, and what they have lost. PostgreSQL tells since version 14."""
    try:
        with source.connect() as connection:
            row = first(
                connection,
                "SELECT EXTRACT(EPOCH FROM clock_timestamp() - stats_reset), dealloc FROM pg_stat_statements_info",
            )
    except QueryFailed:
        return None, ()
    if row is None or row[0] is None:
        return None, ()
    lost = int(row[1] or 0)
    told = f"pg_stat_statements dropped its rarest statements {lost} times: raise pg_stat_statements.max"
    return float(row[0]), (told,) if lost else ()


def _mysql(source: Source, connection: Connection) -> StatementCounts:
    on = first(connection, "SELECT @@performance_schema")
    if not on or not int(on[0]):
        raise NoStatementCounts(
            f"{source.location.display}: performance_schema is off",
            "start the server with performance_schema = ON; or name a general or slow log with --log",
        )
    seen = tuple(_mysql_seen(connection))
    seconds = first(connection, _MYSQL_SECONDS)
    return StatementCounts(_MYSQL_PLACE, seen, float(seconds[0]) if seconds and seconds[0] else None)


def _mysql_unread(source: Source, error: QueryFailed) -> NoStatementCounts:
    return NoStatementCounts(
        f"{source.location.display}: {_MYSQL_PLACE} cannot be read: {error.what.split(': ', 1)[-1]}",
        "GRANT SELECT ON performance_schema.* to this user; or name a general or slow log with --log",
    )


_MYSQL_SECONDS = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(FIRST_SEEN), NOW(6)) / 1000000 "
    "FROM performance_schema.events_statements_summary_by_digest"
)
_MYSQL_SQL = (
    "SELECT DIGEST_TEXT, SUM(COUNT_STAR), SUM(SUM_ROWS_SENT + SUM_ROWS_AFFECTED) "
    "FROM performance_schema.events_statements_summary_by_digest "
    "WHERE SCHEMA_NAME = DATABASE() OR DIGEST IS NULL GROUP BY DIGEST_TEXT ORDER BY DIGEST_TEXT"
)


def _mysql_seen(connection: Connection) -> Iterator[Seen | Unread]:
    for text, calls, rows in stream(connection, _MYSQL_SQL):
        number = int(calls)
        if text is None:
            yield Unread(_MYSQL_PLACE, "more kinds of statements than performance_schema_digests_size", number)
        elif str(text).rstrip().endswith("..."):
            yield Unread(_MYSQL_PLACE, "its digest was cut: raise max_digest_length", number, str(text)[:200])
        else:
            yield Seen(str(text), _MYSQL_PLACE, calls=number, rows=int(rows))
