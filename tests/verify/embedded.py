"""Random databases of which one table's rows live within the items of another."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

from migrator.model.errors import BlockedError
from migrator.model.settings import Limits, TableOverride

from tests.design.world import World as Planned
from tests.design.world import make_settings, planned
from tests.verify.chance import World, random_world, write
from tests.verify.chance_shapes import Tab
from tests.verify.chance_writes import Declared, Maker
from tests.verify.performed import STEPS, Store, Story, follow, in_memory


def plan_embedded(path: Path, queries: str, made: World, limits: Limits, name: str = "t") -> Planned | None:
    """The plan with the rows of one table embedded, whichever can be; None when none can."""
    lasting = tuple(TableOverride(table.name, ttl="none") for table in made.tables)
    for place, table in enumerate(made.tables):
        if any(set(key.columns) < set(table.key) for key in table.foreign):
            overrides = (*lasting[:place], replace(lasting[place], embed=True), *lasting[place + 1 :])
            try:
                return planned(path, queries, make_settings(limits, overrides, table_name=name))
            except BlockedError:
                continue
    return None


def simplified(made: World) -> Tab | None:
    """The table that may be embedded as far as its shape tells, without what stands in the way of that."""
    referred = {key.table for table in made.tables for key in table.foreign}
    for table in made.tables:
        apt = [key for key in table.foreign if set(key.columns) < set(table.key) and key.table != table.name]
        if apt and table.name not in referred:
            table.uniques = []
            return table
    return None


def plain_writes(seed: int, made: World, table: Tab, count: int = 10) -> list[Declared]:
    """Writes of a table whose rows are embedded, of its parent, and of both at once."""
    chance = random.Random(f"within {seed}")
    maker = Maker(chance, made)
    key = next(key for key in table.foreign if set(key.columns) < set(table.key))
    parent = next(other for other in made.tables if other.name == key.table)
    kinds = ["put", "put", "change", "change", "remove", "both", "parent", "clear", "replace", "upsert", "counted"]
    kinds += ["ignore", *(["gone"] if key.on_delete else [])]
    chosen = [chance.choice(kinds) for _ in range(count)]
    return [maker.within(number, kind, table, parent, key) for number, kind in enumerate(chosen)]


def tell_within(seed: int, folder: Path, steps: int = STEPS, store: Store = in_memory, name: str = "t") -> Story | None:
    """Random writes over a random database one of whose tables is embedded; None where none can be."""
    made = random_world(seed, queries=4)
    table = simplified(made)
    if table is None:
        return None
    for other in made.tables:
        for column in other.columns:
            column.collation = None
        for key in other.foreign:
            key.on_delete = "CASCADE" if random.Random(f"{seed} {other.name}").random() < 0.6 else None
    path = folder / "source.db"
    patterns = plain_writes(seed, made, table)
    try:
        write(made, path)
    except sqlite3.IntegrityError:
        return None  # values that differed in case alone
    queries = made.queries + "\n" + "\n".join(one.text() for one in patterns)
    world = plan_embedded(path, queries, made, Limits(), name)
    return None if world is None else follow(world, made, patterns, seed, path, steps, store)
