"""Base keys, views and bundles of entities that depend on each other, chosen together by a mixed-integer programme.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots, or
when a bundle wants its members' views in one slot. Entities that no bundle connects are independent: each
component of connected ones is a programme of its own. Costs are in millionths of a dollar a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migrator.design.arrange import arrange
from migrator.design.attributes import Attr, Domain
from migrator.design.bundles import Bundle, Member
from migrator.design.design import Template, View
from migrator.design.solve import Model, Solved, Unsolved, minimise
from migrator.design.ways import Copied, Way, Ways

MICRO = 1e6
INEXACT = 1_000_000.0
"""Taste's weight of a query left something to drop or sort, against one place further down a list of templates."""

Home = tuple[int, frozenset[Domain]]
"""A slot (0: the table itself) and what the values of a partition identify."""
Cut = tuple[Bundle, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """One entity's base key and index views; a view's slot where a bundle asks for it, else any. `edges`: second
    items in the table; `copies`: the changing columns that are copied."""

    base: Template
    views: tuple[tuple[View, int | None], ...]
    edges: tuple[View, ...] = ()
    copies: frozenset[Attr] = frozenset()
    aggregates: tuple[View, ...] = ()

    @property
    def there(self) -> tuple[View, ...]:
        """Every view that the entity has."""
        return (View(self.base, True), *(view for view, _ in self.views), *self.edges, *self.aggregates)


@dataclass(frozen=True, slots=True)
class Taken:
    """A bundle that the answer uses, in its slot (0: the table itself)."""

    bundle: Bundle
    slot: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A component's answer. `ways` by pattern and statement number; `refused`: patterns with a part that is not
    met. `usd` is exact; no answer costs less than `bound`."""

    placed: Mapping[str, Placed]
    ways: Mapping[tuple[str, int], Way]
    taken: tuple[Taken, ...]
    refused: frozenset[str]
    usd: float
    bound: float

    @property
    def views(self) -> int:
        """The most views that one entity has."""
        return max((len(placed.views) for placed in self.placed.values()), default=0)


@dataclass(slots=True)
class _Draft:
    """A programme's variables by what they stand for, and the taste of each, which settles ties."""

    model: Model = field(default_factory=Model)
    views: dict[tuple[str, View], int] = field(default_factory=dict)
    slotted: dict[tuple[str, Template, int], int] = field(default_factory=dict)
    copies: dict[tuple[str, Attr], int] = field(default_factory=dict)
    ways: dict[tuple[str, int, View, frozenset[Attr]], int] = field(default_factory=dict)
    bundles: dict[tuple[Bundle, int], int] = field(default_factory=dict)
    spared: set[int] = field(default_factory=set)
    taste: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Component:
    """Entities and the bundles that connect them."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]
    cuts: list[Cut] = field(default_factory=list)

    def best(self, most: int) -> tuple[Outcome, ...]:
        """The best answer with at most 0, 1, 2 ... slots for indexes, up to `most` or to where more are idle."""
        last = self._answer(min(most, max(map(self._useful, self.ways))))
        fewer = [self._answer(count) for count in range(_slots(last))]
        return (*fewer, last)

    def _useful(self, ways: Ways) -> int:
        """Views of an entity beyond which another one would have nothing to do: each meets a need of its own, or
        gives some statement's joined rows."""
        members = ((b.pattern, m) for b in self.bundles for m in b.members if m.table == ways.table)
        joined = {(pattern, use) for pattern, m in members for use in m.uses if use[0] not in m.drivers}
        views = len(ways.views) + sum(offer.view.indexed and offer.usd > 0 for offer in ways.beside)
        return min(views, len(ways.needs) + len(joined) + len(ways.copies))

    def _answer(self, slots: int) -> Outcome:
        if not any(ways.needs for ways in self.ways):
            placed = {ways.table: Placed(ways.bases[0], ()) for ways in self.ways}
            return Outcome(placed, {}, (), frozenset(), 0.0, 0.0)
        while True:
            draft = self._draft(slots)
            solved = minimise(draft.model)
            chosen = _by_taste(draft, solved)
            taken = tuple(
                Taken(bundle, slot) for (bundle, slot), number in draft.bundles.items() if chosen.chosen(number)
            )
            clash = _clash(taken)
            if clash is None:
                return self._outcome(draft, chosen, taken, solved.bound / MICRO)
            self.cuts.append(clash)

    def _draft(self, slots: int) -> _Draft:
        draft = _Draft()
        for ways in self.ways:
            self._place(draft, ways, slots)
            self._meet(draft, ways)
        self._refuse(draft)
        for bundle in self.bundles:
            for slot in (0,) if bundle.base else range(1, slots + 1):
                self._bundle(draft, bundle, slot)
        for use in dict.fromkeys((bundle.pattern, use) for bundle in self.bundles for use in bundle.uses):
            covering = [n for (b, _), n in draft.bundles.items() if (b.pattern, use[1]) == use and use[1] in b.uses]
            if len(covering) > 1:
                draft.model.at_most(covering, 1)
        for cut in self.cuts:
            for slot in range(slots + 1):
                there = [draft.bundles[(bundle, slot)] for bundle in cut if (bundle, slot) in draft.bundles]
                if len(there) == len(cut):
                    draft.model.at_most(there, len(there) - 1)
        return draft

    def _place(self, draft: _Draft, ways: Ways, slots: int) -> None:
        model, table = draft.model, ways.table
        for rank, base in enumerate(ways.bases):
            draft.views[(table, View(base, True))] = model.variable()
            draft.taste[draft.views[(table, View(base, True))]] = 10.0 * rank**2
        model.exactly(list(draft.views.values())[-len(ways.bases) :], 1)
        for rank, (view, usd) in enumerate(_kept(ways), start=1):
            if slots or not view.indexed:
                draft.views[(table, view)] = model.variable(_micro(usd))
                draft.taste[draft.views[(table, view)]] = float(rank**2)
        indexed = [number for (owner, view), number in draft.views.items() if owner == table and view.indexed]
        if len(indexed) > slots:
            model.at_most(indexed, slots)
        if slots:
            self._slot(draft, ways, slots)
        for copied in ways.copies:
            self._copy(draft, ways, copied)

    def _copy(self, draft: _Draft, ways: Ways, copied: Copied) -> None:
        """A changing column that is copied: some view must find the rows that carry it, and each index entry or second
        item that holds it is written anew with it."""
        model, table = draft.model, ways.table
        number = draft.copies[(table, copied.attr)] = model.variable(_micro(copied.usd))
        holders = [draft.views[(table, view)] for view in copied.finders if (table, view) in draft.views]
        model.implies(number, holders)
        for (owner, view), holder in list(draft.views.items()):
            usd = rewritten_usd(copied, view)
            if owner == table and usd:
                both = model.variable(_micro(usd), integral=False)
                draft.spared.add(both)
                model.both(both, number, holder)
        for offer in ways.beside:
            if copied.attr in offer.relies and (table, offer.view) in draft.views:
                model.implies(draft.views[(table, offer.view)], [number])

    def _slot(self, draft: _Draft, ways: Ways, slots: int) -> None:
        """Views that some bundle wants in a certain slot."""
        table, model = ways.table, draft.model
        members = (m for b in self.bundles if not b.base for m in b.members if m.table == table)
        wanted = frozenset[Template]().union(*(member.templates for member in members))
        views = [view for view in ways.views if view in wanted]
        for view in views:
            mine = [model.variable() for _ in range(slots)]
            draft.slotted |= {(table, view, slot): number for slot, number in enumerate(mine, start=1)}
            model.implies_all(mine, draft.views[(table, View(view, False))])
        for slot in range(1, slots + 1):
            if len(views) > 1:
                model.at_most([draft.slotted[(table, view, slot)] for view in views], 1)

    def _meet(self, draft: _Draft, ways: Ways) -> None:
        """Each need takes one way, over a template that the entity has."""
        for number, need in enumerate(ways.needs):
            for view, row in ways.rows():
                way = row[number]
                holder = draft.views.get((ways.table, view))
                if way is None or holder is None:
                    continue
                taken = draft.model.variable(_micro(way.usd), integral=False)
                draft.taste[taken] = 0.0 if way.path.exact else INEXACT
                draft.model.implies(taken, [holder])
                for attr in sorted(way.relies):
                    draft.model.implies(taken, [draft.copies[(ways.table, attr)]])
                draft.ways[(need.pattern, need.number, view, way.relies)] = taken

    def _refuse(self, draft: _Draft) -> None:
        """A pattern of which a part is not met is refused, at a price above all others."""
        price = MICRO + 2 * sum(draft.model.costs)
        patterns: dict[str, int] = {}
        by_need: dict[tuple[str, int], list[int]] = {}
        for (pattern, statement, _, _), number in draft.ways.items():
            by_need.setdefault((pattern, statement), []).append(number)
        for ways in self.ways:
            for need in ways.needs:
                if need.pattern not in patterns:
                    patterns[need.pattern] = draft.model.variable(price, integral=False)
                draft.model.exactly([patterns[need.pattern], *by_need.get((need.pattern, need.number), [])], 1)

    def _bundle(self, draft: _Draft, bundle: Bundle, slot: int) -> None:
        """A bundle stands when all its members' items do, and when its statements take them."""
        places: list[list[int]] = []
        for member in bundle.members:
            places.append(_standing(draft, member, slot))
            for statement in member.drivers:
                views = (View(template, bundle.base) for template in member.templates)
                numbers = (draft.ways.get((bundle.pattern, statement, view, frozenset())) for view in views)
                places.append([number for number in numbers if number is not None])
        if not all(places):
            return
        taken = draft.model.variable(-_micro(bundle.saved_usd))
        draft.taste[taken] = float(slot)
        draft.bundles[(bundle, slot)] = taken
        for place in places:
            draft.model.implies(taken, place)

    def _outcome(self, draft: _Draft, solved: Solved, taken: tuple[Taken, ...], bound: float) -> Outcome:
        placed = {ways.table: _placed(draft, solved, ways) for ways in self.ways}
        found: dict[tuple[str, int], Way] = {}
        refused: set[str] = set()
        for ways in self.ways:
            for number, need in enumerate(ways.needs):
                way = _way(ways, number, placed[ways.table], taken)
                if way is None:
                    refused.add(need.pattern)
                else:
                    found[(need.pattern, need.number)] = way
        kept = tuple(one for one in taken if one.bundle.pattern not in refused)
        usd = sum(way.usd for (pattern, _), way in sorted(found.items()) if pattern not in refused)
        usd += sum(_kept_usd(ways, placed[ways.table]) for ways in self.ways)
        usd -= sum(one.bundle.saved_usd for one in kept)
        low = bound - sum(solved.values[n] * draft.model.costs[n] for n in _unmet(draft)) / MICRO
        return Outcome(placed, found, kept, frozenset(refused), usd, usd if abs(low - usd) < 1e-3 else min(low, usd))


def _kept(ways: Ways) -> Iterator[tuple[View, float]]:
    """What can be kept beside the base key, with its dollars a month."""
    yield from ((View(view, False), usd) for view, usd in zip(ways.views, ways.view_usd, strict=True))
    yield from ((offer.view, offer.usd) for offer in ways.beside if offer.usd)


def _kept_usd(ways: Ways, placed: Placed) -> float:
    there = placed.there
    usd = sum(usd for view, usd in _kept(ways) if view in there)
    for copied in ways.copies:
        if copied.attr in placed.copies:
            usd += copied.usd + sum(rewritten_usd(copied, view) for view in there)
    return usd


def rewritten_usd(copied: Copied, view: View) -> float:
    """Dollars a month of writing a changed copy into a view: not at all when it does not hold it, twice when its key
    is made of it, and an entry moves. A second item is written in a transaction, which counts twice."""
    keyed = copied.attr in view.template.attrs()
    if view.base or view.aggregate or not (keyed or view.only is None or copied.attr in view.only):
        return 0.0
    return copied.entry_usd * (2 if keyed else 1) * (2 if view.edge else 1)


def _unmet(draft: _Draft) -> list[int]:
    """Variables that stand for refused patterns: the only continuous ones that are no need's way, nor a copy's."""
    ways = {*draft.ways.values(), *draft.spared}
    return [n for n, whole in enumerate(draft.model.integral) if not whole and n not in ways]


def _micro(usd: float) -> float:
    return float(round(usd * MICRO))


def _slots(outcome: Outcome) -> int:
    """How many slots an answer uses."""
    return max(outcome.views, len({one.slot for one in outcome.taken if one.slot}))


def _standing(draft: _Draft, member: Member, slot: int) -> list[int]:
    """Variables that put the member's items into the slot."""
    if slot == 0:
        numbers = [draft.views.get((member.table, View(template, True))) for template in sorted(member.templates)]
    else:
        numbers = [draft.slotted.get((member.table, template, slot)) for template in sorted(member.templates)]
    return [number for number in numbers if number is not None]


def _by_taste(draft: _Draft, solved: Solved) -> Solved:
    """Among the answers that cost the same the one that is most to one's taste; the given one when the solver's
    tolerances let no answer cost as little."""
    model = draft.model
    spent = tuple((number, cost) for number, cost in enumerate(model.costs) if cost)
    tasted = Model([draft.taste.get(number, 0.0) for number in range(len(model.costs))], model.integral, [*model.rows])
    tasted.spend(spent, solved.cost + 0.5)
    try:
        return minimise(tasted)
    except Unsolved:
        return solved


def _clash(taken: Sequence[Taken]) -> Cut | None:
    """Bundles whose members cannot all lie side by side in one partition: as few as tell it."""
    homes: dict[Home, list[Bundle]] = {}
    for one in taken:
        homes.setdefault((one.slot, one.bundle.home), []).append(one.bundle)
    for bundles in homes.values():
        if _order(bundles) is None:
            kept = list(bundles)
            for bundle in bundles:
                fewer = [other for other in kept if other is not bundle]
                if _order(fewer) is None:
                    kept = fewer
            return tuple(kept)
    return None


def _order(bundles: Iterable[Bundle]) -> tuple[str, ...] | None:
    spans = [bundle.span for bundle in bundles]
    return arrange(sorted({table for span in spans for table in span.tables}), spans)


def _placed(draft: _Draft, solved: Solved, ways: Ways) -> Placed:
    table = ways.table
    chosen = [view for (owner, view), n in draft.views.items() if owner == table and solved.chosen(n)]
    slots = {view: slot for (owner, view, slot), n in draft.slotted.items() if owner == table and solved.chosen(n)}
    return Placed(
        next(view.template for view in chosen if view.base),
        tuple((view, slots.get(view.template) if view.only is None else None) for view in chosen if view.indexed),
        tuple(view for view in chosen if view.edge),
        frozenset(attr for (owner, attr), n in draft.copies.items() if owner == table and solved.chosen(n)),
        tuple(view for view in chosen if view.aggregate),
    )


def _way(ways: Ways, number: int, placed: Placed, taken: Sequence[Taken]) -> Way | None:
    """The way of a need: where its bundle has it, else the cheapest over what its entity has."""
    need, there = ways.needs[number], placed.there
    bundled = _bundled_view(need.pattern, need.number, placed, taken)
    offered = []
    for view, row in ways.rows():
        way = row[number]
        if way is None or view not in there or not way.relies <= placed.copies:
            continue
        if bundled is None or (bundled == view and not way.relies):
            offered.append(way)
    return min(offered, key=lambda way: way.mark, default=None)


def _bundled_view(pattern: str, statement: int, placed: Placed, taken: Sequence[Taken]) -> View | None:
    for one in taken:
        member = next((m for m in one.bundle.members if statement in m.drivers), None)
        if one.bundle.pattern == pattern and member is not None:
            if one.slot == 0:
                return View(placed.base, True)
            return next(v for v, slot in placed.views if slot == one.slot and v.template in member.templates)
    return None


def components(ways: Mapping[str, Ways], bundles: Sequence[Bundle]) -> tuple[Component, ...]:
    """The programme in parts that nothing connects: tables by the bundles and patterns they meet in."""
    group = {table: frozenset({table}) for table in ways}
    for bundle in bundles:
        joined = frozenset[str]().union(*(group[member.table] for member in bundle.members))
        group |= dict.fromkeys(joined, joined)
    made = []
    for tables in dict.fromkeys(group[table] for table in sorted(ways)):
        inside = tuple(bundle for bundle in bundles if bundle.members[0].table in tables)
        wanted = {
            table: frozenset(t for b in inside for m in b.members if m.table == table for t in m.templates)
            for table in tables
        }
        made.append(Component(tuple(ways[table].kept(wanted[table]) for table in sorted(tables)), inside))
    return tuple(made)
