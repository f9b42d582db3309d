"""The JSON body of a transaction, from items that already are JSON: botocore's serialiser would be most of a
load's time."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from migrator.ports import Inserts, Put


def transaction_body(table: str, puts: Sequence[Put], token: str) -> bytes:
    """TransactWriteItems' request as DynamoDB's JSON protocol has it."""
    actions = _insertions(table, puts) if isinstance(puts, Inserts) else ",".join(_action(table, put) for put in puts)
    return f'{{"TransactItems":[{actions}],"ClientRequestToken":{json.dumps(token)}}}'.encode()


def batch_get_body(table: str, keys: Sequence[str]) -> bytes:
    """BatchGetItem's request for consistent reads, from keys in JSON."""
    asked = f'{{{json.dumps(table)}:{{"Keys":[{",".join(keys)}],"ConsistentRead":true}}}}'
    return f'{{"RequestItems":{asked},"ReturnConsumedCapacity":"TOTAL"}}'.encode()


def _action(table: str, put: Put) -> str:
    return f'{{"Put":{{"Item":{_item(put)},{_around(table, put)}}}}}'


def _insertions(table: str, puts: Inserts) -> str:
    """All new items are put alike: what stands around them is the same text."""
    lead = _action(table, puts.lead)
    if not puts.texts:
        return lead
    after = _action(table, puts.insert("{}")).removeprefix('{"Put":{"Item":{}')
    between = after + ',{"Put":{"Item":'
    return f'{lead},{{"Put":{{"Item":{between.join(puts.texts)}{after}'


def _item(put: Put) -> str:
    return put.text if put.text is not None else _json(put.item)


def _around(table: str, put: Put) -> str:
    """The members of a Put beside its item."""
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
