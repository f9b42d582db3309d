"""Random plans and random rows for them, some of which cannot be loaded."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from migrator.model.schema import Kind
from migrator.model.unit import RowValue
from migrator.plan.plan import (
    FORMAT,
    TABLE_SLOT,
    Attribute,
    Cost,
    Entity,
    IndexSettings,
    Optimality,
    Plan,
    SlotKeys,
    Source,
    SourceTable,
    TableSettings,
)

from tests.load.world import Rows

INTEGER = ("INTEGER", Kind.INTEGER, "N")
TEXT = ("TEXT", Kind.TEXT, "S")
NUMBER = ("DECIMAL(10,2)", Kind.DECIMAL, "N")
POISON = "poison"
"""A text that the service refuses."""


@dataclass(frozen=True, slots=True)
class World:
    """A plan, and rows of its tables: (id, number, text, partition)."""

    plan: Plan
    rows: Rows


def random_world(random: Random, table: str = "shop") -> World:
    tables = [f"t{number}" for number in range(random.randint(1, 3))]
    indexes = random.randint(0, 2)
    entities = tuple(entity for name in tables for entity in _entities(random, name, indexes))
    plan = Plan(
        format=FORMAT,
        source=Source("sqlite", "d", tuple(SourceTable(name, 0, 0, 0, False, ("id",), ()) for name in tables)),
        table=TableSettings(table),
        indexes=tuple(IndexSettings(f"GSI{n}", f"GSI{n}PK", f"GSI{n}SK") for n in range(1, indexes + 1)),
        entities=entities,
        access_patterns=(),
        hazards=(),
        cost=Cost(0, 0, 0, 0, 0, 0),
        optimality=Optimality(0, None, None, 0, "none"),
    )
    return World(plan, {name: _rows(random) for name in tables})


def _entities(random: Random, table: str, indexes: int) -> list[Entity]:
    """The rows' own items, and by chance a guard of their text and an edge in another partition."""
    attributes = (
        Attribute("id", "id", *INTEGER),
        Attribute("number", "number", *NUMBER),
        Attribute("text", "text", *TEXT),
        Attribute("place", "place", *INTEGER),
    )
    partition = random.choice([f"{table}#{{id}}", "PLACE#{place}", f"{table}#{{id}}"])
    base = SlotKeys(TABLE_SLOT, partition, f"{table}#{{id}}")
    others = tuple(
        SlotKeys(f"GSI{n}", "PLACE#{place}", f"{table}#{{id}}") for n in range(1, indexes + 1) if random.random() < 0.5
    )
    found = [Entity(table, "row", table, ("id",), (base, *others), attributes)]
    if random.random() < 0.5:
        keys = (SlotKeys(TABLE_SLOT, f"{table}-TEXT#{{text}}", "TEXT"),)
        found.append(Entity(f"{table}-text", "guard", table, ("id",), keys, attributes[:3:2], guards=("text",)))
    if random.random() < 0.4:
        keys = (SlotKeys(TABLE_SLOT, "EDGE#{place}", f"{table}#{{id}}"),)
        found.append(Entity(f"{table}-edge", "edge", table, ("id",), keys, (attributes[0], attributes[3])))
    return found


def _rows(random: Random) -> list[tuple[RowValue, ...]]:
    """Up to forty rows; a few of them with a number that cannot be stored, a text taken by another, or poison."""
    ids = sorted(random.sample(range(1, 200), random.choice([0, 1, 3, 12, 40])))
    return [(number, _number(random), _text(random, number), random.randint(1, 3)) for number in ids]


def _number(random: Random) -> RowValue:
    return float("nan") if random.random() < 0.04 else random.randint(0, 10**6)


def _text(random: Random, number: int) -> RowValue:
    chance = random.random()
    if chance < 0.03:
        return POISON + str(number)
    return f"shared {random.randint(1, 3)}" if chance < 0.1 else None if chance < 0.15 else f"text {number}"
