"""Reads items back, for verification and declared queries. Reads are repeatable, so their retries live here."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from migrator.model.counted import plural
from migrator.ports import Item, Key, Throttled, Unreachable
from migrator.target.connect import Connection
from migrator.target.faults import as_faults
from migrator.target.prepared import PreparedCall
from migrator.target.wire import batch_get_body

ATTEMPTS = 10
BASE_SECONDS = 0.05
CAP_SECONDS = 10.0


class DynamoReader:
    """The ItemReader of one table; safe to use from several threads. `read_units` sums what the service says
    its answers took. `sleep` waits that many seconds."""

    def __init__(self, connection: Connection, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = connection.client
        self._table = table
        self._sleep = sleep
        self._lock = threading.Lock()
        self.read_units = 0.0
        self._prepared: PreparedCall | None = None

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        found: list[Item] = []
        left: Sequence[Key] = keys
        attempt = 0
        while left:
            asked = left
            call = {self._table: {"Keys": list(asked), "ConsistentRead": True}}
            answer = self._ask(partial(self._client.batch_get_item, RequestItems=call, ReturnConsumedCapacity="TOTAL"))
            found += answer.get("Responses", {}).get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            attempt = attempt + 1 if len(left) == len(asked) else 0
            self._wait_unprocessed(left, attempt)
        return found

    def get_plain(self, keys: Sequence[str]) -> list[dict[str, dict[str, Any]]]:
        """`get_batch` without its cost: keys are in JSON, and so are the items, parsed, with bytes in base64."""
        self._prepared = prepared = self._prepared or PreparedCall(self._client, "BatchGetItem")
        found: list[dict[str, dict[str, Any]]] = []
        left: Sequence[str] = keys
        attempt = 0
        while left:
            asked = left
            answer = self._ask(partial(prepared.ask, batch_get_body(self._table, asked), RequestItems={}))
            found += answer.get("Responses", {}).get(self._table, [])
            unprocessed = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            left = [json.dumps(key) for key in unprocessed]
            attempt = attempt + 1 if len(left) == len(asked) else 0
            self._wait_unprocessed(left, attempt)
        return found

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        return self._pages(self._client.query, call)

    def scan(self) -> Iterator[list[Item]]:
        return self._pages(self._client.scan, {"ConsistentRead": True})

    def _pages(self, operation: Callable[..., Any], call: Mapping[str, Any]) -> Iterator[list[Item]]:
        asked = {**call, "TableName": self._table, "ReturnConsumedCapacity": "TOTAL"}
        while True:
            answer = self._ask(partial(operation, **asked))
            yield answer.get("Items", [])
            if not answer.get("LastEvaluatedKey"):
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _wait_unprocessed(self, left: Sequence[object], attempt: int) -> None:
        """An answer that leaves all keys unprocessed counts as a throttle."""
        if not left:
            return
        if attempt >= ATTEMPTS:
            raise Throttled(f"{plural(len(left), 'key')} left unprocessed, asked for {plural(attempt, 'time')}")
        self._sleep(_delay(attempt))

    def _ask(self, request: Callable[[], Any]) -> Any:
        for attempt in range(ATTEMPTS - 1):
            try:
                return self._ask_once(request)
            except (Throttled, Unreachable):
                self._sleep(_delay(attempt))
        return self._ask_once(request)

    def _ask_once(self, request: Callable[[], Any]) -> Any:
        with as_faults():
            answer = request()
        consumed = answer.get("ConsumedCapacity") or []
        with self._lock:
            for part in consumed if isinstance(consumed, list) else [consumed]:
                self.read_units += float(part.get("CapacityUnits", 0.0))
        return answer


def _delay(attempt: int) -> float:
    """Full jitter, seconds."""
    return random.random() * min(CAP_SECONDS, BASE_SECONDS * 2.0**attempt)  # noqa: S311 - not a secret
