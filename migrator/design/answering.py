"""What a solved programme says of a component: keys, views, the slots of its bundles, and the way of every need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.design.attributes import Attr
from migrator.design.bundles import Bundle
from migrator.design.design import Embedding, Template, View
from migrator.design.drafting import Draft, Slots, kept_views, rewritten_usd
from migrator.design.passengers import Rides
from migrator.design.slotting import Places
from migrator.design.solve import Solved
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
    met. `usd` is exact; no answer that refuses as few costs less than `bound`. `slots` were allowed; `solved_cost` and
    `solved_bound` are the programme's, refusals included; `proven`: no other answer refuses fewer or costs less.
    `shared`: statements that the same requests meet."""

    placed: Mapping[str, Placed]
    ways: Mapping[tuple[str, int], Way]
    taken: tuple[Taken, ...]
    refused: frozenset[str]
    usd: float
    bound: float
    slots: Slots = NONE
    solved_cost: float = 0.0
    solved_bound: float = -math.inf
    proven: bool = True
    shared: tuple[Shared, ...] = ()

    @property
    def mark(self) -> tuple[int, float]:
        """Orders answers: the fewer refusals, the better, and then the cheaper."""
        return len(self.refused), self.usd

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
    """A component's best answers by the number of slots. Beyond `most` further slots are idle; no answer costs less
    than the bound of `least`, with as many slots as one may wish for. `fewest` slots for whole items there must be."""

    outcomes: Mapping[Slots, Outcome]
    most: Slots
    least: Outcome
    fewest: int = 0

    def at(self, slots: Slots) -> Outcome:
        return self.outcomes[Slots(min(slots.whole, self.most.whole), min(slots.narrow, self.most.narrow))]

    def low(self, slots: Slots) -> float:
        """Dollars a month that no answer for these slots costs less than which refuses as few as any."""
        found = self.at(slots)
        comparable = len(found.refused) == len(self.least.refused)
        return max(found.bound, self.least.bound) if comparable else self.least.bound


def unasked(entities: Sequence[Ways]) -> Outcome:
    """What entities have that no query asks for."""
    placed = {
        ways.table: Placed(ways.bases[0], tuple((View(template, False), None) for template in ways.pinned))
        for ways in entities
    }
    usd = sum(_kept_usd(ways, placed[ways.table]) for ways in entities)
    return Outcome(placed, {}, (), frozenset(), usd, usd)


def read_outcome(
    draft: Draft, entities: Sequence[Ways], taken: Sequence[Taken], solved: Solved, places: Places
) -> Outcome:
    """The answer that the variables' values stand for; its bound is not known yet."""
    chosen = _chosen_views(draft, solved)
    placed = {ways.table: _placed(draft, solved, chosen.get(ways.table, ()), ways, places) for ways in entities}
    found: dict[tuple[str, int], Way] = {}
    refused: set[str] = set()
    shared = tuple(one for (_, one), n in draft.shared.items() if solved.chosen(n))
    weighed = [ways.holds(held_by(placed, ways.table)) for ways in entities]
    over = {(one.pattern, number): one.view for one in shared for number in (one.number, one.other)}
    bases = {table: kept.base for table, kept in placed.items()}
    taken = [replace(one, bundle=draft.rides.bundle(one.bundle, bases)) for one in taken]
    gathered: dict[str, list[Taken]] = {}
    for one in taken:
        gathered.setdefault(one.bundle.pattern, []).append(one)
    for ways in weighed:
        for number, need in enumerate(ways.needs):
            view = over.get((need.pattern, need.number))
            aboard = gathered.get(need.pattern, ())
            way = _inside(ways, number, placed, view) or _way(
                ways, number, placed[ways.table], aboard, view, draft.rides, bases
            )
            if way is None:
                refused.add(need.pattern)
            else:
                found[(need.pattern, need.number)] = way
    for both in sorted(shared, key=lambda both: (not both.above, both.number)):
        if both.pattern not in refused:
            found |= _as_shared(both, found)
    kept = tuple(one for one in taken if one.bundle.pattern not in refused)
    usd = sum(way.usd for (pattern, _), way in sorted(found.items()) if pattern not in refused)
    usd += sum(_kept_usd(ways, placed[ways.table]) for ways in weighed)
    usd -= sum(one.bundle.saved_usd for one in kept)
    shared = tuple(one for one in shared if one.pattern not in refused)
    usd -= sum(one.usd for one in shared)
    return Outcome(placed, found, kept, frozenset(refused), usd, 0.0, shared=shared)


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


def at_most(bound: float, usd: float) -> float:
    """The bound; the cost itself where only the rounding of prices to millionths lies between them."""
    return usd if abs(bound - usd) < ROUNDING else min(bound, usd)


def _chosen_views(draft: Draft, solved: Solved) -> dict[str, list[View]]:
    found: dict[str, list[View]] = {table: [] for table, _ in draft.views}
    for (table, view), number in draft.views.items():
        if solved.chosen(number):
            found[table].append(view)
    return found


def _placed(draft: Draft, solved: Solved, chosen: Sequence[View], ways: Ways, places: Places) -> Placed:
    table = ways.table
    slots = {template: slot for (owner, template), slot in places.standing.items() if owner == table}
    return Placed(
        next((view.template for view in chosen if view.base), None),
        tuple((view, slots.get(view.template) if view.only is None else None) for view in chosen if view.indexed),
        tuple(view for view in chosen if view.edge),
        frozenset(attr for (owner, attr), n in draft.copies.items() if owner == table and solved.chosen(n)),
        tuple(view for view in chosen if view.aggregate),
        next((made for made, n in draft.embedded.items() if made.table == table and solved.chosen(n)), None),
    )


def _way(
    ways: Ways,
    number: int,
    placed: Placed,
    taken: Sequence[Taken],
    only: View | None,
    rides: Rides,
    bases: Mapping[str, Template | None],
) -> Way | None:
    """The way of a need: where its bundle has it, or over the view where it is shared, else the cheapest over what its
    entity has."""
    need, there = ways.needs[number], placed.there if only is None else (only,)
    bundled = _bundled_view(need.pattern, need.number, placed, taken)
    offered = []
    for view, row in ways.rows():
        way = row[number]
        if way is None or view not in there or not way.relies <= placed.copies:
            continue
        if bundled is None:
            offered.append(rides.way(way, (need.pattern, need.number, view.template), bases) if view.base else way)
        elif bundled == view and not way.relies:
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
