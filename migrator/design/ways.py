"""Every way to meet every need of one entity, with what each way relies on and what keeping that costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from migrator.design.attributes import Attr
from migrator.design.design import JoinStep, Path, Rejected, Template, View
from migrator.design.needs import Need

PAIRWISE = 400
"""Templates that are compared each with each; beyond that only equal ones are left out."""

Mark = tuple[float, bool]
NOT_MET: Mark = (math.inf, False)


@dataclass(frozen=True, slots=True)
class Way:
    """A path of a need with the steps to its joined rows. `usd`: dollars a month of all its calls. `relies`: the
    copies of changing columns that it looks at; `need` is the need as it is with them."""

    path: Path
    steps: tuple[JoinStep, ...]
    read_units: float
    round_trips: int
    usd: float
    relies: frozenset[Attr] = frozenset()
    need: Need | None = None

    @property
    def mark(self) -> Mark:
        """Orders ways of one need."""
        return self.usd, not self.path.exact


Row = tuple[Way | None, ...]
"""One template's way to each need of its entity; None: not met."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One more view and its way to each need, beside the base keys and the views that hold whole items: an index
    that holds less, a second item of the row, or a known view with copies that change. `usd`: dollars a month of
    keeping it; nothing for a view that is weighed already. `relies`: changing copies that its key is made of."""

    view: View
    row: Row
    usd: float = 0.0
    relies: frozenset[Attr] = frozenset()


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy of a parent's column that declared writes change. Dollars a month of writing it anew on every row of
    the parent: `usd` in the table, `entry_usd` in each index entry or second item that holds it, twice that where a
    key is made of it. `finders`: views that find a parent's rows, one of which must be there."""

    attr: Attr
    usd: float
    entry_usd: float
    finders: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """What one entity's templates do for its needs. `bases` and `views` stand in the order of taste, which
    settles ties. `view_usd`: dollars a month of keeping each view: its writes and its storage.
    `unjoined`: why a need with a path has no way to its joined rows, by the need's place. `beside`: what can be
    kept besides, `copies`: the changing columns that can be copied."""

    table: str
    needs: tuple[Need, ...]
    bases: tuple[Template, ...]
    views: tuple[Template, ...]
    over_base: tuple[Row, ...]
    over_view: tuple[Row, ...]
    view_usd: tuple[float, ...]
    unjoined: Mapping[int, str]
    beside: tuple[Offer, ...] = ()
    copies: tuple[Copied, ...] = ()

    def kept(self, wanted: frozenset[Template]) -> Ways:
        """Without the templates that another one makes superfluous; `wanted` ones stay, whatever they cost."""
        wanted |= {offer.view.template for offer in self.beside if not offer.usd}
        wanted |= {view.template for copied in self.copies for view in copied.finders}
        bases = _distinct(self.over_base, [template in wanted for template in self.bases], [0.0] * len(self.bases))
        views = _distinct(self.over_view, [template in wanted for template in self.views], self.view_usd)
        return replace(
            self,
            bases=tuple(self.bases[place] for place in bases),
            over_base=tuple(self.over_base[place] for place in bases),
            views=tuple(self.views[place] for place in views),
            over_view=tuple(self.over_view[place] for place in views),
            view_usd=tuple(self.view_usd[place] for place in views),
        )

    def rows(self) -> Iterator[tuple[View, Row]]:
        """Every view with its way to each need; one that copies change for stands there twice."""
        yield from ((View(template, True), row) for template, row in zip(self.bases, self.over_base, strict=True))
        yield from ((View(template, False), row) for template, row in zip(self.views, self.over_view, strict=True))
        yield from ((offer.view, offer.row) for offer in self.beside)

    def met(self, number: int) -> bool:
        return any(row[number] for _, row in self.rows())

    def met_by_views(self, number: int) -> bool:
        return any(row[number] for view, row in self.rows() if view.indexed)

    def rejected(self, number: int, chosen: Path, there: Sequence[View]) -> tuple[Rejected, ...]:
        """The other ways to meet a need that were weighed, cheapest first, at most three. `there`: the views that the
        entity has."""
        kept = self._kept_usd()
        others: list[tuple[float, Rejected]] = []
        for view, row in self.rows():
            way = row[number]
            if way is None or (view == chosen.view and way.path.via_guard == chosen.via_guard):
                continue
            usd = way.usd + (0.0 if view in there else kept.get(view, 0.0))
            told = Rejected(described(view), _why(view, view in there), round(usd, 4), way.round_trips)
            others.append((usd, told))
        first: dict[tuple[float, int | None, str], Rejected] = {}
        for usd, told in sorted(others, key=lambda pair: (pair[0], pair[1].path)):
            first.setdefault((round(usd, 4), told.round_trips, told.why), told)
        return tuple(islice(first.values(), 3))

    def _kept_usd(self) -> dict[View, float]:
        """Dollars a month of keeping each view."""
        kept = {View(view, False): usd for view, usd in zip(self.views, self.view_usd, strict=True)}
        return kept | {offer.view: offer.usd for offer in self.beside if offer.usd}


def described(view: View) -> str:
    """A view in words."""
    if view.base:
        return f"table key {spoken(view.template)}"
    if view.aggregate:
        return f"counter items of groups {spoken(view.template)}"
    what = "a second item of each row in the table" if view.edge else "index"
    if view.only is None:
        return f"{what} {spoken(view.template)}"
    held = ", ".join(".".join((*attr.path, attr.column)) for attr in view.only)
    return f"{what} {spoken(view.template)} with {f'keys, {held}' if held else 'keys'} only"


def _why(view: View, there: bool) -> str:
    if there:
        return "it is there for other queries; asking it is dearer, or loses what is gathered elsewhere"
    if view.base:
        return "the table's key serves other queries better"
    if view.aggregate:
        return "every write of the table would have to keep them"
    return "needs one more item for each row" if view.edge else "needs one more view of the entity"


def spoken(template: Template) -> str:
    """A template in words: (partition | sort).

    >>> from migrator.design.design import KeyPart
    >>> spoken(Template((), (KeyPart(Attr((), "made")), KeyPart(Attr(("fk_customer",), "name")))))
    '(one constant | made, fk_customer.name)'
    """
    partition = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.partition) or "one constant"
    sort = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.sort)
    where = " and ".join(condition.words() for condition in template.where)
    told = f"({partition} | {sort})" if sort else f"({partition})"
    return f"{told} where {where}" if where else told


def _distinct(rows: Sequence[Row], wanted: Sequence[bool], kept_usd: Sequence[float]) -> list[int]:
    """Places of the rows worth weighing: a row that is nowhere cheaper or more exact than another, whose template
    is no cheaper to keep and not more to one's taste, is left out."""
    first: dict[tuple[float, tuple[Mark, ...]], int] = {}
    for place, row in enumerate(rows):
        if not wanted[place]:
            first.setdefault((kept_usd[place], tuple(way.mark if way else NOT_MET for way in row)), place)
    marked = {place: ((usd, False), *marks) for (usd, marks), place in first.items()}
    if len(marked) <= PAIRWISE:
        marked = {
            place: marks
            for place, marks in marked.items()
            if not any(other < place and _covers(marked[other], marks) for other in marked)
        }
    return sorted({*marked, *(place for place, kept in enumerate(wanted) if kept)})


def _covers(better: tuple[Mark, ...], worse: tuple[Mark, ...]) -> bool:
    return all(a <= b for a, b in zip(better, worse, strict=True))
