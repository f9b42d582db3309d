"""The actions of a planned write, bound to what its reads gave: ready to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from migrator.model.schema import Kind
from migrator.plan.action import ABSENT, THERE, Action, KeyPair
from migrator.plan.plan import TABLE_SLOT, Entity, Plan, PlannedPattern, Request
from migrator.plan.sizes import are_legal
from migrator.plan.values import Unstorable
from migrator.ports import Item, Write
from migrator.verify.binding import Binder, Env, Never, NoKey, Nothing
from migrator.verify.entries import Within, bound_rows, conditions, effects_of, into_maps
from migrator.verify.expressions import Effect, Expressions
from migrator.verify.fetch import key_of
from migrator.verify.gather import READS, Gathered, agree
from migrator.verify.tallies import Tally, added_up, change_of


@dataclass(frozen=True, slots=True)
class Bound:
    """An action ready to be sent."""

    action: Action
    key: tuple[str, str]
    write: Write


class BoundActions:
    """The actions of one call."""

    def __init__(self, plan: Plan, pattern: PlannedPattern, gathered: Gathered, bind: Binder) -> None:
        self._plan = plan
        self._pattern = pattern
        self._gathered = gathered
        self._bind = bind

    def writes(self) -> Iterator[tuple[Request, list[Bound]]]:
        """All requests to send, with their actions, in order."""
        for request in self._pattern.requests:
            if request.operation not in READS:
                for env in [{}] if request.each is None else self._gathered.found[request.each]:
                    yield request, list(self._bound(request, env))

    def _bound(self, request: Request, env: Env) -> Iterator[Bound]:
        tallies: list[tuple[Action, Tally]] = []
        deleted: set[tuple[str, str]] = set()
        for action in request.actions:
            left_out = any(self._gathered.found[number] for number in action.missing)
            for here in self._hands(action, request, env):
                if action.tallies:
                    tallies += [] if left_out else self._tally(action, self._gathered.extended(here))
                    continue
                bound = self._bind_action(action, self._gathered.extended(here))
                if bound is not None and not left_out:
                    deleted |= {bound.key} if action.operation == "Delete" else set()
                    yield bound
        yield from self._tallied(tallies, frozenset(deleted), frozenset(request.added_up))

    def _tally(self, action: Action, env: Env) -> Iterator[tuple[Action, Tally]]:
        """What an action does to figures; nothing where a value that tells the group is NULL."""
        entity = self._plan.entity(action.entity)
        image: dict[str, Mapping[str, Any]] = {}
        figures: dict[str, Decimal] = {}
        for one in action.assignments:
            wire = self._bind.outcome(one, entity, image, env, "")
            if one.tally is not None:
                figures[one.attribute] = change_of(one.tally, wire)
            elif wire is not None:
                image[one.attribute] = wire
        names = self._plan.table.key_names
        item = env.get(action.each) if action.each is not None else None
        row = (item[names[0]]["S"], item[names[1]]["S"]) if item is not None else None
        gains = any((one.tally or "").startswith("gain") for one in action.assignments)
        with suppress(NoKey):
            yield action, Tally(entity.name, self._bind.pair(action.keys, env, image), row, gains, image, figures)

    def _tallied(
        self, tallies: list[tuple[Action, Tally]], deleted: frozenset[tuple[str, str]], together: frozenset[str]
    ) -> Iterator[Bound]:
        for one, effects in added_up((tally for _, tally in tallies), deleted, together):
            into = Expressions()
            action = next(action for action, tally in tallies if tally is one)
            call = {"Key": key_of(self._plan, *one.key), **into.parameters(None, into.update(effects))}
            yield Bound(action, one.key, Write("Update", call))

    def _hands(self, action: Action, request: Request, env: Env) -> list[Env]:
        if action.each is None:
            return [env]
        return [other for other in self._gathered.found[action.each] if agree(env, other)]

    def _bind_action(self, action: Action, env: Env) -> Bound | None:
        entity = self._plan.entity(action.entity)
        try:
            rows = bound_rows(self._plan, self._bind, action, env)
            key, image, effects = self._effects(action, entity, env)
            if action.operation == "Put":
                image = {**image, **into_maps(image, rows)}
            effects += effects_of(rows)
            if any(self._are_one(pair, env, image, entity.kind == "edge") for pair in action.unless):
                return None
            if not all(self._are_one(pair, env, image, entity.kind == "edge") for pair in action.only):
                return None
            return Bound(action, key, self._as_write(action, entity, key, env, image, effects, rows))
        except (NoKey, Never):
            if action.require == THERE and action.each is None:
                raise Nothing from None
            return None

    def _effects(self, action: Action, entity: Entity, env: Env) -> tuple[tuple[str, str], Item, list[Effect]]:
        """The item's key, its attributes as the action leaves them, and what it does to each."""
        image: dict[str, Mapping[str, Any]] = {self._plan.type_attribute: {"S": entity.name}}
        if action.operation == "Update" and action.each is not None:
            image |= env.get(action.each, {})
        nulls = action.operation == "Put" or action.each is not None
        key = None if entity.kind not in ("row", "copy") else self._bind.pair(action.keys, env, nulls=nulls)
        effects: list[Effect] = []
        for one in action.assignments:
            wire = self._bind.outcome(one, entity, image, env, "\n".join(key or ()))
            by_expression = one.how in ("add", "subtract") and one.of is None
            if not by_expression:
                image.pop(one.attribute, None)
                image |= {one.attribute: wire} if wire is not None else {}
            if one.how == "keep" and wire is None:
                continue
            start = None if one.start is None else self._bind.wire(one.start, Kind.DECIMAL, env)
            effects.append((one.how if by_expression or one.how == "keep" else "set", one.attribute, wire, start))
        edge = entity.kind == "edge"
        if edge:
            self._demand_there(action, entity, env, image)
        return key or self._bind.pair(action.keys, env, image, nulls=edge), image, effects

    def _demand_there(self, action: Action, entity: Entity, env: Env, image: Item) -> None:
        """NoKey where a row has no second item: its partition would be NULL."""
        slot = entity.slot(TABLE_SLOT)
        row = image if action.operation == "Put" or action.each is None else env[action.each]
        if slot is not None and any(name not in row for name in slot.requires):
            raise NoKey

    def _are_one(self, pair: tuple[KeyPair, KeyPair], env: Env, image: Item, nulls: bool) -> bool:
        try:
            first, second = (self._bind.pair(keys, env, image, nulls) for keys in pair)
        except NoKey:
            return False
        return first == second

    def _as_write(
        self,
        action: Action,
        entity: Entity,
        key: tuple[str, str],
        env: Env,
        image: Item,
        effects: list[Effect],
        rows: tuple[Within, ...],
    ) -> Write:
        if not are_legal(*key):
            raise Unstorable(f"its key in the table, {key[0]!r} {key[1]!r}, is longer than DynamoDB takes")
        into = Expressions()
        condition = self._condition(action, entity, env, into, () if action.operation == "Put" else rows)
        if action.operation == "Put":
            return Write("Put", {"Item": {**key_of(self._plan, *key), **image}, **into.parameters(condition, None)})
        update = into.update(effects) if action.operation == "Update" else None
        return Write(action.operation, {"Key": key_of(self._plan, *key), **into.parameters(condition, update)})

    def _condition(
        self, action: Action, entity: Entity, env: Env, into: Expressions, rows: tuple[Within, ...]
    ) -> str | None:
        parts = []
        if action.require is not None:
            parts.append(into.exists(self._plan.table.partition_key, there=action.require != ABSENT))
        parts += [self._bind.condition(predicate, entity, into) for predicate in action.where]
        read = env.get(action.each, {}) if action.each is not None else {}
        parts += [into.same(name, read.get(name)) for name in action.as_read]
        parts += conditions(rows, into)
        return " AND ".join(parts) or None
