"""What can happen to a request between a client and DynamoDB, and what chooses it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from random import Random


class Fault(Enum):
    """What happens to a request."""

    NONE = "none"
    THROTTLE = "throttle"
    """ProvisionedThroughputExceededException; nothing is done."""
    SLOW_DOWN = "slow down"
    """ThrottlingException; nothing is done."""
    CANCEL_THROTTLED = "cancel throttled"
    """TransactionCanceledException whose reason is a ThrottlingError."""
    CONFLICT = "conflict"
    """TransactionCanceledException whose reason is a TransactionConflict."""
    SERVER = "server"
    """500; nothing is done."""
    UNAVAILABLE = "unavailable"
    """503; nothing is done."""
    RESET = "reset"
    """The connection is reset before the request is carried out."""
    LOST = "lost"
    """It is carried out, and the connection reset instead of the answer."""
    LATE = "late"
    """It is carried out, and the answer comes after the client's time-out."""
    DELAYED = "delayed"
    """It reaches the service only after the client's time-out."""
    TWICE = "twice"
    """It reaches the service twice; the second answer is told."""
    AGAIN = "again"
    """It is answered, and reaches the service once more later."""
    CUT = "cut"
    """It is carried out, and the answer breaks off in the middle."""
    CORRUPT = "corrupt"
    """It is carried out, and the answer's bytes do not have the checksum that comes with them."""
    SOME = "some"
    """Some of a batch is left unprocessed; a Query or Scan gives a short page."""
    EXPIRED = "expired"
    """ExpiredTokenException; nothing is done."""


ANY_REQUEST = frozenset(Fault) - {Fault.CANCEL_THROTTLED, Fault.CONFLICT, Fault.SOME, Fault.EXPIRED, Fault.NONE}
TRANSACTIONS = frozenset({Fault.CANCEL_THROTTLED, Fault.CONFLICT})
BATCHES = frozenset({"BatchWriteItem", "BatchGetItem", "Query", "Scan"})


def possible(operation: str) -> tuple[Fault, ...]:
    """The faults that pass, which this operation can meet, in a fixed order."""
    kinds = set(ANY_REQUEST)
    if operation == "TransactWriteItems":
        kinds |= TRANSACTIONS
    if operation in BATCHES:
        kinds.add(Fault.SOME)
    return tuple(fault for fault in Fault if fault in kinds)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it comes in: its number from 1, its operation, its body, and how often it has come."""

    number: int
    operation: str
    body: bytes
    times: int


Choice = Callable[[Request], Fault]


def never(request: Request) -> Fault:
    return Fault.NONE


def always(fault: Fault, operation: str | None = None) -> Choice:
    """That fault for every request of the operation."""
    return lambda request: fault if operation in (None, request.operation) else Fault.NONE


def seeded(
    seed: int,
    share: float = 0.3,
    operations: Collection[str] = ("TransactWriteItems",),
    kinds: Collection[Fault] = frozenset(Fault),
    most: int = 4,
) -> Choice:
    """Faults of these kinds for that share of the requests of these operations; one request meets at most
    `most`. What a request meets depends on the seed, its body and how often it has come, not on its order among
    others: a run with threads is replayed by its seed."""

    def choose(request: Request) -> Fault:
        if request.operation not in operations or request.times > most:
            return Fault.NONE
        drawn = hashlib.sha256(f"{seed} {request.times} {request.operation} ".encode() + request.body)
        random = Random(drawn.digest())
        able = [fault for fault in possible(request.operation) if fault in kinds]
        return random.choice(able) if able and random.random() < share else Fault.NONE

    return choose


class Repeats:
    """Counts how often each request has come."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def count(self, operation: str, body: bytes) -> int:
        name = hashlib.sha256(operation.encode() + body).digest()
        self._seen[name] += 1
        return self._seen[name]
