"""Every way to meet every need of one entity, with what each way relies on and what keeping that costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from migrator.design.attributes import Attr
from migrator.design.design import Embedding, JoinStep, Path, Rejected, Template, View
from migrator.design.needs import Need

PAIRWISE = 400
"""Templates that are compared each with each; beyond that only equal ones are left out."""

Mark = tuple[float, bool]
Marks = tuple[Mark, ...]
NOT_MET: Mark = (math.inf, False)


@dataclass(frozen=True, slots=True)
class Way:
    """A path of a need with the steps to its joined rows. `usd`: dollars a month of all its calls. `relies`: the
    copies of changing columns that it looks at; `need` is the need as it is with them. `through`: what is asked of the
    rows that hold the need's own ones, over whose view the path leads."""

    path: Path
    steps: tuple[JoinStep, ...]
    read_units: float
    round_trips: int
    usd: float
    relies: frozenset[Attr] = frozenset()
    need: Need | None = None
    through: Need | None = None

    @property
    def mark(self) -> Mark:
        """Orders ways of one need."""
        return self.usd, not self.path.exact


OWN_ITEMS = "its rows live within others' items, and would need items of their own"
WITHIN = "each write of such a row would write the whole item, and each read of the item would read them"

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
class Shared:
    """Two statements of a pattern that the same requests over a view meet: `number` of embedded rows, and `other`,
    which asks for their parents (`above`) or for such rows too. `units` a call and `usd` a month are saved."""

    pattern: str
    number: int
    other: int
    view: View
    above: bool
    units: float
    usd: float


@dataclass(frozen=True, slots=True)
class Grown:
    """Rows embedded in the items of another table. `usd`: dollars a month beside reads and index entries, against items
    of their own. `ways`: those of the parent with larger items, its templates in the same places. `inside`: for views
    of the parent the way to each need of the rows through it. `bases`: base keys of the parent that the reference
    gives; `bytes`: what its items have more, on the mean."""

    embedding: Embedding
    usd: float
    ways: Ways
    inside: tuple[tuple[View, Row], ...]
    shared: tuple[Shared, ...] = ()
    bases: frozenset[Template] = frozenset()
    bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Ways:
    """What one entity's templates do for its needs. `bases` and `views` stand in the order of taste, which
    settles ties. `view_usd`: dollars a month of keeping each view: its writes and its storage.
    `unjoined`: why a need with a path has no way to its joined rows, by the need's place. `beside`: what can be
    kept besides, `copies`: the changing columns that can be copied. `holding`: what its items may hold, one at a time;
    `within`: what may hold its rows. `forced`: they must live there.
    `pinned`: views that must be there."""

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
    pinned: tuple[Template, ...] = ()
    holding: tuple[Grown, ...] = ()
    within: tuple[Grown, ...] = ()
    forced: bool = False

    def holds(self, made: Embedding | None) -> Ways:
        """The ways as they are with these rows in the items."""
        return next((grown.ways for grown in self.holding if grown.embedding == made), self)

    def kept(self, wanted: frozenset[Template]) -> Ways:
        """Without the templates that another one makes superfluous; `wanted` ones stay, whatever they cost."""
        wanted |= {offer.view.template for offer in self.beside if not offer.usd}
        wanted |= {view.template for copied in self.copies for view in copied.finders} | {*self.pinned}
        bases = _distinct(self._base_marks(), [template in wanted for template in self.bases])
        views = _distinct(self._view_marks(), [template in wanted for template in self.views])
        holding = (replace(grown, ways=grown.ways._at(bases, views)) for grown in self.holding)
        return replace(self._at(bases, views), holding=tuple(holding))

    def _at(self, bases: Sequence[int], views: Sequence[int]) -> Ways:
        """Only the templates in these places."""
        return replace(
            self,
            bases=tuple(self.bases[place] for place in bases),
            over_base=tuple(self.over_base[place] for place in bases),
            views=tuple(self.views[place] for place in views),
            over_view=tuple(self.over_view[place] for place in views),
            view_usd=tuple(self.view_usd[place] for place in views),
        )

    def _base_marks(self) -> list[Marks]:
        """What is looked at of each base key when one makes another superfluous."""
        inside = [(*self._inside(View(base, True)), *self._named(base)) for base in self.bases]
        larger = [grown.ways.over_base for grown in self.holding]
        return [
            (*_marks(row), *(mark for rows in larger for mark in _marks(rows[place])), *inside[place])
            for place, row in enumerate(self.over_base)
        ]

    def _view_marks(self) -> list[Marks]:
        """The same of each view, its costs first."""
        found: list[Marks] = []
        for place, row in enumerate(self.over_view):
            marks: list[Mark] = [(self.view_usd[place], False), *_marks(row)]
            for grown in self.holding:
                marks += [(grown.ways.view_usd[place], False), *_marks(grown.ways.over_view[place])]
            found.append((*marks, *self._inside(View(self.views[place], False))))
        return found

    def _named(self, base: Template) -> Marks:
        """Whether rows may live in items under this key: only where their reference gives it."""
        return tuple((0.0, False) if base in grown.bases else NOT_MET for grown in self.holding)

    def _inside(self, view: View) -> Marks:
        """Marks of the ways through a view to the rows that the items may hold."""
        found: list[Mark] = []
        for grown in self.holding:
            rows = dict(grown.inside)
            width = len(grown.inside[0][1]) if grown.inside else 0
            found += _marks(rows.get(view, (None,) * width))
        return tuple(found)

    def rows(self) -> Iterator[tuple[View, Row]]:
        """Every view with its way to each need; one that copies change for stands there twice."""
        yield from ((View(template, True), row) for template, row in zip(self.bases, self.over_base, strict=True))
        yield from ((View(template, False), row) for template, row in zip(self.views, self.over_view, strict=True))
        yield from ((offer.view, offer.row) for offer in self.beside)

    def met(self, number: int) -> bool:
        return any(row[number] for _, row in self._all_rows())

    def met_by_views(self, number: int) -> bool:
        return any(row[number] for view, row in self._all_rows() if view.indexed)

    def _all_rows(self) -> Iterator[tuple[View, Row]]:
        """Those through other tables' views too; of rows that must be embedded those alone."""
        if not self.forced:
            yield from self.rows()
        for grown in self.within:
            yield from grown.inside

    def rejected(self, number: int, chosen: Path, there: Sequence[View], inside: bool = False) -> tuple[Rejected, ...]:
        """The other ways to meet a need that were weighed, cheapest first, at most three. `there`: the views that the
        entity has; `inside`: its rows live within others' items."""
        kept = self._kept_usd()
        others = [] if inside else list(self._rejected_within(number))
        for view, row in () if self.forced else self.rows():
            way = row[number]
            if way is None or (not inside and view == chosen.view and way.path.via_guard == chosen.via_guard):
                continue
            usd = way.usd + (0.0 if view in there else kept.get(view, 0.0))
            why = OWN_ITEMS if inside else _why(view, view in there)
            others.append((usd, Rejected(described(view), why, round(usd, 4), way.round_trips)))
        first: dict[tuple[float, int | None, str], Rejected] = {}
        for usd, told in sorted(others, key=lambda pair: (pair[0], pair[1].path)):
            first.setdefault((round(usd, 4), told.round_trips, told.why), told)
        return tuple(islice(first.values(), 3))

    def _rejected_within(self, number: int) -> Iterator[tuple[float, Rejected]]:
        """The cheapest way through each table that could hold the rows."""
        for grown in self.within:
            met = [(way.usd, view, way) for view, row in grown.inside if (way := row[number]) is not None]
            if met:
                _, view, way = min(met, key=lambda one: (one[0], one[1].template))
                usd = way.usd + max(0.0, grown.usd)
                path = f"within items of {grown.embedding.parent}, by its {described(view)}"
                yield usd, Rejected(path, WITHIN, round(usd, 4), way.round_trips)

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
    sort = ", ".join(_part(template, place) for place in range(len(template.sort)))
    where = " and ".join(condition.words() for condition in template.where)
    told = f"({partition} | {sort})" if sort else f"({partition})"
    return f"{told} where {where}" if where else told


def _part(template: Template, place: int) -> str:
    """A part of a sort key; what ends a level of the path that stands before the tag is told by a slash."""
    attr = template.sort[place].attr
    return ".".join((*attr.path, attr.column)) + (" /" if place + 1 in template.cuts else "")


def _marks(row: Row) -> Marks:
    return tuple(way.mark if way else NOT_MET for way in row)


def _distinct(rows: Sequence[Marks], wanted: Sequence[bool]) -> list[int]:
    """Places of the rows worth weighing: a row that is nowhere cheaper or more exact than another, whose template
    is no cheaper to keep and not more to one's taste, is left out."""
    first: dict[Marks, int] = {}
    for place, marks in enumerate(rows):
        if not wanted[place]:
            first.setdefault(marks, place)
    marked = {place: marks for marks, place in first.items()}
    if len(marked) <= PAIRWISE:
        marked = {
            place: marks
            for place, marks in marked.items()
            if not any(other < place and _covers(marked[other], marks) for other in marked)
        }
    return sorted({*marked, *(place for place, kept in enumerate(wanted) if kept)})


def _covers(better: Marks, worse: Marks) -> bool:
    return all(a <= b for a, b in zip(better, worse, strict=True))
