"""Every way to meet every need of an entity, in one grid, so that combinations of views are compared quickly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from migrator.design.design import Path, Template

Mark = tuple[int, float, bool]
NOT_MET: Mark = (2, 0.0, False)
PAIRWISE = 400
"""Rows that are compared each with each; beyond that only equal ones are left out."""


@dataclass(frozen=True, slots=True)
class Option:
    """A way to meet a need, and its dollars a month."""

    usd: float
    path: Path

    @property
    def mark(self) -> Mark:
        """Orders ways of one need. Reading a whole table, however small today, comes after any other way."""
        path = self.path
        lists = not (path.view.template.partition or path.bounds or path.limited or path.via_guard)
        return lists, self.usd, not path.exact


@dataclass(frozen=True, slots=True)
class Pick:
    """A base and views by their places in the grid."""

    base: int
    views: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Every need of an entity over every template: bases, guards beside them, and views; None: not met."""

    bases: tuple[Template, ...]
    views: tuple[Template, ...]
    by_base: tuple[tuple[Option | None, ...], ...]
    by_guard: tuple[tuple[Option | None, ...], ...]
    by_view: tuple[tuple[Option | None, ...], ...]
    preferences: tuple[tuple[float, int, Template], ...]
    view_usd: float

    def pruned(self) -> Grid:
        """The grid without templates that another one makes superfluous."""
        whole = [(*base, *guard) for base, guard in zip(self.by_base, self.by_guard, strict=True)]
        bases, views = distinct(whole, range(len(whole))), distinct(self.by_view, self.preferences)
        return replace(
            self,
            bases=tuple(self.bases[place] for place in bases),
            by_base=tuple(self.by_base[place] for place in bases),
            by_guard=tuple(self.by_guard[place] for place in bases),
            views=tuple(self.views[place] for place in views),
            by_view=tuple(self.by_view[place] for place in views),
            preferences=tuple(self.preferences[place] for place in views),
        )

    def options(self, pick: Pick) -> list[Option | None]:
        """Each need by its cheapest way over these templates, the base's first among equals."""
        rows = (self.by_base[pick.base], *(self.by_view[view] for view in pick.views), self.by_guard[pick.base])
        return [_cheapest(column) for column in zip(*rows, strict=True)]

    def rank(self, pick: Pick) -> tuple[object, ...]:
        """Fewest refusals, then dollars, then views, then queries left something to drop or sort; then taste."""
        options = self.options(pick)
        usd = self.view_usd * len(pick.views) + sum(option.usd for option in options if option)
        inexact = sum(not option.path.exact for option in options if option)
        tastes = tuple(self.preferences[view] for view in pick.views)
        return options.count(None), round(usd, 6), len(pick.views), inexact, pick.base, tastes


def distinct(options: Sequence[tuple[Option | None, ...]], tastes: Sequence[Any]) -> list[int]:
    """Places of the rows worth weighing, in their order: a row that is nowhere cheaper or more exact than
    another, and not more to one's taste, is left out. `tastes` sorts: the least is preferred."""
    first: dict[tuple[Mark, ...], int] = {}
    for place in sorted(range(len(options)), key=lambda place: (tastes[place], place)):
        first.setdefault(tuple(option.mark if option else NOT_MET for option in options[place]), place)
    marked = {place: marks for marks, place in first.items()}
    if len(marked) > PAIRWISE:
        return sorted(marked)
    return sorted(place for place in marked if not any(_beats(marked, tastes, other, place) for other in marked))


def _beats(marked: Mapping[int, tuple[Mark, ...]], tastes: Sequence[Any], other: int, place: int) -> bool:
    if other == place or tastes[other] > tastes[place]:
        return False
    return all(a <= b for a, b in zip(marked[other], marked[place], strict=True))


def _cheapest(options: Iterable[Option | None]) -> Option | None:
    return min((option for option in options if option), key=lambda option: option.mark, default=None)
