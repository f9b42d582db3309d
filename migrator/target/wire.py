"""The JSON body of a transaction, from items that already are JSON: botocore's serialiser would be most of a
load's time."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from migrator.ports import Action, Check, Delete, Inserts, Put


def transaction_body(table: str, actions: Sequence[Action], token: str) -> bytes:
    """TransactWriteItems' request as DynamoDB's JSON protocol has it."""
    told = _insertions(table, actions) if isinstance(actions, Inserts) else _listed(table, actions)
    return f'{{"TransactItems":[{told}],"ClientRequestToken":{json.dumps(token)}}}'.encode()


def batch_body(table: str, texts: Sequence[str]) -> bytes:
    """BatchWriteItem's request that puts these items."""
    requests = '}},{"PutRequest":{"Item":'.join(texts)
    return f'{{"RequestItems":{{{json.dumps(table)}:[{{"PutRequest":{{"Item":{requests}}}}}]}}}}'.encode()


def _listed(table: str, actions: Sequence[Action]) -> str:
    return ",".join(_action(table, action) for action in actions)


def _action(table: str, action: Action) -> str:
    match action:
        case Put():
            return f'{{"Put":{{"Item":{_item(action)},{_around(table, action)}}}}}'
        case Check():
            return f'{{"ConditionCheck":{{"Key":{_json(action.key)},{_around(table, action)}}}}}'
        case Delete():
            return f'{{"Delete":{{"Key":{_json(action.key)},{_fixed(table, None, ())}}}}}'


def _insertions(table: str, inserts: Inserts) -> str:
    """All new items are put alike: what stands around them is the same text."""
    lead = _listed(table, inserts.lead)
    if not inserts.texts:
        return lead
    after = _action(table, inserts.insert("{}")).removeprefix('{"Put":{"Item":{}')
    between = after + ',{"Put":{"Item":'
    return f'{lead},{{"Put":{{"Item":{between.join(inserts.texts)}{after}'


def _item(put: Put) -> str:
    return put.text if put.text is not None else _json(put.item)


def _around(table: str, put: Put | Check) -> str:
    """The members of an action beside its item or key."""
    told = _fixed(table, put.condition, put.names)
    return f'{told},"ExpressionAttributeValues":{_json(dict(put.values))}' if put.values else told


@lru_cache(maxsize=256)
def _fixed(table: str, condition: str | None, names: tuple[tuple[str, str], ...]) -> str:
    told: dict[str, Any] = {"TableName": table}
    if condition is not None:
        told |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if names:
        told["ExpressionAttributeNames"] = dict(names)
    return _json(told)[1:-1]


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), default=lambda binary: b64encode(binary).decode())
