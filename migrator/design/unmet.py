"""Patterns that no design meets, before the search or after it, with why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from migrator.design.answering import Outcome
from migrator.design.bounding import reason_of, with_bounds
from migrator.design.counting import why_not
from migrator.design.needs import Need
from migrator.design.refuse import refuse
from migrator.design.task import Task
from migrator.design.ways import Ways
from migrator.design.weighing import Weigher
from migrator.model.query import Refusal


def hopeless(task: Task, ways: Mapping[str, Ways]) -> dict[str, Refusal]:
    """Patterns of which a part is met by no key and no index, however many there are."""
    found: dict[str, Refusal] = {}
    for need in (need for needs in task.open_needs() for need in needs):
        mine = ways[need.table]
        number = mine.needs.index(need)
        if not mine.met(number) and need.pattern not in found:
            found[need.pattern] = _refusal(task, need, mine.unjoined.get(number))
    return found


def _refusal(task: Task, need: Need, unjoined: str | None) -> Refusal:
    if unjoined is None:
        weigher = task.weighers()[need.table]
        return with_bounds(weigher, need, _with_counters(task, weigher, need, reason_of(weigher, need)))
    return Refusal(unjoined, "ask for the joined table's columns in a statement of its own")


def _with_counters(task: Task, weigher: Weigher, need: Need, refusal: Refusal) -> Refusal:
    """The refusal of a query for figures, with why no counter items answer it."""
    if not need.gathers:
        return refusal
    why = why_not(weigher, need, task.about(need.table))
    return replace(refusal, reason=f"{refusal.reason}; no counter items answer it: {why}") if why else refusal


def unmet(task: Task, ways: Mapping[str, Ways], chosen: Sequence[Outcome]) -> dict[str, Refusal]:
    """Patterns that could be served, and are not by this answer."""
    refused = frozenset[str]().union(*(outcome.refused for outcome in chosen))
    met = {place for outcome in chosen for place in outcome.ways}
    found: dict[str, Refusal] = {}
    for need in (need for needs in task.open_needs() for need in needs):
        if need.pattern in refused and (need.pattern, need.number) not in met:
            mine = ways[need.table]
            by_views = mine.met_by_views(mine.needs.index(need))
            found.setdefault(need.pattern, _too_many(task) if by_views else refuse(task.data, need))
    return found


def _too_many(task: Task) -> Refusal:
    most = task.settings.limits.max_indexes
    return Refusal(
        f"it needs an index of its own, and no more than {most} are allowed: other queries that cost more "
        "without them take those",
        "raise max_indexes under [limits] in migrate.toml (DynamoDB allows 20), or take a query out",
    )
