"""A planned write's templates, values and conditions, bound to parameters and to what was read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    Literal,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Value,
)
from migrator.model.schema import Kind
from migrator.plan.action import Assignment, ItemValue, KeyPair, Operand
from migrator.plan.items import expiry_seconds, shard_of
from migrator.plan.keys import encode
from migrator.plan.plan import Entity, Plan, PlannedPattern
from migrator.plan.sizes import MAX_PARTITION_KEY
from migrator.plan.states import compile_conditions
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.values import Unstorable, Wire, from_wire, number_text, read_parameter, to_wire
from migrator.ports import Item
from migrator.verify.expressions import Expressions

Env = Mapping[int, Item]
"""The item at hand of each request that gave one."""


class NoKey(Exception):
    """A key that NULL, or a value of another type, stands in: there is no such item."""


class Never(Exception):
    """A condition that no row fulfils."""


class Nothing(Exception):
    """A row that the whole write depends on is not there."""


class Blocked(Exception):
    """Nothing may be written; the text says why."""


class Binder:
    """Binds one call's values. `parameters` by name, as values or as text."""

    def __init__(self, plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any]) -> None:
        self._plan = plan
        self._parameters = parameters
        self._key_names = plan.table.key_names
        self._kinds = pattern.key_kinds()

    def text(self, template: str, env: Env, image: Item | None = None, nulls: bool = False) -> str:
        """A key template's text. NoKey where a value is NULL, unless `nulls` may stand in it, or cannot be one."""
        return "".join(self._piece(piece, env, image or {}, nulls) for piece in parse_template(template))

    def pair(self, keys: KeyPair, env: Env, image: Item | None = None, nulls: bool = False) -> tuple[str, str]:
        return self.text(keys.partition, env, image, nulls), self.text(keys.sort, env, image, nulls)

    def _piece(self, piece: str | Placeholder, env: Env, image: Item, nulls: bool) -> str:
        if isinstance(piece, str):
            return piece
        if piece.origin == "item" and piece.name in self._key_names:
            return str(env[piece.request][piece.name]["S"])
        kind, wire = self._value_of(piece, env, image)
        if wire is None and not nulls:
            raise NoKey
        return encode(piece.encoding, kind, wire)

    def _value_of(self, piece: Placeholder, env: Env, image: Item) -> tuple[Kind, Wire | None]:
        if piece.origin == "item":
            item = env.get(piece.request, {})
            return self._kind_of(item, piece.name), item.get(piece.name)
        if piece.origin == "attribute":
            return self._kind_of(image, piece.name), image.get(piece.name)
        kind = self._kinds[piece.name]
        return kind, self._read(kind, self._parameters[piece.name])

    def _kind_of(self, item: Item, name: str) -> Kind:
        told = item.get(self._plan.type_attribute)
        if told is None:
            return Kind.TEXT
        return self._kind(self._plan.entity(told["S"]), name)

    def _kind(self, entity: Entity, name: str) -> Kind:
        return next((a.kind for a in entity.attributes if a.name == name), Kind.TEXT)

    def _read(self, kind: Kind, value: Any) -> Wire | None:
        return None if value is None else read_parameter(kind, value)

    def wire(self, value: Operand, kind: Kind, env: Env) -> Wire | None:
        """A value as a column of that kind holds it."""
        match value:
            case Parameter(name):
                return self._read(kind, self._parameters[name])
            case ItemValue(request, attribute):
                return env.get(request, {}).get(attribute)
            case Literal():
                return self._read(kind, value.value)

    def outcome(self, one: Assignment, entity: Entity, image: Item, env: Env, identity: str) -> Wire | None:
        """What an assignment gives; for arithmetic that the expression does, the value that it is done with."""
        kind = self._kind(entity, one.attribute)
        if one.tally is not None:
            kind = Kind.UNKNOWN if one.tally.endswith(" one") else Kind.DECIMAL
        match one.how:
            case "key":
                found = self._key(one, entity, image, identity)
            case "seconds":
                found = self._seconds(one, image)
            case "map":
                found = {"M": {}}
            case _:
                found = self.wire(one.value or Literal(None), kind, env)
        if one.of is not None and found is not None:
            before = env.get(one.of.request, {}).get(one.of.attribute)
            found = None if before is None else _computed(one.how, kind, before, found)
        if found is None and one.demanded:
            raise Blocked(f"{one.attribute} of {entity.name} would be NULL, and the column is NOT NULL")
        return found

    def _key(self, one: Assignment, entity: Entity, image: Item, identity: str) -> Wire | None:
        if any(name not in image for name in one.requires) or not compile_conditions(entity, one.where)(image):
            return None
        text = ""
        for piece in parse_template(one.template or ""):
            if isinstance(piece, str):
                text += piece
            elif piece.origin == "shard":
                text += str(shard_of(identity, one.shards or 1))
            else:
                text += encode(piece.encoding, self._kind(entity, piece.name), image.get(piece.name))
        if len(text.encode()) > MAX_PARTITION_KEY:
            raise Unstorable(f"its key {one.attribute} would take {len(text.encode()):,} bytes")
        return {"S": text}

    def _seconds(self, one: Assignment, image: Item) -> Wire | None:
        names = [piece.name for piece in parse_template(one.template or "") if isinstance(piece, Placeholder)]
        wire = image.get(names[0])
        return None if wire is None else {"N": str(expiry_seconds(wire, names[0]))}

    def condition(self, predicate: Predicate, entity: Entity, into: Expressions) -> str:
        """A predicate as an expression. Never where no row fulfils it."""
        match predicate:
            case NullTest(field, negated):
                return into.exists(self._attribute(entity, field), there=negated)
            case Comparison(field, op, value):
                return f"{self._named(entity, field, into)} {op} {into.value(self._compared(entity, field, value))}"
            case Membership(field, values, False):
                return self._listed(entity, field, values, into)
            case Either(branches):
                return self._either(entity, branches, into)
            case _:
                raise AssertionError(f"a condition that no expression says: {predicate}")

    def _listed(self, entity: Entity, field: Field, values: tuple[Value, ...], into: Expressions) -> str:
        found: list[Wire] = []
        for value in values:
            try:
                found.append(self._compared(entity, field, value))
            except Never:
                continue
        if not found:
            raise Never
        return f"{self._named(entity, field, into)} IN ({', '.join(map(into.value, found))})"

    def _either(self, entity: Entity, branches: tuple[tuple[Predicate, ...], ...], into: Expressions) -> str:
        found = []
        for branch in branches:
            kept = Expressions(dict(into.names), dict(into.values))
            try:
                found.append("(" + " AND ".join(self.condition(inner, entity, kept) for inner in branch) + ")")
            except Never:
                continue
            into.names, into.values = kept.names, kept.values
        if not found:
            raise Never
        return "(" + " OR ".join(found) + ")"

    def _named(self, entity: Entity, field: Field, into: Expressions) -> str:
        return into.name(self._attribute(entity, field))

    def _attribute(self, entity: Entity, field: Field) -> str:
        return next(a.name for a in entity.attributes if a.copied_from is None and a.column == field.column)

    def _compared(self, entity: Entity, field: Field, value: Value) -> Wire:
        kind = self._kind(entity, self._attribute(entity, field))
        try:
            wire = self.wire(value, kind, {})
        except Unstorable:
            wire = None
        if wire is None:
            raise Never
        return wire


def _computed(how: str, kind: Kind, before: Wire, value: Wire) -> Wire | None:
    left, right = from_wire(before), from_wire(value)
    if how == "join":
        texts = (number_text(one) if isinstance(one, Decimal) else str(one) for one in (left, right))
        return {"S": "".join(texts)}
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        raise Unstorable("a text stands where a number is to be changed")
    if kind is Kind.FLOAT:
        made: Any = float(left) + float(right) if how == "add" else float(left) - float(right)
    else:
        made = left + right if how == "add" else left - right
    return to_wire(kind, made)
