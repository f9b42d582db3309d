"""How many bytes a value takes in DynamoDB.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html: strings are
UTF-8, a number takes about one byte for two significant digits plus one. A negative number takes one more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from migrator.model.unit import InvalidText, RowValue


def value_bytes(value: RowValue) -> int:
    """Bytes of the value alone; 0 for NULL, which is not stored."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode(errors="surrogatepass"))
    if value is None:
        return 0
    if isinstance(value, bytes | InvalidText):
        return len(value)
    if isinstance(value, bool):
        return 1
    if isinstance(value, int | float | Decimal):
        return number_bytes(value)
    return len(as_text(value).encode())


def number_bytes(value: int | float | Decimal) -> int:
    """About what DynamoDB counts: half the significant digits, rounded up, plus one, plus one for a sign.
    Zeros before and after do not count."""
    text = str(value)
    digits = text.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def as_text(value: RowValue) -> str:
    """The text that a value of a server's richer types becomes."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def nearest_rank(counts: Sequence[tuple[int, int]], share: float) -> int:
    """The percentile by nearest rank of (value, how often) pairs sorted by value; 0 of nothing."""
    total = sum(count for _, count in counts)
    seen = 0
    for value, count in counts:
        seen += count
        if seen >= share * total:
            return value
    return 0
