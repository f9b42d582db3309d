"""Sends planned writes: one call, one request, no retry."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.ports import Write
from migrator.target.connect import Connection
from migrator.target.faults import as_faults


class DynamoWriter:
    """The ItemWriter of one table."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._client = connection.client
        self._table = table

    def write(self, write: Write) -> None:
        send = {
            "Put": self._client.put_item,
            "Update": self._client.update_item,
            "Delete": self._client.delete_item,
        }[write.operation]
        with as_faults():
            send(TableName=self._table, **write.call)

    def transact(self, writes: Sequence[Write]) -> None:
        listed = [{write.operation: {"TableName": self._table, **write.call}} for write in writes]
        with as_faults():
            self._client.transact_write_items(TransactItems=listed)
