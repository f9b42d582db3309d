"""Planned writes performed beside their SQL: the source and the table must stay one."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.model.settings import Limits
from migrator.plan.plan import Plan
from migrator.ports import ItemReader, ItemWriter, RowSource
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.perform import Performed, perform
from migrator.verify.rows import verify_rows

from tests.design.world import World as Planned
from tests.design.world import make_settings, planned
from tests.verify.called import renamed
from tests.verify.chance import World, write
from tests.verify.chance_writes import Declared, Drawer, made_up, writing_world
from tests.verify.memory import loaded
from tests.verify.writing import MemoryWriter

STEPS = int(os.environ.get("WRITE_STEPS", "25"))
"""Calls a database; WRITE_STEPS makes a longer run."""


OWN_NAMES = 4
"""One in so many tables goes by names that migrate.toml gives."""


class Impossible(Exception):
    """What the source forbids and no table enforces: a reference that leads nowhere."""


@dataclass
class Story:
    """What happened. `trouble` says where source and table parted."""

    outcomes: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)


def run_sql(
    connection: sqlite3.Connection, declared: Declared, values: dict[str, Any]
) -> tuple[bool | None, int | None]:
    """Whether the statements could be carried out, all of them or none (None: one found no row, so none was), and the
    rowid that was made last. The transaction stays open."""
    last: int | None = None
    connection.execute("BEGIN")
    try:
        for sql in declared.statements:
            done = connection.execute(sql, values)
            last = done.lastrowid
            if declared.all_or_none and sql.startswith("UPDATE") and done.rowcount == 0:
                connection.execute("ROLLBACK")
                connection.execute("BEGIN")
                return None, None
    except sqlite3.IntegrityError as error:
        connection.execute("ROLLBACK")
        if "FOREIGN KEY" in str(error):
            raise Impossible from error
        connection.execute("BEGIN")
        return False, None
    return True, last


def differences(plan: Plan, path: Path, table: ItemReader) -> list[str]:
    """What row verification finds, extra items too."""
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
        report = verify_rows(plan, snapshot, table, allow_scan=True)
    extra = [f"{report.extra} items too many"] if report.extra else []
    return [str(one) for one in report.differences] + extra


Store = Callable[[Plan, RowSource], tuple[ItemReader, ItemWriter]]
"""Loads all rows of a source, and gives what reads and writes the table."""


def in_memory(plan: Plan, source: RowSource) -> tuple[ItemReader, ItemWriter]:
    table = loaded(plan, source)
    return table, MemoryWriter(table)


def tell(seed: int, folder: Path, steps: int = STEPS, store: Store = in_memory, name: str = "t") -> Story:
    """Random writes over one random database; stops where source and table part."""
    made, patterns = writing_world(seed)
    path = folder / "source.db"
    write(made, path)
    queries = made.queries + "\n" + "\n".join(one.text() for one in patterns)
    world = planned(path, queries, make_settings(_limits(seed), table_name=name))
    world = renamed(world, queries) if seed % OWN_NAMES == 0 else world
    return follow(world, made, patterns, seed, path, steps, store)


def follow(
    world: Planned, made: World, patterns: list[Declared], seed: int, path: Path, steps: int, store: Store
) -> Story:
    """Random calls of the patterns; stops where source and table part."""
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
        reader, writer = store(world.plan, snapshot)
    story = Story()
    story.outcomes["edges"] += sum(e.kind == "edge" for e in world.plan.entities)
    story.outcomes["embedded tables"] += sum(len(e.embedded) for e in world.plan.entities)
    story.outcomes["narrow indexes"] += sum(i.projection != "ALL" for i in world.plan.indexes)
    story.outcomes["indexes of a state"] += sum(bool(k.where) for e in world.plan.entities for k in e.keys)
    story.outcomes["copies"] += sum(a.copied_from is not None for e in world.plan.entities for a in e.attributes)
    served = [one for one in patterns if world.pattern(one.name).status == "served"]
    story.outcomes["refused patterns"] = len(patterns) - len(served)
    story.outcomes["served patterns"] = len(served)
    chance = random.Random(seed)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        drawer = Drawer(chance, made, connection)
        for _ in range(steps if served else 0):
            declared = chance.choice(served)
            _step(world.plan, declared, drawer.draw(declared), connection, (reader, writer), story)
            if story.trouble or _parted(world.plan, path, reader, story, declared):
                return story
    return story


def _limits(seed: int) -> Limits:
    """Few indexes, for some: then second items in the table take their place."""
    return Limits(max_indexes=(20, 1, 0)[seed % 3])


def _parted(plan: Plan, path: Path, table: ItemReader, story: Story, declared: Declared) -> bool:
    found = differences(plan, path, table)
    if found:
        story.trouble += [*declared.statements, *found[:5]]
    return bool(found)


def _step(
    plan: Plan,
    declared: Declared,
    values: dict[str, Any],
    connection: sqlite3.Connection,
    table: tuple[ItemReader, ItemWriter],
    story: Story,
) -> None:
    before = connection.total_changes
    try:
        carried_out, made = run_sql(connection, declared, values)
    except Impossible:
        story.outcomes["impossible"] += 1
        return
    pattern = plan.pattern(declared.name)
    given = {**values, **made_up(pattern, declared, 77 if made is None else made)}
    told = do(plan, declared.name, given, *table)
    aside = _aside(declared, told)
    connection.execute("ROLLBACK" if aside else "COMMIT")
    if aside:
        story.outcomes[aside] += 1
        return
    story.outcomes[told.outcome if carried_out else f"failed: {told.outcome}"] += 1
    idle = connection.total_changes == before and told.outcome != "done"
    agreed = idle or told.outcome in ("done", "nothing") if carried_out else told.outcome != "done"
    if carried_out is not None and not agreed:
        story.trouble += [*declared.statements, str(values), f"SQL {'done' if carried_out else 'failed'}, {told}"]


def _aside(declared: Declared, told: Performed) -> str | None:
    """What is rightly not performed though SQL does it; nothing is written then."""
    if told.told.endswith("change fewer rows at a time"):
        return "rows grown beyond what one transaction takes"
    replaces = any("OR REPLACE" in sql for sql in declared.statements)
    if told.told.endswith("written twice") or (replaces and told.told.endswith("put twice")):
        return "rows of one call that stand in each other's way"
    ignores = any("IGNORE" in sql or "DO NOTHING" in sql for sql in declared.statements)
    return "ignored before its reference is looked at" if ignores and told.outcome == "blocked" else None


def do(plan: Plan, name: str, values: dict[str, Any], reader: ItemReader, writer: ItemWriter) -> Performed:
    """Performs a write, again while it finds that a row has changed since it was read."""
    for _ in range(3):
        told = perform(plan, plan.pattern(name), values, reader, writer)
        if told.outcome != "changed":
            return told
    return told
