"""Exact sums inside SQLite, whose own overflow, round, or take text for a number."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from migrator.model.unit import RowValue, Unsummable
from migrator.plan.sums import EXACT

EXACT_SUM = "migrate_exact_sum"
"""The aggregate function's name in SQL. It gives the sum as text, or the reason why there is none as bytes."""


class ExactSum:
    """One group's sum. A real number adds its shortest decimal form, which is how its row is stored."""

    def __init__(self) -> None:
        self._whole = 0
        self._broken = Decimal(0)
        self._odd = 0

    def step(self, value: int | float | bytes | None) -> None:
        if isinstance(value, int):
            self._whole += value
        elif isinstance(value, float):
            self._add(value)
        elif value is not None:
            self._odd += 1

    def _add(self, value: float) -> None:
        number = Decimal(repr(value))
        if number.is_finite():
            self._broken = EXACT.add(self._broken, number)
        else:
            self._odd += 1

    def finalize(self) -> str | bytes:
        if self._odd:
            return f"values to add that are not numbers: {self._odd:,}".encode()
        return str(EXACT.add(Decimal(self._whole), self._broken))


def read_sum(value: RowValue) -> RowValue:
    """A sum as the function gave it: a Decimal, or Unsummable."""
    if isinstance(value, bytes):
        return Unsummable(value)
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Unsummable(f"{value!r} is no sum".encode())
