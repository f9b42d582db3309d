"""The programme of one component: its variables and constraints, by what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr
from migrator.design.bundles import Bundle, Use
from migrator.design.clashes import Beside, Cut, Shape, neighbourhoods
from migrator.design.design import View
from migrator.design.solve import Model
from migrator.design.ways import Copied, Ways

MICRO = 1e6
"""Costs are in millionths of a dollar a month."""
INEXACT = 1_000_000.0
"""Taste's weight of a query left something to drop or sort, against one place further down a list of templates."""


@dataclass(frozen=True, slots=True, order=True)
class Slots:
    """How many indexes there are that hold whole items, and how many that hold keys alone."""

    whole: int
    narrow: int = 0

    @property
    def count(self) -> int:
        return self.whole + self.narrow

    def of(self, view: View) -> int:
        """The slots that an index view may stand in."""
        return self.narrow if view.narrow else self.whole


@dataclass(slots=True)
class Draft:
    """A programme's variables by what they stand for, and the taste of each, which settles ties. `bundles` and `shapes`
    by number; `indexed` are the views of each entity that need a slot, those of whole items and those of keys apart."""

    model: Model = field(default_factory=Model)
    views: dict[tuple[str, View], int] = field(default_factory=dict)
    copies: dict[tuple[str, Attr], int] = field(default_factory=dict)
    ways: dict[tuple[str, int, View, frozenset[Attr]], int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    bundles: list[int] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    indexed: list[tuple[bool, list[int]]] = field(default_factory=list)
    taste: dict[int, float] = field(default_factory=dict)

    def at(self, slots: Slots, cuts: Sequence[Cut]) -> Model:
        """The programme for that many slots for indexes, without what the cuts exclude."""
        model = replace(self.model, rows=[*self.model.rows])
        for narrow, numbers in self.indexed:
            most = slots.narrow if narrow else slots.whole
            if len(numbers) > most:
                model.at_most(numbers, most)
        for cut in cuts:
            if cut.whole is None or slots.whole <= cut.whole:
                spare = [self.views[(table, View(template, False))] for table, template in cut.spare]
                model.at_most_beside([self.shapes[number] for number in cut.shapes], len(cut.shapes) - 1, spare)
        return model


@dataclass(frozen=True, slots=True)
class Drafter:
    """Entities and the bundles that connect them, as variables and constraints. `shapes`: every shape with the numbers
    of its bundles."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]
    shapes: Mapping[Shape, tuple[int, ...]]

    def draft(self) -> Draft:
        """The programme but for the number of slots."""
        draft = Draft()
        for ways in self.ways:
            self._place(draft, ways)
            self._meet(draft, ways)
        self._refuse(draft)
        for bundle in self.bundles:
            draft.bundles.append(self._bundle(draft, bundle))
        covering: dict[tuple[str, Use], list[int]] = {}
        for bundle, number in zip(self.bundles, draft.bundles, strict=True):
            for use in bundle.uses:
                covering.setdefault((bundle.pattern, use), []).append(number)
        for numbers in covering.values():
            if len(numbers) > 1:
                draft.model.at_most(numbers, 1)
        draft.shapes += [_any_of(draft, [draft.bundles[place] for place in places]) for places in self.shapes.values()]
        for beside in neighbourhoods(tuple(self.shapes)):
            _neighbour(draft, beside)
        return draft

    def _place(self, draft: Draft, ways: Ways) -> None:
        model, table = draft.model, ways.table
        for rank, base in enumerate(ways.bases):
            draft.views[(table, View(base, True))] = model.variable()
            draft.taste[draft.views[(table, View(base, True))]] = 10.0 * rank**2
        model.exactly(list(draft.views.values())[-len(ways.bases) :], 1)
        for rank, (view, usd) in enumerate(kept_views(ways), start=1):
            draft.views[(table, view)] = model.variable(micro(usd))
            draft.taste[draft.views[(table, view)]] = float(rank**2)
        there = {view: number for (owner, view), number in draft.views.items() if owner == table and view.indexed}
        for narrow in (False, True):
            draft.indexed.append((narrow, [number for view, number in there.items() if view.narrow == narrow]))
        for copied in ways.copies:
            self._copy(draft, ways, copied)

    def _copy(self, draft: Draft, ways: Ways, copied: Copied) -> None:
        """A changing column that is copied: some view must find the rows that carry it, and each index entry or second
        item that holds it is written anew with it."""
        model, table = draft.model, ways.table
        number = draft.copies[(table, copied.attr)] = model.variable(micro(copied.usd))
        holders = [draft.views[(table, view)] for view in copied.finders if (table, view) in draft.views]
        model.implies(number, holders)
        for (owner, view), holder in list(draft.views.items()):
            usd = rewritten_usd(copied, view)
            if owner == table and usd:
                model.both(model.variable(micro(usd), integral=False), number, holder)
        for offer in ways.beside:
            if copied.attr in offer.relies and (table, offer.view) in draft.views:
                model.implies(draft.views[(table, offer.view)], [number])

    def _meet(self, draft: Draft, ways: Ways) -> None:
        """Each need takes one way, over a template that the entity has."""
        for number, need in enumerate(ways.needs):
            for view, row in ways.rows():
                way = row[number]
                holder = draft.views.get((ways.table, view))
                if way is None or holder is None:
                    continue
                taken = draft.model.variable(micro(way.usd), integral=False)
                draft.taste[taken] = 0.0 if way.path.exact else INEXACT
                draft.model.implies(taken, [holder])
                for attr in sorted(way.relies):
                    draft.model.implies(taken, [draft.copies[(ways.table, attr)]])
                draft.ways[(need.pattern, need.number, view, way.relies)] = taken

    def _refuse(self, draft: Draft) -> None:
        """A pattern of which a part is not met is refused, at a price above all others."""
        price = MICRO + 2 * sum(draft.model.costs)
        by_need: dict[tuple[str, int], list[int]] = {}
        for (pattern, statement, _, _), number in draft.ways.items():
            by_need.setdefault((pattern, statement), []).append(number)
        for need in (need for ways in self.ways for need in ways.needs):
            if need.pattern not in draft.refused:
                draft.refused[need.pattern] = draft.model.variable(price, integral=False)
            draft.model.exactly([draft.refused[need.pattern], *by_need.get((need.pattern, need.number), [])], 1)

    def _bundle(self, draft: Draft, bundle: Bundle) -> int:
        """A bundle stands when all its members' items do, and when its statements take them."""
        taken = draft.model.variable(-micro(bundle.saved_usd))
        for member in bundle.members:
            views = [View(template, bundle.base) for template in sorted(member.templates)]
            if not member.drivers:
                draft.model.implies(taken, [n for view in views if (n := draft.views.get((member.table, view)))])
            for statement in member.drivers:
                numbers = (draft.ways.get((bundle.pattern, statement, view, frozenset())) for view in views)
                draft.model.implies(taken, [number for number in numbers if number is not None])
        return taken


def _any_of(draft: Draft, numbers: list[int]) -> int:
    """A variable that is 1 where any of these is."""
    if len(numbers) == 1:
        return numbers[0]
    one = draft.model.variable(integral=False)
    for number in numbers:
        draft.model.implies(number, [one])
    return one


def _neighbour(draft: Draft, beside: Beside) -> None:
    """At most so many entities stand beside another one in each slot that it stands in."""
    partners = [_any_of(draft, [draft.shapes[number] for number in numbers]) for numbers in beside.partners]
    standing = [draft.views[(beside.table, View(template, beside.base))] for template in beside.standing]
    draft.model.at_most_each(partners, beside.most, standing)


def kept_views(ways: Ways) -> Iterator[tuple[View, float]]:
    """What can be kept beside the base key, with its dollars a month."""
    yield from ((View(view, False), usd) for view, usd in zip(ways.views, ways.view_usd, strict=True))
    yield from ((offer.view, offer.usd) for offer in ways.beside if offer.usd)


def rewritten_usd(copied: Copied, view: View) -> float:
    """Dollars a month of writing a changed copy into a view: not at all when it does not hold it, twice when its key
    is made of it, and an entry moves. A second item is written in a transaction, which counts twice."""
    keyed = copied.attr in view.template.attrs()
    if view.base or view.aggregate or not (keyed or view.only is None or copied.attr in view.only):
        return 0.0
    return copied.entry_usd * (2 if keyed else 1) * (2 if view.edge else 1)


def micro(usd: float) -> float:
    """Dollars as the programme's whole units."""
    return float(round(usd * MICRO))
