"""The reads that a planned write begins with, in order: the items at hand of each request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.model.query import Predicate, Select, TableRef
from migrator.plan.answer import Assembler
from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Part, Plan, PlannedPattern, Request
from migrator.plan.sizes import are_legal
from migrator.plan.values import Unstorable
from migrator.ports import Item, ItemReader
from migrator.verify.binding import Binder, Blocked, Env, NoKey, Nothing
from migrator.verify.fetch import fetch, key_of

READS = ("GetItem", "BatchGetItem", "Query")


class Gathered:
    """What the reads of one call gave: `found`, the items at hand of each request, each with those it follows."""

    def __init__(
        self, plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any], reader: ItemReader, bind: Binder
    ) -> None:
        self._plan = plan
        self._pattern = pattern
        self._parameters = parameters
        self._reader = reader
        self._bind = bind
        self.found: dict[int, list[Env]] = {}
        self._got: dict[tuple[tuple[str, str], ...], list[Item]] = {}
        """What was asked by key: nothing is asked twice."""
        self._asked: list[tuple[Mapping[str, Any], tuple[Predicate, ...], str | None]] = []

    def gather(self) -> None:
        """Sends every read. Nothing where what is to be written is not there, Blocked where something is not as the
        plan expects."""
        for number, request in enumerate(self._pattern.requests):
            if request.operation in READS:
                self.found[number] = self._read(number, request)

    def extended(self, env: Env) -> Env:
        """With the items of other requests that go with those at hand."""
        whole = dict(env)
        for envs in self.found.values():
            whole |= next((other for other in envs if agree(whole, other)), {})
        return whole

    def _read(self, number: int, request: Request) -> list[Env]:
        found: list[Env] = []
        for env in self._above(request):
            try:
                items = self._ask(number, request, env)
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
        names = self._plan.table.key_names
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
            envs = [{**env, **other} for env in envs for other in self.found[number] if agree(env, other)]
        return envs

    def _pairs(self, number: int, request: Request) -> bool:
        """Whether the items are no rows to be written, but those that pair with such rows: each row has its own."""
        table = self._plan.entity(request.entities[0]).source_table
        follows = {number}
        for later, one in enumerate(self._pattern.requests):
            follows |= {later} if set(one.after) & follows and one.operation in READS else set()
        actions = (action for one in self._pattern.requests for action in one.actions if action.each in follows)
        written = {self._plan.entity(action.entity).source_table for action in actions}
        return bool(written) and table not in written

    def _ask(self, number: int, request: Request, env: Env) -> list[Item]:
        if request.operation == "Query":
            call = self._query(request, env)
            again = not request.after and (call, request.where, request.expect) in self._asked
            if again and not self._pairs(number, request):
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
        wanted = tuple(text for text in dict.fromkeys(texts) if are_legal(*text))
        if wanted not in self._got:
            self._got[wanted] = fetch(self._reader, [key_of(self._plan, *text) for text in wanted])
        return self._got[wanted]

    def _query(self, request: Request, env: Env) -> Mapping[str, Any]:
        partition_name, sort_name = slot_attribute_names(self._plan, request.index or TABLE_SLOT)
        begun = request.sort.values[0] if request.sort else ""
        partition, sort = (self._bind.text(text, env) for text in (request.partition or "", begun))
        if not are_legal(partition, sort):
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


def agree(one: Env, other: Env) -> bool:
    """Whether both have the same items at hand, as far as both have any."""
    return all(other[number] is item for number, item in one.items() if number in other)


def _expected(request: Request) -> str:
    named = ", ".join(request.entities)
    told = {
        "some": f"no row of {named} is there",
        "some other": f"no row of {named} is there, other than the one that is written",
        "no other": f"other rows of {named} refer to it",
    }
    return told.get(request.expect or "", f"rows of {named} refer to it")
