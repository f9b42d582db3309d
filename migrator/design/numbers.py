"""How many indexes there are: what each number of them gives, over all components together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.design.answering import Answers
from migrator.design.design import Frontier
from migrator.design.drafting import Slots
from migrator.design.outcome import Answer


@dataclass(frozen=True, slots=True)
class Numbers:
    """The components' answers, at most `most` indexes at `index_month` dollars each. `beside`: dollars a month whatever
    is chosen; `refused`: patterns that are refused whatever is chosen."""

    outcomes: Sequence[Answers]
    most: int
    index_month: float
    beside: float
    refused: int

    def points(self) -> tuple[tuple[Slots, Frontier], ...]:
        """For each number of indexes the best split into those of whole items and those of keys, and what it gives."""
        found = []
        for splits in self._splits():
            points = [(slots, self._point(slots)) for slots in splits]
            found.append(min(points, key=lambda point: (point[1].refused, point[1].monthly_usd, point[0].narrow)))
        return tuple(found)

    def unproven(self, slots: Slots) -> Iterator[float]:
        """What the answers for other numbers of indexes may cost at least where that is not proven, without the price
        of the indexes in `slots`."""
        for other in (split for splits in self._splits() for split in splits):
            if not all(answers.at(other).proven for answers in self.outcomes):
                low = sum(answers.low(other) for answers in self.outcomes)
                yield low + (other.count - slots.count) * self.index_month

    def _splits(self) -> Iterator[list[Slots]]:
        """For ever more indexes every split into those of whole items and those of keys that may be useful."""
        whole = max((best.most.whole for best in self.outcomes), default=0)
        narrow = max((best.most.narrow for best in self.outcomes), default=0)
        fewest = max((best.fewest for best in self.outcomes), default=0)
        for count in range(fewest, min(whole + narrow, self.most) + 1):
            yield [Slots(count - b, b) for b in range(min(count, narrow) + 1) if fewest <= count - b <= whole]

    def _point(self, slots: Slots) -> Frontier:
        answer = Answer.of([best.at(slots) for best in self.outcomes])
        usd = answer.usd + self.beside + slots.count * self.index_month
        trips = sum(way.round_trips for way in answer.ways.values())
        return Frontier(slots.count, round(usd, 4), trips, self.refused + len(answer.refused))
