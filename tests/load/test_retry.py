from __future__ import annotations

import pytest
from migrator.load.retry import Backoff, Ceiling, Gate, Patience, Stopped
from migrator.ports import Denied, Throttled, Unreachable


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)

    def __call__(self) -> str:
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


def patience(waits: list[float], attempts: int = 4) -> Patience:
    def sleep(seconds: float) -> bool:
        waits.append(seconds)
        return False

    return Patience(Backoff(base=1.0, cap=3.0, attempts=attempts), sleep, random=lambda: 1.0)


def test_waits_double_up_to_the_cap() -> None:
    waits: list[float] = []
    assert patience(waits).call(Flaky(Throttled(), Unreachable(), Throttled())) == "answer"
    assert waits == [1.0, 2.0, 3.0]


def test_a_wait_is_any_part_of_its_bound() -> None:
    assert Backoff(base=1.0).delay(2, 0.0) == 0.0
    assert Backoff(base=1.0).delay(2, 0.25) == 1.0
    assert Backoff(cap=7.0).delay(10_000, 1.0) == 7.0


def test_attempts_are_bounded() -> None:
    waits: list[float] = []
    with pytest.raises(Unreachable, match="last"):
        patience(waits, attempts=2).call(Flaky(Throttled(), Unreachable("last"), Throttled()))
    assert len(waits) == 1


def test_what_does_not_pass_is_not_asked_again() -> None:
    waits: list[float] = []
    with pytest.raises(Denied):
        patience(waits).call(Flaky(Denied("x", "y")))
    assert not waits


def test_only_a_throttle_slows_the_others_down() -> None:
    slowed: list[bool] = []
    patience([]).call(Flaky(Throttled(), Unreachable()), lambda: slowed.append(True))
    assert slowed == [True]


def test_a_stop_ends_the_wait() -> None:
    with pytest.raises(Stopped):
        Patience(Backoff(), lambda seconds: True).call(Flaky(Throttled()))


def test_a_throttle_halves_the_gate_and_successes_open_it_again() -> None:
    gate = Gate(8, grow_after=2)
    gate.throttled()
    gate.throttled()
    assert gate.limit == 2
    for _ in range(4):
        with gate.request():
            pass
    assert gate.limit == 4
    for _ in range(100):
        with gate.request():
            pass
    assert gate.limit == 8


def test_a_gate_never_closes() -> None:
    gate = Gate(2)
    for _ in range(5):
        gate.throttled()
    assert gate.limit == 1


def test_a_failed_request_gives_its_place_back() -> None:
    gate = Gate(1)
    with pytest.raises(ValueError, match="x"), gate.request():
        raise ValueError("x")
    with gate.request():
        pass


def test_the_ceiling_lets_a_request_start_when_those_before_are_paid() -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> bool:
        waits.append(seconds)
        return False

    ceiling = Ceiling(100.0, lambda: 10.0, sleep)
    for _ in range(3):
        ceiling.take(50)
    assert waits == [0.5, 1.0]


def test_no_ceiling_never_waits() -> None:
    Ceiling(None, lambda: 0.0, lambda seconds: True).take(10_000)


def test_a_gate_lets_more_through_when_it_is_widened_but_not_while_throttled() -> None:
    gate = Gate(8, grow_after=1, first=1)
    assert (gate.width, gate.limit) == (1, 1)
    gate.widen(4)
    assert gate.limit == 4
    gate.throttled()
    gate.widen(8)
    assert gate.limit == 2
    for _ in range(20):
        with gate.request():
            pass
    assert gate.limit == 8
    gate.widen(100)
    assert gate.width == 8
