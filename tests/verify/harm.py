"""A loaded table in the hands of a fault: what can be done to its items, and what was done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

from migrator.plan.plan import Entity, Plan

Wire = Mapping[str, Any]
Identity = tuple[str, str]
Items = dict[Identity, dict[str, Wire]]
EXACT = Context(prec=60)


@dataclass
class Harm:
    """A table's items in the hands of a fault; `chance` chooses which are hit."""

    plan: Plan
    items: Items
    chance: random.Random
    names: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = (self.plan.table.partition_key, self.plan.table.sort_key)

    def entity(self, item: Mapping[str, Wire]) -> Entity | None:
        said = item.get(self.plan.type_attribute, {}).get("S")
        return next((entity for entity in self.plan.entities if entity.name == said), None)

    def those(self, *kinds: str) -> list[Identity]:
        """Items of these kinds of entity; all of them when none is named."""
        known = ((identity, self.entity(item)) for identity, item in self.items.items())
        return sorted(i for i, entity in known if entity is not None and (not kinds or entity.kind in kinds))

    def mixed(self) -> list[Identity]:
        """All items by chance, type by type: a type of many items comes first no oftener than one of few."""
        found = self.those()
        self.chance.shuffle(found)
        rank = {entity.name: self.chance.random() for entity in self.plan.entities}
        return sorted(found, key=lambda identity: rank[self.items[identity][self.plan.type_attribute]["S"]])

    def one(self, *kinds: str) -> Identity | None:
        found = self.those(*kinds)
        return self.chance.choice(found) if found else None

    def values(self, identity: Identity) -> list[str]:
        """The attributes of an item that hold its row's values: neither its keys nor what the table adds."""
        item = self.items[identity]
        entity = self.entity(item)
        return [a.name for a in entity.attributes if a.name in item] if entity else []

    def put(self, identity: Identity, name: str, wire: Wire | None) -> None:
        item = dict(self.items[identity])
        item.pop(name, None)
        if wire is not None:
            item[name] = wire
        self.items[identity] = item

    def add(self, identity: Identity, item: Mapping[str, Wire]) -> bool:
        """Puts an item under a new key."""
        if identity in self.items:
            return False
        keys = {name: {"S": text} for name, text in zip(self.names, identity, strict=True)}
        self.items[identity] = {**item, **keys}
        return True

    def move(self, identity: Identity, to: Identity) -> bool:
        return self.add(to, self.items[identity]) and bool(self.items.pop(identity))


Fault = Callable[[Harm], bool]
"""Puts itself into the items; False when nothing there can have it."""
FAULTS: dict[str, Fault] = {}


def fault(name: str) -> Callable[[Fault], Fault]:
    def known(put: Fault) -> Fault:
        FAULTS[name] = put
        return put

    return known


def other_value(wire: Wire) -> Wire:
    """Another value of the same type."""
    ((tag, value),) = wire.items()
    others: dict[str, Callable[[], Any]] = {
        "S": lambda: f"{value}x",
        "N": lambda: str(EXACT.add(Decimal(value), Decimal(1))),
        "BOOL": lambda: not value,
        "B": lambda: bytes(value) + b"x",
        "M": lambda: {**value, "more": {"S": "x"}},
        "L": lambda: [*value, {"S": "x"}],
    }
    return {tag: others[tag]()}


def same(one: Any, other: Any) -> bool:
    """Whether two values in wire form are the same: numbers by value, everything else as it stands."""
    ((tag, left),), ((its, right),) = one.items(), other.items()
    if tag != its:
        return False
    match tag:
        case "N":
            return Decimal(left) == Decimal(right)
        case "B":
            return bytes(left) == bytes(right)
        case "M":
            return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
        case "L":
            return len(left) == len(right) and all(map(same, left, right))
        case _:
            return bool(left == right)


def harmed(before: Items, after: Items) -> tuple[int, int, int]:
    """How many items are missing, different and too many."""
    different = sum(
        before[i].keys() != after[i].keys() or any(not same(before[i][n], after[i][n]) for n in before[i])
        for i in before.keys() & after.keys()
    )
    return len(before.keys() - after.keys()), different, len(after.keys() - before.keys())
