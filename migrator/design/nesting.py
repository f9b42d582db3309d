"""Embedded rows offered to the programme: what their parent's items cost with them, and the ways to them through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.design.attributes import Attr, alias_paths
from migrator.design.candidates import index_templates
from migrator.design.counting import kept_usd
from migrator.design.data import Data
from migrator.design.design import Embedding, JoinStep, Path, Template, View
from migrator.design.embedding import Ground, added_bytes, embedded_usd, embeddings, updates
from migrator.design.joins import Unjoined, join_step
from migrator.design.needs import Need, predicate_attrs, read_need
from migrator.design.price import WriteRates, monthly_reads, monthly_requests, monthly_trips
from migrator.design.projections import narrow_row
from migrator.design.ways import Grown, Offer, Row, Shared, Way, Ways
from migrator.design.weighing import Weigher, by_keys, lists
from migrator.model.errors import BlockedError
from migrator.model.query import (
    Comparison,
    Field,
    Like,
    Membership,
    NullTest,
    Predicate,
    Select,
    TableRef,
)
from migrator.model.quotas import MAX_INDEXES

HELD = "\x00held"
"""Stands among a table's columns for the rows that its items hold: each write of them changes it."""

Asked = tuple[Need | None, ...]
"""For each need of a table what is asked of the rows that hold its own; None: that cannot be asked."""


@dataclass(frozen=True, slots=True)
class Nest:
    """One embedding with everything that it is weighed with."""

    ground: Ground
    made: Embedding
    rates: Mapping[str, WriteRates]

    @property
    def forced(self) -> bool:
        """Whether migrate.toml demands it."""
        return bool(self.ground.settings.override(self.made.table).embed)

    @property
    def usd(self) -> float:
        """Dollars a month that it costs beside reads and index entries, against items of their own."""
        often = updates(self.ground.workload, self.ground.schema, self.made)
        return embedded_usd(self.ground.data, self.ground.settings, self.rates, self.made, often)

    def grown(self, weigher: Weigher) -> Weigher:
        """The parent's weigher when its items hold the rows: they are larger, and written with each of them."""
        data, own = self.ground.data, weigher.rates[weigher.table]
        larger = replace(data, embedded={self.made.parent: added_bytes(data, self.made)})
        often = updates(self.ground.workload, self.ground.schema, self.made)
        written = own.with_change(frozenset({HELD}), often)
        return replace(weigher, data=larger, rates={**weigher.rates, weigher.table: written})

    def asked(self, needs: Sequence[Need]) -> Asked:
        return tuple(asked_of_parent(self.ground.data, need, self.made) for need in needs)

    def templates(self, needs: Sequence[Need], key: tuple[str, ...]) -> Iterator[Template]:
        """Views of the parent that find the embedded rows."""
        for need in self.asked(needs):
            if need is not None:
                yield from (t for t in index_templates(self.ground.schema, need, key) if t.partition)


def nests_of(ground: Ground, rates: Mapping[str, WriteRates]) -> tuple[Nest, ...]:
    """What may be embedded in what."""
    return tuple(Nest(ground, made, rates) for made in embeddings(ground))


def with_nests(nests: Sequence[Nest], weighers: Mapping[str, Weigher], ways: Mapping[str, Ways]) -> dict[str, Ways]:
    """The entities' ways with what may be embedded, and what must be."""
    found = dict(ways)
    for nest in (nest for nest in nests if nest.forced or _may_pay(nest, weighers[nest.made.table], ways)):
        parent, child = nest.made.parent, nest.made.table
        grown = nested(nest, weighers[parent], ways[parent], weighers[child])
        found[parent] = replace(found[parent], holding=(*found[parent].holding, grown))
        found[child] = replace(found[child], within=(*found[child].within, grown))
    for nest in nests:
        found[nest.made.table] = replace(found[nest.made.table], forced=nest.forced)
    return found


def _may_pay(nest: Nest, child: Weigher, ways: Mapping[str, Ways]) -> bool:
    """Whether the rows' reads, each by the best key or view of their own that is kept for it alone, cost as much as
    embedding does beside reads: if not, it is cheaper to give them those, however few indexes are taken."""
    if nest.ground.settings.limits.max_indexes < MAX_INDEXES:
        return True
    mine, prices, most = ways[nest.made.table], child.prices, 0.0
    kept = {View(view, False): usd for view, usd in zip(mine.views, mine.view_usd, strict=True)}
    for number, need in enumerate(mine.needs):
        own = ((view, way) for view, row in mine.rows() if (way := row[number]) is not None and not way.relies)
        costs = [way.usd + kept.get(view, 0.0) for view, way in own if view.base or view in kept]
        if not costs:
            return True
        most += min(costs) + monthly_requests(prices, need.rate, 1) + prices.index_month
    return most >= nest.usd


def holding(nests: Sequence[Nest], weighers: Mapping[str, Weigher], held: Sequence[Embedding]) -> dict[str, Weigher]:
    """The weighers as entities are whose items hold rows."""
    grown = {nest.made.parent: nest.grown(weighers[nest.made.parent]) for nest in nests if nest.made in held}
    return {**weighers, **grown}


def demand_solvable(ways: Sequence[Ways]) -> None:
    """BlockedError when entities have no answer because of what must be embedded."""
    forced = sorted(mine.table for mine in ways if mine.forced)
    if forced:
        raise BlockedError(
            f"rows of {', '.join(forced)} cannot live within the items of other rows, as migrate.toml wants: the items "
            "of one table hold rows of one other, and stand under the key that those refer to",
            "take embed = true of one of them out of migrate.toml",
        )


def asked_of_parent(data: Data, need: Need, made: Embedding) -> Need | None:
    """What a need of embedded rows asks of the rows that hold them: all that its conditions say of those. None where
    it joins beyond them."""
    select = need.select
    paths = alias_paths(select)
    if any(path[:1] == (made.reference,) and len(path) > 1 for path in paths.values()):
        return None
    told = [(predicate, _moved(data, need, made, predicate)) for predicate in select.predicates]
    known = tuple(moved for _, moved in told if moved is not None)
    left = [predicate for predicate, moved in told if moved is None]
    if need.limit is not None or need.gathers:
        left = left or list(select.predicates)
    above = Select((TableRef(made.parent, made.parent),), made.parent, (), known, ())
    asked = read_need(data.schema, need.pattern, need.number, above, need.rate, need.peak, need.strong)
    return replace(asked, rest=(*asked.rest, *left)) if asked.equalities else None


def _moved(data: Data, need: Need, made: Embedding, predicate: Predicate) -> Predicate | None:
    """The predicate as one on the parent's own columns."""
    if not isinstance(predicate, Comparison | Membership | NullTest | Like):
        return None
    attrs = predicate_attrs(data.schema, need.select, predicate)
    moved = [column for attr in attrs if (column := above(data, need.table, made, attr)) is not None]
    return replace(predicate, field=Field(made.parent, moved[0])) if len(moved) == len(attrs) == 1 else None


def above(data: Data, table: str, made: Embedding, attr: Attr) -> str | None:
    """The parent's column that holds an attribute of the embedded row."""
    if attr.path:
        return attr.column if attr.path == (made.reference,) else None
    key = data.schema.table(table).foreign_key(made.reference)
    pairs = dict(zip(key.columns, key.referred_columns, strict=True))
    return pairs.get(attr.column)


def nested(nest: Nest, parent: Weigher, plain: Ways, child: Weigher) -> Grown:
    """The parent's ways with the rows in its items, and the ways to these through it."""
    larger = nest.grown(parent)
    asked = nest.asked(child.needs)
    ways = _again(larger, plain)
    named = frozenset(_named(nest, plain))
    views = [*(View(base, True) for base in plain.bases if base in named), *(View(view, False) for view in plain.views)]
    rows = ((view, tuple(_through(nest, larger, child, n, a, view) for n, a in enumerate(asked))) for view in views)
    inside = tuple((view, row) for view, row in rows if any(row))
    shared = tuple(_shared(larger, ways, asked, child, inside))
    return Grown(nest.made, nest.usd, ways, inside, shared, named, added_bytes(nest.ground.data, nest.made))


def _named(nest: Nest, plain: Ways) -> Iterator[Template]:
    """Base keys that the reference gives."""
    key = nest.ground.schema.table(nest.made.table).foreign_key(nest.made.reference)
    for base in plain.bases:
        if {attr.column for attr in base.attrs()} == set(key.referred_columns):
            yield base


def _again(larger: Weigher, plain: Ways) -> Ways:
    """The same templates, weighed once more. Second items and copies that change do not go with embedded rows."""
    beside = []
    for offer in plain.beside:
        if offer.relies or any(way and way.relies for way in offer.row) or offer.view.edge:
            continue
        if offer.view.aggregate is not None:
            beside.append(replace(offer, usd=kept_usd(larger, offer.view.aggregate)))
        elif offer.view.narrow:
            usd = larger.view_usd(offer.view) + larger.prices.projection_month
            beside.append(Offer(offer.view, narrow_row(larger, offer.view), usd))
    return replace(
        plain,
        over_base=tuple(larger.row(View(base, True), {}) for base in plain.bases),
        over_view=tuple(larger.row(View(view, False), {}) for view in plain.views),
        view_usd=tuple(larger.view_usd(View(view, False)) for view in plain.views),
        beside=tuple(beside),
        copies=(),
    )


def _through(nest: Nest, larger: Weigher, child: Weigher, number: int, asked: Need | None, view: View) -> Way | None:
    if asked is None:
        return None
    found = []
    for path in larger.paths(asked, view):
        try:
            found.append(_way(nest, child, child.needs[number], asked, path))
        except Unjoined:
            continue
    return min(found, key=lambda way: way.mark, default=None)


def _way(nest: Nest, child: Weigher, need: Need, asked: Need, path: Path) -> Way:
    """The way to embedded rows through the items that hold them, and on to other joined rows."""
    data, prices, made = nest.ground.data, child.prices, nest.made
    rows = path.items * data.rows(made.table) / data.rows(made.parent)
    unfolded = replace(path, items=rows, limited=False)
    exact = not (asked.rest or need.order or need.sorted_here or need.limit is not None)
    steps: list[JoinStep] = []
    units, trips, depth = path.read_units, path.round_trips, {need.select.driver: path.round_trips}
    for alias, taken in sorted(alias_paths(need.select).items(), key=lambda pair: (len(pair[1]), pair[0])):
        if alias == need.select.driver:
            continue
        if taken == (made.reference,):
            step, added = JoinStep(alias, "within", taken, made.parent, why="its item holds the row"), 0.0
        else:
            step, added = join_step(data, prices, need, unfolded, alias, taken, frozenset(), child.base_key, steps)
        holder = depth[step.after or need.select.driver]
        depth[alias] = {"copy": path.round_trips, "within": path.round_trips, "known": 1}.get(step.how, holder + 1)
        units, trips = units + added, max(trips, depth[alias])
        steps.append(step)
    if need.finds:
        return Way(replace(path, exact=exact), tuple(steps), 0.0, 1, 0.0, need=need, through=asked)
    aside = sum(step.how == "known" for step in steps) + (0 if by_keys(path) else path.fan - 1)
    usd = monthly_reads(prices, need.rate, units) + monthly_requests(prices, need.rate, aside)
    usd += monthly_trips(prices, need.rate, trips + lists(path))
    return Way(replace(path, exact=exact), tuple(steps), units, trips, usd, need=need, through=asked)


def _shared(
    larger: Weigher, ways: Ways, asked: Asked, child: Weigher, inside: Sequence[tuple[View, Row]]
) -> Iterator[Shared]:
    """Pairs of needs of one pattern that one request meets: of the parent's rows and of those within, or both
    within."""
    over = dict(ways.rows())
    for view, row in inside:
        for number, way in enumerate(row):
            if way is None or way.through is None:
                continue
            need = child.needs[number]
            for other, (first, above) in _others(larger, over.get(view, ()), child, row, number):
                if is_same(way.through, way.path, first.through or other, first.path):
                    units = min(way.path.read_units, first.path.read_units)
                    usd = monthly_reads(larger.prices, need.rate, units)
                    usd += monthly_requests(larger.prices, need.rate, 1)
                    yield Shared(need.pattern, need.number, other.number, view, above, units, usd)


def _others(
    larger: Weigher, over: Row, child: Weigher, row: Row, number: int
) -> Iterator[tuple[Need, tuple[Way, bool]]]:
    """Other needs of the pattern with their ways over the same view; whether they are the parent's own."""
    pattern = child.needs[number].pattern
    for need, way in zip(larger.needs, over, strict=False):
        if way is not None and need.pattern == pattern and not way.path.over_reads:
            yield need, (way, True)
    for need, way in list(zip(child.needs, row, strict=True))[:number]:
        if way is not None and need.pattern == pattern:
            yield need, (way, False)


def is_same(one: Need, path: Path, other: Need, its: Path) -> bool:
    """Whether two needs of one entity are met by the very same requests, the one for embedded rows in either
    direction."""
    if path.limited or its.limited or path.via_guard or its.via_guard:
        return False
    if (path.view, path.matched, path.bounds, path.fan) != (its.view, its.matched, its.bounds, its.fan):
        return False
    template = path.view.template
    fixed = [part.attr for part in (*template.partition, *template.sort[: path.matched])]
    values = [[_values(need, attr) for attr in fixed] for need in (one, other)]
    return values[0] == values[1]


def _values(need: Need, attr: Attr) -> tuple[object, ...]:
    equality = need.equality(attr)
    return () if equality is None else equality.values
