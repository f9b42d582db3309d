"""Opens a source for reading only, and says by name what stands in the way."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from migrator.model.errors import MigrateError
from migrator.source.faults import (
    EmptyDatabase,
    QueryFailed,
    SourceIsDirectory,
    SourceMissing,
    SourceUnreachable,
    SourceUnreadable,
    sqlite_fault,
)
from migrator.source.location import Location
from migrator.source.server_engine import server_engine
from migrator.source.server_faults import server_fault
from migrator.source.sums import EXACT_SUM, ExactSum
from migrator.source.values import decode_text

_BUSY_SECONDS = 30.0
_BATCH = 500
_NAME_THE_FILE = "Check the path of the source."

Row = tuple[Any, ...]


class Source:
    """An open source. Connections are pooled: one for each `connect`, so threads never share one."""

    def __init__(self, location: Location, engine: Engine) -> None:
        self.location = location
        self.engine = engine

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.engine.dispose()

    @property
    def dialect(self) -> str:
        """sqlite, postgresql or mysql."""
        return self.location.dialect

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection for this call alone. The driver's errors come out as named ones."""
        with self.named_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turns the driver's errors into those of `faults`."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._fault(error) from error
        except DBAPIError as error:
            raise self._fault(error.orig or error, error.connection_invalidated) from error

    def quote(self, *names: str) -> str:
        """Names as the dialect quotes them, joined by dots."""
        return ".".join(self.engine.dialect.identifier_preparer.quote_identifier(name) for name in names)

    def bind(self, name: str) -> str:
        """The placeholder of a named parameter in the driver's own style."""
        return f":{name}" if self.dialect == "sqlite" else f"%({name})s"

    def _fault(self, error: BaseException, disconnected: bool = False) -> MigrateError:
        if not isinstance(error, sqlite3.Error):
            return server_fault(error, self.location.display, disconnected)
        code = getattr(error, "sqlite_errorname", "") or ""
        if code in ("SQLITE_ERROR", "SQLITE_RANGE", "SQLITE_MISMATCH", "SQLITE_AUTH", ""):
            return QueryFailed(f"{self.location.display}: {error}", "Check the statement against the source.")
        return sqlite_fault(error, self.location.display)


def open_source(location: Location) -> Source:
    """Opens read-only and reads once, so that whatever is wrong shows here. SQLite never gets `immutable`,
    which would lose the rows that are only in the WAL."""
    if location.path is not None:
        return _open_file(location, location.path)
    if location.url is None:
        raise SourceMissing("No source is named", _NAME_THE_FILE)
    return _open_server(location, location.url)


def stream(connection: Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> Generator[Row, None, None]:
    """Rows as plain tuples of raw values, a few hundred at a time. The statement runs on the first `next`."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, dict(parameters or {}))
            while rows := cursor.fetchmany(_BATCH):
                yield from rows
        finally:
            cursor.close()
        return
    options = {"stream_results": True, "max_row_buffer": _BATCH}
    with connection.exec_driver_sql(sql, dict(parameters or {}) or None, execution_options=options) as result:
        for rows in result.partitions(_BATCH):
            yield from map(tuple, rows)


def stream_lists(
    connection: Connection, sql: str, parameters: Mapping[str, Any] | None = None
) -> Generator[list[Row], None, None]:
    """The rows of `stream`, in lists. SQLite's texts are decoded by the driver itself; where one is not valid, the
    statement runs again, rows that were given are skipped, and `decode_text` keeps what it is."""
    if connection.dialect.name != "sqlite":
        rows = stream(connection, sql, parameters)
        yield from iter(lambda: list(islice(rows, _BATCH)), [])
        return
    driver: Any = connection.connection.driver_connection
    given = 0
    driver.text_factory = str
    try:
        for some in _lists(driver, sql, parameters):
            given += len(some)
            yield some
        return
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    finally:
        driver.text_factory = decode_text
    rest = stream(connection, sql, parameters)
    deque(islice(rest, given), maxlen=0)
    yield from iter(lambda: list(islice(rest, _BATCH)), [])


def _lists(driver: Any, sql: str, parameters: Mapping[str, Any] | None) -> Generator[list[Row], None, None]:
    cursor = driver.cursor()
    try:
        cursor.execute(sql, dict(parameters or {}))
        while some := cursor.fetchmany(_BATCH):
            yield some
    finally:
        cursor.close()


def first(connection: Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> Row | None:
    """The statement's first row, if any."""
    rows = stream(connection, sql, parameters)
    try:
        return next(rows, None)
    finally:
        rows.close()


def _open_file(location: Location, path: Path) -> Source:
    _check_file(path)
    engine = create_engine(
        "sqlite://", creator=lambda: _connect_file(path), poolclass=QueuePool, pool_size=8, max_overflow=-1
    )
    source = Source(location, engine)
    try:
        _check_tables(source)
    except BaseException:
        source.close()
        raise
    return source


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise SourceIsDirectory(f"{path} is a directory", "Name the SQLite file in it.")
    if not path.exists():
        raise SourceMissing(f"There is no file {path}", _NAME_THE_FILE)
    if not os.access(path, os.R_OK):
        raise SourceUnreadable(f"{path} may not be read by this user", "Give this user read access to the file.")


def _connect_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.text_factory = decode_text
    connection.create_aggregate(EXACT_SUM, 1, ExactSum)  # type: ignore[arg-type]
    return connection


def _check_tables(source: Source) -> None:
    sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    with source.connect() as connection:
        row = first(connection, sql)
    if not row or not row[0]:
        raise _no_tables(source.location)


def _no_tables(location: Location) -> EmptyDatabase:
    return EmptyDatabase(f"{location.display} has no tables", "Name the database that holds the application's data.")


def _open_server(location: Location, url: URL) -> Source:
    source = Source(location, server_engine(location, url))
    try:
        with source.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        source.close()
        reason = getattr(error, "orig", None) or error
        raise SourceUnreachable(
            f"{location.display} cannot be read: {_one_line(reason)}",
            "Check host, port, user and password (environment, .pgpass or .my.cnf), and that the server runs.",
        ) from None
    except MigrateError:
        source.close()
        raise
    if not tables:
        source.close()
        raise _no_tables(location)
    return source


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
