"""What of a plan waits for a person, and how to say yes in migrate.toml."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from migrator.plan.plan import TABLE_SLOT, Hazard, Plan, PlannedPattern
from migrator.render.figures import share
from migrator.render.pythonic import quoted

REASON = "why this is acceptable"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Decision:
    """`name` is what `[accept]` takes. `way_out` is None when the message says it all."""

    name: str
    about: str
    message: str
    way_out: str | None = None


def decisions(plan: Plan) -> tuple[Decision, ...]:
    """Hazards that stop `apply`, then refused queries, as far as nobody has accepted them."""
    hazards = [
        Decision(hazard.approve_with, f"hazard {hazard.code} of {hazard.entity}", hazard.message)
        for hazard in plan.hazards
        if hazard.approve_with is not None and hazard.accepted is None
    ]
    refused = [
        Decision(pattern.name, "refused query", pattern.reason or "", pattern.way_out)
        for pattern in plan.access_patterns
        if is_refused(pattern) and pattern.accepted is None
    ]
    return (*hazards, *refused)


def accept_toml(waiting: tuple[Decision, ...]) -> str:
    """The table for migrate.toml: each name once, as a key that TOML reads back as that name."""
    names = dict.fromkeys(decision.name for decision in waiting)
    return "\n".join(["[accept]", *(f"{_toml_key(name)} = {quoted(REASON)}" for name in names)])


def _toml_key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quoted(name)


def is_refused(pattern: PlannedPattern) -> bool:
    return pattern.status == "refused"


def refused(plan: Plan) -> tuple[PlannedPattern, ...]:
    return tuple(pattern for pattern in plan.access_patterns if is_refused(pattern))


def served_from(pattern: PlannedPattern) -> tuple[str, ...]:
    """The slots that the pattern's requests go to, each once."""
    return tuple(dict.fromkeys(request.index or TABLE_SLOT for request in pattern.requests))


def operations(pattern: PlannedPattern) -> tuple[str, ...]:
    """The pattern's operations, each once."""
    return tuple(dict.fromkeys(request.operation for request in pattern.requests))


def hazard_status(hazard: Hazard) -> str:
    """One or two words; the reason of an accepted hazard stands beside it."""
    if hazard.accepted is not None:
        return "accepted"
    return "for information" if hazard.approve_with is None else "not accepted"


def proof(plan: Plan) -> str:
    """What the numbers of the optimality allow to say, in words; never more."""
    gap = plan.optimality.gap
    if gap is None or plan.optimality.bound is None:
        return "not proven optimal"
    return "proven optimal under its model" if gap == 0 else f"not proven optimal (gap {share(gap)})"


def query_command(plan: Plan) -> str:
    """The command that runs the first served read, its parameters left open."""
    for pattern in plan.access_patterns:
        if pattern.kind == "read" and not is_refused(pattern):
            given = [shlex.quote(f"{parameter.use.name}=...") for parameter in pattern.parameters]
            words = [shlex.quote(pattern.name), *(f"--param {value}" for value in dict.fromkeys(given))]
            return " ".join(["migrate query plan/plan.json", *words])
    return "migrate query plan/plan.json NAME --param name=value"
