"""Ctrl-C and SIGTERM while a load is under way: the first drains, the second stops at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from migrator.cli.console import Console
from migrator.cli.faults import INTERRUPTED

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Drain:
    """`stop` is set by the first signal once `writing`; before that a signal stops the command itself, since
    nothing is under way."""

    def __init__(self, console: Console) -> None:
        self.stop = threading.Event()
        self.writing = False
        self._console = console

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            print("stopped at once; run the same command again to go on", file=sys.stderr, flush=True)
            os._exit(INTERRUPTED)
        if not self.writing:
            raise KeyboardInterrupt
        self._console.warn("finishing the transactions under way; once more stops at once")
        self.stop.set()


@contextmanager
def draining(console: Console) -> Iterator[Drain]:
    """Signals go to the drain while this block runs. In another thread than the main one they stay as they
    are, since only that one may change them."""
    drain = Drain(console)
    if threading.current_thread() is not threading.main_thread():
        yield drain
        return
    before = {number: signal.signal(number, drain.handle) for number in SIGNALS}
    try:
        yield drain
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM stops the command as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
