"""Rows within an item as a planned write leaves them: bound to the call's values, then put, changed or removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.plan.action import Action, Entry
from migrator.plan.plan import Plan
from migrator.plan.values import Wire
from migrator.ports import Item
from migrator.verify.binding import Binder, Env
from migrator.verify.expressions import Effect, Expressions


class Taken(Exception):
    """A row is there already; the text names it."""


@dataclass(frozen=True, slots=True)
class Within:
    """A row within an item, by the text of its key, with what is done to each of its attributes."""

    entry: Entry
    text: str
    effects: tuple[tuple[str, str, Wire | None], ...]

    @property
    def path(self) -> tuple[str, str]:
        return self.entry.attribute, self.text

    @property
    def row(self) -> Wire:
        return {"M": {name: wire for _, name, wire in self.effects if wire is not None}}


def bound_rows(plan: Plan, bind: Binder, action: Action, env: Env) -> tuple[Within, ...]:
    """The rows that an action writes within its item. NoKey where a key is NULL; Taken when two are one,
    unless each replaces the one before."""
    found = []
    for entry in action.entries:
        entity = plan.entity(entry.entity)
        effects = [(one.how, one.attribute, bind.outcome(one, entity, {}, env, "")) for one in entry.assignments]
        found.append(Within(entry, bind.text(entry.key, env), tuple(effects)))
    if all(one.entry.operation == "replace" for one in found):
        return tuple({one.path: one for one in found}.values())
    if len({one.path for one in found}) < len(found):
        raise Taken(f"two rows of {found[0].entry.entity} would have one key")
    return tuple(found)


def into_maps(image: Item, rows: Sequence[Within]) -> dict[str, Mapping[str, Any]]:
    """A new item's maps with its rows."""
    maps: dict[str, dict[str, Wire]] = {}
    for one in rows:
        maps.setdefault(one.entry.attribute, {})[one.text] = one.row
    return {name: {"M": {**image[name]["M"], **entries}} for name, entries in maps.items()}


def effects_of(rows: Sequence[Within]) -> Iterator[Effect]:
    """What an update does to the rows within an item."""
    for one in rows:
        if one.entry.operation == "clear":
            yield "set", one.entry.attribute, {"M": {}}, None
            continue
        if one.entry.operation != "change":
            yield "set", one.path, None if one.entry.operation == "remove" else one.row, None
            continue
        for how, name, wire in one.effects:
            yield how, (*one.path, name), wire, None


def conditions(rows: Sequence[Within], into: Expressions) -> Iterator[str]:
    """A new row must not be there, one that is changed or removed must."""
    for one in (one for one in rows if one.entry.operation not in ("replace", "clear")):
        yield into.exists(one.path, there=one.entry.operation != "put")
