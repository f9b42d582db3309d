"""The designer: from schema, measurements and declared queries to keys, indexes and paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from migrator.design.answering import Answers
from migrator.design.bundles import Bundle, find_bundles, with_holding
from migrator.design.changing import with_copies
from migrator.design.counting import with_aggregates
from migrator.design.demands import asked, freed, price_of
from migrator.design.design import Design
from migrator.design.edges import with_edges
from migrator.design.embedding import demand_embedded
from migrator.design.including import include
from migrator.design.nesting import demand_solvable, holding, with_nests
from migrator.design.numbers import Numbers
from migrator.design.outcome import Answer
from migrator.design.passengers import Boarding
from migrator.design.programme import Component, components
from migrator.design.projections import with_keys_only
from migrator.design.solve import Unsolved
from migrator.design.task import Task
from migrator.design.unmet import hopeless, unmet
from migrator.design.ways import Ways
from migrator.design.weighing import Weigher
from migrator.design.written import written
from migrator.model.query import Refusal, Workload
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics


def design(schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> Design:
    """Keys and paths for every read that can be served, refusals for the others. BlockedError when a table
    has no key that could name its rows."""
    made = _design(Task.of(schema, statistics, workload, settings))
    demands = tuple(asked(settings))
    if not demands:
        return made
    free = _design(Task.of(schema, statistics, workload, freed(settings)))
    return replace(made, assumptions=(*made.assumptions, price_of(demands, made, free)))


def _design(task: Task) -> Design:
    """The design. What the refused patterns would have asked for is left out of it."""
    demand_embedded(task.ground())
    ways = _ways(task)
    refused = hopeless(task, ways)
    if not refused:
        bundles = _bundles(task, ways)
        parts = components(ways, bundles, task.work, _boarding(task, ways).rides(bundles))
        outcomes = [_best(task, part) for part in parts]
        numbers = _numbers(task, outcomes)
        points = numbers.points()
        slots, _ = min(points, key=lambda point: (point[1].refused, point[1].monthly_usd, point[1].indexes))
        frontier = tuple(point for _, point in points)
        chosen = [part.to_taste(best.at(slots)) for part, best in zip(parts, outcomes, strict=True)]
        refused = unmet(task, ways, chosen)
    if refused:
        return _design(replace(task, needs={**task.needs, **refused}))
    weighed = sum(1 for mine in ways.values() for _ in mine.rows())
    answer = Answer.of(chosen)
    answer = replace(answer, bound=min((answer.bound, *numbers.unproven(slots))))
    return written(task, ways, include(answer, _weighers_of(task, answer)), frontier, weighed)


def _best(task: Task, part: Component) -> Answers:
    """A component's answers. BlockedError when what migrate.toml demands of it cannot be together."""
    try:
        return part.best(task.settings.limits.max_indexes)
    except Unsolved:
        demand_solvable(part.ways)
        raise


def _weighers_of(task: Task, answer: Answer) -> dict[str, Weigher]:
    """The weighers as the answer has the entities: with what their items hold."""
    held = [placed.within for placed in answer.placed.values() if placed.within is not None]
    return holding(task.nests(), task.weighers(), held)


def _ways(task: Task) -> dict[str, Ways]:
    """Every entity's templates with what they do for the open needs."""
    weighers = task.weighers()
    ways = {table: _all_ways(task, weigher) for table, weigher in weighers.items()}
    return with_nests(task.nests(), weighers, ways)


def _all_ways(task: Task, weigher: Weigher) -> Ways:
    """Base keys and whole views first, then what can be kept beside them."""
    ways = with_keys_only(weigher, with_copies(weigher, weigher.weigh()))
    if task.schema.table(weigher.table).joined is not None:
        return ways
    over = sum(not any(row[number] for row in ways.over_base) for number in range(len(ways.needs)))
    expires = task.expires(task.schema.table(weigher.table))
    ways = with_edges(weigher, ways, over > task.settings.limits.max_indexes, expires)
    return with_aggregates(weigher, ways, task.about(weigher.table))


def _bundles(task: Task, ways: Mapping[str, Ways]) -> tuple[Bundle, ...]:
    prices = task.settings.prices
    return tuple(
        bundle
        for needs in task.open_needs()
        if needs
        for bundle in (
            *find_bundles(task.data, prices, needs, ways),
            *with_holding(task.data, prices, needs, ways),
        )
    )


def _boarding(task: Task, ways: Mapping[str, Ways]) -> Boarding:
    return Boarding(task.data, task.settings.prices, task.settings.limits, task.rates, ways)


def _numbers(task: Task, outcomes: Sequence[Answers]) -> Numbers:
    already = sum(isinstance(needs, Refusal) for needs in task.needs.values())
    month = task.settings.prices.index_month
    return Numbers(outcomes, task.settings.limits.max_indexes, month, task.beside(), already)
