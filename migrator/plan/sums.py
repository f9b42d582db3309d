"""Adding up as SQL does, exactly: no digit is lost, and text adds the number that it begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

from migrator.plan.compare import as_text

EXACT = Context(prec=400)
"""No sum of numbers that DynamoDB holds has more digits."""
_LEADING_NUMBER = re.compile(r"\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)


def add_up(values: Iterable[Any]) -> Decimal:
    """The sum of values that are not NULL; 0 when there are none."""
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, quantity(value))
    return total


def times(value: Any, weight: Decimal) -> Decimal:
    return EXACT.multiply(quantity(value), weight)


def quantity(value: Any) -> Decimal:
    """What a value adds to a sum: text adds the number that it begins with, else nothing."""
    if isinstance(value, (bool, Decimal)):
        return Decimal(value)
    found = _LEADING_NUMBER.match(as_text(value))
    return Decimal(found[1]) if found else Decimal(0)
