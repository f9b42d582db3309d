"""On an endpoint that costs money nothing is written without a yes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from migrator.target import connect

from tests.cli.conftest import Command


class Person(io.StringIO):
    """A terminal with somebody at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, migrate: Command, library: Path, at_engine: str) -> str:
    """The embedded engine as if it were AWS, and a plan for it: the table's name."""
    monkeypatch.setattr(connect, "is_loopback", lambda _endpoint: False)
    monkeypatch.setattr(connect, "_account", lambda _session, _region: "123456789012")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("MIGRATE_REGION", "eu-west-1")
    migrate("plan", library)
    return at_engine


def test_without_a_terminal_a_yes_must_be_said(migrate: Command, account: str, folder: Path) -> None:
    ended = migrate("apply", "plan")
    assert ended.code == 2
    assert "account 123456789012, region eu-west-1" in ended.err
    assert "--yes --max-cost" in ended.err
    assert not (folder / "plan" / ".migrate").exists()


def test_yes_needs_a_bound(migrate: Command, account: str) -> None:
    ended = migrate("apply", "plan", "--yes")
    assert ended.code == 2
    assert "--yes needs --max-cost" in ended.err


def test_a_load_beyond_the_bound_is_blocked(migrate: Command, account: str, folder: Path) -> None:
    ended = migrate("apply", "plan", "--yes", "--max-cost", "0.0000001")
    assert ended.code == 4
    assert "write units" in ended.err
    assert "nothing was written" in ended.err
    assert not (folder / "plan" / ".migrate").exists()
    assert "there is no table" in migrate("drop", "plan").out


def test_a_no_is_a_no(migrate: Command, account: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Person("no\n"))
    ended = migrate("apply", "plan")
    assert ended.code == 1
    assert "about to create and load table" in ended.err
    assert "not confirmed: nothing was written" in ended.err
    assert not (folder / "plan" / ".migrate").exists()


def test_a_person_says_yes_and_later_types_the_name(
    migrate: Command, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Person("yes\n"))
    assert migrate("apply", "plan", "--no-verify").code == 0
    monkeypatch.setattr("sys.stdin", Person("something else\n"))
    kept = migrate("drop", "plan")
    assert kept.code == 1
    assert "account 123456789012" in kept.err
    monkeypatch.setattr("sys.stdin", Person(f"{account}\n"))
    assert migrate("drop", "plan").code == 0


def test_a_script_says_yes_up_to_a_bound(migrate: Command, account: str) -> None:
    assert migrate("apply", "plan", "--yes", "--max-cost", "1", "--no-verify").code == 0
    assert migrate("drop", "plan", "--yes-drop", account).code == 0
