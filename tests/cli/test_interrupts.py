"""Signals: the first drains a load, the same command goes on; a second one ends it at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from migrator.cli.console import Console
from migrator.cli.interrupts import draining
from migrator.target.connect import Connection

from tests.cli.conftest import Command
from tests.cli.library import make_library

RUN = [sys.executable, "-c", "import sys; from migrator.cli import main; sys.exit(main())"]


def slow_apply(folder: Path, workers: int = 1) -> subprocess.Popen[str]:
    arguments = ["apply", "plan", "--max-write-units", "500", "--workers", str(workers)]
    return subprocess.Popen(
        [*RUN, *arguments], cwd=folder, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until_loading(connection: Connection, table: str, process: subprocess.Popen[str]) -> None:
    """Until the load has written a checkpoint with rows in it."""
    for _ in range(300):
        assert process.poll() is None, process.communicate()
        try:
            items = connection.client.scan(TableName=table)["Items"]
        except connection.client.exceptions.ResourceNotFoundException:
            items = []
        if sum(not item["PK"]["S"].startswith("MIGRATE#") for item in items) > 50:
            return
        time.sleep(0.05)
    raise AssertionError("the load did not begin")


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 2)])
def test_a_signal_drains_and_the_same_command_goes_on(
    migrate: Command, folder: Path, at_engine: str, connection: Connection, number: signal.Signals, workers: int
) -> None:
    migrate("plan", make_library(folder / "library.db", books=1500))
    process = slow_apply(folder, workers)
    until_loading(connection, at_engine, process)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "finishing the transactions under way" in said
    assert re.search(r"^next: run the same command again", said, re.MULTILINE)
    assert list((folder / "plan" / ".migrate").glob("*.sqlite"))
    resumed = migrate("apply", "plan")
    assert resumed.code == 0, resumed
    assert "(resumed)" in resumed.out
    assert "0 missing, 0 different" in resumed.out
    migrate("drop", "plan", "--yes-drop", at_engine)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_ends_it_at_once(
    migrate: Command, folder: Path, at_engine: str, connection: Connection, workers: int
) -> None:
    migrate("plan", make_library(folder / "library.db", books=1500))
    process = slow_apply(folder, workers)
    until_loading(connection, at_engine, process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert migrate("apply", "plan").code == 0
    migrate("drop", "plan", "--yes-drop", at_engine)


def test_before_the_first_row_a_signal_stops_the_command_itself() -> None:
    with pytest.raises(KeyboardInterrupt), draining(Console(quiet=True)):
        os.kill(os.getpid(), signal.SIGTERM)


def test_once_writing_a_signal_sets_stop() -> None:
    with draining(Console(quiet=True)) as drain:
        drain.writing = True
        os.kill(os.getpid(), signal.SIGINT)
        assert drain.stop.wait(1)
