"""The solver's work on one plan, bounded in steps that do not depend on the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass

STATEMENTS = 100
"""Statements for which `proof_steps` are allowed."""
SIZE = 1_000
"""Variables of a programme of which a step counts as one; a step of a smaller one counts less."""
ROOT_STEPS = 12
"""Steps that every programme may take whatever is left: most are proven within them."""


@dataclass(slots=True)
class Work:
    """Steps left. A programme may take half of them: others come after it.

    >>> work = Work.of(120, statements=150)
    >>> work.left, work.allowed(500)
    (240.0, 252)
    >>> work.spend(112, 500)
    >>> work.left
    190.0
    """

    left: float
    root: int = ROOT_STEPS

    @classmethod
    def of(cls, proof_steps: int, statements: int) -> Work:
        """What is allowed for a workload; with `proof_steps` of 0 nothing is."""
        return cls(float(proof_steps * math.ceil(statements / STATEMENTS)), ROOT_STEPS if proof_steps else 0)

    def allowed(self, variables: int) -> int:
        """Steps that one programme of this size may take."""
        return self.root + int(self.left / 2 * SIZE / variables)

    def spend(self, steps: int, variables: int) -> None:
        """Takes away the steps that a programme took beyond those that each may take."""
        self.left = max(0.0, self.left - max(0, steps - self.root) * variables / SIZE)
