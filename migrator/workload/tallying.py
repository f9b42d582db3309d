"""What is known of all the calls of one shape, added up as they come. Holds no values but the first literals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from migrator.workload.meeting import Facts
from migrator.workload.seen import Seen
from migrator.workload.shapes import Shape, Slot

_OPEN_SECONDS = 300


@dataclass(slots=True)
class Busiest:
    """The calls of the busiest second. Times may come a few minutes out of order."""

    open: Counter[int] = field(default_factory=Counter)
    most: int = 0

    def take(self, at: float, calls: int) -> None:
        second = math.floor(at)
        self.open[second] += calls
        self.most = max(self.most, self.open[second])
        if len(self.open) > 2 * _OPEN_SECONDS:
            latest = max(self.open)
            self.open = Counter({s: n for s, n in self.open.items() if s > latest - _OPEN_SECONDS})


@dataclass(slots=True)
class Lengths:
    """How long the lists of one IN were, by calls."""

    calls: int = 0
    values: int = 0
    shortest: int = 0
    longest: int = 0

    def take(self, length: int, calls: int) -> None:
        self.shortest = length if not self.calls else min(self.shortest, length)
        self.longest = max(self.longest, length)
        self.calls += calls
        self.values += length * calls

    @property
    def usual(self) -> int:
        return max(1, round(self.values / self.calls)) if self.calls else 0


@dataclass(slots=True)
class Tally:
    """`calls`: executions; an INSERT of several rows counts once for each. `requests`: statements. `given`: rows given
    or changed, None when nobody counted. `same`: for each slot whether its literal was the same in all calls."""

    shape: Shape
    facts: Facts
    where: str
    calls: int = 0
    requests: int = 0
    given: int | None = None
    busiest: Busiest = field(default_factory=Busiest)
    same: list[bool] = field(default_factory=list)
    lengths: list[Lengths] = field(default_factory=list)
    unequal: set[tuple[int, int]] = field(default_factory=set)
    compared: bool = False

    def take(self, seen: Seen, shape: Shape) -> None:
        """One line of a log, or one row of counters, of this shape."""
        calls = self._calls(seen, shape)
        self.calls += calls
        self.requests += seen.calls
        if seen.rows is not None:
            self.given = (self.given or 0) + seen.rows
        if seen.at is not None:
            self.busiest.take(seen.at, calls)
        self._take_slots(shape.slots, seen)
        if shape.rows != 1:
            self.same = [False for _ in self.same]  # the other rows' values were not looked at

    def _calls(self, seen: Seen, shape: Shape) -> int:
        if shape.rows == 0:
            return max(seen.calls, seen.rows or 0)
        return seen.calls * shape.rows

    def _take_slots(self, slots: Sequence[Slot], seen: Seen) -> None:
        firsts = self.shape.slots
        if not self.same:
            self.same = [slot.literal is not None for slot in firsts]
            self.lengths = [Lengths() for _ in firsts]
        for at, (slot, first) in enumerate(zip(slots, firsts, strict=True)):
            self.same[at] = self.same[at] and slot.literal == first.literal
            if slot.listed:
                self.lengths[at].take(slot.listed, seen.calls)
        if self.facts.verb == "upsert":
            self._compare(slots, seen)

    def _compare(self, slots: Sequence[Slot], seen: Seen) -> None:
        """Whether an upsert sets its columns to what it inserts."""
        values = _texts(slots, seen.values)
        for pair in upsert_pairs(self.facts):
            inserted, changed = (values[at] for at in pair)
            if inserted is None or inserted != changed:
                self.unequal.add(pair)
        self.compared = True

    def shared(self) -> tuple[tuple[int, int], ...]:
        """Pairs of slots of an upsert that had the same value in every call."""
        if not self.compared:
            return ()
        return tuple(pair for pair in upsert_pairs(self.facts) if pair not in self.unequal)


def upsert_pairs(facts: Facts) -> tuple[tuple[int, int], ...]:
    """Slots (inserted, set) of one column."""
    inserted = {met.column: at for at, met in enumerate(facts.met) if met.place == "insert" and met.column}
    return tuple(
        (inserted[met.column], at)
        for at, met in enumerate(facts.met)
        if met.place == "set" and met.role == "" and met.column in inserted
    )


def _texts(slots: Sequence[Slot], values: tuple[str, ...] | None) -> list[str | None]:
    """The value of each slot as text, None where it is not known."""
    texts: list[str | None] = []
    at = 0
    for slot in slots:
        if slot.literal is not None:
            texts.append(slot.literal)
            continue
        texts.append(values[at] if values is not None and at < len(values) and slot.identity is None else None)
        at += slot.listed or 1
    return texts
