"""The programme with rows that may live within others' items, against brute force: with and without own items."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from migrator.design.bundles import Bundle, Member
from migrator.design.design import Embedding, Template, View
from migrator.design.drafting import Slots
from migrator.design.programme import Component, components
from migrator.design.ways import Grown, Row, Shared, Way, Ways
from migrator.design.work import Work

from tests.amount import many
from tests.design.test_programme import (
    HOMES,
    MOST,
    Kept,
    Stand,
    best,
    bundle_sets,
    in_bundle,
    need,
    random_row,
    stands_of,
    subsets,
    template,
    upkeep,
    way,
)

SEEDS = many(10)
CHUNKS = 4
MADE = Embedding("c", "p", "fk", ("no",))
HELD = frozenset({MADE})


def world(chance: random.Random) -> tuple[Ways, Ways, Ways, list[Bundle]]:
    """A parent, rows that it may hold, an entity beside them, and bundles of the parent and that one."""
    counted = {"a": 0, "b": 0}
    parent, child, other = (_entity(chance, table, counted) for table in ("p", "c", "x"))
    held = replace(
        parent,
        over_base=tuple(_dearer(chance, row) for row in parent.over_base),
        over_view=tuple(_dearer(chance, row) for row in parent.over_view),
        view_usd=tuple(usd + chance.randint(0, 4) for usd in parent.view_usd),
    )
    bases = frozenset(parent.bases[: chance.randint(1, len(parent.bases))])
    views = [*(View(base, True) for base in parent.bases if base in bases), *(View(v, False) for v in parent.views)]
    inside = tuple((view, random_row(chance, view, len(child.needs), 0.8)) for view in views)
    grown = Grown(MADE, float(chance.randint(-6, 6)), held, inside, tuple(_shared(chance, held, child, inside)), bases)
    parent, child = replace(parent, holding=(grown,)), replace(child, within=(grown,))
    return parent, child, other, list(_bundles(chance, parent, grown, other))


def _entity(chance: random.Random, table: str, counted: dict[str, int]) -> Ways:
    needs = []
    for pattern in chance.choices("aab", k=chance.randint(1, 2)):
        needs.append(need(table, pattern, counted[pattern]))
        counted[pattern] += 1
    bases = tuple(template(table, n) for n in range(chance.randint(1, 2)))
    views = tuple(template(table, 10 + n) for n in range(chance.randint(1, 2)))
    return Ways(
        table,
        tuple(needs),
        bases,
        views,
        tuple(random_row(chance, View(base, True), len(needs), 0.5) for base in bases),
        tuple(random_row(chance, View(view, False), len(needs), 0.8) for view in views),
        tuple(float(chance.randint(1, 9)) for _ in views),
        {},
    )


def _dearer(chance: random.Random, row: Row) -> Row:
    """The same ways to larger items: dearer, or out of bounds."""
    return tuple(
        None if one is None or chance.random() < 0.15 else way(one.path.view, one.usd + chance.randint(0, 5))
        for one in row
    )


def _shared(chance: random.Random, held: Ways, child: Ways, inside: Sequence[tuple[View, Row]]) -> Iterator[Shared]:
    over = dict(held.rows())
    for view, row in inside:
        for one, own in zip(child.needs, row, strict=True):
            for above, first in zip(held.needs, over[view], strict=True):
                if own and first and above.pattern == one.pattern and chance.random() < 0.9:
                    usd = float(chance.randint(1, int(min(own.usd, first.usd))))
                    yield Shared(one.pattern, one.number, above.number, view, True, 0.5, usd)


def _bundles(chance: random.Random, parent: Ways, grown: Grown, other: Ways) -> Iterator[Bundle]:
    """Bundles over base keys and views, with larger items and without: what each saves differs."""
    for mine, holding in ((parent, frozenset[Embedding]()), (grown.ways, HELD)):
        for base in (True, False):
            made = [_member(chance, ways, base) for ways in (mine, other)]
            members = [member for member in made if member is not None]
            if len(members) == 2 and chance.random() < 0.8:
                pattern, usd = members[0][0], float(chance.randint(1, 12))
                if pattern == members[1][0]:
                    pair = (members[0][1], members[1][1])
                    yield Bundle(pattern, base, chance.choice(HOMES), pair, 0.5, usd, holding)


def _member(chance: random.Random, ways: Ways, base: bool) -> tuple[str, Member] | None:
    chosen = chance.randrange(len(ways.needs))
    offered, rows = (ways.bases, ways.over_base) if base else (ways.views, ways.over_view)
    met = [t for t, row in zip(offered, rows, strict=True) if row[chosen]][:1]
    if not met:
        return None
    asked = ways.needs[chosen]
    return asked.pattern, Member(ways.table, ((asked.number, "x"),), (asked.number,), frozenset(met), 0.5, 100.0, True)


def merged(parent: Ways, child: Ways) -> Ways:
    """The parent as it is with the rows in its items, which it then serves besides its own."""
    (grown,) = parent.holding
    rows = dict(grown.inside)
    none: Row = (None,) * len(child.needs)
    held = grown.ways
    return replace(
        held,
        needs=(*held.needs, *child.needs),
        bases=tuple(base for base in held.bases if base in grown.bases),
        over_base=tuple(
            (*row, *rows.get(View(base, True), none))
            for base, row in zip(held.bases, held.over_base, strict=True)
            if base in grown.bases
        ),
        over_view=tuple(
            (*row, *rows.get(View(view, False), none)) for view, row in zip(held.views, held.over_view, strict=True)
        ),
    )


def best_held(parent: Ways, child: Ways, other: Ways, bundles: Sequence[Bundle], slots: Slots) -> tuple[int, float]:
    """Fewest refusals and then least dollars with the rows in the parent's items."""
    (grown,) = parent.holding
    made = [merged(parent, child), other]
    mine = [bundle for bundle in bundles if bundle.holding]
    return min(
        _cost(made, stand, [bundle for bundle, _ in taken], shared, grown.usd)
        for stand in stands_of(made, slots)
        for taken in bundle_sets(mine, stand)
        for shared in subsets(grown.shared)
    )


def _cost(
    made: Sequence[Ways], stand: Stand, taken: Sequence[Bundle], shared: Sequence[Shared], held_usd: float
) -> tuple[int, float]:
    usd, refused, paid = held_usd, set[str](), dict[str, float]()
    gathered = {(bundle.pattern, n) for bundle in taken for member in bundle.members for n in member.drivers}
    once = [(one.pattern, one.number) for one in shared]
    if len(set(once)) < len(once) or any((one.pattern, one.other) in gathered for one in shared):
        return 3, 0.0
    for ways in made:
        kept = stand[ways.table]
        usd += upkeep(ways, kept)
        for number, asked in enumerate(ways.needs):
            met = _met(ways, kept, number, taken, shared)
            if met is None:
                refused.add(asked.pattern)
            else:
                paid[asked.pattern] = paid.get(asked.pattern, 0.0) + met
    if refused & {*(bundle.pattern for bundle in taken), *(one.pattern for one in shared)}:
        return 3, 0.0
    usd += sum(cost for pattern, cost in paid.items() if pattern not in refused)
    return len(refused), usd - sum(bundle.saved_usd for bundle in taken) - sum(one.usd for one in shared)


def _met(ways: Ways, kept: Kept, number: int, taken: Sequence[Bundle], shared: Sequence[Shared]) -> float | None:
    asked = ways.needs[number]
    members = [m for b in taken if b.pattern == asked.pattern for m in b.members if asked.number in m.drivers]
    views = {one.view for one in shared if one.pattern == asked.pattern and asked.number in (one.number, one.other)}
    there: list[Way] = [w for view, row in ways.rows() if kept.has(view) and (w := row[number])]
    met = [
        one.usd
        for one in there
        if all(in_bundle(one, member) for member in members) and all(one.path.view == view for view in views)
    ]
    return min(met, default=None)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_choice_of_embedding_or_not_is_better(chunk: int) -> None:
    embedded = together = 0
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        parent, child, other, bundles = world(random.Random(f"embedding {seed}"))
        found = Component((parent, child, other), tuple(bundles)).best(MOST)
        apart = [replace(parent, holding=()), replace(child, within=()), other]
        for slots in (Slots(0), Slots(1), Slots(2)):
            outcome = found.at(slots)
            plain = best(apart, [bundle for bundle in bundles if not bundle.holding], slots)
            refused, usd = min(plain, best_held(parent, child, other, bundles, slots))
            told = f"seed {seed}, {slots}"
            assert len(outcome.refused) == refused, told
            assert outcome.usd == pytest.approx(usd), told
            assert outcome.bound == pytest.approx(outcome.usd), told
            embedded += outcome.placed["c"].within is not None
            together += bool(outcome.shared)
    assert embedded > SEEDS / 4 and together, "embedding, and what is read with it, must matter"


@pytest.mark.parametrize("seed", range(20))
def test_templates_that_matter_to_embedded_rows_alone_are_kept(seed: int) -> None:
    parent, child, other, bundles = world(random.Random(f"embedding {1_000 + seed}"))
    most = Slots(MOST)
    whole = Component((parent, child, other), tuple(bundles)).best(MOST).at(most)
    parts = components({ways.table: ways for ways in (parent, child, other)}, bundles, Work(100.0))
    if not whole.refused:
        assert sum(part.best(MOST).at(most).usd for part in parts) == pytest.approx(whole.usd)


def test_rows_that_must_be_embedded_are_whatever_it_costs() -> None:
    for seed in range(10):
        parent, child, other, bundles = world(random.Random(f"embedding {2_000 + seed}"))
        forced = replace(child, forced=True)
        outcome = Component((parent, forced, other), tuple(bundles)).best(MOST).at(Slots(MOST))
        assert outcome.placed["c"].within == MADE
        base = outcome.placed["p"].base
        assert isinstance(base, Template) and base in parent.holding[0].bases
