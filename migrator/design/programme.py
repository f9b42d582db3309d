"""Base keys, views and bundles of entities that depend on each other, chosen together by a mixed-integer programme.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots, or
when a bundle wants its members' views in one slot. Entities that no bundle connects are independent: each
component of connected ones is a programme of its own. Costs are in millionths of a dollar a month.

The programme chooses bundles without saying in which slots they stand; where those chosen cannot all stand, it is told
so and solved again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from migrator.design.answering import ROUNDING, Answers, Outcome, Taken, at_most, read_outcome, unasked
from migrator.design.bundles import Bundle
from migrator.design.clashes import Cut, Shape, pair_cuts
from migrator.design.design import Template
from migrator.design.drafting import MICRO, Draft, Drafter, Slots
from migrator.design.passengers import NO_RIDES, Rides
from migrator.design.slotting import NOWHERE, Places, Undecided, find_cut, find_places
from migrator.design.solve import Model, Solved, Unsolved, minimise
from migrator.design.starting import first_values
from migrator.design.ways import Ways
from migrator.design.work import Work
from migrator.model.settings import Limits


@dataclass(frozen=True, slots=True)
class Standing:
    """Where bundles stand: all that were chosen when `complete`. `excluded`: it became known that some never can."""

    places: Places
    complete: bool = True
    excluded: bool = False


@dataclass(frozen=True)
class Component:
    """Entities and the bundles that connect them."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]
    work: Work = field(default_factory=lambda: Work.of(Limits().proof_steps, 1))
    rides: Rides = NO_RIDES

    @cached_property
    def shapes(self) -> Mapping[Shape, tuple[int, ...]]:
        """Every shape with the numbers of its bundles."""
        found: dict[Shape, tuple[int, ...]] = {}
        for number, bundle in enumerate(self.bundles):
            shape = Shape.of(bundle)
            found[shape] = (*found.get(shape, ()), number)
        return found

    @cached_property
    def draft(self) -> Draft:
        return Drafter(self.ways, self.bundles, self.shapes, self.rides).draft()

    @cached_property
    def cuts(self) -> list[Cut]:
        """What is known of shapes that exclude each other; more becomes known while solving."""
        return [*pair_cuts(tuple(self.shapes))]

    @property
    def least(self) -> int:
        """Slots for whole items without which the pinned views cannot stand."""
        return max(len(ways.pinned) for ways in self.ways)

    def best(self, most: int) -> Answers:
        """The best answer for every number of slots of each kind, from the least that there must be up to `most` or
        to where more are idle."""
        useful = min(most, max(map(self._useful, self.ways)))
        last = both = self._answer(Slots(useful))
        whole, narrow = last.slots_used, 0
        if any(offer.view.narrow for ways in self.ways for offer in ways.beside):
            both = self._answer(Slots(useful, useful), last)
            keys = self._answer(Slots(self.least, useful), least=both)
            whole, narrow = max(whole, both.slots_used), max(both.narrow_views, keys.narrow_views)
        outcomes: dict[Slots, Outcome] = {}
        for b in range(narrow + 1):
            outcomes |= self._grown(whole, b, last if b == 0 else both)
        return Answers(outcomes, Slots(whole, narrow), both, self.least)

    def _grown(self, whole: int, narrow: int, least: Outcome) -> dict[Slots, Outcome]:
        """The answers with ever more slots for whole items. `least` costs no more than any of them: where it is
        reached, further slots are idle."""
        found: dict[Slots, Outcome] = {}
        outcome: Outcome | None = None
        for count in range(self.least, whole + 1):
            if outcome is None or _costs_more(outcome, least):
                outcome = self._answer(Slots(count, narrow), outcome, least)
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
        return min(views, len(ways.needs) + len(joined) + len(ways.copies) + len(ways.pinned) + through)

    def _answer(self, slots: Slots, known: Outcome | None = None, least: Outcome | None = None) -> Outcome:
        """The best answer, or where proving that takes too long the best that was found. `known`: an answer with fewer
        slots; `least`: one with more."""
        if not any(ways.needs or ways.within for ways in self.ways):
            return unasked(self.ways)
        best, bound = known, least.solved_bound if least else self.draft.floor()
        allowed = self.work.allowed(len(self.draft.model.costs))
        while allowed > 0:
            solved = minimise(self.draft.at(slots, self.cuts), allowed)
            self.work.spend(solved.steps, len(self.draft.model.costs))
            allowed -= max(1, solved.steps)
            bound = max(bound, solved.bound)
            if not solved.values:
                break
            standing = self._standing(solved, slots)
            found = self._outcome(solved, standing, slots)
            if standing.complete and solved.proven:
                return replace(self._bounded(found, solved.cost), solved_cost=solved.cost)
            best = min(best or found, found, key=lambda one: one.mark)
            if not standing.excluded:
                break
        return self._unproven(slots, best, bound)

    def _unproven(self, slots: Slots, best: Outcome | None, bound: float) -> Outcome:
        """The best of what is known where the work allowed was not enough, with the bound that was proven."""
        solved = Solved(first_values(self.draft, self.ways, slots), math.inf, bound)
        first = self._outcome(solved, Standing(NOWHERE), slots)
        return self._bounded(replace(min(best or first, first, key=lambda one: one.mark), proven=False), bound)

    def _bounded(self, outcome: Outcome, bound: float) -> Outcome:
        """The answer with what no answer with its refusals costs less than, of what no answer at all does."""
        prices = (self.draft.model.costs[self.draft.refused[pattern]] for pattern in sorted(outcome.refused))
        return replace(outcome, bound=at_most((bound - sum(prices)) / MICRO, outcome.usd), solved_bound=bound)

    def to_taste(self, outcome: Outcome) -> Outcome:
        """Among the answers that cost the same the one that is most to one's taste, whatever the solver came upon."""
        while outcome.proven and (outcome.ways or outcome.refused):
            tasted = self._tasted(outcome)
            if tasted is None:
                return outcome
            standing = self._standing(tasted, outcome.slots)
            if standing.complete:
                found = self._outcome(tasted, standing, outcome.slots)
                return replace(found, bound=at_most(outcome.bound, found.usd))
            if not standing.excluded:
                return outcome
        return outcome

    def _tasted(self, outcome: Outcome) -> Solved | None:
        """The answer of the same cost which is most to one's taste; None when none is found."""
        model, taste = self.draft.at(outcome.slots, self.cuts), self.draft.taste
        costs = [taste.get(number, 0.0) for number in range(len(model.costs))]
        tasted = Model(costs, model.integral, [*model.rows])
        spent = tuple((number, cost) for number, cost in enumerate(model.costs) if cost)
        tasted.spend(spent, outcome.solved_cost + 0.5)
        try:
            solved = minimise(tasted, max(1, self.work.allowed(len(costs))))
        except Unsolved:
            return None
        self.work.spend(solved.steps, len(costs))
        return solved if solved.values else None

    def _standing(self, solved: Solved, slots: Slots) -> Standing:
        """Where the bundles taken stand. Where they cannot all stand, that is known from now on, and those that save
        least are left out."""
        saved = {
            number: sum(self.bundles[place].saved_usd for place in places if solved.chosen(self.draft.bundles[place]))
            for number, places in enumerate(self.shapes.values())
        }
        listed, there = tuple(self.shapes), self._there(solved)
        wanted = {n: listed[n] for n in sorted(saved, key=lambda n: (-saved[n], n)) if saved[n]}
        count, known = len(wanted), len(self.cuts)
        while not isinstance(places := self._places(wanted, there, slots.whole), Places):
            wanted.pop(min(places, key=lambda number: (saved[number], -number)))
        return Standing(places, len(wanted) == count, len(self.cuts) > known)

    def _places(
        self, wanted: Mapping[int, Shape], there: Mapping[str, frozenset[Template]], whole: int
    ) -> Places | tuple[int, ...]:
        """Places for all, or those of whom one has to go."""
        try:
            places = find_places(wanted, there, whole)
        except Undecided:
            return tuple(wanted)
        if places is not None:
            return places
        self.cuts.append(find_cut(wanted, there, whole))
        return self.cuts[-1].shapes

    def _there(self, solved: Solved) -> Mapping[str, frozenset[Template]]:
        found: dict[str, frozenset[Template]] = {}
        for (table, view), number in self.draft.views.items():
            if view.indexed and not view.narrow and solved.chosen(number):
                found[table] = found.get(table, frozenset()) | {view.template}
        return found

    def _outcome(self, solved: Solved, standing: Standing, slots: Slots) -> Outcome:
        taken = [
            Taken(self.bundles[place], standing.places.slots[number])
            for number, places in enumerate(self.shapes.values())
            for place in places
            if number in standing.places.slots and solved.chosen(self.draft.bundles[place])
        ]
        return replace(read_outcome(self.draft, self.ways, taken, solved, standing.places), slots=slots)


def _costs_more(outcome: Outcome, least: Outcome) -> bool:
    return len(outcome.refused) > len(least.refused) or outcome.usd > least.usd + ROUNDING


def components(
    ways: Mapping[str, Ways], bundles: Sequence[Bundle], work: Work, rides: Rides = NO_RIDES
) -> tuple[Component, ...]:
    """The programme in parts that nothing connects: tables by the bundles and patterns they meet in."""
    group = {table: frozenset({table}) for table in ways}
    together = (frozenset(member.table for member in bundle.members) for bundle in bundles)
    for tables in (*together, *rides.together):
        joined = frozenset[str]().union(*(group[table] for table in tables))
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
        made.append(Component(mine, inside, work, rides))
    return tuple(made)
