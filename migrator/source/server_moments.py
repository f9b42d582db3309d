"""One moment of a server: PostgreSQL's exported snapshot, or InnoDB's consistent reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from migrator.source.faults import SnapshotLost, SnapshotUnsupported
from migrator.source.moment_names import (
    INNODB_REST_SECONDS,
    binary_log_position,
    innodb_name,
    innodb_position,
    postgresql_name,
    server_name,
    text_of,
)
from migrator.source.open import Source, stream

LOCKED_READERS = 4
"""Readers of a MySQL or MariaDB moment for which writers are held up; a connection each."""
LOCK_WAIT_SECONDS = 5
"""How long at most the brief lock waits for statements under way: writers queue behind it meanwhile."""


class ExportedSnapshot:
    """A repeatable-read transaction of PostgreSQL that it exports: each reader joins it on a connection of its own.
    It takes ACCESS SHARE locks alone, which no writer feels."""

    reused = False

    def __init__(self, source: Source) -> None:
        self.source = source
        with source.named_errors():
            self._holder = source.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        try:
            with source.named_errors():
                self._snapshot = text_of(self._holder, "SELECT pg_export_snapshot()")
                self._name = postgresql_name(self._holder)
        except BaseException:
            self._holder.close()
            raise

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self.source.connect() as connection:
            joined = connection.execution_options(isolation_level="REPEATABLE READ")
            try:
                joined.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{self._snapshot}'")
            except DBAPIError as error:
                raise lost(self.source, error) from error
            yield joined

    def fingerprint(self) -> str:
        return self._name

    def close(self) -> None:
        with suppress(SQLAlchemyError):
            self._holder.close()


class ConsistentReads:
    """Repeatable-read transactions of InnoDB that all began at one moment.

    MySQL and MariaDB cannot share a transaction's view with another connection. One reader needs no lock at all, and
    threads take turns at it; several are begun while `FLUSH TABLES WITH READ LOCK` holds writers up, for
    `locked_seconds`.
    """

    reused = False

    def __init__(self, source: Source, brief_lock: bool = False) -> None:
        self.source = source
        self.locked_seconds: float | None = None
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._mine = threading.local()
        self._readers: list[Connection] = []
        try:
            with source.named_errors():
                self._name = self._begin_locked() if brief_lock else self._begin()
                demand_transactional(self._readers[0])
        except BaseException:
            self.close()
            raise
        for reader in self._readers:
            self._free.put(reader)

    def _begin(self) -> str:
        reader = self._reader()
        server, before = server_name(reader), innodb_position(reader)
        time.sleep(INNODB_REST_SECONDS)
        _start(reader)
        logged = binary_log_position(reader)
        if logged is None and innodb_position(reader) == before:
            logged = before
        return innodb_name(server, logged)

    def _begin_locked(self) -> str:
        for _ in range(LOCKED_READERS):
            self._reader()
        server = server_name(self._readers[0])
        with self.source.engine.connect() as locker:
            locker.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}")
            began = time.monotonic()
            locker.exec_driver_sql("FLUSH TABLES WITH READ LOCK")
            try:
                for reader in self._readers:
                    _start(reader)
                position = innodb_position(locker)
            finally:
                locker.exec_driver_sql("UNLOCK TABLES")
                self.locked_seconds = time.monotonic() - began
                locker.invalidate()
        return innodb_name(server, binary_log_position(self._readers[0]) or position)

    def _reader(self) -> Connection:
        reader = self.source.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        self._readers.append(reader)
        return reader

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        # A second statement on a connection would silently end the stream that is still being read from it.
        if getattr(self._mine, "reading", False):
            raise RuntimeError("a thread that reads from this moment asks for a second connection")
        reader = self._free.get()
        self._mine.reading = True
        try:
            with self.source.named_errors():
                if reader.invalidated:
                    raise lost(self.source, "the server ended its connection")
                yield reader
        finally:
            self._mine.reading = False
            self._free.put(reader)

    def fingerprint(self) -> str:
        return self._name

    def close(self) -> None:
        for reader in self._readers:
            with suppress(SQLAlchemyError):
                reader.close()


def lost(source: Source, why: object) -> SnapshotLost:
    reason = " ".join(str(getattr(why, "orig", None) or why).split())
    return SnapshotLost(
        f"{source.location.display}: the moment that was being read is gone: {reason}",
        "run the same command again: it goes on if nothing was written since; otherwise it stops and offers "
        "--restart or --reconcile",
    )


def _start(reader: Connection) -> None:
    reader.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def demand_transactional(connection: Connection) -> None:
    """SnapshotUnsupported for tables whose engine keeps no old versions of rows: a reader would see later writes."""
    sql = (
        "SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t JOIN information_schema.ENGINES e "
        "ON e.ENGINE = t.ENGINE WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' "
        "AND (e.TRANSACTIONS IS NULL OR e.TRANSACTIONS <> 'YES') ORDER BY t.TABLE_NAME"
    )
    found = [f"{name} ({engine})" for name, engine in stream(connection, sql)]
    if found:
        raise SnapshotUnsupported(
            f"tables whose engine has no snapshot, so that their rows would be of other moments: {', '.join(found)}",
            "change their engine (ALTER TABLE ... ENGINE = InnoDB) in the source, in a replica, or in a restored dump",
        )
