"""The plan's folder: all files or none, one load at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.cli.folder import only_one, prepared, read_plan, write_files
from migrator.model.errors import BlockedError, MigrateError

from tests.cli.conftest import Command


def test_files_appear_whole(folder: Path) -> None:
    write_files(folder, {"a": b"1", "b": b"2"})
    write_files(folder, {"a": b"3"})
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"a": b"3", "b": b"2"}


def test_no_file_appears_when_one_cannot(folder: Path) -> None:
    (folder / "b").mkdir()
    with pytest.raises(MigrateError, match="b cannot be written"):
        write_files(folder, {"a": b"1", "b": b"2"})
    assert [file.name for file in folder.iterdir()] == ["b"]


def test_folders_made_for_work_that_fails_go_again(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), prepared(folder / "x" / "y"):
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []
    with prepared(folder / "x" / "y"):
        pass
    assert (folder / "x" / "y").is_dir()


def test_two_loads_of_one_plan_do_not_meet(migrate: Command, library: Path) -> None:
    migrate("plan", library)
    stored = read_plan(Path("plan"))
    with only_one(stored):
        with pytest.raises(BlockedError, match="at work"), only_one(stored):
            pass
        assert stored.lock.exists()
    assert not stored.lock.parent.exists()
