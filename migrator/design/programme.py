"""Base keys, views and bundles of entities that depend on each other, chosen together by a mixed-integer programme.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots, or
when a bundle wants its members' views in one slot. Entities that no bundle connects are independent: each
component of connected ones is a programme of its own. Costs are in millionths of a dollar a month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr
from migrator.design.bundles import Bundle
from migrator.design.clashes import Cut, find_clash, pair_clashes
from migrator.design.design import Embedding, Template, View
from migrator.design.drafting import MICRO, Draft, Drafter, Slots, kept_views, rewritten_usd
from migrator.design.solve import Model, Solved, Unsolved, minimise
from migrator.design.ways import Shared, Way, Ways


@dataclass(frozen=True, slots=True)
class Placed:
    """One entity's base key and index views; a view's slot where a bundle asks for it, else any. `edges`: second
    items in the table; `copies`: the changing columns that are copied. `within`: it has no items, for its rows live in
    another's."""

    base: Template | None
    views: tuple[tuple[View, int | None], ...]
    edges: tuple[View, ...] = ()
    copies: frozenset[Attr] = frozenset()
    aggregates: tuple[View, ...] = ()
    within: Embedding | None = None

    @property
    def there(self) -> tuple[View, ...]:
        """Every view that the entity has."""
        base = () if self.base is None else (View(self.base, True),)
        return (*base, *(view for view, _ in self.views), *self.edges, *self.aggregates)


@dataclass(frozen=True, slots=True)
class Taken:
    """A bundle that the answer uses, in its slot (0: the table itself)."""

    bundle: Bundle
    slot: int


NONE = Slots(0)
ROUNDING = 1e-3
"""Dollars by which a sum of rounded prices may differ from the exact one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A component's answer. `ways` by pattern and statement number; `refused`: patterns with a part that is not
    met. `usd` is exact; no answer costs less than `bound`. `slots` were allowed; `solved_cost` is the programme's.
    `shared`: statements that the same requests meet."""

    placed: Mapping[str, Placed]
    ways: Mapping[tuple[str, int], Way]
    taken: tuple[Taken, ...]
    refused: frozenset[str]
    usd: float
    bound: float
    slots: Slots = NONE
    solved_cost: float = 0.0
    shared: tuple[Shared, ...] = ()

    @property
    def slots_used(self) -> int:
        """How many slots for whole items the answer uses."""
        most = max((sum(not view.narrow for view, _ in placed.views) for placed in self.placed.values()), default=0)
        return max(most, len({one.slot for one in self.taken if one.slot}))

    @property
    def narrow_views(self) -> int:
        """The most views of keys alone that one entity has."""
        return max((sum(view.narrow for view, _ in placed.views) for placed in self.placed.values()), default=0)


@dataclass(frozen=True, slots=True)
class Answers:
    """A component's best answers by the number of slots. Beyond `most` further slots are idle."""

    outcomes: Mapping[Slots, Outcome]
    most: Slots

    def at(self, slots: Slots) -> Outcome:
        return self.outcomes[Slots(min(slots.whole, self.most.whole), min(slots.narrow, self.most.narrow))]


@dataclass(frozen=True, slots=True)
class Component:
    """Entities and the bundles that connect them."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]
    cuts: list[Cut] = field(default_factory=list)

    def best(self, most: int) -> Answers:
        """The best answer for every number of slots of each kind, up to `most` or to where more are idle."""
        useful = min(most, max(map(self._useful, self.ways)))
        last = both = self._answer(Slots(useful))
        whole, narrow = last.slots_used, 0
        if any(offer.view.narrow for ways in self.ways for offer in ways.beside):
            both, keys = self._answer(Slots(useful, useful)), self._answer(Slots(0, useful))
            whole, narrow = max(whole, both.slots_used), max(both.narrow_views, keys.narrow_views)
        outcomes: dict[Slots, Outcome] = {}
        for b in range(narrow + 1):
            outcomes |= self._grown(whole, b, last if b == 0 else both)
        return Answers(outcomes, Slots(whole, narrow))

    def _grown(self, whole: int, narrow: int, least: Outcome) -> dict[Slots, Outcome]:
        """The answers with 0, 1, 2 ... slots for whole items. `least` costs no more than any of them: where it is
        reached, further slots are idle."""
        found: dict[Slots, Outcome] = {}
        outcome: Outcome | None = None
        for count in range(whole + 1):
            if outcome is None or _costs_more(outcome, least):
                outcome = self._answer(Slots(count, narrow))
            found[Slots(count, narrow)] = outcome
        return found

    def _useful(self, ways: Ways) -> int:
        """Views of an entity beyond which another one would have nothing to do: each meets a need of its own, or
        gives some statement's joined rows."""
        members = ((b.pattern, m) for b in self.bundles for m in b.members if m.table == ways.table)
        joined = {(pattern, use) for pattern, m in members for use in m.uses if use[0] not in m.drivers}
        views = len(ways.views) + sum(offer.view.indexed and offer.usd > 0 for offer in ways.beside)
        held = {grown.embedding.table for grown in ways.holding}
        through = sum(len(mine.needs) for mine in self.ways if mine.table in held)
        return min(views, len(ways.needs) + len(joined) + len(ways.copies) + through)

    def _answer(self, slots: Slots) -> Outcome:
        if not any(ways.needs or ways.within for ways in self.ways):
            placed = {ways.table: Placed(ways.bases[0], ()) for ways in self.ways}
            return Outcome(placed, {}, (), frozenset(), 0.0, 0.0)
        while True:
            draft = Drafter(self.ways, self.bundles).draft(slots, self.cuts)
            solved = minimise(draft.model)
            if self._stands(draft, solved):
                return self._outcome(draft, solved, slots, solved.bound / MICRO)

    def to_taste(self, outcome: Outcome) -> Outcome:
        """Among the answers that cost the same the one that is most to one's taste, whatever the solver came upon."""
        while outcome.ways or outcome.refused:
            draft = Drafter(self.ways, self.bundles).draft(outcome.slots, self.cuts)
            tasted = _by_taste(draft, outcome.solved_cost)
            if tasted is None:
                return outcome
            if self._stands(draft, tasted):
                found = self._outcome(draft, tasted, outcome.slots, outcome.bound)
                return replace(found, bound=_at_most(outcome.bound, found.usd))
        return outcome

    def _stands(self, draft: Draft, solved: Solved) -> bool:
        """Whether all the bundles taken can lie in their partitions; if not, it is known from now on."""
        clash = find_clash([(bundle, slot) for (bundle, slot), n in draft.bundles.items() if solved.chosen(n)])
        if clash is not None:
            self.cuts.append(clash)
        return clash is None

    def _outcome(self, draft: Draft, solved: Solved, slots: Slots, bound: float) -> Outcome:
        taken = tuple(Taken(bundle, slot) for (bundle, slot), n in draft.bundles.items() if solved.chosen(n))
        placed = {ways.table: _placed(draft, solved, ways) for ways in self.ways}
        found: dict[tuple[str, int], Way] = {}
        refused: set[str] = set()
        shared = tuple(one for (_, one), n in draft.shared.items() if solved.chosen(n))
        weighed = [ways.holds(held_by(placed, ways.table)) for ways in self.ways]
        over = {(one.pattern, number): one.view for one in shared for number in (one.number, one.other)}
        for ways in weighed:
            for number, need in enumerate(ways.needs):
                view = over.get((need.pattern, need.number))
                way = _inside(ways, number, placed, view) or _way(ways, number, placed[ways.table], taken, view)
                if way is None:
                    refused.add(need.pattern)
                else:
                    found[(need.pattern, need.number)] = way
        for one in sorted(shared, key=lambda one: (not one.above, one.number)):
            if one.pattern not in refused:
                found |= _as_shared(one, found)
        kept = tuple(one for one in taken if one.bundle.pattern not in refused)
        usd = sum(way.usd for (pattern, _), way in sorted(found.items()) if pattern not in refused)
        usd += sum(_kept_usd(ways, placed[ways.table]) for ways in weighed)
        usd -= sum(one.bundle.saved_usd for one in kept)
        shared = tuple(one for one in shared if one.pattern not in refused)
        usd -= sum(one.usd for one in shared)
        low = bound - sum(solved.values[n] * draft.model.costs[n] for n in _unmet(draft)) / MICRO
        return Outcome(placed, found, kept, frozenset(refused), usd, _at_most(low, usd), slots, solved.cost, shared)


def held_by(placed: Mapping[str, Placed], table: str) -> Embedding | None:
    """The rows that live within a table's items."""
    held = (kept.within for kept in placed.values() if kept.within is not None)
    return next((made for made in held if made.parent == table), None)


def _inside(ways: Ways, number: int, placed: Mapping[str, Placed], only: View | None) -> Way | None:
    """The cheapest way of a need of embedded rows through what the rows that hold them have, over one view when it is
    shared there."""
    made = placed[ways.table].within
    if made is None:
        return None
    there = placed[made.parent].there if only is None else (only,)
    rows = (row for grown in ways.within if grown.embedding == made for view, row in grown.inside if view in there)
    return min((way for row in rows if (way := row[number]) is not None), key=lambda way: way.mark, default=None)


def _as_shared(one: Shared, found: Mapping[tuple[str, int], Way]) -> dict[tuple[str, int], Way]:
    """The way of embedded rows in the direction of the request that it shares: their order is made later anyway."""
    way, other = found[(one.pattern, one.number)], found[(one.pattern, one.other)]
    return {(one.pattern, one.number): replace(way, path=replace(way.path, forward=other.path.forward))}


def _kept_usd(ways: Ways, placed: Placed) -> float:
    if placed.within is not None:
        return next(grown.usd for grown in ways.within if grown.embedding == placed.within)
    there = placed.there
    usd = sum(usd for view, usd in kept_views(ways) if view in there)
    for copied in ways.copies:
        if copied.attr in placed.copies:
            usd += copied.usd + sum(rewritten_usd(copied, view) for view in there)
    return usd


def _unmet(draft: Draft) -> list[int]:
    """Variables that stand for refused patterns: the only continuous ones that are no need's way, nor a copy's."""
    ways = {*draft.ways.values(), *draft.inside.values(), *draft.spared}
    return [n for n, whole in enumerate(draft.model.integral) if not whole and n not in ways]


def _costs_more(outcome: Outcome, least: Outcome) -> bool:
    return len(outcome.refused) > len(least.refused) or outcome.usd > least.usd + ROUNDING


def _at_most(bound: float, usd: float) -> float:
    """The bound; the cost itself where only the rounding of prices to millionths lies between them."""
    return usd if abs(bound - usd) < ROUNDING else min(bound, usd)


def _by_taste(draft: Draft, cost: float) -> Solved | None:
    """The answer of that cost which is most to one's taste; None when the solver's tolerances leave none."""
    model = draft.model
    spent = tuple((number, cost) for number, cost in enumerate(model.costs) if cost)
    tasted = Model([draft.taste.get(number, 0.0) for number in range(len(model.costs))], model.integral, [*model.rows])
    tasted.spend(spent, cost + 0.5)
    try:
        return minimise(tasted)
    except Unsolved:
        return None


def _placed(draft: Draft, solved: Solved, ways: Ways) -> Placed:
    table = ways.table
    chosen = [view for (owner, view), n in draft.views.items() if owner == table and solved.chosen(n)]
    slots = {view: slot for (owner, view, slot), n in draft.slotted.items() if owner == table and solved.chosen(n)}
    return Placed(
        next((view.template for view in chosen if view.base), None),
        tuple((view, slots.get(view.template) if view.only is None else None) for view in chosen if view.indexed),
        tuple(view for view in chosen if view.edge),
        frozenset(attr for (owner, attr), n in draft.copies.items() if owner == table and solved.chosen(n)),
        tuple(view for view in chosen if view.aggregate),
        next((made for made, n in draft.embedded.items() if made.table == table and solved.chosen(n)), None),
    )


def _way(ways: Ways, number: int, placed: Placed, taken: Sequence[Taken], only: View | None = None) -> Way | None:
    """The way of a need: where its bundle has it, or over the view where it is shared, else the cheapest over what its
    entity has."""
    need, there = ways.needs[number], placed.there if only is None else (only,)
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
            if one.slot == 0 and placed.base is not None:
                return View(placed.base, True)
            return next(v for v, slot in placed.views if slot == one.slot and v.template in member.templates)
    return None


def components(ways: Mapping[str, Ways], bundles: Sequence[Bundle]) -> tuple[Component, ...]:
    """The programme in parts that nothing connects: tables by the bundles and patterns they meet in."""
    group = {table: frozenset({table}) for table in ways}
    for bundle in bundles:
        joined = frozenset[str]().union(*(group[member.table] for member in bundle.members))
        group |= dict.fromkeys(joined, joined)
    for grown in (grown for table in sorted(ways) for grown in ways[table].within):
        joined = group[grown.embedding.table] | group[grown.embedding.parent]
        group |= dict.fromkeys(joined, joined)
    made = []
    for tables in dict.fromkeys(group[table] for table in sorted(ways)):
        inside = tuple(bundle for bundle in bundles if bundle.members[0].table in tables)
        wanted = {
            table: frozenset(t for b in inside for m in b.members if m.table == table for t in m.templates)
            for table in tables
        }
        mine = tuple(ways[table].kept(wanted[table]) for table in sorted(tables))
        made.append(Component(mine, inside, [*pair_clashes(inside)]))
    return tuple(made)
