"""What a statement's own conditions say of an attribute: the ground on which its requests are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migrator.model.query import (
    Comparison,
    Field,
    Like,
    Literal,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Select,
    Value,
)
from migrator.plan.pinned import MARK, Token, parameter
from migrator.plan.plan import Attribute, Embedded

LITERAL = ""
"""Stands for any literal among the values that a condition allows."""


def said(token: Token) -> Token:
    """The token as conditions are known by: which literal stands there is not looked at."""
    return token if token.startswith(MARK) else LITERAL


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one statement. `held`: the statement's rows live so within the items of another entity, whose
    attributes are then asked about."""

    select: Select
    held: Embedded | None

    def fields(self, attribute: Attribute) -> set[Field]:
        """The statement's fields that hold the attribute's value, directly or through a join's equality."""
        paths = {self.select.driver: ()} | _paths(self.select)
        wanted = attribute.copied_from.path if attribute.copied_from else ()
        if self.held is not None:
            return self._fields_above(attribute, paths, self.held)
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

    def allowed(
        self, attribute: Attribute, operators: tuple[str, ...] = ("=",), besides: Predicate | None = None
    ) -> set[Token]:
        """What the statement's conditions compare the attribute with, by these operators."""
        fields = self.fields(attribute)
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

    def present(self, attribute: Attribute) -> bool:
        """Whether the conditions let no NULL of the attribute through."""
        fields = self.fields(attribute)
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

    def only(self, attribute: Attribute, values: tuple[Literal, ...]) -> bool:
        """Whether the conditions let through no row in which the attribute holds anything but these values."""
        fields = self.fields(attribute)
        for predicate in self.select.predicates:
            match predicate:
                case Comparison(field, "=", Literal() as value) if field in fields and value in values:
                    return True
                case NullTest(field, False) if field in fields and Literal(None) in values:
                    return True
                case Membership(field, listed, False) if field in fields:
                    if all(value in values for value in listed if value != Literal(None)):
                        return True
        return False

    def is_one(self, attribute: Attribute) -> bool:
        """Whether the conditions leave the attribute one value, whatever the keys do."""
        fields = self.fields(attribute)
        for predicate in self.select.predicates:
            match predicate:
                case Comparison(field, "=", _) | NullTest(field, False) | Membership(field, (_,), False) if (
                    field in fields
                ):
                    return True
        return False


def _paths(select: Select) -> dict[str, tuple[str, ...]]:
    """Foreign keys from the driver to each joined alias."""
    paths: dict[str, tuple[str, ...]] = {select.driver: ()}
    for _ in select.joins:
        for join in select.joins:
            if join.child in paths:
                paths[join.parent] = (*paths[join.child], join.foreign_key)
    return paths
