"""Performs a planned write: its reads in order, then its actions, bound to what was read and sent as planned.

It knows rows only by the plan's requests: no footprint of a row is worked out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from migrator.model.query import Predicate, Select, TableRef
from migrator.model.schema import Kind
from migrator.plan.action import ABSENT, THERE, Action, KeyPair
from migrator.plan.answer import Assembler
from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Entity, Part, Plan, PlannedPattern, Request
from migrator.plan.sizes import MAX_ACTIONS, MAX_PARTITION_KEY, MAX_SORT_KEY
from migrator.plan.values import Unstorable
from migrator.ports import Item, ItemReader, ItemWriter, Key, TransactionCancelled, Write
from migrator.verify.binding import Binder, Blocked, Env, Never, NoKey, Nothing
from migrator.verify.entries import Taken, Within, bound_rows, conditions, effects_of, into_maps
from migrator.verify.expressions import Effect, Expressions
from migrator.verify.tallies import Tally, added_up, change_of

BATCH = 100
READS = ("GetItem", "BatchGetItem", "Query")


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of a call. `outcome`:

    - done: `items` items were written.
    - nothing: no row fits; nothing was written.
    - taken: the row, or one of its unique values, is there already; nothing was written.
    - changed: a row is no longer as it was read: perform it again.
    - blocked: something else forbids it, which `told` says (a reference that leads nowhere, NULL where none may be).

    Of a pattern in several steps the steps before stay written.
    """

    outcome: str
    items: int = 0
    told: str = ""


def perform(
    plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any], reader: ItemReader, writer: ItemWriter
) -> Performed:
    """Performs a served write with these parameters, by name, as values or as text. Unstorable when a value has
    no place in the table; faults of the service are StoreFaults."""
    return _Performance(plan, pattern, parameters, reader, writer).run()


@dataclass(frozen=True, slots=True)
class _Bound:
    """An action ready to be sent."""

    action: Action
    key: tuple[str, str]
    write: Write


class _Performance:
    """One call of a pattern."""

    def __init__(
        self,
        plan: Plan,
        pattern: PlannedPattern,
        parameters: Mapping[str, Any],
        reader: ItemReader,
        writer: ItemWriter,
    ) -> None:
        self._plan = plan
        self._pattern = pattern
        self._parameters = parameters
        self._reader = reader
        self._writer = writer
        self._bind = Binder(plan, pattern, parameters)
        self._found: dict[int, list[Env]] = {}
        self._got: dict[tuple[tuple[str, str], ...], list[Item]] = {}
        """What was asked by key: nothing is asked twice."""
        self._asked: list[tuple[Mapping[str, Any], tuple[Predicate, ...], str | None]] = []
        self._items = 0

    def run(self) -> Performed:
        try:
            for number, request in enumerate(self._pattern.requests):
                if request.operation in READS:
                    self._found[number] = self._read(number, request)
            return self._all(list(self._writes()))
        except Blocked as error:
            return Performed("blocked", self._items, str(error))
        except Taken as error:
            return Performed("taken", self._items, str(error))
        except Nothing:
            return Performed("nothing", self._items)

    def _all(self, writes: list[tuple[Request, list[_Bound]]]) -> Performed:
        """Sends everything in order, as long as nothing fails."""
        once = {id(one) for one in _each_once([b for request, bound in writes if not request.may_fail for b in bound])}
        writes = [(request, [b for b in bound if request.may_fail or id(b) in once]) for request, bound in writes]
        certain = [one for request, bound in writes if not request.may_fail for one in bound]
        failed = _clash([one for one in certain if one.action.require == ABSENT and one.action.each is not None])
        for request, bound in writes if failed is None else ():
            failed = failed or self._send(request, bound)
        return failed or Performed("done" if self._items else "nothing", self._items)

    # reads

    def _read(self, number: int, request: Request) -> list[Env]:
        found: list[Env] = []
        for env in self._above(request):
            try:
                items = self._ask(request, env)
            except (NoKey, Unstorable):
                continue
            kept = [item for item in items if self._fits(request, item)]
            if not self._is_expected(request, kept, env):
                if self._is_target(number):
                    raise Nothing
                raise Blocked(_expected(request))
            found += [{**env, number: item} for item in kept]
        if request.expect == "some" and not found and not request.after and self._is_target(number):
            raise Nothing
        return found

    def _is_expected(self, request: Request, items: list[Item], env: Env) -> bool:
        names = (self._plan.table.partition_key, self._plan.table.sort_key)
        written = [[item[name] for name in names] for number, item in env.items() if self._is_target(number)]
        others = sum([item[name] for name in names] not in written for item in items)
        match request.expect:
            case "some":
                return bool(items)
            case "none":
                return not items
            case "some other":
                return 0 < len(items) == others
            case "no other":
                return not others
        return True

    def _is_target(self, number: int) -> bool:
        """Whether the items of a request are written."""
        return any(action.each == number for one in self._pattern.requests for action in one.actions)

    def _above(self, request: Request) -> list[Env]:
        """The items at hand of the requests that it follows."""
        envs: list[Env] = [{}]
        for number in request.after:
            envs = [{**env, **other} for env in envs for other in self._found[number] if _agree(env, other)]
        return envs

    def _ask(self, request: Request, env: Env) -> list[Item]:
        if request.operation == "Query":
            call = self._query(request, env)
            if not request.after and (call, request.where, request.expect) in self._asked:
                return []  # a list that names one value twice means its rows once
            self._asked.append((call, request.where, request.expect))
            return [item for page in self._reader.query(call) for item in page]
        texts = []
        for keys in request.keys:
            try:
                texts.append(self._bind.pair(keys, env))
            except (NoKey, Unstorable):
                continue
        if not texts:
            raise NoKey
        wanted = tuple(text for text in dict.fromkeys(texts) if _is_legal(*text))
        if wanted not in self._got:
            self._got[wanted] = [
                item
                for start in range(0, len(wanted), BATCH)
                for item in self._reader.get_batch([self._key(*text) for text in wanted[start : start + BATCH]])
            ]
        return self._got[wanted]

    def _query(self, request: Request, env: Env) -> Mapping[str, Any]:
        partition_name, sort_name = slot_attribute_names(self._plan, request.index or TABLE_SLOT)
        begun = request.sort.values[0] if request.sort else ""
        partition, sort = (self._bind.text(text, env) for text in (request.partition or "", begun))
        if not _is_legal(partition, sort):
            raise NoKey
        call: dict[str, Any] = {
            "KeyConditionExpression": "#p = :p AND begins_with(#s, :s)",
            "ExpressionAttributeNames": {"#p": partition_name, "#s": sort_name},
            "ExpressionAttributeValues": {":p": {"S": partition}, ":s": {"S": sort}},
            "ConsistentRead": request.consistent,
        }
        return {**call, "IndexName": request.index} if request.index else call

    def _fits(self, request: Request, item: Item) -> bool:
        """Whether an item is of the entity that is meant, and passes the conditions that are checked on it."""
        entity = self._plan.entity(request.entities[0])
        told = item.get(self._plan.type_attribute)
        if told is not None and told["S"] != entity.name:
            return False
        if not request.where:
            return True
        table = entity.source_table
        select = Select((TableRef(table, table),), table, (), request.where, ())
        return Assembler(self._plan, Part("", select, entity.name, ()), self._parameters).fits(item)

    def _key(self, partition: str, sort: str) -> Key:
        settings = self._plan.table
        return {settings.partition_key: {"S": partition}, settings.sort_key: {"S": sort}}

    # writes

    def _writes(self) -> Iterator[tuple[Request, list[_Bound]]]:
        """All requests to send, with their actions, in order."""
        for request in self._pattern.requests:
            if request.operation not in READS:
                for env in [{}] if request.each is None else self._found[request.each]:
                    yield request, list(self._bound(request, env))

    def _bound(self, request: Request, env: Env) -> Iterator[_Bound]:
        tallies: list[tuple[Action, Tally]] = []
        deleted: set[tuple[str, str]] = set()
        for action in request.actions:
            left_out = any(self._found[number] for number in action.missing)
            for here in self._hands(action, request, env):
                if action.tallies:
                    tallies += [] if left_out else self._tally(action, self._extended(here))
                    continue
                bound = self._bind_action(action, self._extended(here))
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
        names = (self._plan.table.partition_key, self._plan.table.sort_key)
        item = env.get(action.each) if action.each is not None else None
        row = (item[names[0]]["S"], item[names[1]]["S"]) if item is not None else None
        gains = any((one.tally or "").startswith("gain") for one in action.assignments)
        with suppress(NoKey):
            yield action, Tally(entity.name, self._bind.pair(action.keys, env, image), row, gains, image, figures)

    def _tallied(
        self, tallies: list[tuple[Action, Tally]], deleted: frozenset[tuple[str, str]], together: frozenset[str]
    ) -> Iterator[_Bound]:
        for one, effects in added_up((tally for _, tally in tallies), deleted, together):
            into = Expressions()
            action = next(action for action, tally in tallies if tally is one)
            call = {"Key": self._key(*one.key), **into.parameters(None, into.update(effects))}
            yield _Bound(action, one.key, Write("Update", call))

    def _hands(self, action: Action, request: Request, env: Env) -> list[Env]:
        if action.each is None:
            return [env]
        return [other for other in self._found[action.each] if _agree(env, other)]

    def _extended(self, env: Env) -> Env:
        """With the items of other requests that go with those at hand."""
        whole = dict(env)
        for envs in self._found.values():
            whole |= next((other for other in envs if _agree(whole, other)), {})
        return whole

    def _bind_action(self, action: Action, env: Env) -> _Bound | None:
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
            return _Bound(action, key, self._as_write(action, entity, key, env, image, effects, rows))
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
        key = None if entity.kind != "row" else self._bind.pair(action.keys, env, nulls=nulls)
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
        if not _is_legal(*key):
            raise Unstorable(f"its key in the table, {key[0]!r} {key[1]!r}, is longer than DynamoDB takes")
        into = Expressions()
        condition = self._condition(action, entity, env, into, () if action.operation == "Put" else rows)
        if action.operation == "Put":
            return Write("Put", {"Item": {**self._key(*key), **image}, **into.parameters(condition, None)})
        update = into.update(effects) if action.operation == "Update" else None
        return Write(action.operation, {"Key": self._key(*key), **into.parameters(condition, update)})

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

    def _send(self, request: Request, bound: list[_Bound]) -> Performed | None:
        """Sends one request; what stopped it, or None."""
        if not bound:
            return None
        clash = _clash(bound)
        if clash is not None:
            return replace(clash, items=self._items)
        if len(bound) > MAX_ACTIONS:
            told = f"{len(bound)} actions, and a transaction has at most {MAX_ACTIONS}: change fewer rows at a time"
            return Performed("blocked", self._items, told)
        try:
            if request.operation == "TransactWriteItems":
                self._writer.transact([one.write for one in bound])
            else:
                for one in bound:
                    self._writer.write(one.write)
        except TransactionCancelled as error:
            return None if request.may_fail else self._failure(bound, error)
        self._items += len(bound)
        return None

    def _failure(self, bound: list[_Bound], error: TransactionCancelled) -> Performed:
        failed = [
            one.action
            for one, reason in zip(bound, error.reasons, strict=True)
            if reason.code == "ConditionalCheckFailed"
        ]
        if not failed:
            raise error
        told = f"the condition on {failed[0].entity} failed: {failed[0].condition}"
        puts = (entry.operation == "put" for action in failed for entry in action.entries)
        if any(action.require == ABSENT for action in failed) or any(puts):
            return Performed("taken", self._items, told)
        return Performed("changed" if any(a.as_read for a in failed) else "nothing", self._items, told)


def _each_once(bound: list[_Bound]) -> list[_Bound]:
    """Without what says the same again of what was read, and without updates of what is deleted."""
    kept: list[_Bound] = []
    deleted = {one.key for one in bound if one.write.operation == "Delete"}
    for one in bound:
        moot = one.write.operation == "Update" and one.key in deleted
        again = one.action.each is not None and any(one.write == other.write for other in kept)
        if one.action.tallies or not (moot or again):
            kept.append(one)
    return kept


def _clash(bound: list[_Bound]) -> Performed | None:
    """Two actions on one item, which no transaction takes."""
    keys = Counter(one.key for one in bound)
    twice = [one.action for one in bound if keys[one.key] > 1]
    if not twice:
        return None
    if all(action.require == ABSENT for action in twice):
        return Performed("taken", told=f"one item of {twice[0].entity} would be put twice")
    return Performed("blocked", told=f"one item of {twice[0].entity} would be written twice")


def _agree(one: Env, other: Env) -> bool:
    """Whether both have the same items at hand, as far as both have any."""
    return all(other[number] is item for number, item in one.items() if number in other)


def _is_legal(partition: str, sort: str) -> bool:
    return len(partition.encode()) <= MAX_PARTITION_KEY and len(sort.encode()) <= MAX_SORT_KEY


def _expected(request: Request) -> str:
    named = ", ".join(request.entities)
    told = {
        "some": f"no row of {named} is there",
        "some other": f"no row of {named} is there, other than the one that is written",
        "no other": f"other rows of {named} refer to it",
    }
    return told.get(request.expect or "", f"rows of {named} refer to it")
