"""A database and its table side by side: a declared write is run as SQL and performed, and both are compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrator.design.design import Design, EntityDesign
from migrator.model.settings import Settings
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan, PlannedPattern
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.perform import Performed, perform

from tests.design.world import Rows, World, world
from tests.verify.memory import MemoryTable, loaded
from tests.verify.performed import differences
from tests.verify.writing import MemoryWriter


@dataclass
class Beside:
    """A loaded table beside its source, and the write pattern `w`."""

    made: World
    plan: Plan
    table: MemoryTable
    writer: MemoryWriter

    def pattern(self) -> PlannedPattern:
        found = self.plan.pattern("w")
        assert found.status == "served", found.reason
        return found

    def perform(self, **values: Any) -> Performed:
        """Performs the write on the table alone."""
        return perform(self.plan, self.pattern(), values, self.table, self.writer)

    def both(self, **values: Any) -> Performed:
        """Runs the SQL on the source, foreign keys enforced, and performs the write on the table."""
        told = self.perform(**values)
        with closing(sqlite3.connect(self.made.path)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            try:
                for statement in self.pattern().sql.split(";"):
                    connection.execute(statement, values)
            except sqlite3.IntegrityError:
                connection.rollback()
            connection.commit()
        return told

    def differences(self) -> list[str]:
        return differences(self.plan, self.made.path, self.table)


def beside(
    folder: Path,
    ddl: str,
    queries: str,
    rows: Rows | None = None,
    change: Callable[[Design], Design] | None = None,
    settings: Settings | None = None,
) -> Beside:
    """`change`: what is made of the design by hand."""
    made = world(folder, ddl, queries, rows, settings)
    plan = made.plan
    if change is not None:
        plan = build_plan(made.schema, made.statistics, made.workload, change(made.design), made.settings)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        table = loaded(plan, snapshot)
    return Beside(made, plan, table, MemoryWriter(table))


def with_entity(design: Design, table: str, change: Callable[[EntityDesign], EntityDesign]) -> Design:
    """The design with one entity changed."""
    return replace(design, entities=tuple(change(one) if one.table == table else one for one in design.entities))
