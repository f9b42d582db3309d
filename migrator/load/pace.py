"""How many requests at a time are worth it: more while each step brings more through, no more when it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

BUSY = 0.85
"""Share of a core beyond which a process has no time left for more requests."""

WORTH = 1.4
"""What a doubling must at least bring, as a factor."""

LONGEST_HOLD = 64


@dataclass(frozen=True, slots=True)
class Pace:
    """`width` requests at a time; `before` is the rate at half of it while that is on trial, else None. After a trial
    that brought nothing, `hold` looks pass before the next one, each time twice as many."""

    width: int = 1
    before: float | None = None
    hold: int = 0
    patience: int = 2

    def look(self, rate: float, busy: float, most: int) -> Pace:
        """The pace after a while in which `rate` requests a second succeeded and the process took `busy` cores."""
        if self.before is not None and rate < self.before * WORTH:
            width, patience = max(1, self.width // 2), min(self.patience * 2, LONGEST_HOLD)
            return Pace(width, None, self.patience, patience)
        if self.hold:
            return replace(self, hold=self.hold - 1)
        if busy < BUSY and rate > 0 and self.width < most:
            return replace(self, width=min(self.width * 2, most), before=rate)
        return replace(self, before=None)
