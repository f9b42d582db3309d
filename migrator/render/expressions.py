"""Conditions, filters and updates of a request template in DynamoDB's own expression language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

from migrator.model.schema import Kind
from migrator.plan.phrases import computed_name
from migrator.plan.plan import Plan, PlannedPattern, SortCondition
from migrator.plan.templates import Placeholder, parse_template
from migrator.render.pythonic import Literal

Aliases = Mapping[Placeholder, str]
"""The names that placeholders go by in one request."""
_OWN_VALUES = re.compile(r"pk|sk[12]|literal\d+")
"""Values that have these names already."""
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w#:.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)|\b(?:True|False)\b")
"""A value as SQL writes it, which DynamoDB's expressions cannot."""
_TYPES = {
    Kind.INTEGER: "N",
    Kind.DECIMAL: "N",
    Kind.FLOAT: "N",
    Kind.BYTES: "B",
    Kind.BOOLEAN: "BOOL",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression's text, the attribute names behind its `#name`s and the typed values behind its `:value`s."""

    text: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def value_types(plan: Plan, pattern: PlannedPattern) -> Mapping[str, str]:
    """The DynamoDB type outside of keys of each parameter, and of each attribute that a request reads ("0.total")."""
    types = {parameter.use.name: _TYPES.get(parameter.kind, "S") for parameter in pattern.parameters}
    tallies = (one for request in pattern.requests for action in request.actions for one in action.assignments)
    types |= {computed_name(one): "N" for one in tallies if one.tally is not None}
    attributes = {entity.name: entity.attributes for entity in plan.entities}
    for number, request in enumerate(pattern.requests):
        for attribute in (a for name in request.entities for a in attributes.get(name, ())):
            types[f"{number}.{attribute.name}"] = _TYPES.get(attribute.kind, "S")
    return types


def partition_equals(name: str, template: str) -> Expression:
    return Expression("#pk = :pk", {"#pk": name}, {":pk": ("S", template)})


def sort_matches(name: str, condition: SortCondition) -> Expression:
    """A condition on a sort key."""
    values = {f":sk{number}": ("S", value) for number, value in enumerate(condition.values, 1)}
    match condition.op:
        case "begins_with":
            text = "begins_with(#sk, :sk1)"
        case "between":
            text = "#sk BETWEEN :sk1 AND :sk2"
        case operator:
            text = f"#sk {operator} :sk1"
    return Expression(text, {"#sk": name}, values)


def literal_names(templates: Iterable[str]) -> Mapping[str, str]:
    """Names for the literals of some templates that are sent together.

    >>> literal_names(["SET {a} = 'x', {n} = if_not_exists({n}, 0) - 1", "{n} = 1"])
    {"'x'": ':literal1', '0': ':literal2', '1': ':literal3'}
    """
    found = dict.fromkeys(literal for text in templates for literal in _LITERAL.findall(_outside(text)))
    return {literal: f":literal{number}" for number, literal in enumerate(found, 1)}


def aliases(templates: Iterable[str], taken: Iterable[str] = ()) -> Aliases:
    """Names for what stands in the braces of some templates that are sent together; two that would have one name, or
    one that is `taken`, are numbered.

    >>> list(aliases(["SET {a b} = {:a_b}, {a_b} = {:n}"]).values())
    ['#a_b', ':a_b', '#a_b_2', ':n']
    """
    used, found = set(taken), dict[Placeholder, str]()
    for piece in (piece for text in templates for piece in _braces(text)):
        if _bare(piece) not in found:
            first = _alias(piece)
            numbered = (f"{first}_{number}" for number in count(2))
            found[_bare(piece)] = next(name for name in chain([first], numbered) if name not in used)
            used.add(found[_bare(piece)])
    return found


def _bare(piece: Placeholder) -> Placeholder:
    """However it is encoded, it is one value under one name."""
    return replace(piece, encoding="")


def _braces(template: str) -> list[Placeholder]:
    try:
        return [piece for piece in parse_template(template) if isinstance(piece, Placeholder)]
    except ValueError:
        return []


def _outside(template: str) -> str:
    """What stands outside of the braces."""
    try:
        return "".join(piece if isinstance(piece, str) else "#" for piece in parse_template(template))
    except ValueError:
        return ""


def expression(
    template: str,
    types: Mapping[str, str],
    literals: Mapping[str, str] | None = None,
    named: Aliases | None = None,
) -> Expression:
    """A template's braces as DynamoDB's placeholders under the names `named`, and its literals as values under these
    names. Text that is no template stays as it is."""
    try:
        pieces = parse_template(template)
    except ValueError:
        return Expression(template)
    known = literal_names([template]) if literals is None else literals
    called = aliases([template]) if named is None else named
    names: dict[str, str] = {}
    values: dict[str, tuple[str, str]] = {}
    written = ""
    for piece in pieces:
        if isinstance(piece, str):
            written += _LITERAL.sub(lambda found: known[found[0]], piece)
            values |= {known[one]: _typed(one) for one in _LITERAL.findall(piece)}
            continue
        alias = called[_bare(piece)]
        written += alias
        if piece.origin == "attribute":
            names[alias] = piece.name
        else:
            value = f"{piece.request}.{piece.name}" if piece.origin == "item" else piece.name
            values[alias] = (types.get(value, "S"), _braced(piece))
    return Expression(written, names, values)


def conjunction(parts: list[Expression]) -> Expression:
    """All of them; each in parentheses when there are several."""
    texts = [part.text for part in parts]
    text = texts[0] if len(texts) == 1 else " AND ".join(f"({text})" for text in texts)
    return Expression(text, *_merged(parts))


def placeholders(parts: list[Expression]) -> dict[str, Literal]:
    """ExpressionAttributeNames and ExpressionAttributeValues of a request, as far as it has any."""
    names, values = _merged(parts)
    found: dict[str, Literal] = {}
    if names:
        found["ExpressionAttributeNames"] = dict(names)
    if values:
        typed: dict[str, Literal] = {
            alias: {type_: text == "True" if type_ == "BOOL" and text in ("True", "False") else text}
            for alias, (type_, text) in values.items()
        }
        found["ExpressionAttributeValues"] = typed
    return found


def _merged(parts: list[Expression]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    names: dict[str, str] = {}
    values: dict[str, tuple[str, str]] = {}
    for part in parts:
        names |= part.names
        values |= part.values
    return names, values


def alias_of(name: str) -> str:
    """A name as a placeholder may be called."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _alias(piece: Placeholder) -> str:
    word = alias_of(piece.name)
    match piece.origin:
        case "attribute":
            return f"#{word}"
        case "item":
            return f":item{piece.request}_{word}"
        case _:
            return f":{word}_" if _OWN_VALUES.fullmatch(word) else f":{word}"


def _typed(literal: str) -> tuple[str, str]:
    """A literal's type and its value's text."""
    if literal in ("True", "False"):
        return "BOOL", literal
    return ("S", literal[1:-1].replace("''", "'")) if literal.startswith("'") else ("N", literal)


def _braced(piece: Placeholder) -> str:
    match piece.origin:
        case "item":
            return f"{{{piece.request}.{piece.name}}}"
        case "parameter":
            return f"{{:{piece.name}}}"
        case _:
            return f"{{{piece.name}}}"
