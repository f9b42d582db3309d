"""The order of entities within a partition that they share, such that each query's entities lie side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = 20_000
"""Placements tried before an order is given up for not found."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Tables that one query reads as one stretch; `low` stands first, `high` last in it, where asked."""

    tables: frozenset[str]
    low: str | None = None
    high: str | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.low == self.high:
            raise ValueError("one table cannot stand at both ends")


def keeps(order: Sequence[str], span: Span) -> bool:
    """Whether the span's tables lie side by side in this order, with the right ends.

    >>> keeps("abc", Span(frozenset("bc"), high="c")), keeps("abc", Span(frozenset("ac")))
    (True, False)
    """
    places = sorted(place for place, table in enumerate(order) if table in span.tables)
    if places[-1] - places[0] != len(places) - 1:
        return False
    return span.low in (None, order[places[0]]) and span.high in (None, order[places[-1]])


def arrange(tables: Iterable[str], spans: Sequence[Span]) -> tuple[str, ...] | None:
    """The first order, as near to that of `tables` as can be, that keeps every span; None when none was found.

    >>> arrange("abc", [Span(frozenset("ac"))])
    ('a', 'c', 'b')
    >>> arrange("abc", [Span(frozenset("ab")), Span(frozenset("bc")), Span(frozenset("ac"))]) is None
    True
    """
    listed = tuple(tables)
    budget = [STEPS]
    return _extend((), listed, tuple(spans), budget)


def _extend(
    placed: tuple[str, ...], left: tuple[str, ...], spans: tuple[Span, ...], budget: list[int]
) -> tuple[str, ...] | None:
    if not left:
        return placed
    for table in left:
        budget[0] -= 1
        if budget[0] < 0:
            return None
        if all(_may_follow(placed, table, span) for span in spans):
            rest = tuple(other for other in left if other != table)
            found = _extend((*placed, table), rest, spans, budget)
            if found is not None:
                return found
    return None


def _may_follow(placed: tuple[str, ...], table: str, span: Span) -> bool:
    begun = [other for other in placed if other in span.tables]
    done = len(begun) == len(span.tables)
    if table not in span.tables:
        return done or not begun
    if begun and placed[-1] not in span.tables:
        return False
    last = len(begun) == len(span.tables) - 1
    return (span.low != table or not begun) and (span.high != table or last) and _ends(span, table, begun, last)


def _ends(span: Span, table: str, begun: list[str], last: bool) -> bool:
    first_is_right = bool(begun) or span.low in (None, table)
    last_is_right = not last or span.high in (None, table)
    return first_is_right and last_is_right
