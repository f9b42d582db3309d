"""PostgreSQL and MariaDB (or MySQL), where the environment names a database whose server the tests may use:
MIGRATE_TEST_POSTGRESQL and MIGRATE_TEST_MYSQL, each a SQLAlchemy URL of a user who may create databases.

Each test gets a database of its own, which goes when it ends, so that tests need not take turns.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

SERVERS = ("POSTGRESQL", "MYSQL")


def given_url(kind: str) -> str:
    """The URL that the environment gives; the test is skipped where it gives none."""
    url = os.environ.get(f"MIGRATE_TEST_{kind}")
    if not url:
        pytest.skip(f"MIGRATE_TEST_{kind} names no database")
    return url


@contextmanager
def own_database(kind: str, statements: Sequence[str] = ()) -> Iterator[str]:
    """The URL of a new database, in which the statements have run."""
    given = given_url(kind)
    name = f"migrate_{uuid.uuid4().hex[:16]}"
    command(given, f"CREATE DATABASE {name}")
    url = make_url(given).set(database=name).render_as_string(hide_password=False)
    try:
        execute(url, *statements)
        yield url
    finally:
        command(given, f"DROP DATABASE {name}" + (" WITH (FORCE)" if kind == "POSTGRESQL" else ""))


def command(url: str, *statements: str) -> None:
    """Runs statements outside of a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def execute(url: str, *statements: str) -> None:
    """Runs statements in one transaction; they hold no parameters."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"), {})
    finally:
        engine.dispose()
