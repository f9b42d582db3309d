"""Plans a random database, loads it into memory, and compares every served read with SQLite's own answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migrator.model.schema import Kind
from migrator.model.settings import Limits
from migrator.model.unit import RowValue
from migrator.plan.plan import PatternParameter, Plan, PlannedPattern
from migrator.ports import RowSource
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.execute import run_pattern
from migrator.verify.queries import verify_queries
from migrator.verify.rows import verify_rows

from tests.design.world import make_settings, planned
from tests.verify.called import renamed
from tests.verify.chance import TEXTS, TIMES, random_world, value_of, write
from tests.verify.embedded import plan_embedded
from tests.verify.memory import loaded

ODD: dict[str, tuple[RowValue, ...]] = {
    "INTEGER": ("", "abc", "5", " 1 ", 1.5, -0.5, 10**30, -(10**30), b"x"),
    "REAL": ("", "abc", "2.5", 10**30, 1),
    "NUMERIC": ("", "abc", "2.25", 0.125, 10**30),
    "BOOLEAN": (2, -1, 0.5, 10**20),
    "TEXT": (5, 1.5, -1, b"x"),
    "": (1.5, b"x"),
}
OWN_SETS = 8
TIGHT = Limits(bounded_items=4, listed_rows=4)


@dataclass
class Outcome:
    """What one random database gave."""

    served: int = 0
    refused: int = 0
    sets: int = 0
    with_rows: int = 0
    embedded: bool = False
    faults: list[str] = field(default_factory=list)


def check_world(seed: int, folder: Path, queries: int = 10, samples: int = 10) -> Outcome:
    path = folder / f"{seed}.db"
    write(made := random_world(seed, queries), path)
    chance = random.Random(seed)
    limits = chance.choice((Limits(), Limits(), TIGHT, Limits(max_indexes=1)))
    within = plan_embedded(path, made.queries, made, limits) if seed % 3 == 0 else None
    found = within or planned(path, made.queries, make_settings(limits))
    found = renamed(found, made.queries) if seed % 4 == 0 else found
    outcome = Outcome(embedded=within is not None)
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(found.plan, snapshot)
        rows = verify_rows(found.plan, snapshot, table, allow_scan=True)
        if not rows.clean:
            outcome.faults.append(f"rows: {rows}")
        for report in verify_queries(found.plan, snapshot, table, samples=samples, seed=seed).patterns:
            outcome.sets += report.compared
            outcome.with_rows += report.with_rows
            outcome.faults += [f"{report.name}: {difference}" for difference in report.differences]
        own = verify_queries(found.plan, snapshot, table, seed=seed, draw=_draw)
        outcome.faults += [f"{report.name}: {d}" for report in own.patterns for d in report.differences]
        for pattern in found.plan.access_patterns:
            outcome.served += pattern.status == "served"
            outcome.refused += pattern.status == "refused"
            if pattern.kind == "read" and pattern.status == "served":
                for parameters in _draw(found.plan, pattern, snapshot, 0, seed, limits=(None,)):
                    run_pattern(found.plan, pattern, parameters, table)
    if table.scans > 1:
        outcome.faults.append("a query scanned")
    path.unlink()
    return outcome


def _draw(
    plan: Plan,
    pattern: PlannedPattern,
    source: RowSource,
    samples: int,
    seed: int,
    limits: tuple[int | None, ...] = (0, 1, 2, -1, 1000),
) -> Iterator[Mapping[str, RowValue]]:
    """Parameters at the edges: NULL, empty, wildcards, strange limits. (SQLite knows no LIMIT NULL.)"""
    chance = random.Random(f"{seed} {pattern.name}")
    uses = {parameter.use.name: parameter for parameter in pattern.parameters[::-1]}
    for _ in range(OWN_SETS if uses else 0):
        yield {name: _value(parameter, chance, limits) for name, parameter in uses.items()}


def _value(parameter: PatternParameter, chance: random.Random, limits: tuple[int | None, ...]) -> RowValue:
    if parameter.use.role == "limit":
        return chance.choice(limits)
    if parameter.use.role == "offset":
        return chance.choice((*limits[:4], 3))
    if parameter.use.role == "figure":
        return chance.choice((0, 1, 2, 3, 5, -1))
    if chance.random() < 0.08:
        return None
    if parameter.use.role == "prefix":
        return chance.choice((*TEXTS, "a%", "%a", "a_", "_", "a%b%", "a!%", "!", "1", *TIMES, "2024-"))
    kinds = {Kind.INTEGER: "INTEGER", Kind.FLOAT: "REAL", Kind.DECIMAL: "NUMERIC", Kind.BOOLEAN: "BOOLEAN"}
    others = {Kind.DATETIME: "DATETIME", Kind.UNKNOWN: ""}
    kind = kinds.get(parameter.kind) or others.get(parameter.kind, "TEXT")
    if chance.random() < 0.1:
        return chance.choice(ODD.get(kind, ("",)))
    value: RowValue = value_of(chance, kind)
    return value
