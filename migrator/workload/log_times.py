"""Times as logs and traces write them, in seconds since 1970. Only their differences matter, so that a log without a
zone is read as if it were UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?")
_SHORT = re.compile(r"(\d\d)(\d\d)(\d\d)\s+(\d{1,2}):(\d\d):(\d\d)")
_YEAR_5000 = 95_617_584_000.0
"""Numbers beyond are no seconds, but milli-, micro- or nanoseconds."""


def seconds_of(text: str) -> float | None:
    """Of `2026-11-24 15:38:40,123`, with T, a fraction or an offset, or MySQL's `241124 15:38:40`; None for else."""
    if match := _ISO.match(text):
        *digits, fraction, zone = match.groups()
        return _seconds([int(part) for part in digits], fraction) - _offset(zone)
    if match := _SHORT.match(text):
        year, *rest = (int(part) for part in match.groups())
        return _seconds([2000 + year, *rest], None)
    return None


def seconds_of_number(number: float) -> float:
    """Of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size."""
    while abs(number) >= _YEAR_5000:
        number /= 1000
    return number


def iso(seconds: float) -> str:
    """To the second, as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _seconds(parts: list[int], fraction: str | None) -> float:
    try:
        whole = datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]
    except ValueError:
        return 0.0
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def _offset(zone: str | None) -> float:
    if zone is None or zone == "Z":
        return 0.0
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
