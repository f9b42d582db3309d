"""Writes items: one call, one request, no retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from migrator.plan.itemtext import item_text
from migrator.ports import Action, Item, Key, Put, Throttled
from migrator.target.connect import Connection
from migrator.target.faults import as_faults
from migrator.target.prepared import PreparedCall
from migrator.target.wire import batch_body, transaction_body


class DynamoSink:
    """The ItemSink of one table. Safe to use from several threads."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._client = connection.client
        self._table = table
        self._transact = PreparedCall(connection.client, "TransactWriteItems")
        self._batch = PreparedCall(connection.client, "BatchWriteItem")

    def transact(self, actions: Sequence[Action], token: str) -> None:
        body = transaction_body(self._table, actions, token)
        with as_faults():
            self._transact.send(body, TransactItems=[], ClientRequestToken=token)

    def put_all(self, texts: Sequence[str]) -> list[str]:
        with as_faults():
            answer = self._batch.send(batch_body(self._table, texts), RequestItems={})
        left = (answer.get("UnprocessedItems") or {}).get(self._table, ())
        return [item_text(request["PutRequest"]["Item"]) for request in left]

    def put(self, put: Put) -> None:
        with as_faults():
            self._client.put_item(**self._put(put))

    def get(self, key: Key) -> Item | None:
        with as_faults():
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def delete(self, keys: Sequence[Key]) -> None:
        if not keys:
            return
        requests = {self._table: [{"DeleteRequest": {"Key": key}} for key in keys]}
        with as_faults():
            answer = self._client.batch_write_item(RequestItems=requests)
        if answer.get("UnprocessedItems"):
            raise Throttled("some deletes were left unprocessed")

    def _put(self, put: Put) -> dict[str, Any]:
        call: dict[str, Any] = {"TableName": self._table, "Item": put.item}
        if put.condition is not None:
            call["ConditionExpression"] = put.condition
            call["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if put.names:
            call["ExpressionAttributeNames"] = dict(put.names)
        if put.values:
            call["ExpressionAttributeValues"] = dict(put.values)
        return call
