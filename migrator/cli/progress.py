"""How far a long step is: a bar on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from migrator.cli.console import Console, is_terminal
from migrator.model.counted import plural

BAR_EVERY, LINE_EVERY = 0.2, 10.0
"""Seconds between two looks."""
WIDTH = 24


@dataclass(slots=True)
class Meter:
    """Shows `done of total rows`, rows a second and the seconds left. `clock` gives seconds."""

    console: Console
    what: str
    total: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _first: int | None = None
    _shown: float = 0.0
    _bar: bool = False

    def __post_init__(self) -> None:
        self._began = self._shown = self.clock()
        self._bar = is_terminal(self.stream)

    def update(self, done: int, note: str = "") -> None:
        """Shows it when it is time. The first call says where the step began."""
        if self._first is None:
            self._first = done
        now = self.clock()
        if self.console.quiet or now - self._shown < (BAR_EVERY if self._bar else LINE_EVERY):
            return
        self._shown = now
        line = self.line(done, now) + note
        if self._bar:
            print(f"\r\x1b[K{bar(done, self.total)} {line}", end="", file=self.stream, flush=True)
        else:
            print(line, file=self.stream, flush=True)

    def line(self, done: int, now: float) -> str:
        spent = now - self._began
        rate = (done - (self._first or 0)) / spent if spent > 0 else 0.0
        text = f"{self.what}: {done:,} of {plural(max(done, self.total), 'row')}"
        if rate <= 0:
            return text
        return f"{text}, {rate:,.0f} rows/s, {duration(max(0, self.total - done) / rate)} left"

    def close(self) -> None:
        """Takes the bar off the terminal."""
        if self._bar and not self.console.quiet:
            print("\r\x1b[K", end="", file=self.stream, flush=True)


def bar(done: int, total: int) -> str:
    filled = WIDTH if done >= total else WIDTH * done // total
    return f"[{'=' * filled}{' ' * (WIDTH - filled)}]"


def duration(seconds: float) -> str:
    """`7 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
