"""Names of a server's moments: equal names, equal contents. The reverse need not hold: a write elsewhere on the
server makes another name.

PostgreSQL: the transactions that the snapshot sees (pg_current_snapshot). The position in the write-ahead log would
not do: a commit is in the log before it is seen.
MySQL and MariaDB: the position in the binary log as the snapshot saw it, the GTIDs, or, without either, InnoDB's log
sequence number. Where a server tells none of them, or does not come to rest, the moment gets a name that no other has.
"""

from __future__ import annotations

import uuid

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from migrator.source.open import Row, first, stream

INNODB_REST_SECONDS = 0.02
"""A commit is in InnoDB's log some microseconds before it is seen. A snapshot that begins this long after the log was
looked at sees all that was in it."""
_LOG_POSITIONS = ("Innodb_lsn_current", "Innodb_redo_log_current_lsn")
_BINARY_LOG = ("Binlog_snapshot_file", "Binlog_snapshot_position")


def text_of(connection: Connection, sql: str) -> str:
    """The statement's one value as text; empty for NULL."""
    row = first(connection, sql)
    return "" if row is None or row[0] is None else str(row[0])


def postgresql_name(connection: Connection) -> str:
    """Names what this transaction's snapshot sees."""
    cluster = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')"
    system = "0"
    if text_of(connection, cluster) == "True":
        system = text_of(
            connection,
            "SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c",
        )
    sql = "SELECT current_database() || ':' || pg_current_snapshot()"
    return f"postgresql:{system}:{text_of(connection, sql)}"


def server_name(connection: Connection) -> str:
    """The server and the database, as part of each of its moments' names."""
    identity = _asked(connection, "SELECT @@GLOBAL.server_uuid") or _asked(connection, "SELECT @@GLOBAL.server_uid")
    return f"{identity or text_of(connection, 'SELECT @@hostname')}/{text_of(connection, 'SELECT DATABASE()')}"


def innodb_position(connection: Connection) -> str | None:
    """Where the server's log stands now: its GTIDs, or InnoDB's sequence number; None when it tells neither."""
    if gtids := _asked(connection, "SELECT @@GLOBAL.gtid_executed"):
        return gtids
    listed = ", ".join(f"'{name}'" for name in _LOG_POSITIONS)
    row = first(connection, f"SHOW GLOBAL STATUS WHERE Variable_name IN ({listed})")
    return None if row is None else str(row[1])


def binary_log_position(connection: Connection) -> str | None:
    """Where MariaDB's binary log stood for the snapshot of this very transaction; None without one."""
    listed = ", ".join(f"'{name}'" for name in _BINARY_LOG)
    found = dict(map(_pair, stream(connection, f"SHOW STATUS WHERE Variable_name IN ({listed})")))
    file, place = (found.get(name) for name in _BINARY_LOG)
    return f"{file}:{place}" if file else None


def innodb_name(server: str, position: str | None) -> str:
    """Names a moment at that position; without one, as no other is named."""
    return f"mysql:{server}:{position}" if position is not None else f"mysql:{server}:unnamed:{uuid.uuid4()}"


def _pair(row: Row) -> tuple[str, object]:
    name, value = row
    return str(name), value


def _asked(connection: Connection, sql: str) -> str:
    """The value of a variable that some servers do not have."""
    try:
        return text_of(connection, sql).replace("\n", "")
    except DBAPIError:
        return ""
