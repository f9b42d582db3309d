"""Plans for tests: from a SQLite file or from DDL, made as the command line makes them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from migrator.design.prices import default_prices
from migrator.design.storing import design_with_joins
from migrator.model.settings import Settings
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.literals import compared_literals
from migrator.workload.read import read_workload
from migrator.workload.storing import with_stored_joins


def make_database(path: Path, script: str) -> Path:
    """A new SQLite file filled by a script."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        connection.commit()
    return path


def plan_database(database: Path, queries: str, settings: Settings | None = None) -> Plan:
    """The plan of a SQLite file and its declared queries."""
    chosen = settings or Settings(default_prices())
    with open_source(parse_location(str(database))) as source:
        schema = reflect(source)
        schema, workload = with_stored_joins(schema, read_workload(queries, schema, "queries.sql"))
        statistics = measure(source, schema, compared_literals(workload))
        schema, workload, designed = design_with_joins(schema, statistics, workload, chosen)
        return build_plan(schema, statistics, workload, designed, chosen)
