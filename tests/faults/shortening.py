"""Batches of which the service does only a part, and pages that end early."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from tests.faults.answers import Answer
from tests.faults.ledger import parsed

Complete = Callable[[Answer], Answer]


def shortened(operation: str, call: dict[str, Any]) -> tuple[dict[str, Any], Complete]:
    """A part of the request, and what makes of the part's answer the answer to the whole."""
    match operation:
        case "BatchWriteItem":
            return _halved(call, lambda listed: (listed[: len(listed) // 2], listed[len(listed) // 2 :]), "Items")
        case "BatchGetItem":
            return _halved(call, _halved_keys, "Keys")
        case _:
            return call | {"Limit": min(2, call.get("Limit", 2))}, lambda answer: answer


def _halved_keys(asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = asked["Keys"]
    return {**asked, "Keys": keys[: len(keys) // 2]}, {**asked, "Keys": keys[len(keys) // 2 :]}


def _halved(
    call: dict[str, Any], halve: Callable[[Any], tuple[Any, Any]], what: str
) -> tuple[dict[str, Any], Complete]:
    """The request for the first half of each table's list. A single entry stays whole: DynamoDB does one."""
    both = {table: halve(listed) for table, listed in call["RequestItems"].items()}
    if any(not (done["Keys"] if isinstance(done, dict) else done) for done, _ in both.values()):
        return call, lambda answer: answer
    part = call | {"RequestItems": {table: done for table, (done, _) in both.items()}}
    left = {table: rest for table, (_, rest) in both.items()}

    def complete(answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        body = json.dumps(parsed(answer.body) | {f"Unprocessed{what}": left}).encode()
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "x-amz-crc32"}
        return Answer(200, {**headers, "x-amz-crc32": str(zlib.crc32(body))}, body)

    return part, complete
