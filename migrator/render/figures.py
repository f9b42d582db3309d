"""Numbers as a reader wants them: dollars, counts, bytes, rates, shares."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

_SIZES = ("B", "KB", "MB", "GB", "TB")


def usd(amount: float | None) -> str:
    """Dollars to the cent; below a cent to a hundredth of one; never 0 for what costs something."""
    if amount is None:
        return "not priced"
    if amount == 0 or abs(amount) >= 0.01:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if abs(amount) >= 0.0001 else "below $0.0001"


def count(number: float) -> str:
    """With thousands separators and at most three decimals: 1,234 and 0.5."""
    if number == int(number):
        return f"{int(number):,}"
    exact = Decimal(str(number))
    rounded = exact.quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    return f"{rounded.normalize():,f}" if rounded else f"{number:.1g}"


def size(length: float) -> str:
    """Bytes in units of 1,024, as DynamoDB counts them."""
    unit = 0
    while length >= 1024 and unit < len(_SIZES) - 1:
        length, unit = length / 1024, unit + 1
    return f"{round(length):,} B" if unit == 0 else f"{length:,.1f} {_SIZES[unit]}"


def rate(a_second: float) -> str:
    """Requests in the shortest time that has at least one of them: 40/s, 3/min, 2/day."""
    for name, seconds in (("s", 1), ("min", 60), ("h", 3600)):
        if a_second * seconds >= 1:
            return f"{count(round(a_second * seconds, 2))}/{name}"
    return f"{count(round(a_second * 86400, 3))}/day" if a_second else "0/s"


def share(part: float) -> str:
    """A share as a percentage; only 0 itself is 0 %, and only 1 itself is 100 %."""
    if part in (0, 1):
        return f"{part * 100:.0f} %"
    percent = f"{part * 100:.2f}"
    if percent == "0.00":
        return "below 0.01 %"
    return "above 99.99 %" if percent == "100.00" else f"{percent} %"
