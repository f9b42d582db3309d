"""Bundles whose members cannot all lie side by side in one partition: what is known before anything is solved, and what
an answer shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from migrator.design.arrange import Span, arrange
from migrator.design.attributes import Domain
from migrator.design.bundles import Bundle

Home = tuple[int, frozenset[Domain]]
"""A slot (0: the table itself) and what the values of a partition identify."""
Cut = tuple[Bundle, ...]
"""Bundles that cannot all stand in one slot."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Bundles of one table with one other each, by that other: at most `most` others can stand where they want."""

    partners: tuple[tuple[Bundle, ...], ...]
    most: int


def find_clash(taken: Sequence[tuple[Bundle, int]]) -> Cut | None:
    """Bundles, each in its slot, whose members cannot all lie side by side in one partition: as few as tell it."""
    homes: dict[Home, list[Bundle]] = {}
    for bundle, slot in taken:
        homes.setdefault((slot, bundle.home), []).append(bundle)
    for bundles in homes.values():
        if _order(bundles) is None:
            kept = list(bundles)
            for bundle in bundles:
                fewer = [other for other in kept if other is not bundle]
                if _order(fewer) is None:
                    kept = fewer
            return tuple(kept)
    return None


def pair_clashes(bundles: Sequence[Bundle]) -> Iterator[Cut]:
    """Every two bundles of one kind of partition that exclude each other."""
    for there in _homes(bundles):
        for pair in combinations(there, 2):
            if pair[0].span.tables & pair[1].span.tables and _excludes(pair[0].span, pair[1].span):
                yield pair


def _excludes(one: Span, other: Span) -> bool:
    return one != other and arrange(sorted(one.tables | other.tables), (one, other)) is None


def neighbourhoods(bundles: Sequence[Bundle]) -> Iterator[Beside]:
    """In the order within a partition a table has one neighbour on each side."""
    for there in _homes(bundles):
        pairs = [bundle for bundle in there if len(bundle.span.tables) == 2]
        for table in sorted({table for bundle in pairs for table in bundle.span.tables}):
            mine = [bundle for bundle in pairs if table in bundle.span.tables]
            yield from _around(table, mine)


def _around(table: str, bundles: Sequence[Bundle]) -> Iterator[Beside]:
    above = [bundle for bundle in bundles if _stands_above(table, bundle.span)]
    below = [bundle for bundle in bundles if _stands_above(_partner(table, bundle.span), bundle.span)]
    for some, most in ((bundles, 2), (above, 1), (below, 1)):
        partners: dict[str, list[Bundle]] = {}
        for bundle in some:
            partners.setdefault(_partner(table, bundle.span), []).append(bundle)
        if len(partners) > most:
            yield Beside(tuple(tuple(listed) for listed in partners.values()), most)


def _partner(table: str, span: Span) -> str:
    return next(iter(span.tables - {table}))


def _stands_above(table: str, span: Span) -> bool:
    """Whether a pair's other table has to stand above this one."""
    return span.low == table or span.high == _partner(table, span)


def _homes(bundles: Sequence[Bundle]) -> Iterator[list[Bundle]]:
    homes: dict[tuple[bool, frozenset[Domain]], list[Bundle]] = {}
    for bundle in bundles:
        homes.setdefault((bundle.base, bundle.home), []).append(bundle)
    yield from homes.values()


def _order(bundles: Iterable[Bundle]) -> tuple[str, ...] | None:
    spans = [bundle.span for bundle in bundles]
    return arrange(sorted({table for span in spans for table in span.tables}), spans)
