"""From SQL text to a design and a plan, over a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.design.design import Design
from migrator.design.prices import default_prices
from migrator.design.storing import design_with_joins
from migrator.model.query import Workload
from migrator.model.schema import Schema
from migrator.model.settings import Limits, Settings, TableOverride
from migrator.model.statistics import Statistics
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan, PlannedPattern
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.literals import compared_literals
from migrator.workload.read import read_workload
from migrator.workload.storing import with_stored_joins

Rows = Mapping[str, Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class World:
    """A database with everything that is made of it."""

    path: Path
    schema: Schema
    statistics: Statistics
    workload: Workload
    settings: Settings
    design: Design
    plan: Plan

    def pattern(self, name: str) -> PlannedPattern:
        return self.plan.pattern(name)

    def indexes(self) -> int:
        return len(self.plan.indexes)

    def operations(self, name: str) -> list[tuple[str, str | None]]:
        return [(request.operation, request.index) for request in self.pattern(name).requests]


def fill(path: Path, ddl: str, rows: Rows) -> None:
    """Makes the database; `rows` by table, values in the order of its columns."""
    with sqlite3.connect(path) as connection:
        connection.executescript(ddl)
        for table, listed in rows.items():
            for row in listed:
                marks = ", ".join("?" * len(row))
                connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', tuple(row))
    connection.close()


def make_settings(limits: Limits | None = None, overrides: tuple[TableOverride, ...] = (), **others: Any) -> Settings:
    return Settings(default_prices(), limits=limits or Limits(), overrides=overrides, **others)


def planned(path: Path, queries: str, settings: Settings | None = None) -> World:
    """The plan for declared queries over a database that is there."""
    chosen = settings or make_settings()
    with open_source(parse_location(str(path))) as source:
        schema = reflect(source)
        schema, workload = with_stored_joins(schema, read_workload(queries, schema, "queries.sql"))
        statistics = measure(source, schema, compared_literals(workload))
    schema, workload, made = design_with_joins(schema, statistics, workload, chosen)
    plan = build_plan(schema, statistics, workload, made, chosen)
    return World(path, schema, statistics, workload, chosen, made, plan)


def world(folder: Path, ddl: str, queries: str, rows: Rows | None = None, settings: Settings | None = None) -> World:
    """A new database with its plan."""
    path = folder / "source.db"
    path.unlink(missing_ok=True)
    fill(path, ddl, rows or {})
    return planned(path, queries, settings)
