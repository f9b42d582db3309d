"""Pictures of numbers, laid out: bars with limits, columns, and a curve. Lengths are units of the drawing, 400 wide."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH = 400
LINE = 36
"""Height of a bar with the line of text above it."""
COLUMNS_HEIGHT = 170


@dataclass(frozen=True, slots=True)
class Amount:
    """What a bar stands for. `over`: it is beyond its limit."""

    label: str
    value: float
    text: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    text: str
    x: float
    y: float
    width: float
    height: float
    over: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A line across the bars, at `x`."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """`told` says in words what is drawn. `path` joins a curve's points; `bars` are its points, then."""

    title: str
    told: str
    height: float
    bars: tuple[Bar, ...]
    limit: Limit | None = None
    path: str = ""


def bar_chart(title: str, amounts: Sequence[Amount], limit: tuple[str, float] | None = None) -> Chart:
    """A bar for each amount, under its label. With a limit lengths are logarithmic, so that it has room beside them."""
    values = [amount.value for amount in amounts]
    length = _logarithmic(values, limit[1]) if limit else _linear(values)
    top = 22 if limit else 0
    bars = tuple(
        Bar(
            amount.label,
            amount.text,
            0,
            top + LINE * number,
            length(amount.value),
            10,
            amount.over or (limit is not None and amount.value > limit[1]),
        )
        for number, amount in enumerate(amounts)
    )
    told = "; ".join(f"{amount.label}: {amount.text}" for amount in amounts)
    if limit:
        told += f". The line stands at {limit[0]}; lengths are logarithmic."
    drawn = Limit(limit[0], length(limit[1])) if limit else None
    return Chart(title, told, top + LINE * len(amounts), bars, drawn)


def column_chart(title: str, amounts: Sequence[Amount], limit: str | None = None) -> Chart:
    """A column for each amount, from left to right; a limit is a line behind the last one."""
    room = WIDTH - 8
    step = room / max(1, len(amounts))
    highest = max((amount.value for amount in amounts), default=0) or 1
    bars = tuple(
        Bar(
            amount.label,
            amount.text,
            _round(step * number),
            _round(20 + COLUMNS_HEIGHT * (1 - amount.value / highest)),
            _round(step - 4),
            _round(COLUMNS_HEIGHT * amount.value / highest),
            amount.over,
        )
        for number, amount in enumerate(amounts)
    )
    told = "; ".join(f"{amount.label}: {amount.text}" for amount in amounts if amount.value)
    return Chart(title, told, COLUMNS_HEIGHT + 42, bars, Limit(limit, room) if limit else None)


def curve(title: str, amounts: Sequence[Amount]) -> Chart:
    """Points from left to right with a line through them; those that are `over` stand apart."""
    step = (WIDTH - 80) / max(1, len(amounts) - 1)
    highest = max((amount.value for amount in amounts), default=0) or 1
    bars = tuple(
        Bar(
            amount.label,
            amount.text,
            _round(40 + step * number),
            _round(30 + COLUMNS_HEIGHT * (1 - amount.value / highest)),
            0,
            0,
            amount.over,
        )
        for number, amount in enumerate(amounts)
    )
    path = "M" + "L".join(f"{bar.x} {bar.y}" for bar in bars) if bars else ""
    told = "; ".join(f"{amount.label}: {amount.text}" for amount in amounts)
    return Chart(title, told, COLUMNS_HEIGHT + 66, bars, None, path)


def _linear(values: Sequence[float]) -> Callable[[float], float]:
    """Lengths in proportion to the largest value."""
    largest = max(values, default=0) or 1
    return lambda value: _round(max(1.0 if value else 0.0, WIDTH * value / largest))


def _logarithmic(values: Sequence[float], limit: float) -> Callable[[float], float]:
    """Lengths by the logarithm, from a hundredth of a unit to beyond the limit and the largest value."""
    low, high = 0.01, max(limit * 3, *values, 1)

    def length(value: float) -> float:
        if value <= low:
            return 2.0 if value else 0.0
        return _round(max(2.0, WIDTH * math.log(value / low) / math.log(high / low)))

    return length


def _round(length: float) -> float:
    return round(length, 1)
