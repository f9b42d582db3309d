"""DynamoDB's answers to requests that it does not carry out, in its own JSON."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from tests.faults.kinds import Fault


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body of a response."""

    status: int
    headers: dict[str, str]
    body: bytes


FAILURES = {
    Fault.THROTTLE: (
        400,
        "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API.",
    ),
    Fault.SLOW_DOWN: (
        400,
        "com.amazon.coral.availability#ThrottlingException",
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your "
        "table or index so please try again shortly.",
    ),
    Fault.SERVER: (500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error"),
    Fault.UNAVAILABLE: (503, "com.amazon.coral.availability#ServiceUnavailable", "Service unavailable"),
    Fault.EXPIRED: (
        400,
        "com.amazon.coral.service#ExpiredTokenException",
        "The security token included in the request is expired",
    ),
}


def failure(fault: Fault) -> Answer:
    status, kind, message = FAILURES[fault]
    return _answer(status, {"__type": kind, "message": message})


def cancelled(fault: Fault, call: dict[str, Any]) -> Answer:
    """A transaction whose first action, and no other, met something that passes."""
    code, message = {
        Fault.CANCEL_THROTTLED: (
            "ThrottlingError",
            "Throughput exceeds the current capacity for one or more global secondary indexes. "
            "DynamoDB is automatically scaling your index so please try again shortly.",
        ),
        Fault.CONFLICT: ("TransactionConflict", "Transaction is ongoing for the item"),
    }[fault]
    reasons: list[dict[str, str]] = [{"Code": "None"} for _ in call["TransactItems"]]
    reasons[0] = {"Code": code, "Message": message}
    listed = ", ".join(reason["Code"] for reason in reasons)
    return _answer(
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{listed}]",
            "CancellationReasons": reasons,
        },
    )


def _answer(status: int, told: dict[str, Any]) -> Answer:
    body = json.dumps(told).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amz-crc32": str(zlib.crc32(body))}
    return Answer(status, headers, body)
