"""The programme of one component: its variables and constraints, by what they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr
from migrator.design.bundles import Bundle, Use
from migrator.design.clashes import Beside, Cut, Shape, neighbourhoods
from migrator.design.design import Embedding, Template, View
from migrator.design.passengers import NO_RIDES, Ride, Rides
from migrator.design.solve import Model
from migrator.design.ways import Copied, Grown, Shared, Ways

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
    embedded: dict[Embedding, int] = field(default_factory=dict)
    inside: dict[tuple[str, int, Embedding, View], int] = field(default_factory=dict)
    shared: dict[tuple[Embedding, Shared], int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    bundles: list[int] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    indexed: list[tuple[bool, list[int]]] = field(default_factory=list)
    taste: dict[int, float] = field(default_factory=dict)
    rides: Rides = NO_RIDES

    def floor(self) -> float:
        """What no answer costs less than, without any search: every need by its cheapest way, and all that is saved."""
        met: dict[tuple[str, int], float] = {}
        for (pattern, statement, *_), number in (*self.ways.items(), *self.inside.items()):
            known = met.get((pattern, statement), math.inf)
            met[(pattern, statement)] = min(known, self.model.costs[number])
        return sum(met.values()) + sum(cost for cost in self.model.costs if cost < 0)

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
    rides: Rides = NO_RIDES

    def draft(self) -> Draft:
        """The programme but for the number of slots."""
        draft = Draft(rides=self.rides)
        for ways in self.ways:
            self._place(draft, ways)
            self._meet(draft, ways)
        for ways in self.ways:
            for grown in ways.holding:
                self._hold(draft, ways, grown)
            if len(ways.holding) > 1:
                draft.model.at_most([draft.embedded[grown.embedding] for grown in ways.holding], 1)
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
        self._branch(draft)
        self._ride(draft, covering)
        for ways in self.ways:
            for grown in ways.holding:
                self._share(draft, grown)
        draft.shapes += [_any_of(draft, [draft.bundles[place] for place in places]) for places in self.shapes.values()]
        for beside in neighbourhoods(tuple(self.shapes)):
            _neighbour(draft, beside)
        return draft

    def _place(self, draft: Draft, ways: Ways) -> None:
        model, table = draft.model, ways.table
        for rank, base in enumerate(ways.bases):
            draft.views[(table, View(base, True))] = model.variable()
            draft.taste[draft.views[(table, View(base, True))]] = 10.0 * rank**2
        bases = list(draft.views.values())[-len(ways.bases) :]
        for grown in ways.within:
            draft.embedded[grown.embedding] = model.variable(micro(grown.usd))
        held = [draft.embedded[grown.embedding] for grown in ways.within]
        model.exactly([*bases, *held], 1)
        if ways.forced:
            model.exactly(held, 1)
        for rank, (view, usd) in enumerate(kept_views(ways), start=1):
            draft.views[(table, view)] = model.variable(micro(usd))
            draft.taste[draft.views[(table, view)]] = float(rank**2)
        for template in ways.pinned:
            model.exactly([draft.views[(table, View(template, False))]], 1)
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

    def _branch(self, draft: Draft) -> None:
        """A tag stands behind a path only where some bundle reads a branch of it."""
        reading: dict[tuple[str, Template], list[int]] = {}
        for bundle, number in zip(self.bundles, draft.bundles, strict=True):
            for member in bundle.members if bundle.home.path else ():
                for template in sorted(member.templates):
                    reading.setdefault((member.table, template), []).append(number)
        for (table, view), number in draft.views.items():
            if view.base and view.template.cuts:
                draft.model.implies(number, reading.get((table, view.template), []))

    def _ride(self, draft: Draft, covering: Mapping[tuple[str, Use], list[int]]) -> None:
        """Ways and bundles pay for what they read over; a way does not where a bundle answers its statement."""
        drivers = {(need.pattern, need.number): need.select.driver for ways in self.ways for need in ways.needs}
        tables = {(need.pattern, need.number): ways.table for ways in self.ways for need in ways.needs}
        for (pattern, statement, template), rides in self.rides.beside_ways.items():
            taken = draft.ways.get((pattern, statement, View(template, True), frozenset()))
            if taken is None or (pattern, statement) not in tables:
                continue
            instead = covering.get((pattern, (statement, drivers[(pattern, statement)])), [])
            for ride in rides:
                _ride(draft.model, taken, ride, self._standing(draft, ride), instead)
        for bundle, number in zip(self.bundles, draft.bundles, strict=True):
            for ride in self.rides.beside_bundles.get(bundle, ()):
                _ride(draft.model, number, ride, self._standing(draft, ride), [])

    def _standing(self, draft: Draft, ride: Ride) -> list[int]:
        views = (draft.views.get((ride.table, View(template, True))) for template in sorted(ride.templates))
        return [number for number in views if number is not None]

    def _hold(self, draft: Draft, ways: Ways, grown: Grown) -> None:
        """Rows in the items of a table: its views and ways cost what larger items cost, its second items and copies
        that change are out, and the rows' needs may take ways through its views."""
        model, held, table = draft.model, draft.embedded[grown.embedding], grown.embedding.table
        own = [number for (owner, view), number in draft.views.items() if owner == table and not view.base]
        out = [number for (owner, view), number in draft.views.items() if owner == ways.table and view.edge]
        out += [number for (owner, _), number in draft.copies.items() if owner == ways.table]
        out += [n for (owner, view), n in draft.views.items() if owner == ways.table and view.template.cuts]
        for number in (*own, *out):
            model.at_most([number, held], 1)
        before, after = dict(kept_views(ways)), dict(kept_views(grown.ways))
        for view, usd in after.items():
            self._dearer(draft, draft.views.get((ways.table, view)), held, usd - before[view])
        larger = dict(grown.ways.rows())
        for number, need in enumerate(ways.needs):
            for view, row in ways.rows():
                taken = draft.ways.get((need.pattern, need.number, view, frozenset()))
                way, other = row[number], larger.get(view, ())
                if taken is None or way is None or way.relies:
                    continue
                if number >= len(other) or (over := other[number]) is None:
                    model.at_most([taken, held], 1)
                else:
                    self._dearer(draft, taken, held, over.usd - way.usd)
        self._reach(draft, ways, grown)

    def _dearer(self, draft: Draft, number: int | None, held: int, usd: float) -> None:
        """What a view or a way costs more where the items are larger."""
        if number is not None and usd > 0:
            both = draft.model.variable(micro(usd), integral=False)
            draft.model.both(both, number, held)

    def _reach(self, draft: Draft, ways: Ways, grown: Grown) -> None:
        """Ways to embedded rows through views of the items that hold them, which must be under the key that the
        reference gives."""
        model, made = draft.model, grown.embedding
        held = draft.embedded[made]
        named = (draft.views.get((ways.table, View(base, True))) for base in ways.bases if base in grown.bases)
        model.implies(held, [number for number in named if number is not None])
        needs = next(mine.needs for mine in self.ways if mine.table == made.table)
        for view, row in grown.inside:
            holder = draft.views.get((ways.table, view))
            for need, way in zip(needs, row, strict=True):
                if way is None or holder is None:
                    continue
                taken = model.variable(micro(way.usd), integral=False)
                draft.taste[taken] = 0.0 if way.path.exact else INEXACT
                model.implies(taken, [held])
                model.implies(taken, [holder])
                draft.inside[(need.pattern, need.number, made, view)] = taken

    def _share(self, draft: Draft, grown: Grown) -> None:
        """What statements of one pattern save that the same requests meet: each is counted once, and not where another
        request gives the rows besides."""
        model, made = draft.model, grown.embedding
        once: dict[tuple[str, int], list[int]] = {}
        for shared in grown.shared:
            inside = draft.inside.get((shared.pattern, shared.number, made, shared.view))
            other = draft.inside.get((shared.pattern, shared.other, made, shared.view))
            if shared.above:
                other = draft.ways.get((shared.pattern, shared.other, shared.view, frozenset()))
            if inside is None or other is None:
                continue
            taken = draft.shared[(made, shared)] = model.variable(-micro(shared.usd))
            model.implies(taken, [inside])
            model.implies(taken, [other])
            once.setdefault((shared.pattern, shared.number), []).append(taken)
            gathered = [
                n
                for bundle, n in zip(self.bundles, draft.bundles, strict=True)
                if _drives(bundle, shared.pattern, shared.other)
            ]
            if shared.above and gathered:
                model.at_most([taken, *gathered], 1)
        for numbers in once.values():
            if len(numbers) > 1:
                model.at_most(numbers, 1)

    def _refuse(self, draft: Draft) -> None:
        """A pattern of which a part is not met is refused, at a price above all others."""
        price = MICRO + 2 * sum(map(abs, draft.model.costs))
        by_need: dict[tuple[str, int], list[int]] = {}
        for (pattern, statement, _, _), number in draft.ways.items():
            by_need.setdefault((pattern, statement), []).append(number)
        for (pattern, statement, _, _), number in draft.inside.items():
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
        tables = {member.table for member in bundle.members}
        for made, held in draft.embedded.items():
            if made in bundle.holding:
                draft.model.implies(taken, [held])
            elif made.parent in tables:
                draft.model.at_most([taken, held], 1)
        return taken


def _ride(model: Model, taken: int, ride: Ride, standing: list[int], instead: list[int]) -> None:
    """What a request reads over, where other entities stand there and no bundle answers `instead`."""
    if not standing:
        return
    over = model.variable(micro(ride.usd), integral=False)
    if not ride.fits:
        model.at_most([over], 0)
    model.at_least_both(over, taken, standing, instead)


def _drives(bundle: Bundle, pattern: str, statement: int) -> bool:
    return bundle.pattern == pattern and any(statement in member.drivers for member in bundle.members)


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
