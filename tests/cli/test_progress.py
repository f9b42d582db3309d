"""Progress: a line every ten seconds, a bar on a terminal, nothing when it is to be quiet."""

from __future__ import annotations

import io

import pytest
from migrator.cli.columns import aligned
from migrator.cli.console import Console, colored
from migrator.cli.progress import Meter, bar, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(stream: io.StringIO, console: Console) -> str:
    clock = Clock()
    meter = Meter(console, "loading", 1000, stream, clock)
    for done in range(0, 1000, 10):
        clock.now += 0.25
        meter.update(done)
    meter.close()
    return stream.getvalue()


def test_off_a_terminal_a_line_every_ten_seconds() -> None:
    said = run(io.StringIO(), Console())
    assert said.splitlines() == [
        "loading: 390 of 1,000 rows, 39 rows/s, 16 s left",
        "loading: 790 of 1,000 rows, 40 rows/s, 5 s left",
    ]


def test_on_a_terminal_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    said = run(Terminal(), Console())
    assert "[============            ] loading: 500 of 1,000 rows" in said
    assert said.endswith("\r\x1b[K")


def test_quiet_says_nothing() -> None:
    assert run(Terminal(), Console(quiet=True)) == ""


def test_a_resumed_load_does_not_count_what_was_there() -> None:
    clock = Clock()
    meter = Meter(Console(), "loading", 1000, io.StringIO(), clock)
    meter.update(900)
    clock.now += 10
    assert meter.line(950, clock.now) == "loading: 950 of 1,000 rows, 5 rows/s, 10 s left"


def test_bars_and_durations() -> None:
    assert bar(0, 0) == "[" + "=" * 24 + "]"
    assert bar(1, 2) == "[" + "=" * 12 + " " * 12 + "]"
    assert [duration(7.4), duration(200), duration(7500)] == ["7 s", "3 min 20 s", "2 h 5 min"]


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colored("error:", "1;31", Terminal()) == "\x1b[1;31merror:\x1b[0m"
    assert colored("error:", "1;31", io.StringIO()) == "error:"
    monkeypatch.setenv("NO_COLOR", "1")
    assert colored("error:", "1;31", Terminal()) == "error:"


def test_columns_are_aligned() -> None:
    assert aligned([("table", "rows"), ("a", "1,000")], right=(1,)) == "table   rows\na      1,000"
