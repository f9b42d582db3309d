"""A plan's reads checked once more, from the plan alone: are the requests legal, and do they leave no wanted row out?

Nothing here is shared with what made the plan: key texts are laid over the entities' templates, and what they pin down
must be said by the statement's own conditions.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.errors import MigrateError
from migrator.plan.plan import Plan, PlannedPattern
from migrator.plan.recheck_aggregates import aggregate_faults
from migrator.plan.recheck_requests import illegal, strangers
from migrator.plan.recheck_statement import statement_faults


class WrongPlan(MigrateError):
    """A plan that would answer a query wrongly was about to be written: a defect of this program."""


def demand_right(plan: Plan) -> None:
    """WrongPlan when the plan's requests do not answer one of its served reads."""
    faults = recheck(plan)
    if faults:
        raise WrongPlan(
            f"the finished plan was checked and is wrong: {faults[0]}",
            "nothing was written; this is a defect of migrate: please report it with the schema and the query, and "
            "take the query out meanwhile",
        )


def recheck(plan: Plan) -> tuple[str, ...]:
    """What is wrong with the plan's served reads, each with the pattern's name; nothing when they are right."""
    found = []
    for pattern in plan.access_patterns:
        if pattern.kind == "read" and pattern.status == "served":
            found += [f"{pattern.name}: {fault}" for fault in _faults(plan, pattern)]
    return tuple(found)


def _faults(plan: Plan, pattern: PlannedPattern) -> Iterator[str]:
    for number, request in enumerate(pattern.requests):
        yield from (f"request {number} {fault}" for fault in illegal(plan, pattern, number, request))
        yield from (f"request {number} {fault}" for fault in strangers(plan, request))
    for place, part in enumerate(pattern.parts):
        yield from (f"statement {place + 1} {fault}" for fault in statement_faults(plan, pattern, part))
        yield from (f"statement {place + 1} {fault}" for fault in aggregate_faults(plan, pattern, part))
