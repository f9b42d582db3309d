"""A number and what it counts, in words: the one place that knows `1 row` from `2 rows`."""

from __future__ import annotations


def plural(number: float, noun: str) -> str:
    """`1 table`, `2 tables`, `3 queries`, `4 indexes`; the last word of `noun` is what is counted.

    >>> plural(1, "row"), plural(2500, "row"), plural(3, "query"), plural(4, "index"), plural(0, "entity")
    ('1 row', '2,500 rows', '3 queries', '4 indexes', '0 entities')
    """
    told = f"{number:,.0f}"
    if told == "1":
        return f"1 {noun}"
    if noun.endswith("x"):
        return f"{told} {noun}es"
    return f"{told} {noun[:-1]}ies" if noun.endswith(("ty", "ry")) else f"{told} {noun}s"
