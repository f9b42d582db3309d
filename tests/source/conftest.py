"""Real SQLite files, made from scripts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from migrator.source.location import Location
from migrator.source.open import Source, open_source

Build = Callable[[str], Path]
Open = Callable[[str], Source]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes a database file of a script."""

    def make(script: str) -> Path:
        path = tmp_path / "source.db"
        with sqlite3.connect(path) as connection:
            connection.executescript(script)
        connection.close()
        return path

    return make


@pytest.fixture
def opened(build: Build) -> Iterator[Open]:
    """Opens the database of a script; closed after the test."""
    sources: list[Source] = []

    def make(script: str) -> Source:
        source = open_source(Location(path=build(script)))
        sources.append(source)
        return source

    yield make
    for source in sources:
        source.close()


@pytest.fixture
def chinook() -> Iterator[Source]:
    """The Chinook sample, kept beside the repository."""
    path = Path(__file__).parents[3] / "shared" / "data" / "chinook" / "chinook.sqlite3"
    if not path.exists():
        pytest.skip("the Chinook sample is not beside this repository")
    with open_source(Location(path=path)) as source:
        yield source
