"""The programme of one component: its variables and constraints, by what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrator.design.attributes import Attr
from migrator.design.bundles import Bundle, Member
from migrator.design.clashes import Beside, Cut, neighbourhoods
from migrator.design.design import Embedding, Template, View
from migrator.design.solve import Model
from migrator.design.ways import Copied, Grown, Shared, Ways

MICRO = 1e6
"""Costs are in millionths of a dollar a month."""
MANY_SLOTS = 6
"""Slots from which on the solver is told that they are alike."""
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
    """A programme's variables by what they stand for, and the taste of each, which settles ties."""

    model: Model = field(default_factory=Model)
    views: dict[tuple[str, View], int] = field(default_factory=dict)
    slotted: dict[tuple[str, Template, int], int] = field(default_factory=dict)
    copies: dict[tuple[str, Attr], int] = field(default_factory=dict)
    ways: dict[tuple[str, int, View, frozenset[Attr]], int] = field(default_factory=dict)
    bundles: dict[tuple[Bundle, int], int] = field(default_factory=dict)
    embedded: dict[Embedding, int] = field(default_factory=dict)
    inside: dict[tuple[str, int, Embedding, View], int] = field(default_factory=dict)
    shared: dict[tuple[Embedding, Shared], int] = field(default_factory=dict)
    spared: set[int] = field(default_factory=set)
    taste: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drafter:
    """Entities and the bundles that connect them, as variables and constraints."""

    ways: tuple[Ways, ...]
    bundles: tuple[Bundle, ...]

    def draft(self, slots: Slots, cuts: Sequence[Cut]) -> Draft:
        """The programme for that many slots for indexes, without what the cuts exclude."""
        draft = Draft()
        for ways in self.ways:
            self._place(draft, ways, slots)
            self._meet(draft, ways)
        for ways in self.ways:
            for grown in ways.holding:
                self._hold(draft, ways, grown)
            if len(ways.holding) > 1:
                draft.model.at_most([draft.embedded[grown.embedding] for grown in ways.holding], 1)
        self._refuse(draft)
        for bundle in self.bundles:
            for slot in (0,) if bundle.base else range(1, slots.whole + 1):
                self._bundle(draft, bundle, slot)
        for use in dict.fromkeys((bundle.pattern, use) for bundle in self.bundles for use in bundle.uses):
            covering = [n for (b, _), n in draft.bundles.items() if (b.pattern, use[1]) == use and use[1] in b.uses]
            if len(covering) > 1:
                draft.model.at_most(covering, 1)
        for ways in self.ways:
            for grown in ways.holding:
                self._share(draft, grown)
        self._order(draft, slots.whole, cuts)
        return draft

    def _order(self, draft: Draft, slots: int, cuts: Sequence[Cut]) -> None:
        """What is known of the order of entities within a partition, and slots that stand for each other."""
        for slot in range(slots + 1):
            for cut in cuts:
                there = [draft.bundles[(bundle, slot)] for bundle in cut if (bundle, slot) in draft.bundles]
                if len(there) == len(cut):
                    draft.model.at_most(there, len(there) - 1)
            for beside in neighbourhoods(self.bundles):
                _neighbour(draft, beside, slot)
        _first_come(draft, [bundle for bundle in self.bundles if not bundle.base], slots)

    def _place(self, draft: Draft, ways: Ways, slots: Slots) -> None:
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
            if not view.indexed or slots.of(view):
                draft.views[(table, view)] = model.variable(micro(usd))
                draft.taste[draft.views[(table, view)]] = float(rank**2)
        there = {view: number for (owner, view), number in draft.views.items() if owner == table and view.indexed}
        for narrow, most in ((False, slots.whole), (True, slots.narrow)):
            numbers = [number for view, number in there.items() if view.narrow == narrow]
            if len(numbers) > most:
                model.at_most(numbers, most)
        if slots.whole:
            self._slot(draft, ways, slots.whole)
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
                both = model.variable(micro(usd), integral=False)
                draft.spared.add(both)
                model.both(both, number, holder)
        for offer in ways.beside:
            if copied.attr in offer.relies and (table, offer.view) in draft.views:
                model.implies(draft.views[(table, offer.view)], [number])

    def _slot(self, draft: Draft, ways: Ways, slots: int) -> None:
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

    def _hold(self, draft: Draft, ways: Ways, grown: Grown) -> None:
        """Rows in the items of a table: its views and ways cost what larger items cost, its second items and copies
        that change are out, and the rows' needs may take ways through its views."""
        model, held, table = draft.model, draft.embedded[grown.embedding], grown.embedding.table
        own = [number for (owner, view), number in draft.views.items() if owner == table and not view.base]
        out = [number for (owner, view), number in draft.views.items() if owner == ways.table and view.edge]
        out += [number for (owner, _), number in draft.copies.items() if owner == ways.table]
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
            draft.spared.add(both)
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
            gathered = [n for (b, _), n in draft.bundles.items() if _drives(b, shared.pattern, shared.other)]
            if shared.above and gathered:
                model.at_most([taken, *gathered], 1)
        for numbers in once.values():
            if len(numbers) > 1:
                model.at_most(numbers, 1)

    def _refuse(self, draft: Draft) -> None:
        """A pattern of which a part is not met is refused, at a price above all others."""
        price = MICRO + 2 * sum(map(abs, draft.model.costs))
        patterns: dict[str, int] = {}
        by_need: dict[tuple[str, int], list[int]] = {}
        for (pattern, statement, _, _), number in draft.ways.items():
            by_need.setdefault((pattern, statement), []).append(number)
        for (pattern, statement, _, _), number in draft.inside.items():
            by_need.setdefault((pattern, statement), []).append(number)
        for ways in self.ways:
            for need in ways.needs:
                if need.pattern not in patterns:
                    patterns[need.pattern] = draft.model.variable(price, integral=False)
                draft.model.exactly([patterns[need.pattern], *by_need.get((need.pattern, need.number), [])], 1)

    def _bundle(self, draft: Draft, bundle: Bundle, slot: int) -> None:
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
        taken = draft.model.variable(-micro(bundle.saved_usd))
        draft.taste[taken] = float(slot)
        draft.bundles[(bundle, slot)] = taken
        for place in places:
            draft.model.implies(taken, place)
        tables = {member.table for member in bundle.members}
        for made, held in draft.embedded.items():
            if made in bundle.holding:
                draft.model.implies(taken, [held])
            elif made.parent in tables:
                draft.model.at_most([taken, held], 1)


def _drives(bundle: Bundle, pattern: str, statement: int) -> bool:
    return bundle.pattern == pattern and any(statement in member.drivers for member in bundle.members)


def _neighbour(draft: Draft, beside: Beside, slot: int) -> None:
    """At most so many entities stand beside another one in a partition."""
    partners: list[int] = []
    for bundles in beside.partners:
        there = [draft.bundles[(bundle, slot)] for bundle in bundles if (bundle, slot) in draft.bundles]
        if len(there) > 1:
            partner = draft.model.variable(integral=False)
            draft.spared.add(partner)
            for number in there:
                draft.model.implies(number, [partner])
            there = [partner]
        partners += there
    if len(partners) > beside.most:
        draft.model.at_most(partners, beside.most)


def _first_come(draft: Draft, bundles: Sequence[Bundle], slots: int) -> None:
    """Slots are alike: a bundle may open a slot only when one before it uses the slot below. With few slots the solver
    is faster without being told."""
    if slots < MANY_SLOTS:
        return
    for slot in range(2, slots + 1):
        below: list[int] = []
        for bundle in bundles:
            number = draft.bundles.get((bundle, slot))
            if number is not None:
                draft.model.implies(number, below)
            below += [draft.bundles[(bundle, slot - 1)]] if (bundle, slot - 1) in draft.bundles else []


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


def _standing(draft: Draft, member: Member, slot: int) -> list[int]:
    """Variables that put the member's items into the slot."""
    if slot == 0:
        numbers = [draft.views.get((member.table, View(template, True))) for template in sorted(member.templates)]
    else:
        numbers = [draft.slotted.get((member.table, template, slot)) for template in sorted(member.templates)]
    return [number for number in numbers if number is not None]


def micro(usd: float) -> float:
    """Dollars as the programme's whole units."""
    return float(round(usd * MICRO))
