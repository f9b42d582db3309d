"""Servers of a test's own, on ports and in folders of their own, with the settings that the test needs."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from migrator.model.schema import Column, Kind, Schema, Table
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

_SECONDS = 60
_TYPES = {Kind.INTEGER: "BIGINT", Kind.DECIMAL: "NUMERIC(20, 2)", Kind.FLOAT: "DOUBLE PRECISION"}


@contextmanager
def postgresql(folder: Path, preload: str = "pg_stat_statements") -> Iterator[str]:
    """The URL of a server with that library loaded. Skips where PostgreSQL's programs are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or not list(Path("/usr").glob("lib/postgresql/*/lib/pg_stat_statements.so")):
        pytest.skip("PostgreSQL with pg_stat_statements is not installed")
    programs, port, user = found[-1].parent, _free_port(), _user("postgres")
    with _reachable(folder, user) as place:
        _run(user, programs / "initdb", "-D", place / "data", "-U", "postgres", "-A", "trust", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={place}"
        options += f" -c shared_preload_libraries={preload}" if preload else ""
        _run(user, programs / "pg_ctl", "-D", place / "data", "-l", place / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(user, programs / "pg_ctl", "-D", place / "data", "-m", "immediate", "-w", "stop")


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """The URL of a server that counts its statements. Skips where MariaDB or its driver is not installed."""
    pytest.importorskip("pymysql", reason="the driver of MySQL is not installed")
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if install is None or server is None:
        pytest.skip("MariaDB is not installed")
    port, user = _free_port(), _user("mysql")
    with _reachable(folder, user) as place:
        _run(user, install, "--no-defaults", f"--datadir={place / 'data'}", "--auth-root-authentication-method=normal")
        arguments = [
            server,
            "--no-defaults",
            f"--datadir={place / 'data'}",
            f"--port={port}",
            f"--socket={place / 's'}",
        ]
        arguments += ["--bind-address=127.0.0.1", "--performance-schema=ON", f"--pid-file={place / 'pid'}"]
        arguments += ["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--log-bin", "--server-id=1"]
        process = subprocess.Popen(arguments, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            root = f"mysql+pymysql://root@127.0.0.1:{port}"
            _wait(f"{root}/mysql")
            _execute(f"{root}/mysql", "CREATE DATABASE shop")
            yield f"{root}/shop"
        finally:
            process.terminate()
            process.wait(_SECONDS)


def build(url: str, schema: Schema | None, *statements: str) -> None:
    """Makes the schema's tables without rows or references, then runs the statements."""
    tables = schema.tables if schema is not None else ()
    _execute(url, *(_ddl(table, url.startswith("mysql")) for table in tables), *statements)


def _ddl(table: Table, short: bool) -> str:
    columns = [f"{column.name} {_type(column, short)}" for column in table.columns]
    return f"CREATE TABLE {table.name} ({', '.join(columns)}, PRIMARY KEY ({', '.join(table.primary_key)}))"


def _type(column: Column, short: bool) -> str:
    if column.kind is Kind.BYTES:
        return "BLOB" if short else "BYTEA"
    return _TYPES.get(column.kind, "VARCHAR(120)" if short else "TEXT")


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _wait(url: str) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            return _execute(url, "SELECT 1")
        except SQLAlchemyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _user(name: str) -> str | None:
    """Servers do not run as root: the user that their package made does it. None for whom the test runs as."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        pytest.skip(f"there is no user {name} to run a server as")


@contextmanager
def _reachable(folder: Path, user: str | None) -> Iterator[Path]:
    """A folder that the server's user can reach, however private the tests' own are."""
    with tempfile.TemporaryDirectory(prefix=folder.name[:8], dir="/tmp") as made:
        if user is not None:
            shutil.chown(made, user)
        yield Path(made)


def _run(user: str | None, *arguments: str | Path) -> None:
    done = subprocess.run([*map(str, arguments)], user=user, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{arguments[0]}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
