"""Evenly spread, repeatable positions that keep out of step with patterns in the data.

A plain every-hundredth row would see one value only of a column that repeats every ten rows. So each stretch
is entered at an offset from the golden-ratio sequence (Knuth's multiplicative hashing), which is the same every
time and fills every stretch evenly.
"""

from __future__ import annotations

MULTIPLIER = 2_654_435_761
MODULUS = 1 << 32


def offset_within(number: int, length: int) -> int:
    """Where in 0 .. length - 1 to enter stretch `number`."""
    return length * (number * MULTIPLIER % MODULUS) // MODULUS


def spread_positions(rows: int, wanted: int) -> list[int]:
    """At most `wanted` increasing positions in 0 .. rows - 1, one in each of as many equal stretches."""
    count = min(rows, wanted)
    edges = [rows * number // count for number in range(count + 1)] if count > 0 else []
    return [edges[number] + offset_within(number, edges[number + 1] - edges[number]) for number in range(max(count, 0))]
