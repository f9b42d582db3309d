"""Connections to a server: read-only sessions in UTC that give up rather than wait behind a lock."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import NoSuchModuleError

from migrator.source.faults import MissingDriver, SchemaMissing, UnknownDialect
from migrator.source.location import Location
from migrator.source.mysql_values import decoders
from migrator.source.server_values import keep_values

POOL, MOST_READERS = 4, 16
"""Connections that are kept, and those that there are at most: threads beyond wait for one."""
CONNECT_SECONDS = 15
LOCK_SECONDS = 30
"""How long a read waits for a lock; only changes of a table's definition hold one that a read waits for."""
STATEMENT_MINUTES = 60
"""How long a statement may take, where neither the URL nor the server says."""
IDLE_SECONDS = 7 * 24 * 3600
"""How long the server keeps a connection that waits for DynamoDB: a load may be slow on purpose."""
_DRIVERS = {"postgresql": "psycopg[binary]", "mysql": "pymysql"}
_DEFAULT_DRIVER = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_PASSWORDS = ("MIGRATE_SOURCE_PASSWORD", "MYSQL_PWD")


def server_engine(location: Location, url: URL) -> Engine:
    """UnknownDialect or MissingDriver when there is no way to the server; nothing is connected yet."""
    if location.dialect not in _DRIVERS:
        raise UnknownDialect(
            f"{location.display}: {location.dialect} is not a database that can be read",
            "Use SQLite, PostgreSQL, MySQL or MariaDB.",
        )
    url = _with_driver(_with_password(url))
    try:
        engine = create_engine(
            url,
            connect_args=_connecting(location, url),
            pool_size=POOL,
            max_overflow=MOST_READERS - POOL,
            pool_timeout=None,
        )
    except NoSuchModuleError:
        raise UnknownDialect(f"{location.display}: no such driver", "Leave the driver out of the URL.") from None
    except ImportError as error:
        raise MissingDriver(
            f"{location.display}: the driver {error.name} is not installed",
            f"pip install '{_DRIVERS[location.dialect]}'",
        ) from None
    event.listen(engine, "connect", _session_settings(location))
    return engine


def _with_driver(url: URL) -> URL:
    """A URL that names no driver gets the one that is an extra of this package."""
    wanted = _DEFAULT_DRIVER.get(url.drivername)
    return url if wanted is None else url.set(drivername=wanted)


def _with_password(url: URL) -> URL:
    """libpq finds PGPASSWORD and .pgpass by itself; other clients are told from the environment."""
    if url.password is not None:
        return url
    password = next((os.environ[name] for name in _PASSWORDS if os.environ.get(name)), None)
    return url if password is None else url.set(password=password)


def _connecting(location: Location, url: URL) -> dict[str, Any]:
    if location.dialect == "postgresql":
        return {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    options: dict[str, Any] = {"conv": decoders()} if url.get_driver_name() == "pymysql" else {}
    if "connect_timeout" not in url.query:
        options["connect_timeout"] = CONNECT_SECONDS
    file = Path.home() / ".my.cnf"
    # MySQL's clients in Python read the option file only when told.
    return options | ({"read_default_file": str(file)} if url.password is None and file.exists() else {})


def _session_settings(location: Location) -> Any:
    """What every new connection is told."""
    applies = _postgresql if location.dialect == "postgresql" else _mysql

    def apply(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            applies(cursor, location)
        connection.commit()
        if location.dialect == "postgresql":
            keep_values(connection)

    return apply


def _postgresql(cursor: Any, location: Location) -> None:
    for statement in (
        "SET TIME ZONE 'UTC'",
        "SET datestyle = 'ISO, YMD'",
        "SET intervalstyle = 'postgres'",
        "SET bytea_output = 'hex'",
        "SET extra_float_digits = 1",
        "SET default_transaction_read_only = on",
        "SET idle_in_transaction_session_timeout = 0",
    ):
        cursor.execute(statement)
    for name, seconds in (("lock_timeout", LOCK_SECONDS), ("statement_timeout", STATEMENT_MINUTES * 60)):
        cursor.execute(f"SELECT set_config('{name}', '{seconds}s', false) WHERE current_setting('{name}') = '0'")
    if location.schema is not None:
        _postgresql_schema(cursor, location, location.schema)


def _postgresql_schema(cursor: Any, location: Location, schema: str) -> None:
    """Names without a schema mean those of this one; types and functions of extensions are often in public."""
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,))
    if cursor.fetchone() is None:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"
        )
        there = ", ".join(str(row[0]) for row in cursor.fetchall())
        raise SchemaMissing(f"{location.display} has no schema {schema}", f"Name one of these with --schema: {there}.")
    cursor.execute("SELECT set_config('search_path', quote_ident(%s) || ', public', false)", (schema,))


def _mysql(cursor: Any, _location: Location) -> None:
    cursor.execute("SET time_zone = '+00:00'")
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.execute(f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}")
    # While DynamoDB is slow, rows wait in the connection, and the connection for the next statement.
    for name in ("net_write_timeout", "net_read_timeout", "wait_timeout"):
        cursor.execute(f"SET SESSION {name} = {IDLE_SECONDS}")
    cursor.execute("SHOW SESSION VARIABLES WHERE Variable_name LIKE 'idle%transaction_timeout'")
    for name, _ in cursor.fetchall():
        cursor.execute(f"SET SESSION {name} = 0")
