"""Processes over chunks: each runs the crew of threads that a single process would, and asks for its chunks.

A worker process opens plan, source and sink itself, from what its opener tells. Between it and the run's own process
goes little: a chunk, now and then a checkpoint, rejects (written by the run's own process, to one file, before the
worker's checkpoint moves past them), and turns at the ceiling. A worker ends when the run's process does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from migrator.load.checkpoint import Checkpoint
from migrator.load.crew import load_chunks
from migrator.load.job import Job, LoadOptions, new_job
from migrator.load.rejects import Reject
from migrator.load.retry import Backoff, Stopped
from migrator.load.run_record import Mode
from migrator.load.tally import Tally
from migrator.model.errors import MigrateError
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import ItemSink, RowSource, StoreFault, explain

TELL_SECONDS = 0.25
"""How often at most a worker tells of a chunk's progress."""

POLL_SECONDS = 0.1
SIGNALS = ("SIGINT", "SIGTERM")


class Opener(Protocol):
    """Opens a load's ends in whatever process it is called in. It is pickled on its way there."""

    def __call__(self) -> AbstractContextManager[tuple[Plan, RowSource, ItemSink]]: ...


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker process is told: everything in it is a plain value. `threads`: at most, and at first."""

    open: Opener
    nonce: str
    threads: tuple[int, int | None]
    max_rejects: int | None
    ceiling: bool
    backoff: Backoff
    mode: Mode


def load_in_processes(job: Job, chunks: Iterator[Chunk], tally: Tally, opener: Opener) -> None:
    """Loads them all, as `load_chunks` does. A worker process that dies is a failure: MigrateError."""
    hands = _Hands(job, chunks, tally)
    options = job.options
    ceiling = options.max_write_units is not None
    threads = (options.workers, options.first_workers)
    orders = Orders(opener, job.nonce, threads, options.max_rejects, ceiling, options.backoff, options.mode)
    try:
        for _ in range(options.processes):
            hands.hire(orders)
        hands.wait()
    except KeyboardInterrupt:
        options.stop.set()
        hands.wait()
    if hands.failures:
        raise hands.failures[0]
    if options.stop.is_set() and not tally.complete():
        raise Stopped


class _Hands:
    """The worker processes of a run, each with a thread here that answers it."""

    def __init__(self, job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
        self.failures: list[BaseException] = []
        self._job = job
        self._chunks = chunks
        self._tally = tally
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.RawValue("b", 0)
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def hire(self, orders: Orders) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, self._stop, orders), daemon=True)
        with _signals_held():
            process.start()
        theirs.close()
        thread = threading.Thread(target=self._serve, args=(ours, process), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        while any(thread.is_alive() for thread in self._threads):
            if self._job.should_stop():
                self._stop.value = 1
            time.sleep(POLL_SECONDS)

    def _serve(self, link: Connection, process: Any) -> None:
        listeners: dict[tuple[str, int], Callable[[Checkpoint], None]] = {}
        try:
            while self._answer(link, listeners, link.recv()):
                pass
        except (EOFError, OSError):
            process.join()
            self._fail(
                MigrateError(
                    f"a worker process ended before its work did (exit code {process.exitcode})",
                    "run the same command again: it goes on from there",
                )
            )
        except BaseException as failure:
            self._fail(failure)
        finally:
            link.close()
            process.join()

    def _answer(self, link: Connection, listeners: dict[tuple[str, int], Any], message: tuple[Any, ...]) -> bool:
        """False after the worker's last message."""
        match message:
            case ("next",):
                link.send(self._next(listeners))
            case ("moved", checkpoint):
                listeners[checkpoint.table, checkpoint.chunk](checkpoint)
            case ("rejects", rejects):
                link.send(self._written(rejects))
            case ("units", units):
                link.send(self._job.ceiling.reserve(units))
            case ("ended", faults):
                self._job.patience.faults += faults
                return False
            case ("failed", failure):
                self._fail(failure)
                return False
        return True

    def _next(self, listeners: dict[tuple[str, int], Any]) -> Chunk | None:
        with self._lock:
            chunk = None if self._job.should_stop() else next(self._chunks, None)
        if chunk is not None:
            listeners[chunk.table, chunk.number] = self._tally.listener(chunk.table)
        return chunk

    def _written(self, rejects: tuple[Reject, ...]) -> tuple[int, int] | MigrateError:
        """How many were new and how many there are, or why they cannot be written."""
        try:
            new = self._job.options.rejects.write(rejects)
            return new, len(self._job.options.rejects)
        except MigrateError as error:
            return error

    def _fail(self, failure: BaseException) -> None:
        with self._lock:
            self.failures.append(failure)
        self._job.failed.set()


@contextmanager
def _signals_held() -> Iterator[None]:
    """A Ctrl-C reaches every process of the terminal: one that has just begun would die of it. It begins with
    signals held back, and ignores them as soon as it can."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = [getattr(signal, name) for name in SIGNALS]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def work(link: Connection, stop: Any, orders: Orders) -> None:
    """A worker process, from begin to end."""
    for name in SIGNALS:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    home = _Home(link)
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(stop, stopping), daemon=True).start()
    try:
        with orders.open() as (plan, source, sink):
            job = _job(orders, home, plan, source, sink, stopping)
            with suppress(Stopped):
                load_chunks(job, iter(home.next_chunk, None), home)
            home.tell("ended", job.patience.faults)
    except StoreFault as fault:
        home.tell("failed", explain(fault, "loading; what is loaded stays"))
    except MigrateError as error:
        home.tell("failed", error)
    except Exception as error:
        home.tell("failed", _portable(error))


def _portable(error: Exception) -> Exception:
    """An exception that the other process can read: itself without its past, or its text."""
    if not error.args:
        return error.with_traceback(None)
    return RuntimeError("".join(traceback.format_exception(error)))


def _job(orders: Orders, home: _Home, plan: Plan, source: RowSource, sink: ItemSink, stopping: threading.Event) -> Job:
    options = LoadOptions(
        workers=orders.threads[0],
        first_workers=orders.threads[1],
        allow_rejects=True,
        max_rejects=orders.max_rejects,
        rejects=home,
        stop=stopping,
        backoff=orders.backoff,
        mode=orders.mode,
    )
    job = new_job(plan, source, sink, options, orders.nonce)
    return replace(job, ceiling=_Turns(home, job.patience.sleep)) if orders.ceiling else job


def _watch(stop: Any, stopping: threading.Event) -> None:
    """Passes the run's stop on; ends this process at once when the run's own process is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    while not wait([parent.sentinel], POLL_SECONDS):
        if stop.value:
            stopping.set()
    os._exit(1)


class _Home:
    """The run's own process, seen from a worker: it hands out chunks, hears of checkpoints, and takes rejects. One
    question at a time, from whichever thread."""

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._rejects = 0

    def tell(self, *message: Any) -> None:
        with self._lock:
            self._link.send(message)

    def ask(self, *message: Any) -> Any:
        with self._lock:
            self._link.send(message)
            return self._link.recv()

    def next_chunk(self) -> Chunk | None:
        chunk: Chunk | None = self.ask("next")
        return chunk

    def listener(self, table: str) -> Callable[[Checkpoint], None]:
        """Tells of the first and the last checkpoint of a chunk, and of some between."""
        told = -TELL_SECONDS

        def hear(checkpoint: Checkpoint) -> None:
            nonlocal told
            now = time.monotonic()
            if checkpoint.done or now - told >= TELL_SECONDS:
                told = now
                self.tell("moved", checkpoint)

        return hear

    def complete(self) -> bool:
        """Whether the whole run is complete is known elsewhere."""
        return True

    def write(self, rejects: Iterable[Reject]) -> int:
        answer = self.ask("rejects", tuple(rejects))
        if isinstance(answer, MigrateError):
            raise answer
        new, self._rejects = answer
        return int(new)

    def start_over(self) -> None:
        """A worker never begins a run."""

    def __len__(self) -> int:
        return self._rejects


class _Turns:
    """The run's one ceiling, asked from a worker."""

    def __init__(self, home: _Home, sleep: Callable[[float], bool]) -> None:
        self._home = home
        self._sleep = sleep

    def take(self, units: float) -> None:
        seconds = self._home.ask("units", units)
        if seconds > 0 and self._sleep(seconds):
            raise Stopped

    def reserve(self, units: float) -> float:
        return float(self._home.ask("units", units))
