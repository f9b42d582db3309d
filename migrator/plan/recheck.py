"""A plan's reads checked once more, from the plan alone: are the requests legal, and do they leave no wanted row out?

Nothing here is shared with what made the plan: key texts are laid over the entities' templates, and what they pin down
must be said by the statement's own conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

from migrator.model.errors import MigrateError
from migrator.model.query import (
    Comparison,
    Field,
    Like,
    Literal,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Related,
    Select,
    Value,
)
from migrator.model.schema import Kind
from migrator.plan.hydrate import choosing
from migrator.plan.keys import AFTER_NULL, PLAIN_END, TEXT_END
from migrator.plan.pinned import MARK, Laid, Mismatch, Token, from_item, lay, parameter, placeholders, shown
from migrator.plan.plan import (
    TABLE_SLOT,
    Attribute,
    Embedded,
    Entity,
    Part,
    Plan,
    PlannedPattern,
    Request,
    SlotKeys,
)
from migrator.plan.recheck_aggregates import aggregate_faults
from migrator.plan.templates import Placeholder, parse_template

ORDERED_AS_THEY_ARE = (Kind.BOOLEAN, Kind.UUID, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP)
"""Kinds whose plain text may already be in order."""
VALUES_OF = {"=": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "begins_with": 1, "between": 2}
AFTER_END = {chr(ord(end) + 1): end for end in (PLAIN_END, TEXT_END)}
LITERAL = ""
"""Stands for any literal among the values that a condition allows."""


class WrongPlan(MigrateError):
    """A plan that would answer a query wrongly was about to be written: a defect of this program."""


def demand_right(plan: Plan) -> None:
    """WrongPlan when the plan's requests do not answer one of its served reads."""
    faults = recheck(plan)
    if faults:
        raise WrongPlan(
            f"the finished plan was checked and is wrong: {faults[0]}",
            "nothing was written; this is a defect of migrate: please report it with the schema and the query, and "
            "take the query out meanwhile",
        )


def recheck(plan: Plan) -> tuple[str, ...]:
    """What is wrong with the plan's served reads, each with the pattern's name; nothing when they are right."""
    found = []
    for pattern in plan.access_patterns:
        if pattern.kind == "read" and pattern.status == "served":
            found += [f"{pattern.name}: {fault}" for fault in _faults(plan, pattern)]
    return tuple(found)


def _faults(plan: Plan, pattern: PlannedPattern) -> Iterator[str]:
    for number, request in enumerate(pattern.requests):
        yield from (f"request {number} {fault}" for fault in _illegal(plan, pattern, number, request))
        yield from (f"request {number} {fault}" for fault in _strangers(plan, request))
    for place, part in enumerate(pattern.parts):
        yield from (f"statement {place + 1} {fault}" for fault in _Statement(plan, pattern, part).faults())
        yield from (f"statement {place + 1} {fault}" for fault in aggregate_faults(plan, pattern, part))


def _illegal(plan: Plan, pattern: PlannedPattern, number: int, request: Request) -> Iterator[str]:
    if request.operation not in ("Query", "GetItem", "BatchGetItem"):
        yield f"is a {request.operation}"
    if request.index is not None and request.index not in {index.name for index in plan.indexes}:
        yield f"reads {request.index}, which does not exist"
    if request.consistent and request.index is not None:
        yield "asks an index for a consistent read"
    if pattern.consistency == "strong" and not request.consistent:
        yield "is not consistent"
    texts = [text for pair in request.keys for text in (pair.partition, pair.sort)]
    texts += [request.partition or "", *(request.sort.values if request.sort else ())]
    earlier = {piece.request for piece in placeholders(*texts) if piece.origin == "item"}
    if not earlier <= set(request.after) or any(before >= number for before in request.after):
        yield "uses items of a request that does not come before it"
    if request.operation == "Query":
        if not request.partition:
            yield "has no partition"
        if request.sort is not None and len(request.sort.values) != VALUES_OF.get(request.sort.op):
            yield f"has an odd condition on the sort key: {request.sort.op}"
    elif request.index is not None or not request.keys or (request.operation == "GetItem" and len(request.keys) > 1):
        yield "does not give whole keys of the table"


def _strangers(plan: Plan, request: Request) -> Iterator[str]:
    """Entities between those that a request wants together, in the same partitions."""
    if request.operation != "Query" or len(request.entities) < 2:
        return
    slot = request.index or TABLE_SLOT
    low, high = (request.sort.values[0], request.sort.values[-1]) if request.sort else ("", "\U0010ffff")
    for entity in plan.entities:
        keys = entity.slot(slot)
        label = _label(keys) if keys else ""
        if keys is None or entity.name in request.entities or not low <= label <= high:
            continue
        try:
            laid = lay(keys.partition, request.partition or "", True)
        except Mismatch:
            continue
        parts = [token for piece, token, _ in laid.pins if not (piece.encoding or token.startswith(MARK))]
        if laid.whole and not any(PLAIN_END in token for token in parts):
            yield f"reads over {entity.name}, which lies between what it wants"


def _label(keys: SlotKeys) -> str:
    first = parse_template(keys.sort)[0]
    return first if isinstance(first, str) else ""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement of a pattern, with the requests that give its rows."""

    plan: Plan
    pattern: PlannedPattern
    part: Part

    @property
    def select(self) -> Select:
        return self.part.select

    @property
    def held(self) -> tuple[Entity, Embedded] | None:
        """The entity within whose items the rows live, when they have none of their own."""
        return next((pair for pair in self.plan.embedded() if pair[1].name == self.part.entity), None)

    def faults(self) -> Iterator[str]:
        entity = self.plan.entity(self.part.entity) if self.held is None else self.held[0]
        if self.held is not None and not self.part.complete:
            yield f"stops before it has all rows within {entity.name}"
        combinations: list[Mapping[str, Token]] = []
        for number in choosing(self.plan, self.pattern.requests, self.part):
            request = self.pattern.requests[number]
            try:
                pinned = list(self._pinned(entity, request))
            except Mismatch as error:
                yield f"reads keys that {entity.name} does not have: {error}"
                return
            combinations += [pins for pins, _ in pinned]
            for pins, laid in pinned:
                yield from self._unsaid(entity, pins)
                yield from self._cut(entity, request, pins, laid)
            if not self.part.complete:
                yield from self._stopped(entity, request, pinned[0][1])
        yield from self._uncovered(entity, combinations)
        yield from self._unheld(entity)
        yield from self._absent(entity)

    def _absent(self, entity: Entity) -> Iterator[str]:
        """Attributes without which a row does not stand in the index that is read, though it may be wanted."""
        for number in choosing(self.plan, self.pattern.requests, self.part):
            keys = entity.slot(self.pattern.requests[number].index or TABLE_SLOT)
            if keys is None:
                continue
            partition = {piece.name for piece in placeholders(keys.partition)}
            for name in keys.requires:
                if name not in partition and not self._present(entity.attribute(name)):
                    yield f"reads {keys.slot}, which has no rows without {name}; its conditions do not say so"

    def _unheld(self, entity: Entity) -> Iterator[str]:
        """Attributes that the answer needs, and an index that gives the rows does not hold."""
        aliases = {self.select.driver, *(r.alias for r in self.part.resolutions if r.how == "copy")}
        fields = {field for field in self.select.fields() if field.alias in aliases}
        for number in self.part.requests:
            index = next((i for i in self.plan.indexes if i.name == self.pattern.requests[number].index), None)
            if index is None or index.projection == "ALL":
                continue
            held = {a.name for a in entity.attributes if a.name in index.attributes}
            for field in sorted(fields, key=lambda field: (field.alias, field.column)):
                if not any(field in self._fields(entity.attribute(name)) for name in held):
                    yield f"looks at {field.alias}.{field.column}, which {index.name} does not hold"

    def _pinned(self, entity: Entity, request: Request) -> Iterator[tuple[dict[str, Token], tuple[Laid, ...]]]:
        """For each key or partition that a request names, the attributes it pins down and its sort texts as laid."""
        keys = entity.slot(request.index or TABLE_SLOT)
        if keys is None or entity.name not in request.entities:
            raise Mismatch(f"it is not in {request.index or TABLE_SLOT}")
        if request.operation != "Query":
            for pair in request.keys:
                partition, sort = lay(keys.partition, pair.partition, True), lay(keys.sort, pair.sort, True)
                if not (partition.whole and sort.whole):
                    raise Mismatch("the key is not whole")
                yield _tokens(partition.pins, sort.pins), ()
            return
        partition = lay(keys.partition, request.partition or "", True)
        if not partition.whole or request.shards != keys.shards:
            raise Mismatch("the partition is not whole")
        if request.sort is None or len(request.entities) > 1:
            yield _tokens(partition.pins), ()
            return
        low, *high = request.sort.values
        laid = (lay(keys.sort, low), *(lay(keys.sort, _before_end(text)) for text in high))
        equal = laid[0].pins if request.sort.op == "=" else _common(laid)
        yield _tokens(partition.pins, equal), laid

    def _unsaid(self, entity: Entity, pins: Mapping[str, Token]) -> Iterator[str]:
        """Attributes that the keys pin down, and the statement's equalities do not."""
        for name, token in pins.items():
            if from_item(token) is not None and self._from_guard(token):
                continue
            if _said(token) not in self._allowed(entity.attribute(name)):
                yield f"pins {name} to {shown(token)}, which its conditions do not say"

    def _from_guard(self, token: Token) -> bool:
        number, name = from_item(token) or (0, "")
        request = self.pattern.requests[number]
        guard = self.plan.entity(request.entities[0])
        if guard.kind != "guard" or not any(attribute.name == name for attribute in guard.attributes):
            return False
        pins, _ = next(self._pinned(guard, request))
        return not list(self._unsaid(guard, pins))

    def _cut(
        self, entity: Entity, request: Request, pins: Mapping[str, Token], laid: tuple[Laid, ...]
    ) -> Iterator[str]:
        """Ranges of the sort key that the statement's own ranges do not say."""
        sort = request.sort
        if not laid or sort is None or sort.op == "=":
            return
        sides: list[tuple[Laid, tuple[str, ...]]] = [(laid[0], (">", ">=")), (laid[-1], ("<", "<="))]
        if sort.op == "begins_with":
            sides = [(laid[0], ("prefix",))]
        elif sort.op != "between":
            sides = [(laid[0], (">", ">=") if sort.op.startswith(">") else ("<", "<="))]
        for side, operators in sides:
            for piece, token, closed in side.pins:
                if piece.name in pins or (sort.op == "begins_with" and closed):
                    continue
                if token == AFTER_NULL and not self._present(entity.attribute(piece.name)):
                    yield f"leaves out rows without {piece.name}, which its conditions do not say"
                if len(token) > 1 and _said(token) not in self._allowed(entity.attribute(piece.name), operators):
                    yield f"cuts {piece.name} at {shown(token)}, which its conditions do not say"

    def _present(self, attribute: Attribute) -> bool:
        """Whether the conditions let no NULL of the attribute through."""
        fields = self._fields(attribute)
        for predicate in self.select.predicates:
            match predicate:
                case (
                    Comparison(field=field)
                    | Membership(field=field, negated=False)
                    | NullTest(field=field, negated=True)
                    | Like(field=field, negated=False)
                ) if field in fields:
                    return True
        return False

    def _stopped(self, entity: Entity, request: Request, laid: tuple[Laid, ...]) -> Iterator[str]:
        """A request that stops at the statement's limit must give its rows in the statement's order."""
        select, beside = self.select, len(request.entities) - 1
        computes = any(output.function for output in select.outputs) or select.distinct or select.group_by
        if computes or select.having or select.distinct_on:
            yield "computes from its rows, and its requests stop early"
        if any(isinstance(predicate, Related) for predicate in select.predicates):
            yield "tests its rows by another statement's, and its requests stop early"
        if request.operation == "Query" and _counted(request.limit) != _wanted(select, beside):
            yield f"has the limit {request.limit}, and wants {select.limit}, {select.offset} and {beside}"
        keys = entity.slot(request.index or TABLE_SLOT)
        if keys is None or request.operation != "Query":
            return
        single = set(_tokens(lay(keys.partition, request.partition or "", True).pins))
        whole = request.sort is not None and request.sort.op == "="
        single |= set(_tokens(laid[0].pins if whole else _common(laid))) if laid else set()
        left = [p for p in parse_template(keys.sort) if isinstance(p, Placeholder) and p.name not in single]
        yield from self._disorder(entity, request, left, single)

    def _disorder(self, entity: Entity, request: Request, left: list[Placeholder], fixed: set[str]) -> Iterator[str]:
        waiting = [piece for piece in left if not self._is_one(entity.attribute(piece.name))]
        for term in self.select.order:
            field = term.field if term.output is None else self.select.outputs[term.output].field
            names = {a.name for a in entity.attributes if field is not None and field in self._fields(a)}
            if names & fixed or not waiting or any(self._is_one(entity.attribute(name)) for name in names):
                continue
            piece = waiting.pop(0)
            if piece.name not in names:
                yield f"wants another order than {piece.name} next"
                return
            if not piece.encoding and entity.attribute(piece.name).kind not in ORDERED_AS_THEY_ARE:
                yield f"wants the order of {piece.name}, whose text keeps none"
            if term.descending == request.forward:
                yield f"wants {piece.name} in the other direction"
            fixed = fixed | names

    def _is_one(self, attribute: Attribute) -> bool:
        """Whether the conditions leave the attribute one value, whatever the keys do."""
        fields = self._fields(attribute)
        for predicate in self.select.predicates:
            match predicate:
                case Comparison(field, "=", _) | NullTest(field, False) | Membership(field, (_,), False) if (
                    field in fields
                ):
                    return True
        return False

    def _uncovered(self, entity: Entity, combinations: list[Mapping[str, Token]]) -> Iterator[str]:
        """Values of a list that no request asks for."""
        names = {name for pins in combinations for name in pins}
        seen = {name: {pins[name] for pins in combinations if name in pins} for name in names}
        for name in sorted(names):
            lists = [p for p in self.select.predicates if isinstance(p, Membership) and not p.negated]
            for membership in lists:
                if membership.field in self._fields(entity.attribute(name)):
                    asked = {token for token in seen[name] if token.startswith(MARK)}
                    wanted = {parameter(value.name) for value in membership.values if isinstance(value, Parameter)}
                    others = self._allowed(entity.attribute(name), besides=membership)
                    looked_up = any(from_item(token) is not None for token in seen[name])
                    if not looked_up and not wanted <= asked and not set(map(_said, seen[name])) & others:
                        yield f"leaves out {', '.join(map(shown, sorted(wanted - asked)))} of the list on {name}"
        distinct = {tuple(sorted(pins.items())) for pins in combinations}
        if names and len(distinct) < prod(len(seen[name]) for name in names):
            yield "does not ask for every combination of its lists"

    def _fields(self, attribute: Attribute) -> set[Field]:
        """The statement's fields that hold the attribute's value, directly or through a join's equality."""
        paths = {self.select.driver: ()} | _paths(self.select)
        wanted = attribute.copied_from.path if attribute.copied_from else ()
        if self.held is not None:
            return self._fields_above(attribute, paths, self.held[1])
        same = {Field(alias, attribute.column) for alias, path in paths.items() if path == wanted}
        pairs = [(Field(j.child, own), Field(j.parent, other)) for j in self.select.joins for own, other in j.pairs]
        while True:
            more = {b for a, b in pairs if a in same} | {a for a, b in pairs if b in same}
            if more <= same:
                return same
            same |= more

    def _fields_above(self, attribute: Attribute, paths: Mapping[str, tuple[str, ...]], held: Embedded) -> set[Field]:
        """The same for an attribute of the item that holds the statement's rows."""
        if attribute.copied_from is not None:
            return set()
        same = {Field(alias, attribute.column) for alias, path in paths.items() if path == (held.path,)}
        return same | {Field(self.select.driver, own) for own, above in held.pairs if above == attribute.column}

    def _allowed(
        self, attribute: Attribute, operators: tuple[str, ...] = ("=",), besides: Predicate | None = None
    ) -> set[Token]:
        """What the statement's conditions compare the attribute with, by these operators."""
        fields = self._fields(attribute)
        values: list[Value] = []
        for predicate in self.select.predicates:
            if predicate is besides:
                continue
            match predicate:
                case Comparison(field, op, value) if field in fields and op in operators:
                    values.append(value)
                case Membership(field, listed, False) if field in fields and "=" in operators:
                    values += listed
                case NullTest(field, False) if field in fields and "=" in operators:
                    values.append(Literal(None))
                case Like(field=field, prefix=prefix, negated=False) if field in fields and "prefix" in operators:
                    values += [prefix] if prefix is not None else []
        return {parameter(value.name) if isinstance(value, Parameter) else LITERAL for value in values}


def _said(token: Token) -> Token:
    """The token as conditions are known by: which literal stands there is not looked at."""
    return token if token.startswith(MARK) else LITERAL


def _tokens(*pins: Iterable[tuple[Placeholder, Token, bool]]) -> dict[str, Token]:
    return {piece.name: token for some in pins for piece, token, _ in some}


def _before_end(text: str) -> str:
    """A range's upper end without the step past what ends a part: `A#5$` lies just above all that begin with `A#5#`."""
    return text[:-1] + AFTER_END[text[-1]] if text[-1:] in AFTER_END else text


def _common(laid: tuple[Laid, ...]) -> tuple[tuple[Placeholder, Token, bool], ...]:
    """What all texts pin down alike, each part closed: equalities, before the range begins."""
    kept = []
    for pins in zip(*(one.pins for one in laid), strict=False):
        if len({token for _, token, _ in pins}) > 1 or not all(closed for _, _, closed in pins):
            break
        kept.append(pins[0])
    return tuple(kept)


def _counted(limit: str | None) -> tuple[tuple[str, ...], int] | None:
    """A request's limit: its placeholders, the first of which is a number when the limit itself is one, and the sum of
    its numbers."""
    if limit is None:
        return None
    terms = limit.split("+")
    named = tuple(term for term in terms if not term.isdecimal())
    lead = ("",) if named and terms[0].isdecimal() else ()
    return (*lead, *named), sum(int(term) for term in terms if term.isdecimal())


def _wanted(select: Select, beside: int) -> tuple[tuple[str, ...], int] | None:
    """What a limit has to count: the statement's own, what OFFSET leaves out, and the items beside its own."""
    if select.limit is None:
        return None
    values = [value for value in (select.limit, select.offset) if value is not None]
    named = [f"{{:{value.name}}}" if isinstance(value, Parameter) else "" for value in values]
    while named and not named[-1]:
        named.pop()
    total = sum(int(value.value or 0) for value in values if isinstance(value, Literal))
    return tuple(named), total + beside


def _paths(select: Select) -> dict[str, tuple[str, ...]]:
    """Foreign keys from the driver to each joined alias."""
    paths: dict[str, tuple[str, ...]] = {select.driver: ()}
    for _ in select.joins:
        for join in select.joins:
            if join.child in paths:
                paths[join.parent] = (*paths[join.child], join.foreign_key)
    return paths
