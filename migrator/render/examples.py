"""A request template as the keyword arguments of boto3's client: the same text in another layout.

Values keep their placeholders: `{:customer_id}` stands for a parameter's value, in a key encoded as docs/keys.md
says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from migrator.plan.action import Entry
from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Action, KeyPair, Plan, PlannedPattern, Request
from migrator.render.expressions import (
    Expression,
    aliases,
    conjunction,
    expression,
    literal_names,
    partition_equals,
    placeholders,
    sort_matches,
    value_types,
)
from migrator.render.pythonic import Applied, Literal, Spread, python
from migrator.render.within import with_rows

ADDED_UP = "import" + files("migrator.render").joinpath("added_up.py").read_text("utf-8").partition("\nimport")[2]
"""What the examples call `added_up`."""
_CAPITAL = re.compile(r"(?<=.)(?=[A-Z])")
_UNSAYABLE = re.compile(r"\bLIKE\b|\bEXISTS \(")
"""A condition in SQL's words, which the application checks: no expression of DynamoDB's says it."""
_CONDITIONS = ("UpdateExpression", "ConditionExpression")

Arguments = dict[str, Literal]


@dataclass(frozen=True, slots=True)
class _Context:
    plan: Plan
    types: Mapping[str, str]

    @property
    def table(self) -> str:
        return self.plan.table.name


def boto3_calls(plan: Plan, pattern: PlannedPattern) -> str:
    """Every request of a pattern as Python, each under a comment that says when it is sent."""
    return "\n\n".join(map(_python_call, calls(plan, pattern)))


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a pattern: `when` it is sent, its operation and its arguments by the service's names. `checks`
    says what a program must look at itself."""

    when: str
    operation: str
    arguments: Arguments
    checks: tuple[str, ...] = ()


def calls(plan: Plan, pattern: PlannedPattern) -> tuple[Call, ...]:
    """Every request of a pattern, in order."""
    context = _Context(plan, value_types(plan, pattern))
    return tuple(
        Call(_when(number, request), request.operation, _arguments(context, request), _checks(request))
        for number, request in enumerate(pattern.requests)
    )


def _python_call(call: Call) -> str:
    arguments = "".join(f"    {name}={python(value, 1)},\n" for name, value in call.arguments.items())
    method = _CAPITAL.sub("_", call.operation).lower()
    checked = "".join(f"\n# {text}" for text in call.checks)
    return f"# {call.when}{checked}\nclient.{method}(\n{arguments})"


def _checks(request: Request) -> tuple[str, ...]:
    """Filters that no expression of the service's can say, and limits that count more items than a filter leaves."""
    unsayable = [text for text in request.filter if _UNSAYABLE.search(text)]
    told = [f"of its items only those go on for which {text}" for text in unsayable]
    if request.filter and request.limit is not None:
        told.append("further pages are asked for (ExclusiveStartKey) until enough items have come")
    return tuple(told)


def _when(number: int, request: Request) -> str:
    words = [f"request {number}"]
    if request.after:
        words.append(f"with the items of request {' and '.join(map(str, request.after))}")
    if request.shards:
        words.append(f"for each {{shard}} from 0 to {request.shards - 1}")
    return ", ".join(words)


def _arguments(context: _Context, request: Request) -> Arguments:
    table: Arguments = {"TableName": context.table}
    match request.operation:
        case "TransactWriteItems":
            actions: Literal = [_action(context, action) for action in request.actions]
            return {"TransactItems": Applied("added_up", actions) if request.added_up else actions}
        case "TransactGetItems":
            return {"TransactItems": [{"Get": table | {"Key": key}} for key in _keys(context, request)]}
        case "BatchGetItem":
            keys: Arguments = {"Keys": list(_keys(context, request))}
            return {"RequestItems": {context.table: keys | _consistency(request)}}
        case "Query":
            return table | _query(context, request)
        case _:
            return table | _single(context, request)


def _consistency(request: Request) -> Arguments:
    return {"ConsistentRead": True} if request.consistent else {}


def _single(context: _Context, request: Request) -> Arguments:
    """GetItem, PutItem, UpdateItem and DeleteItem: one key, perhaps a condition."""
    key = next(iter(_keys(context, request)), {})
    target: Arguments = {"Key": key}
    if request.operation == "PutItem":
        target = {"Item": _item(context, next(iter(request.entities), None), key)}
    return (
        target
        | _consistency(request)
        | _changes(
            context,
            request.update,
            request.condition,
            [entry for action in request.actions for entry in action.entries],
        )
    )


def _action(context: _Context, action: Action) -> Literal:
    key = _key(context, action.keys)
    target: Arguments = {"Key": key}
    if action.operation == "Put":
        target = {"Item": _item(context, action.entity, key)}
    table: Arguments = {"TableName": context.table}
    return {action.operation: table | target | _changes(context, action.update, action.condition, action.entries)}


def _item(context: _Context, entity: str | None, key: Arguments) -> Literal:
    kind: Arguments = {context.plan.type_attribute: {"S": entity}} if entity else {}
    spread: Arguments = {"": Spread("attributes")}
    return key | kind | spread


def _changes(context: _Context, update: str | None, condition: str | None, entries: Sequence[Entry] = ()) -> Arguments:
    said = {name: text for name, text in zip(_CONDITIONS, (update, condition), strict=True) if text}
    literals = literal_names(said.values())
    named = aliases(said.values())
    parts = {name: expression(text, context.types, literals, named) for name, text in said.items()}
    texts: Arguments = {name: part.text for name, part in parts.items()}
    return with_rows(texts | placeholders(list(parts.values())), entries)


def _keys(context: _Context, request: Request) -> tuple[Arguments, ...]:
    if request.keys or request.partition is None:
        return tuple(_key(context, pair) for pair in request.keys)
    sort = request.sort.values[0] if request.sort else ""
    return (_key(context, KeyPair(request.partition, sort)),)


def _key(context: _Context, pair: KeyPair) -> Arguments:
    settings = context.plan.table
    return {settings.partition_key: {"S": pair.partition}, settings.sort_key: {"S": pair.sort}}


def _query(context: _Context, request: Request) -> Arguments:
    conditions = _key_conditions(context.plan, request)
    sayable = [text for text in request.filter if not _UNSAYABLE.search(text)]
    literals = literal_names(sayable)
    named = aliases(sayable, (name for part in conditions for name in part.names))
    filters = [expression(text, context.types, literals, named) for text in sayable]
    arguments: Arguments = {"IndexName": request.index} if request.index else {}
    arguments["KeyConditionExpression"] = " AND ".join(part.text for part in conditions)
    if filters:
        arguments["FilterExpression"] = conjunction(filters).text
    arguments |= placeholders([*conditions, *filters])
    arguments["ScanIndexForward"] = request.forward
    if request.limit is not None:
        arguments["Limit"] = int(request.limit) if request.limit.isdecimal() else request.limit
    return arguments | _consistency(request)


def _key_conditions(plan: Plan, request: Request) -> list[Expression]:
    partition_name, sort_name = slot_attribute_names(plan, request.index or TABLE_SLOT)
    partition = partition_equals(partition_name, request.partition or "")
    return [partition, sort_matches(sort_name, request.sort)] if request.sort else [partition]
