"""DynamoDB's condition and update expressions over one item, by its own rules. What the service refuses is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from migrator.plan.values import canonical, number_text
from migrator.ports import Item, Refused

Wire = Mapping[str, Any]
Path = tuple[str, ...]
"""An attribute's name, then those of what lies within it."""
_TOKEN = re.compile(r"\s*(#\w+|:\w+|[A-Za-z_]+|<=|>=|<>|[=<>(),.+-])")
_FUNCTIONS = {"attribute_exists": 1, "attribute_not_exists": 1, "begins_with": 2}


def refuse(message: str) -> Refused:
    return Refused("ValidationException", message)


class Placeholders:
    """Names and values of a call; every one of them must be used."""

    def __init__(self, call: Mapping[str, Any]) -> None:
        self.names: Mapping[str, str] = call.get("ExpressionAttributeNames", {})
        self.values: Mapping[str, Wire] = call.get("ExpressionAttributeValues", {})
        self._used: set[str] = set()
        for told in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            if told in call and not call[told]:
                raise refuse(f"{told} must not be empty")

    def name(self, token: str) -> str:
        self._used.add(token)
        if token not in self.names:
            raise refuse(f"An expression attribute name used in the document path is not defined: {token}")
        return self.names[token]

    def value(self, token: str) -> Wire:
        self._used.add(token)
        if token not in self.values:
            raise refuse(f"An expression attribute value used in expression is not defined: {token}")
        return self.values[token]

    def demand_used(self) -> None:
        unused = (set(self.names) | set(self.values)) - self._used
        if unused:
            raise refuse(f"Value provided unused in expressions: {sorted(unused)}")


class _Parser:
    def __init__(self, text: str, placeholders: Placeholders) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise refuse(f"Syntax error in an expression at {text[at : at + 10]!r}")
            self._tokens.append(found[1])
            at = found.end()
        self._at = 0
        self.known = placeholders

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if token is None or (wanted is not None and token.upper() != wanted):
            raise refuse(f"Syntax error: {token} where {wanted or 'something'} is expected")
        self._at += 1
        return token

    def is_next(self, *words: str) -> bool:
        token = self.peek()
        return token is not None and token.upper() in words

    def path(self) -> Path:
        token = self.take()
        if not token.startswith("#"):
            raise refuse(f"a name that is not behind a placeholder: {token}")
        first = (self.known.name(token),)
        if not self.is_next("."):
            return first
        self.take()
        return (*first, *self.path())

    def end(self) -> None:
        if self.peek() is not None:
            raise refuse(f"Syntax error at {self.peek()}")


def _get(item: Item, path: Path) -> Wire | None:
    found = item.get(path[0])
    for name in path[1:]:
        found = found["M"].get(name) if found is not None and "M" in found else None
    return found


def _put(item: dict[str, Any], path: Path, wire: Wire | None) -> None:
    """Sets or removes what a path leads to, in maps of its own."""
    name, *rest = path
    if rest:
        if name not in item or "M" not in item[name]:
            raise refuse("The document path provided in the update expression is invalid for update")
        inner = dict(item[name]["M"])
        _put(inner, tuple(rest), wire)
        item[name] = {"M": inner}
    elif wire is None:
        item.pop(name, None)
    else:
        item[name] = wire


Test = Callable[[Item], bool]
Source = Callable[[Item], Wire | None]


def condition(text: str, placeholders: Placeholders) -> Test:
    """The test of a condition expression."""
    parser = _Parser(text, placeholders)
    test = _any_of(parser)
    parser.end()
    return test


def _any_of(parser: _Parser) -> Test:
    tests = [_all_of(parser)]
    while parser.is_next("OR"):
        parser.take()
        tests.append(_all_of(parser))
    return lambda item: any(test(item) for test in tests)


def _all_of(parser: _Parser) -> Test:
    tests = [_one(parser)]
    while parser.is_next("AND"):
        parser.take()
        tests.append(_one(parser))
    return lambda item: all(test(item) for test in tests)


def _one(parser: _Parser) -> Test:
    if parser.is_next("NOT"):
        parser.take()
        inner = _one(parser)
        return lambda item: not inner(item)
    if parser.is_next("("):
        parser.take("(")
        inner = _any_of(parser)
        parser.take(")")
        return inner
    if parser.is_next(*(name.upper() for name in _FUNCTIONS)):
        return _function(parser)
    left = _operand(parser)
    operator = parser.take().upper()
    if operator == "IN":
        return _listed(parser, left)
    right = _operand(parser)
    if operator not in ("=", "<", "<=", ">", ">="):
        raise refuse(f"the operator {operator} is not one whose rules are sure here")
    return lambda item: _compare(left(item), operator, right(item))


def _function(parser: _Parser) -> Test:
    name = parser.take().lower()
    parser.take("(")
    path = parser.path()
    if name == "begins_with":
        parser.take(",")
        start = parser.known.value(parser.take())
        parser.take(")")
        return lambda item: str((_get(item, path) or {}).get("S", "")).startswith(start["S"])
    parser.take(")")
    return lambda item: (_get(item, path) is not None) == (name == "attribute_exists")


def _operand(parser: _Parser) -> Source:
    token = parser.peek()
    if token is not None and token.startswith(":"):
        value = parser.known.value(parser.take())
        return lambda item: value
    path = parser.path()
    return lambda item: _get(item, path)


def _listed(parser: _Parser, left: Source) -> Test:
    parser.take("(")
    values = [_operand(parser)]
    while parser.is_next(","):
        parser.take()
        values.append(_operand(parser))
    parser.take(")")
    if len(values) > 100:
        raise refuse("more than 100 operands of IN")
    return lambda item: any(_compare(left(item), "=", value(item)) for value in values)


def _compare(left: Wire | None, operator: str, right: Wire | None) -> bool:
    if left is None or right is None:
        return False
    if operator == "=":
        return canonical(left) == canonical(right)
    ((kind, a),), ((other, b),) = left.items(), right.items()
    if kind != other or kind not in ("S", "N", "B"):
        return False
    if kind == "N":
        a, b = Decimal(a), Decimal(b)
    elif kind == "S":
        a, b = a.encode(), b.encode()
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


def updated(text: str, placeholders: Placeholders, item: Item, keys: tuple[str, ...]) -> dict[str, Wire]:
    """The item after an update expression; `keys`: attributes that it may not touch."""
    parser = _Parser(text, placeholders)
    after, touched = dict(item), set[Path]()
    sections = set()
    while parser.peek() is not None:
        word = parser.take().upper()
        if word not in ("SET", "REMOVE") or word in sections:
            raise refuse(f"Syntax error: {word} in an update expression")
        sections.add(word)
        while True:
            path = parser.path()
            if any(path[: len(other)] == other[: len(path)] for other in touched):
                raise refuse(f"Two document paths overlap with each other: {path}")
            if path[0] in keys:
                raise refuse(f"Cannot update attribute {path}. This attribute is part of the key")
            touched.add(path)
            if word == "SET":
                parser.take("=")
                _put(after, path, _right_side(parser, item))
            else:
                _put(after, path, None)
            if not parser.is_next(","):
                break
            parser.take()
    return after


def _right_side(parser: _Parser, item: Item) -> Wire:
    left = _value(parser, item)
    if not parser.is_next("+", "-"):
        return left
    sign = parser.take()
    right = _value(parser, item)
    if set(left) != {"N"} or set(right) != {"N"}:
        raise refuse("An operand in the update expression has an incorrect data type")
    with localcontext() as exact:
        exact.prec = 60
        total = Decimal(left["N"]) + Decimal(right["N"]) * (1 if sign == "+" else -1)
    return {"N": number_text(total)}


def _value(parser: _Parser, item: Item) -> Wire:
    if parser.is_next("IF_NOT_EXISTS"):
        parser.take()
        parser.take("(")
        path = parser.path()
        parser.take(",")
        other = _operand(parser)(item)
        parser.take(")")
        found = _get(item, path) or other
    else:
        found = _operand(parser)(item)
    if found is None:
        raise refuse("The provided expression refers to an attribute that does not exist in the item")
    return found
