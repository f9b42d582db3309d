"""Ctrl-C and SIGTERM while a load is under way: the first drains, the second stops at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

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
            stop_at_once()
        if not self.writing:
            raise KeyboardInterrupt
        self._console.warn("finishing the transactions under way; once more stops at once")
        self.stop.set()


def stop_at_once() -> NoReturn:
    """Ends the process without unwinding: threads may hang in a request."""
    print("stopped at once; run the same command again to go on", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)


@contextmanager
def draining(console: Console) -> Iterator[Drain]:
    """Signals go to the drain while this block runs."""
    drain = Drain(console)
    with _handled_by(drain.handle):
        yield drain


@contextmanager
def terminable(*, last: bool) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM raises KeyboardInterrupt, the second ends the process. `last`: the process
    ends after this block, with the exit code that is settled by then: signals are ignored from there on."""
    seen = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            stop_at_once()
        seen = True
        raise KeyboardInterrupt

    with _handled_by(interrupt, last=last):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None], *, last: bool = False) -> Iterator[None]:
    """Only the main thread may change handlers: in another one they stay as they are."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, signal.SIG_IGN if last else handled)
