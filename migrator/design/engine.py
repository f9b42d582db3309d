"""The designer: from schema, measurements and declared queries to keys, indexes and paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.design.answering import Answers, Outcome
from migrator.design.asking import finder_needs, pattern_needs
from migrator.design.attributes import Attr, alias_paths, steps
from migrator.design.bounding import reason_of, with_bounds
from migrator.design.bundles import Bundle, find_bundles, head_views, with_holding
from migrator.design.changing import with_copies
from migrator.design.counting import Circumstances, describe_kept, replaces, why_not, with_aggregates
from migrator.design.data import Data
from migrator.design.design import TABLE, Design, EntityDesign, Frontier, Kept, ReadDesign, Served, Template, View
from migrator.design.edges import edge_usd, with_edges
from migrator.design.embedding import Ground, demand_embedded
from migrator.design.identity import guarded, row_keys
from migrator.design.including import include
from migrator.design.joins import alias_attrs, held_reference
from migrator.design.lifetime import expiry_column
from migrator.design.needs import Need
from migrator.design.nesting import Nest, demand_solvable, holding, nests_of, with_nests
from migrator.design.numbers import Numbers
from migrator.design.outcome import Answer
from migrator.design.pins import pins, spoken_view
from migrator.design.price import WriteRates, monthly_requests
from migrator.design.programme import Component, components
from migrator.design.projections import with_keys_only
from migrator.design.rates import write_rates
from migrator.design.refuse import refuse
from migrator.design.solve import Unsolved
from migrator.design.spreading import shards_of, spread_reads
from migrator.design.ways import Ways
from migrator.design.weighing import Weigher
from migrator.design.work import Work
from migrator.model.query import Refusal, Workload
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics

SOLVER = "mixed-integer programme (HiGHS, one thread, seed 0, no gap allowed)"
MAX_INDEXES = 20
"""Indexes that DynamoDB allows."""


def design(schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> Design:
    """Keys and paths for every read that can be served, refusals for the others. BlockedError when a table
    has no key that could name its rows."""
    made = _Designer.of(schema, statistics, workload, settings).design()
    asked = tuple(_asked(settings))
    if not asked:
        return made
    free = _Designer.of(schema, statistics, workload, freed(settings)).design()
    return replace(made, assumptions=(*made.assumptions, _price_of(asked, made, free)))


def freed(settings: Settings) -> Settings:
    """The settings without what binds the choice of keys, copies and indexes."""
    overrides = tuple(
        replace(one, partition=(), sort=(), views=(), copies=True, embed=None) for one in settings.overrides
    )
    return replace(settings, overrides=overrides, limits=replace(settings.limits, max_indexes=MAX_INDEXES))


def _asked(settings: Settings) -> Iterator[str]:
    """What the user binds the design to, in words."""
    for override in settings.overrides:
        if override.pinned is not None:
            yield f"the key of {override.table}, ({', '.join(override.partition)} | {', '.join(override.sort)})"
        for view in override.views:
            yield f"an index of {override.table}, {spoken_view(view)}"
        if not override.copies:
            yield f"no copies on {override.table}"
        if override.embed is not None:
            yield f"rows of {override.table} {'embedded' if override.embed else 'not embedded'}"
    if settings.limits.max_indexes < MAX_INDEXES:
        yield f"at most {settings.limits.max_indexes} indexes"


def _price_of(asked: tuple[str, ...], made: Design, free: Design) -> str:
    more = made.objective - free.objective
    refused = sum(read.refusal is not None for read in made.reads) - sum(r.refusal is not None for r in free.reads)
    lost = f" and {refused} more refused queries" if refused else ""
    costs = f"${max(0.0, more):,.2f} a month{lost} against a free choice"
    return f"migrate.toml asks for {'; '.join(asked)}: that costs {costs}"


@dataclass(frozen=True, slots=True)
class _Designer:
    data: Data
    workload: Workload
    settings: Settings
    rates: Mapping[str, WriteRates]
    keys: Mapping[str, tuple[tuple[str, ...], ...]]
    needs: Mapping[str, tuple[Need, ...] | Refusal]
    work: Work

    @classmethod
    def of(cls, schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> _Designer:
        carries = {table.name: settings.override(table.name).copies for table in schema.tables}
        rates = {name: replace(write_rates(workload, name), carries=carries[name]) for name in carries}
        keys = {t.name: row_keys(t, settings, rates[t.name].columns) for t in schema.tables}
        data = Data(schema, statistics)
        reads = [pattern for pattern in workload.patterns if pattern.kind == "read"]
        needs = {pattern.name: pattern_needs(data, rates, pattern) for pattern in reads}
        writes = [pattern for pattern in workload.patterns if pattern.kind == "write"]
        needs |= {pattern.name: found for pattern in writes if (found := finder_needs(data, keys, pattern))}
        work = Work.of(settings.limits.proof_steps, sum(len(pattern.statements) for pattern in workload.patterns))
        return cls(data, workload, settings, rates, keys, needs, work)

    @property
    def schema(self) -> Schema:
        return self.data.schema

    def design(self) -> Design:
        """The design. What the refused patterns would have asked for is left out of it."""
        demand_embedded(self._ground())
        ways = self._ways()
        refused = self._hopeless(ways)
        if not refused:
            parts = components(ways, self._bundles(ways), self.work)
            outcomes = [self._best(part) for part in parts]
            numbers = self._numbers(outcomes)
            points = numbers.points()
            slots, _ = min(points, key=lambda point: (point[1].refused, point[1].monthly_usd, point[1].indexes))
            frontier = tuple(point for _, point in points)
            chosen = [part.to_taste(best.at(slots)) for part, best in zip(parts, outcomes, strict=True)]
            refused = self._unmet(ways, chosen)
        if refused:
            return replace(self, needs={**self.needs, **refused}).design()
        weighed = sum(1 for mine in ways.values() for _ in mine.rows())
        answer = Answer.of(chosen)
        answer = replace(answer, bound=min((answer.bound, *numbers.unproven(slots))))
        return self._written(ways, include(answer, self._weighers_of(answer)), frontier, weighed)

    def _best(self, part: Component) -> Answers:
        """A component's answers. BlockedError when what migrate.toml demands of it cannot be together."""
        try:
            return part.best(self.settings.limits.max_indexes)
        except Unsolved:
            demand_solvable(part.ways)
            raise

    def _weighers_of(self, answer: Answer) -> dict[str, Weigher]:
        """The weighers as the answer has the entities: with what their items hold."""
        held = [placed.within for placed in answer.placed.values() if placed.within is not None]
        return holding(self._nests(), self._weighers(), held)

    def _open_needs(self) -> list[tuple[Need, ...]]:
        return [needs for needs in self.needs.values() if not isinstance(needs, Refusal)]

    def _ways(self) -> dict[str, Ways]:
        """Every entity's templates with what they do for the open needs."""
        weighers = self._weighers()
        ways = {table: self._all_ways(weigher) for table, weigher in weighers.items()}
        return with_nests(self._nests(), weighers, ways)

    def _ground(self) -> Ground:
        keys, _ = self._named()
        return Ground(self.data, self.settings, self.workload, keys)

    def _nests(self) -> tuple[Nest, ...]:
        """What may be embedded in what."""
        return nests_of(self._ground(), self.rates)

    def _weighers(self) -> dict[str, Weigher]:
        keys, base_key = self._named()
        extra: dict[str, list[Template]] = {}
        for needs in self._open_needs():
            for name, view in head_views(self.data, needs):
                extra.setdefault(name, []).append(view)
        for nest in self._nests():
            mine = [need for needs in self._open_needs() for need in needs if need.table == nest.made.table]
            extra.setdefault(nest.made.parent, []).extend(nest.templates(mine, keys[nest.made.parent][0]))
        return {table.name: self._weigher(table, keys, base_key, extra) for table in self.schema.tables}

    def _all_ways(self, weigher: Weigher) -> Ways:
        """Base keys and whole views first, then what can be kept beside them."""
        ways = with_keys_only(weigher, with_copies(weigher, weigher.weigh()))
        unmet = sum(not any(row[number] for row in ways.over_base) for number in range(len(ways.needs)))
        expires = self._expires(self.schema.table(weigher.table))
        ways = with_edges(weigher, ways, unmet > self.settings.limits.max_indexes, expires)
        return with_aggregates(weigher, ways, self._about(weigher.table))

    def _expires(self, table: Table) -> str | None:
        return expiry_column(table, self.settings.override(table.name))

    def _about(self, table: str) -> Circumstances:
        return Circumstances(
            write_rates(self.workload, table, at_peak=True),
            replaces(self.workload, table),
            self._expires(self.schema.table(table)) is not None,
        )

    def _weigher(
        self,
        table: Table,
        keys: Mapping[str, tuple[tuple[str, ...], ...]],
        base_key: Mapping[str, frozenset[str]],
        extra: Mapping[str, list[Template]],
    ) -> Weigher:
        mine = keys[table.name]
        return Weigher(
            self.data,
            self.settings.limits,
            self.settings.prices,
            table.name,
            mine,
            tuple(need for needs in self._open_needs() for need in needs if need.table == table.name),
            self.rates,
            {frozenset(key): guarded(table, key) for key in mine},
            base_key,
            tuple(dict.fromkeys(extra.get(table.name, ()))),
            pins(self.schema, self.settings, table.name, mine[0]),
        )

    def _named(self) -> tuple[dict[str, tuple[tuple[str, ...], ...]], dict[str, frozenset[str]]]:
        """Keys that may name each table's rows, and for joined tables the one that their children refer to."""
        referred: dict[str, set[tuple[str, ...]]] = {}
        for need in (need for needs in self._open_needs() for need in needs):
            for path in alias_paths(need.select).values():
                for _, key in steps(self.schema, need.table, path)[-1:]:
                    referred.setdefault(key.referred_table, set()).add(key.referred_columns)
        keys = dict(self.keys)
        for name, listed in referred.items():
            held = tuple(key for key in keys[name] if any(set(key) <= set(columns) for columns in listed))
            keys[name] = (held or keys[name])[:1]
        return keys, {name: frozenset(keys[name][0]) for name in referred}

    def _bundles(self, ways: Mapping[str, Ways]) -> tuple[Bundle, ...]:
        prices = self.settings.prices
        return tuple(
            bundle
            for needs in self._open_needs()
            if needs
            for bundle in (
                *find_bundles(self.data, prices, needs, ways),
                *with_holding(self.data, prices, needs, ways),
            )
        )

    def _hopeless(self, ways: Mapping[str, Ways]) -> dict[str, Refusal]:
        """Patterns of which a part is met by no key and no index, however many there are."""
        found: dict[str, Refusal] = {}
        for need in (need for needs in self._open_needs() for need in needs):
            mine = ways[need.table]
            number = mine.needs.index(need)
            if not mine.met(number) and need.pattern not in found:
                found[need.pattern] = self._refusal(need, mine.unjoined.get(number))
        return found

    def _refusal(self, need: Need, unjoined: str | None) -> Refusal:
        if unjoined is None:
            weigher = self._weighers()[need.table]
            return with_bounds(weigher, need, self._with_counters(weigher, need, reason_of(weigher, need)))
        return Refusal(unjoined, "ask for the joined table's columns in a statement of its own")

    def _with_counters(self, weigher: Weigher, need: Need, refusal: Refusal) -> Refusal:
        """The refusal of a query for figures, with why no counter items answer it."""
        if not need.gathers:
            return refusal
        why = why_not(weigher, need, self._about(need.table))
        return replace(refusal, reason=f"{refusal.reason}; no counter items answer it: {why}") if why else refusal

    def _unmet(self, ways: Mapping[str, Ways], chosen: Sequence[Outcome]) -> dict[str, Refusal]:
        """Patterns that could be served, and are not by this answer."""
        refused = frozenset[str]().union(*(outcome.refused for outcome in chosen))
        met = {place for outcome in chosen for place in outcome.ways}
        found: dict[str, Refusal] = {}
        for need in (need for needs in self._open_needs() for need in needs):
            if need.pattern in refused and (need.pattern, need.number) not in met:
                mine = ways[need.table]
                by_views = mine.met_by_views(mine.needs.index(need))
                found.setdefault(need.pattern, self._too_many() if by_views else refuse(self.data, need))
        return found

    def _too_many(self) -> Refusal:
        most = self.settings.limits.max_indexes
        return Refusal(
            f"it needs an index of its own, and no more than {most} are allowed: other queries that cost more "
            "without them take those",
            "raise max_indexes under [limits] in migrate.toml (DynamoDB allows 20), or take a query out",
        )

    def _numbers(self, outcomes: Sequence[Answers]) -> Numbers:
        already = sum(isinstance(needs, Refusal) for needs in self.needs.values())
        month = self.settings.prices.index_month
        return Numbers(outcomes, self.settings.limits.max_indexes, month, self._beside(), already)

    def _beside(self) -> float:
        """Dollars a month of asking a pattern's statements side by side, before any is gathered with another."""
        several = [needs for needs in self._open_needs() if len(needs) > 1]
        return sum(monthly_requests(self.settings.prices, needs[0].rate, len(needs) - 1) for needs in several)

    def _written(
        self, ways: Mapping[str, Ways], answer: Answer, frontier: tuple[Frontier, ...], candidates: int
    ) -> Design:
        names = [pattern.name for pattern in self.workload.patterns if pattern.kind == "read"]
        reads = tuple(self._read(name, self.needs[name], ways, answer) for name in names)
        slots = answer.slots()
        entities = tuple(self._entity(t, answer, slots[t.name], reads) for t in self.schema.tables)
        indexes = len({slot for views in slots.values() for slot, _ in views})
        fixed = self._beside() + indexes * self.settings.prices.index_month
        return Design(
            entities,
            spread_reads(self.data, self.settings.prices, reads, entities),
            frontier,
            candidates,
            SOLVER,
            round(answer.usd + fixed, 4),
            round(min(answer.bound, answer.usd) + fixed, 4),
            answer.neighbours(),
            self._assumptions(),
            self._kept(answer),
        )

    def _kept(self, answer: Answer) -> tuple[Kept, ...]:
        weighers = self._weighers()
        return tuple(
            describe_kept(weighers[table], view.aggregate, self._about(table))
            for table, placed in sorted(answer.placed.items())
            for view in placed.aggregates
            if view.aggregate is not None
        )

    def _read(
        self, name: str, needs: tuple[Need, ...] | Refusal, ways: Mapping[str, Ways], answer: Answer
    ) -> ReadDesign:
        if isinstance(needs, Refusal):
            return ReadDesign(name, refusal=needs)
        served = tuple(self._serve(need, ways[need.table], answer) for need in needs)
        bundles = [one.bundle for one in answer.taken if one.bundle.pattern == name]
        shared = [one for one in answer.shared if one.pattern == name]
        prices = self.settings.prices
        beside = monthly_requests(prices, needs[0].rate, len(needs) - 1) if needs else 0.0
        return ReadDesign(
            name,
            served,
            None,
            answer.gathered(name),
            sum(part.read_units for part in served)
            - sum(bundle.saved_units for bundle in bundles)
            - sum(one.units for one in shared),
            beside
            + sum(part.monthly_usd for part in served)
            - sum(bundle.saved_usd for bundle in bundles)
            - sum(one.usd for one in shared),
        )

    def _serve(self, need: Need, ways: Ways, answer: Answer) -> Served:
        way = answer.ways[(need.pattern, need.number)]
        rejected = ways.rejected(
            ways.needs.index(need), way.path, answer.placed[need.table].there, way.through is not None
        )
        return Served(
            way.need or need, way.path, way.steps, way.read_units, way.round_trips, way.usd, rejected, way.through
        )

    def _entity(
        self, table: Table, answer: Answer, views: tuple[tuple[str, View], ...], reads: tuple[ReadDesign, ...]
    ) -> EntityDesign:
        placed = answer.placed[table.name]
        mine = [part for read in reads for part in read.served if part.asked.table == table.name]
        if placed.base is None:
            return EntityDesign(table.name, self.keys[table.name][0], (), within=placed.within)
        copies = self._copies(mine, [view.template for view in placed.there])
        base_key = tuple(sorted(attr.column for attr in placed.base.attrs()))
        edges = tuple((f"edge{number}", view) for number, view in enumerate(placed.edges, start=1))
        inner = [name for name, p in answer.placed.items() if p.within is not None and p.within.parent == table.name]

        def shards(view: View) -> int:
            return shards_of(self.data, self.workload, table.name, view, mine, inner)

        return EntityDesign(
            table.name,
            self.keys[table.name][0],
            ((TABLE, placed.base), *((slot, view.template) for slot, view in views)),
            copies,
            guarded(table, base_key),
            self._expires(table),
            tuple((slot, shards(view)) for slot, view in views if not view.template.partition),
            tuple((slot, view.only) for slot, view in (*views, *edges) if view.only is not None),
            tuple((name, view.template) for name, view in edges),
            edge_usd=tuple((name, self._edge_usd(table, view)) for name, view in edges),
        )

    def _edge_usd(self, table: Table, view: View) -> float:
        """Dollars a month of writing and storing a second item, without the price set on caring for it."""
        return edge_usd(self._weighers()[table.name], view) - self.settings.prices.item_kind_month

    def _copies(self, mine: list[Served], templates: list[Template]) -> tuple[Attr, ...]:
        copies = {attr for template in templates for attr in template.attrs() if attr.path}
        for part in (part for part in mine if part.through is None):
            for step in part.steps:
                if step.how == "copy":
                    copies |= alias_attrs(self.data, part.need, step.alias)
                elif step.how == "follow" and step.after is None:
                    held = held_reference(self.schema, part.need, step.path)
                    copies |= {attr for attr in held if attr.path}
        return tuple(sorted(copies))

    def _assumptions(self) -> tuple[str, ...]:
        empty = [table.name for table in self.schema.tables if self.data.empty(table.name)]
        return tuple(f"table {name} is empty: 10,000 rows in groups of 10 are assumed" for name in empty)
