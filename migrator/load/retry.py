"""When to ask again: waits as a value, patience as a bound, concurrency that gives way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TypeVar

from migrator.ports import StoreFault, Throttled, Unreachable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: attempt n waits a random part of min(cap, base x 2^n) seconds ("Exponential Backoff And
    Jitter", AWS Architecture Blog). After `attempts` failures it gives up: with these defaults after about two
    minutes."""

    base: float = 0.05
    cap: float = 20.0
    attempts: int = 20

    def delay(self, attempt: int, random: float) -> float:
        """Seconds to wait after failure number `attempt` (from 0); `random` is in [0, 1)."""
        return random * min(self.cap, self.base * 2.0 ** min(attempt, 32))


class Stopped(Exception):
    """The user asked to stop while a request was waiting for its next attempt."""


@dataclass(slots=True)
class Patience:
    """Repeats what may pass: throttling and lost answers. `sleep` returns when the time is over, and True
    when the run is to stop. `faults` counts what was repeated."""

    backoff: Backoff
    sleep: Callable[[float], bool]
    random: Callable[[], float] = field(default=SystemRandom().random)
    faults: int = 0

    def call(self, attempt_once: Callable[[], T], on_throttle: Callable[[], None] = lambda: None) -> T:
        """The first answer. The last fault when attempts run out, Stopped when the run is to stop meanwhile;
        any other fault passes through at once."""
        for attempt in range(self.backoff.attempts):
            try:
                return attempt_once()
            except (Throttled, Unreachable) as fault:
                self._wait(attempt, fault, on_throttle)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait(self, attempt: int, fault: StoreFault, on_throttle: Callable[[], None]) -> None:
        self.faults += 1
        if isinstance(fault, Throttled):
            on_throttle()
        if attempt + 1 == self.backoff.attempts:
            raise fault
        if self.sleep(self.backoff.delay(attempt, self.random())):
            raise Stopped from fault


class Gate:
    """How many requests may be under way: halved by a throttle, grown by one after `grow_after` successes."""

    def __init__(self, most: int, grow_after: int = 20) -> None:
        self.most = most
        self.limit = most
        self._grow_after = grow_after
        self._good = 0
        self._under_way = 0
        self._free = threading.Condition()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Holds one place; an exit without an exception counts as a success."""
        with self._free:
            self._free.wait_for(lambda: self._under_way < self.limit)
            self._under_way += 1
        try:
            yield
            self._succeeded()
        finally:
            with self._free:
                self._under_way -= 1
                self._free.notify()

    def throttled(self) -> None:
        with self._free:
            self.limit = max(1, self.limit // 2)
            self._good = 0

    def _succeeded(self) -> None:
        with self._free:
            self._good += 1
            if self._good >= self._grow_after and self.limit < self.most:
                self.limit += 1
                self._good = 0
                self._free.notify()


class Ceiling:
    """At most `units_per_second` write units on average, over all threads. A request may start once those
    before it are paid for. No ceiling when None."""

    def __init__(
        self, units_per_second: float | None, clock: Callable[[], float], sleep: Callable[[float], bool]
    ) -> None:
        self._rate = units_per_second
        self._clock = clock
        self._sleep = sleep
        self._paid_until = 0.0
        self._lock = threading.Lock()

    def take(self, units: float) -> None:
        """Waits for its turn. Stopped when the run is to stop meanwhile."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            start = max(now, self._paid_until)
            self._paid_until = start + units / self._rate
        if start > now and self._sleep(start - now):
            raise Stopped
