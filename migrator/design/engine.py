"""The designer: from schema, measurements and declared queries to keys, indexes and paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.design.asking import finder_needs, pattern_needs
from migrator.design.attributes import Attr, alias_paths, steps
from migrator.design.bundles import Bundle, find_bundles, head_views
from migrator.design.candidates import KEYLESS
from migrator.design.data import Data
from migrator.design.design import TABLE, Design, EntityDesign, Frontier, ReadDesign, Served, Template
from migrator.design.joins import alias_attrs, held_reference
from migrator.design.lifetime import expiry_column
from migrator.design.needs import Need
from migrator.design.outcome import Answer
from migrator.design.price import WriteRates, monthly_requests, units_of
from migrator.design.programme import Outcome, Placed, components
from migrator.design.refuse import refuse
from migrator.design.ways import Ways, Weigher
from migrator.model.errors import BlockedError
from migrator.model.query import Delete, Insert, Refusal, Update, Workload
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics

SOLVER = "mixed-integer programme (HiGHS, one thread, seed 0, no gap allowed)"
PARTITION_READ_UNITS = 3_000
PARTITION_WRITE_UNITS = 1_000
RESERVE = 1.25
"""Head-room over the computed peak when a constant partition is spread over shards."""


def design(schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> Design:
    """Keys and paths for every read that can be served, refusals for the others. BlockedError when a table
    has no key that could name its rows."""
    return _Designer.of(schema, statistics, workload, settings).design()


def write_rates(workload: Workload, table: str) -> WriteRates:
    """Declared writes of one table a second, and the columns that they change in place."""
    inserts = deletes = 0.0
    changes: list[tuple[frozenset[str], float]] = []
    for pattern in workload.patterns:
        for statement in pattern.statements:
            match statement.form:
                case Insert(table=name) as insert if name == table:
                    inserts += pattern.rate * len(insert.rows)
                    changes.append((frozenset(_overwritten(insert)), pattern.rate * len(insert.rows)))
                case Update(table=name, assignments=assignments) if name == table:
                    changes.append((frozenset(column for column, _ in assignments), pattern.rate))
                case Delete(table=name) if name == table:
                    deletes += pattern.rate
    return WriteRates(inserts, deletes, tuple(change for change in changes if change[0]))


def _overwritten(insert: Insert) -> set[str]:
    if insert.on_conflict == "replace":
        return set(insert.columns)
    return {column for column, _ in insert.assignments}


def row_keys(table: Table, settings: Settings, changed: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Keys that may name a row, the first being the one its source rows are known by."""
    chosen = settings.override(table.name).key
    keys = (chosen,) if chosen else tuple(dict.fromkeys(table.row_keys()))
    if not keys:
        raise BlockedError(
            f"table {table.name} has no primary key and no unique key over NOT NULL columns, so its rows cannot be "
            "told apart",
            f'name its key in migrate.toml ([tables."{table.name}"] key = ["..."]), or leave the table out '
            "(exclude = true)",
        )
    writable = tuple(key for key in keys if not unwritable(table, key))
    if not writable:
        odd = ", ".join(unwritable(table, keys[0]))
        raise BlockedError(
            f"the key of table {table.name} holds {odd}, a document that no DynamoDB key can hold",
            f'name another key in migrate.toml ([tables."{table.name}"] key = ["..."]), or leave the table out '
            "(exclude = true)",
        )
    steady = tuple(key for key in writable if not changed & set(key))
    return steady or writable[:1]


def unwritable(table: Table, columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns whose values cannot stand in a key."""
    return tuple(name for name in columns if table.column(name).kind in KEYLESS)


def demand_keys(schema: Schema, settings: Settings) -> None:
    """BlockedError for the first table whose rows cannot be told apart: known before anything is measured."""
    for table in schema.tables:
        row_keys(table, settings, frozenset())


@dataclass(frozen=True, slots=True)
class _Designer:
    data: Data
    workload: Workload
    settings: Settings
    rates: Mapping[str, WriteRates]
    keys: Mapping[str, tuple[tuple[str, ...], ...]]
    needs: Mapping[str, tuple[Need, ...] | Refusal]

    @classmethod
    def of(cls, schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> _Designer:
        rates = {table.name: write_rates(workload, table.name) for table in schema.tables}
        keys = {t.name: row_keys(t, settings, rates[t.name].columns) for t in schema.tables}
        data = Data(schema, statistics)
        reads = [pattern for pattern in workload.patterns if pattern.kind == "read"]
        needs = {pattern.name: pattern_needs(data, rates, pattern) for pattern in reads}
        writes = [pattern for pattern in workload.patterns if pattern.kind == "write"]
        needs |= {pattern.name: found for pattern in writes if (found := finder_needs(data, keys, pattern))}
        return cls(data, workload, settings, rates, keys, needs)

    @property
    def schema(self) -> Schema:
        return self.data.schema

    def design(self) -> Design:
        """The design. What the refused patterns would have asked for is left out of it."""
        ways = self._ways()
        refused = self._hopeless(ways)
        if not refused:
            parts = components(ways, self._bundles(ways))
            outcomes = [part.best(self.settings.limits.max_indexes) for part in parts]
            frontier = self._frontier(outcomes)
            count = min(frontier, key=lambda point: (point.refused, point.monthly_usd, point.indexes)).indexes
            chosen = [best[min(count, len(best) - 1)] for best in outcomes]
            refused = self._unmet(ways, chosen)
        if refused:
            return replace(self, needs={**self.needs, **refused}).design()
        return self._written(ways, Answer.of(chosen), frontier, sum(len(w.bases) + len(w.views) for w in ways.values()))

    def _open_needs(self) -> list[tuple[Need, ...]]:
        return [needs for needs in self.needs.values() if not isinstance(needs, Refusal)]

    def _ways(self) -> dict[str, Ways]:
        """Every entity's templates with what they do for the open needs."""
        keys, base_key = self._named()
        extra: dict[str, list[Template]] = {}
        for needs in self._open_needs():
            for name, view in head_views(self.data, needs):
                extra.setdefault(name, []).append(view)
        return {table.name: self._weigher(table, keys, base_key, extra).weigh() for table in self.schema.tables}

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
            {frozenset(key): self.guards(table, key) for key in mine},
            base_key,
            tuple(dict.fromkeys(extra.get(table.name, ()))),
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
            bundle for needs in self._open_needs() if needs for bundle in find_bundles(self.data, prices, needs, ways)
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
            return refuse(self.data, need)
        return Refusal(unjoined, "ask for the joined table's columns in a statement of its own")

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

    def guards(self, table: Table, base_key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Unique constraints that the table's key alone would not keep, and that a key can hold."""
        unique = [constraint.columns for constraint in table.uniques]
        unique = [columns for columns in unique if not unwritable(table, columns)]
        primary = table.primary_key
        if primary and not set(base_key) <= set(primary) and not unwritable(table, primary):
            unique.append(table.primary_key)
        return tuple(sorted({columns for columns in unique if not set(base_key) <= set(columns)}))

    def _frontier(self, outcomes: Sequence[tuple[Outcome, ...]]) -> tuple[Frontier, ...]:
        already = sum(isinstance(needs, Refusal) for needs in self.needs.values())
        points = []
        for count in range(max((len(best) for best in outcomes), default=1)):
            answer = Answer.of([best[min(count, len(best) - 1)] for best in outcomes])
            usd = answer.usd + self._beside() + count * self.settings.prices.index_month
            trips = sum(way.round_trips for way in answer.ways.values())
            points.append(Frontier(count, round(usd, 4), trips, already + len(answer.refused)))
        return tuple(points)

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
        entities = tuple(self._entity(t, answer.placed[t.name], slots[t.name], reads) for t in self.schema.tables)
        indexes = len({slot for views in slots.values() for slot, _ in views})
        fixed = self._beside() + indexes * self.settings.prices.index_month
        return Design(
            entities,
            reads,
            frontier,
            candidates,
            SOLVER,
            round(answer.usd + fixed, 4),
            round(answer.bound + fixed, 4),
            answer.neighbours(),
            self._assumptions(),
        )

    def _read(
        self, name: str, needs: tuple[Need, ...] | Refusal, ways: Mapping[str, Ways], answer: Answer
    ) -> ReadDesign:
        if isinstance(needs, Refusal):
            return ReadDesign(name, refusal=needs)
        served = tuple(self._serve(need, ways[need.table], answer) for need in needs)
        bundles = [one.bundle for one in answer.taken if one.bundle.pattern == name]
        prices = self.settings.prices
        beside = monthly_requests(prices, needs[0].rate, len(needs) - 1) if needs else 0.0
        return ReadDesign(
            name,
            served,
            None,
            answer.gathered(name),
            sum(part.read_units for part in served) - sum(bundle.saved_units for bundle in bundles),
            beside + sum(part.monthly_usd for part in served) - sum(bundle.saved_usd for bundle in bundles),
        )

    def _serve(self, need: Need, ways: Ways, answer: Answer) -> Served:
        way = answer.ways[(need.pattern, need.number)]
        views = [view for view, _ in answer.placed[need.table].views]
        rejected = ways.rejected(ways.needs.index(need), way.path, views)
        return Served(need, way.path, way.steps, way.read_units, way.round_trips, way.usd, rejected)

    def _entity(
        self, table: Table, placed: Placed, views: tuple[tuple[str, Template], ...], reads: tuple[ReadDesign, ...]
    ) -> EntityDesign:
        mine = [part for read in reads for part in read.served if part.need.table == table.name]
        base_key = tuple(sorted(attr.column for attr in placed.base.attrs()))
        return EntityDesign(
            table.name,
            self.keys[table.name][0],
            ((TABLE, placed.base), *views),
            self._copies(mine, [template for _, template in views]),
            self.guards(table, base_key),
            expiry_column(table, self.settings.override(table.name)),
            tuple((slot, self._shards(table, mine, view)) for slot, view in views if not view.partition),
        )

    def _copies(self, mine: list[Served], templates: list[Template]) -> tuple[Attr, ...]:
        copies = {attr for template in templates for attr in template.attrs() if attr.path}
        for part in mine:
            for step in part.steps:
                if step.how == "copy":
                    copies |= alias_attrs(self.data, part.need, step.alias)
                elif step.how == "follow" and step.after is None:
                    held = held_reference(self.schema, part.need, step.path)
                    copies |= {attr for attr in held if attr.path}
        return tuple(sorted(copies))

    def _shards(self, table: Table, mine: list[Served], view: Template) -> int:
        """Partitions that a constant key is spread over, so that the peak stays below one partition's limit."""
        units = units_of(self.data.item_bytes(table.name))
        peaks = {"insert": 0.0}
        for pattern in self.workload.patterns:
            if any(getattr(s.form, "table", None) == table.name for s in pattern.statements):
                peaks["insert"] += pattern.peak * units
        reads = sum(
            part.need.peak * part.path.read_units
            for part in mine
            if part.path.view.template == view and not part.path.view.base
        )
        need = max(peaks["insert"] / PARTITION_WRITE_UNITS, reads / PARTITION_READ_UNITS) * RESERVE
        return max(1, math.ceil(need))

    def _assumptions(self) -> tuple[str, ...]:
        empty = [table.name for table in self.schema.tables if self.data.empty(table.name)]
        return tuple(f"table {name} is empty: 10,000 rows in groups of 10 are assumed" for name in empty)
