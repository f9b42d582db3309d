"""Base keys, views and bundles of entities that depend on each other, chosen together by a mixed-integer programme.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots, or
when a bundle wants its members' views in one slot. Entities that no bundle connects are independent: each
component of connected ones is a programme of its own. Costs are in millionths of a dollar a month.

The programme chooses bundles without saying in which slots they stand; where those chosen cannot all stand, it is told
so and solved again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from migrator.design.answering import ROUNDING, Answers, Outcome, Placed, Taken, at_most, read_outcome
from migrator.design.bundles import Bundle
from migrator.design.clashes import Cut, Shape, pair_cuts
from migrator.design.design import Template
from migrator.design.drafting import Draft, Drafter, Slots
from migrator.design.slotting import Places, find_cut, find_places
from migrator.design.solve import Model, Solved, Unsolved, minimise
from migrator.design.ways import Ways


@dataclass(frozen=True)
class Component:
    """Entities and the bundles that connect them."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]

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
        return Drafter(self.ways, self.bundles, self.shapes).draft()

    @cached_property
    def cuts(self) -> list[Cut]:
        """What is known of shapes that exclude each other; more becomes known while solving."""
        return [*pair_cuts(tuple(self.shapes))]

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
        return min(views, len(ways.needs) + len(joined) + len(ways.copies))

    def _answer(self, slots: Slots) -> Outcome:
        if not any(ways.needs for ways in self.ways):
            placed = {ways.table: Placed(ways.bases[0], ()) for ways in self.ways}
            return Outcome(placed, {}, (), frozenset(), 0.0, 0.0)
        while True:
            solved = minimise(self.draft.at(slots, self.cuts))
            places = self._places(solved, slots)
            if places is not None:
                found = self._outcome(solved, places, solved.bound)
                return replace(found, slots=slots, solved_cost=solved.cost)

    def to_taste(self, outcome: Outcome) -> Outcome:
        """Among the answers that cost the same the one that is most to one's taste, whatever the solver came upon."""
        while outcome.ways or outcome.refused:
            tasted = _by_taste(self.draft.at(outcome.slots, self.cuts), self.draft.taste, outcome.solved_cost)
            if tasted is None:
                return outcome
            places = self._places(tasted, outcome.slots)
            if places is not None:
                found = self._outcome(tasted, places, tasted.cost)
                return replace(found, bound=at_most(outcome.bound, found.usd))
        return outcome

    def _places(self, solved: Solved, slots: Slots) -> Places | None:
        """Where the bundles taken stand; None when they cannot all stand, which is known from now on."""
        saved = {
            number: sum(self.bundles[place].saved_usd for place in places if solved.chosen(self.draft.bundles[place]))
            for number, places in enumerate(self.shapes.values())
        }
        listed = tuple(self.shapes)
        wanted = {n: listed[n] for n in sorted(saved, key=lambda n: (-saved[n], n)) if saved[n]}
        there = self._there(solved)
        places = find_places(wanted, there, slots.whole)
        while places is None and (cut := find_cut(wanted, there, slots.whole)) is not None:
            self.cuts.append(cut)
            wanted.pop(min(cut.shapes, key=lambda number: (saved[number], -number)))
        return places

    def _there(self, solved: Solved) -> Mapping[str, frozenset[Template]]:
        found: dict[str, frozenset[Template]] = {}
        for (table, view), number in self.draft.views.items():
            if view.indexed and not view.narrow and solved.chosen(number):
                found[table] = found.get(table, frozenset()) | {view.template}
        return found

    def _outcome(self, solved: Solved, places: Places, bound: float) -> Outcome:
        numbers = {bundle: number for number, bundles in enumerate(self.shapes.values()) for bundle in bundles}
        chosen = [place for place, number in enumerate(self.draft.bundles) if solved.chosen(number)]
        taken = [Taken(self.bundles[place], places.slots[numbers[place]]) for place in chosen]
        return read_outcome(self.draft, self.ways, taken, solved, places, bound)


def _costs_more(outcome: Outcome, least: Outcome) -> bool:
    return len(outcome.refused) > len(least.refused) or outcome.usd > least.usd + ROUNDING


def _by_taste(model: Model, taste: Mapping[int, float], cost: float) -> Solved | None:
    """The answer of that cost which is most to one's taste; None when the solver's tolerances leave none."""
    spent = tuple((number, cost) for number, cost in enumerate(model.costs) if cost)
    tasted = Model([taste.get(number, 0.0) for number in range(len(model.costs))], model.integral, [*model.rows])
    tasted.spend(spent, cost + 0.5)
    try:
        return minimise(tasted)
    except Unsolved:
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
        mine = tuple(ways[table].kept(wanted[table]) for table in sorted(tables))
        made.append(Component(mine, inside))
    return tuple(made)
