"""Bundles that exclude each other: what is known before anything is solved of shapes that cannot share a slot.

A shape is what matters of a bundle for where it stands: which templates of which entities it wants in one slot, and in
which order their items must lie. Bundles of one shape are alike to each other's neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from migrator.design.arrange import Span, arrange
from migrator.design.bundles import Bundle
from migrator.design.design import Template
from migrator.design.homes import Home

Standing = tuple[str, Template]
"""A template of an entity, by the entity's table."""


@dataclass(frozen=True)
class Shape:
    """Templates of each entity, any one of which must stand in the bundle's slot (`base`: in the table itself), and the
    stretch that their items form at `home`."""

    base: bool
    home: Home
    span: Span
    wanted: tuple[tuple[str, frozenset[Template]], ...]

    @classmethod
    def of(cls, bundle: Bundle) -> Shape:
        wanted = tuple(sorted(((m.table, m.templates) for m in bundle.members), key=lambda pair: pair[0]))
        return cls(bundle.base, bundle.home, bundle.span, wanted)

    @property
    def pair(self) -> bool:
        """Whether it is of two tables, neither of which stands in a block."""
        return len(self.wanted) == 2 and self.span.tables == self.templates.keys()

    @cached_property
    def templates(self) -> Mapping[str, frozenset[Template]]:
        return dict(self.wanted)


@dataclass(frozen=True, slots=True)
class Cut:
    """Shapes, by number, that cannot all stand where there are at most `whole` slots, unless an entity has one of the
    views in `spare` as well."""

    shapes: tuple[int, ...]
    spare: tuple[Standing, ...] = ()
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Shapes of one table with one other each, by that other: in each slot that holds the table by one of `standing`,
    at most `most` others can stand where they want."""

    table: str
    base: bool
    partners: tuple[tuple[int, ...], ...]
    standing: tuple[Template, ...]
    most: int


def pair_cuts(shapes: Sequence[Shape]) -> Iterator[Cut]:
    """Every two shapes that exclude each other in one slot, but for those whom a neighbourhood keeps apart."""
    for one, other in combinations(range(len(shapes)), 2):
        shared = shapes[one].templates.keys() & shapes[other].templates.keys()
        if shapes[one].base and not _with_one_key(shapes[one], shapes[other], shared):
            continue  # each entity has one base key: the programme says so itself
        if shapes[one].base == shapes[other].base and shared and not together(shapes[one], shapes[other]):
            yield from _apart((one, other), shapes[one], shapes[other], shared)


def _with_one_key(one: Shape, other: Shape, shared: Iterable[str]) -> bool:
    """Whether each shared entity has a template that both want."""
    return all(one.templates[table] & other.templates[table] for table in shared)


def together(one: Shape, other: Shape) -> bool:
    """Whether two shapes may stand in one slot; said of neighbours, too, that only a neighbourhood keeps apart."""
    shared = one.templates.keys() & other.templates.keys()
    if not _with_one_key(one, other, shared):
        return False
    if one.home != other.home or one.span == other.span or _neighbours(one, other):
        return True
    tables = {*one.span.tables, *other.span.tables}
    return arrange(sorted(tables), (one.span, other.span)) is not None


def _neighbours(one: Shape, other: Shape) -> bool:
    return one.pair and other.pair and one.span.tables != other.span.tables


def _apart(pair: tuple[int, int], one: Shape, other: Shape, shared: Iterable[str]) -> Iterator[Cut]:
    """What follows from standing in different slots: each shared entity needs two of its templates that they want."""
    for table in sorted(shared):
        both = one.templates[table] | other.templates[table]
        if one.base or len(both) == 1:
            yield Cut(pair)
            return
    yield Cut(pair, whole=1)


def neighbourhoods(shapes: Sequence[Shape]) -> Iterator[Beside]:
    """In the order within a partition a table has one neighbour on each side."""
    homes: dict[tuple[bool, Home], list[int]] = {}
    for number, shape in enumerate(shapes):
        if shape.pair:
            homes.setdefault((shape.base, shape.home), []).append(number)
    for (base, _), numbers in homes.items():
        for table in sorted({table for number in numbers for table in shapes[number].templates}):
            mine = [number for number in numbers if table in shapes[number].templates]
            yield from _around(table, base, shapes, mine)


def _around(table: str, base: bool, shapes: Sequence[Shape], numbers: Sequence[int]) -> Iterator[Beside]:
    above = [number for number in numbers if _stands_above(table, shapes[number].span)]
    below = [number for number in numbers if _stands_above(_partner(table, shapes[number].span), shapes[number].span)]
    for some, most in ((numbers, 2), (above, 1), (below, 1)):
        partners: dict[str, list[int]] = {}
        for number in some:
            partners.setdefault(_partner(table, shapes[number].span), []).append(number)
        if len(partners) > most:
            standing = sorted({template for number in some for template in shapes[number].templates[table]})
            yield Beside(table, base, tuple(map(tuple, partners.values())), tuple(standing), most)


def _partner(table: str, span: Span) -> str:
    return next(iter(span.tables - {table}))


def _stands_above(table: str, span: Span) -> bool:
    """Whether a pair's other table has to stand above this one."""
    return span.low == table or span.high == _partner(table, span)
