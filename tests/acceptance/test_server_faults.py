"""What goes wrong with a server: each is an error by its name with the right exit code, and tells no password."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from migrator.cli import main
from migrator.target.local import LocalEngine
from sqlalchemy.engine import make_url

from tests.faults.wire import Wire
from tests.servers import SERVERS, command, execute, given_url, own_database

ROWS = 4_000
PASSWORD = "s3cret-of-the-shop"
DDL = (
    "CREATE TABLE open_to_all (id INTEGER PRIMARY KEY, note VARCHAR(300) NOT NULL)",
    "CREATE TABLE closed (id INTEGER PRIMARY KEY)",
    "INSERT INTO open_to_all VALUES " + ", ".join(f"({n}, '{'x' * 200}')" for n in range(ROWS)),
)


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command line in an empty folder. Nothing that it prints or writes holds the password."""
    monkeypatch.chdir(tmp_path)

    def ended(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        assert PASSWORD not in said.out + said.err
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    return ended


@contextmanager
def user(kind: str, url: str, *grants: str) -> Iterator[str]:
    """A URL of a user of the test's own, who has these privileges."""
    name = f"m_{uuid.uuid4().hex[:12]}"
    given = given_url(kind)
    if kind == "POSTGRESQL":
        command(given, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    else:
        command(given, f"CREATE USER {name}@'%%' IDENTIFIED BY '{PASSWORD}'")
    try:
        for grant in grants:
            execute(url, f"GRANT {grant} TO {name if kind == 'POSTGRESQL' else name + '@' + chr(39) + '%' + chr(39)}")
        yield make_url(url).set(username=name, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        if kind == "POSTGRESQL":
            execute(url, f"DROP OWNED BY {name}")
            command(given, f"DROP ROLE {name}")
        else:
            command(given, f"DROP USER {name}@'%%'")


@pytest.mark.parametrize("kind", SERVERS)
def test_a_table_that_may_not_be_read_is_named(kind: str, run: Run) -> None:
    with (
        own_database(kind, DDL) as url,
        user(kind, url, "SELECT ON open_to_all", "INSERT ON closed") as theirs,
    ):
        ended = run("plan", theirs, "--verbose")
        assert ended.code == 1
        assert "closed" in ended.err and "denied" in ended.err
        assert "GRANT SELECT" in ended.err
        (Path("migrate.toml")).write_text("[tables.closed]\nexclude = true\n")
        assert run("plan", theirs).code == 0


def test_a_wrong_password_is_told_without_it(run: Run) -> None:
    with own_database("MYSQL", DDL) as url, user("MYSQL", url, "SELECT ON open_to_all") as theirs:
        ended = run("plan", theirs.replace(PASSWORD, PASSWORD[:-1]), "--verbose")
        assert ended.code == 1
        assert "Access denied" in ended.err and "user and password" in ended.err
        assert PASSWORD[:-1] not in ended.err


def test_a_user_that_is_not_there_is_told(run: Run) -> None:
    url = make_url(given_url("POSTGRESQL")).set(username="nobody_of_that_name", password=PASSWORD)
    ended = run("plan", url.render_as_string(hide_password=False), "--verbose")
    assert ended.code == 1
    assert "nobody_of_that_name" in ended.err and "user and password" in ended.err


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_is_not_there_is_told(kind: str, run: Run) -> None:
    url = make_url(given_url(kind)).set(port=1, password=PASSWORD)
    ended = run("plan", url.render_as_string(hide_password=False))
    assert ended.code == 1
    assert "cannot be read" in ended.err and "that the server runs" in ended.err


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_goes_in_the_middle_of_a_load_and_comes_back(
    kind: str, run: Run, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATE_TABLE_NAME", f"cut-{kind.lower()}")
    at = ("--endpoint-url", engine.endpoint)
    with own_database(kind, DDL) as url, Wire(url) as wire:
        assert run("plan", wire.url).code == 0
        passed = wire.passed
        assert run("apply", "plan", *at, "--dry-run").code == 0
        # The load reads the rows once for the pre-flight, and then again.
        wire.cut_after((wire.passed - passed) + 300_000)
        cut = run("apply", "plan", *at)
        assert cut.code == 1, cut
        assert "run the same command again" in cut.err
        away = run("apply", "plan", *at)
        assert away.code == 1 and "that the server runs" in away.err
        wire.mend()
        execute(url, "INSERT INTO open_to_all VALUES (-1, 'written meanwhile')")
        blocked = run("apply", "plan", *at)
        assert blocked.code == 4, blocked
        assert "--restart" in blocked.err and "--reconcile" in blocked.err
        done = run("apply", "plan", *at, "--reconcile", "--json")
        assert done.code == 0, done.err
        assert json.loads(done.out)["verification"]["rows"]["checked"] == ROWS + 1
