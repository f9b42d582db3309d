from __future__ import annotations

from itertools import pairwise

import pytest
from migrator.load.load import load
from migrator.load.pace import BUSY, Pace
from migrator.load.run_record import Mode

from tests.load.world import MemorySource, MemoryTable, a_plan, quick, some_rows


def follow(pace: Pace, rates: dict[int, float], busy: float, most: int, looks: int) -> Pace:
    """The pace after so many looks at a sink whose rate depends on the width."""
    for _ in range(looks):
        pace = pace.look(rates[pace.width], busy, most)
    return pace


def test_waiting_is_met_with_more_requests_while_they_bring_more() -> None:
    rates = {1: 50.0, 2: 100.0, 4: 200.0, 8: 400.0, 16: 800.0}
    assert follow(Pace(), rates, 0.2, 16, 6).width == 16


def test_what_brings_nothing_is_taken_back_and_tried_ever_more_seldom() -> None:
    pace, widths = Pace(), []
    for _ in range(40):
        pace = pace.look(100.0, 0.5, 16)
        widths.append(pace.width)
    trials = [at for at, (one, other) in enumerate(pairwise(widths)) if other > one]
    gaps = [later - earlier for earlier, later in pairwise(trials)]
    assert max(widths) == 2
    assert gaps == sorted(gaps)
    assert len(trials) <= 5


def test_a_busy_process_gets_no_more_threads() -> None:
    assert follow(Pace(), {1: 900.0}, BUSY + 0.01, 16, 20).width == 1


def test_a_process_that_gets_nothing_through_gets_no_more_threads() -> None:
    assert follow(Pace(), {1: 0.0}, 0.0, 16, 5).width == 1


@pytest.mark.parametrize("mode", list(Mode))
def test_a_whole_load_keeps_its_ceiling_within_five_percent(mode: Mode) -> None:
    """Units as the table counts them against a clock that only waiting moves; no less than allowed, and no more."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    ceiling, times = 200.0, [0.0]
    table = MemoryTable(before=lambda number: times.append(now))
    options = quick(max_write_units=ceiling, clock=lambda: now, sleep=sleep, mode=mode)
    report = load(a_plan(), MemorySource(some_rows(200, 400)), table, options, lambda progress: None)
    last = report.write_units / len(times)  # the last request's units are spent as the load ends
    assert report.write_units > 5 * ceiling
    assert 0.95 * ceiling <= (report.write_units - last) / times[-1] <= 1.05 * ceiling
