"""The programme against brute force: every base, every set of views in every slot, of second items and of copies, every
set of bundles."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, permutations, product
from typing import Any

import pytest
from migrator.design.arrange import Span, arrange, keeps
from migrator.design.attributes import Attr, Domain
from migrator.design.bundles import Bundle, Member
from migrator.design.design import KeyPart, Path, Template, View
from migrator.design.drafting import Slots, rewritten_usd
from migrator.design.homes import Home
from migrator.design.needs import Need
from migrator.design.programme import Component, components
from migrator.design.ways import Copied, Offer, Row, Way, Ways
from migrator.design.work import Work
from migrator.model.query import Select, TableRef

from tests.amount import many

SEEDS = many(5)
CHUNKS = 5
MOST = 2
HOMES = (Home(frozenset({Domain("h", "one")})), Home(frozenset({Domain("h", "two")})))
CHANGING = Attr(("fk",), "changing")


@dataclass(frozen=True)
class Kept:
    """One table's base, the slot of each of its index views, its second items, and its copies that change."""

    base: Template
    views: Mapping[View, int]
    edges: frozenset[View]
    copies: frozenset[Attr]

    def has(self, view: View) -> bool:
        return view == View(self.base, True) or view in self.views or view in self.edges


Stand = Mapping[str, Kept]


def template(table: str, number: int) -> Template:
    return Template((KeyPart(Attr((), f"{table}{number}")),), ())


def need(table: str, pattern: str, number: int) -> Need:
    select = Select((TableRef(table, table),), table, (), (), ())
    return Need(pattern, number, select, table, 1.0, 1.0, False, (), (), (), False, ())


def way(view: View, usd: float, relies: frozenset[Attr] = frozenset()) -> Way:
    path = Path(view, 0, (), True, False, False, 1, 1.0, 100.0, 0.5)
    return Way(path, (), 0.5, 1, usd, relies)


def world(chance: random.Random) -> tuple[list[Ways], list[Bundle]]:
    """Two or three entities with a few templates, needs of two patterns, and bundles over some of them. What a bundle
    may take of an entity costs the same over each template that the bundle may take it from, as in life."""
    tables = ["a", "b", "c"][: chance.randint(2, 3)]
    counted = {"p": 0, "q": 0}
    made: list[Ways] = []
    for table in tables:
        needs = []
        for pattern in chance.choices("pq", k=chance.randint(1, 2)):
            needs.append(need(table, pattern, counted[pattern]))
            counted[pattern] += 1
        bases = tuple(template(table, n) for n in range(chance.randint(1, 2)))
        views = tuple(template(table, 10 + n) for n in range(chance.randint(1, 3)))
        ways = Ways(
            table,
            tuple(needs),
            bases,
            views,
            tuple(random_row(chance, View(base, True), len(needs), 0.4) for base in bases),
            tuple(random_row(chance, View(view, False), len(needs), 0.8) for view in views),
            tuple(float(chance.randint(1, 9)) for _ in views),
            {},
        )
        made.append(ways)
    if len(made) == 2:
        made[0] = _with_more(chance, made[0])
    bundles = [bundle for _ in range(chance.randint(1, 4)) if (bundle := _bundle(chance, made)) is not None]
    return [_level(ways, bundles) for ways in made], bundles


def random_row(
    chance: random.Random, view: View, count: int, share: float, relies: frozenset[Attr] = frozenset()
) -> Row:
    return tuple(
        way(view, float(chance.randint(1, 20)), relies) if chance.random() < share else None for _ in range(count)
    )


def _with_more(chance: random.Random, ways: Ways) -> Ways:
    """Sometimes an index that holds less, a second item of each row, and a copy that changes, which known views and one
    of its own look at."""
    count, beside, copies = len(ways.needs), list[Offer](), list[Copied]()
    if chance.random() < 0.5:
        narrow = View(chance.choice(ways.views), False, only=())
        beside.append(Offer(narrow, random_row(chance, narrow, count, 0.8), float(chance.randint(1, 6))))
    if chance.random() < 0.4:
        edge = View(template(ways.table, 20), False, edge=True)
        beside.append(Offer(edge, random_row(chance, edge, count, 0.8), float(chance.randint(1, 12))))
        less = replace(edge, only=())
        beside.append(Offer(less, random_row(chance, less, count, 0.6), float(chance.randint(1, 6))))
    if chance.random() < 0.4:
        known = View(chance.choice(ways.views), False)
        finder = View(chance.choice(ways.views), False)
        keyed = View(Template((KeyPart(CHANGING),), ()), False)
        relies = frozenset({CHANGING})
        beside.append(Offer(known, random_row(chance, known, count, 0.9, relies)))
        beside.append(Offer(keyed, random_row(chance, keyed, count, 0.9), float(chance.randint(1, 5)), relies))
        rewritten = float(chance.randint(0, 3))
        copies.append(Copied(CHANGING, 2 * rewritten, rewritten, (finder, View(ways.bases[0], True))))
    return replace(ways, beside=tuple(beside), copies=tuple(copies))


def _bundle(chance: random.Random, made: Sequence[Ways]) -> Bundle | None:
    base, pattern = chance.random() < 0.4, chance.choice("pq")
    members: list[Member] = []
    for ways in chance.sample(list(made), chance.randint(2, len(made))):
        mine = [n for n in ways.needs if n.pattern == pattern]
        offered = ways.bases if base else ways.views
        if not mine or len(members) == 3:
            continue
        chosen = chance.choice(mine)
        rows = ways.over_base if base else ways.over_view
        met = [t for t, row in zip(offered, rows, strict=True) if row[ways.needs.index(chosen)]]
        kept = frozenset(chance.sample(met, chance.randint(1, len(met)))) if met else frozenset()
        members.append(Member(ways.table, ((chosen.number, "x"),), (chosen.number,), kept, 0.5, 100.0, True))
    if len(members) < 2 or not all(member.templates for member in members):
        return None
    if chance.random() < 0.3:
        first = members[0]
        members[0] = Member(
            first.table, first.uses, first.drivers, first.templates, 0.5, 100.0, False, True, chance.random() < 0.5
        )
    return Bundle(pattern, base, chance.choice(HOMES), tuple(members), 0.5, float(chance.randint(1, 12)))


def _level(ways: Ways, bundles: Sequence[Bundle]) -> Ways:
    """The entity's ways, with one price for each need over all templates that some bundle takes it from."""
    asked = {(b.pattern, n) for b in bundles for m in b.members if m.table == ways.table for n in m.drivers}

    def level(row: Row) -> Row:
        return tuple(
            way(one.path.view, 7.0) if one is not None and (n.pattern, n.number) in asked else one
            for n, one in zip(ways.needs, row, strict=True)
        )

    return replace(ways, over_base=tuple(map(level, ways.over_base)), over_view=tuple(map(level, ways.over_view)))


def best(made: Sequence[Ways], bundles: Sequence[Bundle], slots: Slots) -> tuple[int, float]:
    """Fewest refusals and then least dollars, by trying everything."""
    return min(_cost(made, stand, taken) for stand in stands_of(made, slots) for taken in bundle_sets(bundles, stand))


def stands_of(made: Sequence[Ways], slots: Slots) -> Iterator[Stand]:
    each = []
    for ways in made:
        offered = {View(view, False) for view in ways.views} | {o.view for o in ways.beside if o.view.indexed}
        whole = sorted((view for view in offered if not view.narrow), key=lambda view: view.template)
        sets = chain.from_iterable(combinations(whole, size) for size in range(slots.whole + 1))
        narrow = [dict.fromkeys(some, 0) for some in subsets([view for view in offered if view.narrow])]
        placed = [
            dict(zip(chosen, numbers, strict=True)) | keys
            for chosen in sets
            for numbers in permutations(range(1, slots.whole + 1), len(chosen))
            for keys in narrow
            if len(keys) <= slots.narrow
        ]
        edges, copies = [o.view for o in ways.beside if o.view.edge], [copied.attr for copied in ways.copies]
        kept = (
            Kept(base, views, frozenset(seconds), frozenset(copied))
            for base in ways.bases
            for views in placed
            for seconds in subsets(edges)
            for copied in subsets(copies)
        )
        each.append([one for one in kept if _is_whole(ways, one)])
    for chosen in product(*each):
        yield {ways.table: one for ways, one in zip(made, chosen, strict=True)}


def subsets(things: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    return chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))


def _is_whole(ways: Ways, kept: Kept) -> bool:
    """Every copy's rows can be found, and every key's copies are there."""
    found = all(any(map(kept.has, c.finders)) for c in ways.copies if c.attr in kept.copies)
    return found and all(o.relies <= kept.copies for o in ways.beside if kept.has(o.view))


def bundle_sets(bundles: Sequence[Bundle], stand: Stand) -> Iterator[tuple[tuple[Bundle, int], ...]]:
    """Sets of bundles, each in a slot, that can all stand."""
    there = [(bundle, slot) for bundle in bundles for slot in range(MOST + 1) if _stands_in(bundle, slot, stand)]
    for chosen in chain.from_iterable(combinations(there, size) for size in range(len(there) + 1)):
        uses = [(bundle.pattern, use) for bundle, _ in chosen for use in bundle.uses]
        homes: dict[tuple[int, Home], list[Span]] = {}
        for bundle, slot in chosen:
            homes.setdefault((slot, bundle.home), []).append(bundle.span)
        if len(set(uses)) == len(uses) and all(map(_orderly, homes.values())):
            yield chosen


def _stands_in(bundle: Bundle, slot: int, stand: Stand) -> bool:
    if bundle.base or slot == 0:
        return bundle.base and slot == 0 and all(stand[m.table].base in m.templates for m in bundle.members)
    return all(any(stand[m.table].views.get(View(t, False)) == slot for t in m.templates) for m in bundle.members)


def _orderly(spans: Sequence[Span]) -> bool:
    tables = sorted({table for span in spans for table in span.tables})
    return any(all(keeps(order, span) for span in spans) for order in permutations(tables))


def _cost(made: Sequence[Ways], stand: Stand, taken: Sequence[tuple[Bundle, int]]) -> tuple[int, float]:
    paid: dict[str, float] = {}
    refused: set[str] = set()
    usd = 0.0
    for ways in made:
        kept = stand[ways.table]
        usd += upkeep(ways, kept)
        for number, asked in enumerate(ways.needs):
            member = next(
                (m for b, _ in taken if b.pattern == asked.pattern for m in b.members if asked.number in m.drivers),
                None,
            )
            there = [
                w for view, row in ways.rows() if kept.has(view) and (w := row[number]) and w.relies <= kept.copies
            ]
            met = [w.usd for w in there if not member or in_bundle(w, member)]
            if met:
                paid[asked.pattern] = paid.get(asked.pattern, 0.0) + min(met)
            else:
                refused.add(asked.pattern)
    if any(bundle.pattern in refused for bundle, _ in taken):
        return len("pq") + 1, 0.0
    usd += sum(cost for pattern, cost in paid.items() if pattern not in refused)
    return len(refused), usd - sum(bundle.saved_usd for bundle, _ in taken)


def in_bundle(taken: Way, member: Member) -> bool:
    return taken.path.view.template in member.templates and taken.path.view.only is None and not taken.relies


def upkeep(ways: Ways, kept: Kept) -> float:
    usd = sum(cost for t, cost in zip(ways.views, ways.view_usd, strict=True) if View(t, False) in kept.views)
    usd += sum(offer.usd for offer in ways.beside if offer.usd and kept.has(offer.view))
    for copied in ways.copies:
        if copied.attr in kept.copies:
            usd += copied.usd + sum(rewritten_usd(copied, view) for view in (*kept.views, *kept.edges))
    return usd


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_choice_of_keys_views_and_bundles_is_better(chunk: int) -> None:
    with_bundles = 0
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        made, bundles = world(random.Random(seed))
        found = Component(tuple(made), tuple(bundles)).best(MOST)
        with_bundles += any(outcome.taken for outcome in found.outcomes.values())
        for slots in (Slots(whole, narrow) for whole in range(MOST + 1) for narrow in range(2)):
            outcome = found.at(slots)
            refused, usd = best(made, bundles, slots)
            told = f"seed {seed}, {slots}"
            assert len(outcome.refused) == refused, told
            assert outcome.usd == pytest.approx(usd), told
            assert outcome.bound == pytest.approx(outcome.usd), told
    assert with_bundles > SEEDS / 8, "bundles must matter"


@pytest.mark.parametrize("seed", range(20))
def test_leaving_out_templates_and_solving_in_parts_changes_no_cost(seed: int) -> None:
    made, bundles = world(random.Random(1_000 + seed))
    most = Slots(MOST, MOST)
    whole = Component(tuple(made), tuple(bundles)).best(MOST).at(most)
    parts = [part.best(MOST).at(most) for part in components({ways.table: ways for ways in made}, bundles, Work(100.0))]
    if not whole.refused:
        assert sum(outcome.usd for outcome in parts) == pytest.approx(whole.usd)


def test_an_order_is_found_whenever_there_is_one() -> None:
    chance = random.Random(5)
    found = 0
    for _ in range(400):
        tables = "abcde"[: chance.randint(2, 5)]
        spans = []
        for _ in range(chance.randint(1, 3)):
            inside = chance.sample(tables, chance.randint(2, len(tables)))
            low, high = chance.choice([(None, None), (inside[0], None), (None, inside[0]), (inside[0], inside[1])])
            spans.append(Span(frozenset(inside), low, high))
        order = arrange(tables, spans)
        found += order is not None
        if order is None:
            assert not any(all(keeps(other, span) for span in spans) for other in permutations(tables))
        else:
            assert sorted(order) == sorted(tables) and all(keeps(order, span) for span in spans)
    assert 50 < found < 390
