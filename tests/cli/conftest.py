"""A command line in an empty folder, and the library in it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from migrator.cli import main
from migrator.target.local import LocalEngine

from tests.cli.library import make_library


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MIGRATE_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def library(folder: Path) -> Path:
    return make_library(folder / "library.db")


@pytest.fixture
def migrate(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line in the folder."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run


@pytest.fixture
def at_engine(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, table_name: str) -> str:
    """Commands go to the embedded engine, and plans to a table of the test's own: its name."""
    monkeypatch.setenv("MIGRATE_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("MIGRATE_TABLE_NAME", table_name)
    return table_name
