"""Runs a planned pattern against the table: its requests in order, then the assembly of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from migrator.model.query import Like, flattened
from migrator.plan.answer import Answer, Assembler, left_out
from migrator.plan.embedding import unfolded
from migrator.plan.hydrate import choosing
from migrator.plan.items import entity_name, slot_attribute_names
from migrator.plan.keys import encode
from migrator.plan.plan import TABLE_SLOT, KeyPair, Part, Plan, PlannedPattern, Request, SortCondition
from migrator.plan.sizes import MAX_PARTITION_KEY, MAX_SORT_KEY, are_legal
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.values import Unstorable, read_parameter
from migrator.ports import Item, ItemReader, Key
from migrator.verify.fetch import fetch, key_of
from migrator.verify.objects import shown_whole


class _NoRows(Exception):
    """A value that no key can hold (NULL, a text for a number): nothing matches."""


class _Beyond(_NoRows):
    """A value that the key's type does not have, though it can be compared with: 1.5 beside integers."""


def run_pattern(
    plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any], reader: ItemReader
) -> tuple[Answer, ...]:
    """The answer of each statement of a served read. `parameters` by name, as values or as text."""
    return Execution(plan, pattern, parameters, reader).run()


class Execution:
    """One call of a pattern."""

    def __init__(self, plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any], reader: ItemReader) -> None:
        self._plan = plan
        self._pattern = pattern
        self._parameters = parameters
        self._reader = shown_whole(reader, pattern)
        self._assemblers = {
            id(part): Assembler(plan, part, parameters, pattern.parts, left_out(plan, pattern.requests, part))
            for part in pattern.parts
        }
        self._kinds = pattern.key_kinds()
        self._prefixes = {p.use.name for p in pattern.parameters if p.use.role == "prefix"}
        self._wildcards = _wildcards(pattern)

    def run(self) -> tuple[Answer, ...]:
        items: list[list[Item]] = []
        for number, request in enumerate(self._pattern.requests):
            found = self._ask(number, request, items)
            items.append(unfolded(self._plan, self._within(number), found) if self._within(number) else found)
        return tuple(self._assemblers[id(part)].answer(items) for part in self._pattern.parts)

    def _within(self, number: int) -> frozenset[str]:
        """The embedded rows that a request is to give."""
        held = {one.name for _, one in self._plan.embedded()}
        return frozenset(part.entity for part in self._pattern.parts if number in part.requests and part.entity in held)

    def _ask(self, number: int, request: Request, earlier: Sequence[Sequence[Item]]) -> list[Item]:
        try:
            if request.operation == "Query":
                return self._query(number, request)
            return self._get(request, earlier)
        except _NoRows:
            return []

    def _get(self, request: Request, earlier: Sequence[Sequence[Item]]) -> list[Item]:
        keys: dict[tuple[str, str], Key] = {}
        for pair in request.keys:
            for text in self._key_texts(pair, request, earlier):
                keys[text] = key_of(self._plan, *text)
        return fetch(self._reader, list(keys.values()))

    def _key_texts(
        self, pair: KeyPair, request: Request, earlier: Sequence[Sequence[Item]]
    ) -> Iterator[tuple[str, str]]:
        sources = {
            piece.request
            for text in (pair.partition, pair.sort)
            for piece in parse_template(text)
            if isinstance(piece, Placeholder) and piece.origin == "item"
        }
        for item in earlier[sources.pop()] if sources else [None]:
            try:
                texts = self._text(pair.partition, item), self._text(pair.sort, item)
            except _NoRows:
                continue
            if are_legal(*texts):
                yield texts

    def _text(self, template: str, item: Item | None = None, shard: int = 0) -> str:
        return "".join(self._piece(piece, item, shard) for piece in parse_template(template))

    def _piece(self, piece: str | Placeholder, item: Item | None, shard: int) -> str:
        if isinstance(piece, str):
            return piece
        if piece.origin == "shard":
            return str(shard)
        if piece.origin == "item":
            return self._from_item(piece, item)
        return self._from_parameter(piece)

    def _from_item(self, piece: Placeholder, item: Item | None) -> str:
        if item is None or piece.name not in item:
            raise _NoRows
        if piece.name in self._plan.table.key_names:
            return str(item[piece.name]["S"])
        entity = self._plan.entity(entity_name(self._plan, item))
        kind = next((a.kind for a in entity.attributes if a.name == piece.name), None)
        if kind is None:
            raise _NoRows
        return encode(piece.encoding, kind, item[piece.name])

    def _from_parameter(self, piece: Placeholder) -> str:
        value = self._parameters[piece.name]
        if value is None:
            raise _NoRows
        if piece.name in self._prefixes and isinstance(value, str):
            value = _up_to(self._wildcards, value)
        kind = self._kinds[piece.name]
        try:
            return encode(piece.encoding, kind, read_parameter(kind, value))
        except Unstorable:
            raise _Beyond from None

    def _query(self, number: int, request: Request) -> list[Item]:
        found: list[Item] = []
        for shard in range(request.shards or 1):
            call = self._call(request, shard)
            if call is not None:
                found += self._pages(number, request, call)
        return found

    def _pages(self, number: int, request: Request, call: Mapping[str, Any]) -> list[Item]:
        limited = [p for p in self._pattern.parts if self._reads(p, number) and request.limit and not p.complete]
        if limited and self._wanted(limited[0]) == 0 and len(request.entities) == 1:
            return []
        found: list[Item] = []
        for page in self._reader.query(call):
            found += page
            if limited and self._enough(limited[0], number, found):
                break
        return found

    def _reads(self, part: Part, number: int) -> bool:
        """Whether a request gives the part's rows, or the keys by which they are read."""
        return number in (*part.requests, *choosing(self._plan, self._pattern.requests, part))

    def _wanted(self, part: Part) -> int | None:
        return self._assemblers[id(part)].wanted()

    def _enough(self, part: Part, number: int, found: list[Item]) -> bool:
        wanted = self._wanted(part)
        if wanted is None:
            return False
        if number not in part.requests:
            return len(found) >= wanted
        fits = self._assemblers[id(part)].fits
        return sum(1 for item in found if fits(item)) >= wanted

    def _call(self, request: Request, shard: int) -> dict[str, Any] | None:
        """A Query's own parameters; None when its key would be longer than any key is."""
        partition_name, sort_name = slot_attribute_names(self._plan, request.index or TABLE_SLOT)
        partition = self._text(request.partition or "", shard=shard)
        if len(partition.encode()) > MAX_PARTITION_KEY:
            return None
        call: dict[str, Any] = {
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": partition_name},
            "ExpressionAttributeValues": {":p": {"S": partition}},
            "ScanIndexForward": request.forward,
            "ConsistentRead": request.consistent,
        }
        if request.index:
            call["IndexName"] = request.index
        wanted = self._page_size(request)
        if wanted:
            call["Limit"] = wanted
        return self._with_sort(call, request, sort_name)

    def _with_sort(self, call: dict[str, Any], request: Request, sort_name: str) -> dict[str, Any] | None:
        if request.sort is None:
            return call
        values = self._sort_texts(request.sort)
        if any(len(value.encode()) > MAX_SORT_KEY for value in values) or values != sorted(values, key=str.encode):
            return None
        call["ExpressionAttributeNames"]["#s"] = sort_name
        for place, value in enumerate(values):
            call["ExpressionAttributeValues"][f":s{place}"] = {"S": value}
        condition = {"between": "#s BETWEEN :s0 AND :s1", "begins_with": "begins_with(#s, :s0)"}
        call["KeyConditionExpression"] += " AND " + condition.get(request.sort.op, f"#s {request.sort.op} :s0")
        return call

    def _sort_texts(self, sort: SortCondition) -> list[str]:
        if sort.op != "between":
            return [self._text(value) for value in sort.values]
        low, high = sort.values
        return [self._edge(low, upper=False), self._edge(high, upper=True)]

    def _edge(self, template: str, upper: bool) -> str:
        """A range's end. One that the key's type does not have opens the range as far as the parts before it go;
        the assembly drops what is too much."""
        before = ""
        for piece in parse_template(template):
            try:
                before += self._piece(piece, None, 0)
            except _Beyond:
                return before[:-1] + chr(ord(before[-1]) + 1) if upper else before
        return before

    def _page_size(self, request: Request) -> int | None:
        if request.limit is None:
            return None
        wanted, *beside = (self._term(text) for text in request.limit.split("+"))
        return None if wanted is None else wanted + sum(filter(None, beside)) or None

    def _term(self, text: str) -> int | None:
        """A number of a limit; None when it is none: NULL, or less than nothing."""
        (piece,) = parse_template(text)
        value = self._parameters[piece.name] if isinstance(piece, Placeholder) else piece
        return None if value is None or int(value) < 0 else int(value)


def _wildcards(pattern: PlannedPattern) -> str:
    """Characters that mean something in the pattern's LIKEs."""
    told = (predicate for part in pattern.parts for predicate in flattened(part.select.predicates))
    escapes = {predicate.escape or "" for predicate in told if isinstance(predicate, Like)}
    return "%_" + "".join(sorted(escapes))


def _up_to(wildcards: str, text: str) -> str:
    """The part of a LIKE prefix that is surely literal."""
    return text[: next((place for place, character in enumerate(text) if character in wildcards), len(text))]
