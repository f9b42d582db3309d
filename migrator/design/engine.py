"""The designer: from schema, measurements and declared queries to keys, indexes and paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from migrator.design.asking import copyable, pattern_needs
from migrator.design.attributes import Attr, Domain, alias_paths, domain
from migrator.design.candidates import KEYLESS
from migrator.design.choose import Choice, Chooser
from migrator.design.data import Data
from migrator.design.design import (
    TABLE,
    Design,
    EntityDesign,
    Frontier,
    JoinStep,
    Path,
    ReadDesign,
    Served,
    Template,
)
from migrator.design.joins import Unjoined, alias_attrs, held_reference, plan_joins
from migrator.design.lifetime import expiry_column
from migrator.design.needs import Need
from migrator.design.price import WriteRates, monthly_reads, monthly_trips, units_of
from migrator.design.refuse import refuse
from migrator.design.slots import assign_slots
from migrator.model.errors import BlockedError
from migrator.model.query import Delete, Insert, Refusal, Update, Workload
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics

SOLVER = "best choice of views for each entity"
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
    rates, columns = WriteRates(), set[str]()
    for pattern in workload.patterns:
        for statement in pattern.statements:
            match statement.form:
                case Insert(table=name) as insert if name == table:
                    rates = replace(rates, inserts=rates.inserts + pattern.rate * len(insert.rows))
                    columns |= _overwritten(insert)
                case Update(table=name, assignments=assignments) if name == table:
                    rates = replace(rates, updates=rates.updates + pattern.rate)
                    columns |= {column for column, _ in assignments}
                case Delete(table=name) if name == table:
                    rates = replace(rates, deletes=rates.deletes + pattern.rate)
    return replace(rates, columns=frozenset(columns))


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
    weighed: dict[str, Chooser] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, schema: Schema, statistics: Statistics, workload: Workload, settings: Settings) -> _Designer:
        rates = {table.name: write_rates(workload, table.name) for table in schema.tables}
        keys = {t.name: row_keys(t, settings, rates[t.name].columns) for t in schema.tables}
        data = Data(schema, statistics)
        reads = [pattern for pattern in workload.patterns if pattern.kind == "read"]
        needs = {pattern.name: pattern_needs(data, rates, pattern) for pattern in reads}
        return cls(data, workload, settings, rates, keys, needs)

    @property
    def schema(self) -> Schema:
        return self.data.schema

    def design(self) -> Design:
        """The design. What the refused patterns would have asked for is left out of it."""
        choosers = {table.name: self._chooser(table) for table in self.schema.tables}
        found = {name: chooser.best(self.settings.limits.max_indexes) for name, chooser in choosers.items()}
        frontier = self._frontier(choosers, found)
        most = min(frontier, key=lambda point: (point.refused, point.monthly_usd, point.indexes)).indexes
        choices = {name: best[min(most, len(best) - 1)] for name, best in found.items()}
        reads = tuple(self._read(name, needs, choosers, choices) for name, needs in self.needs.items())
        refused = {read.pattern: read.refusal for read in reads if read.refusal}
        if any(not isinstance(self.needs[name], Refusal) for name in refused):
            return replace(self, needs={**self.needs, **refused}).design()
        return Design(
            self._entities(choices, reads),
            reads,
            frontier,
            sum(len(chooser.grid().views) + len(chooser.grid().bases) for chooser in choosers.values()),
            SOLVER,
            round(sum(choice.usd for choice in choices.values()), 4),
            self._assumptions(),
        )

    def _open_needs(self) -> list[Need]:
        return [need for needs in self.needs.values() if not isinstance(needs, Refusal) for need in needs]

    def _chooser(self, table: Table) -> Chooser:
        mine = tuple(need for need in self._open_needs() if need.table == table.name)
        partners = tuple(self._partner(need) for need in mine)
        known = self.weighed.get(table.name)
        if known is not None and (known.needs, known.partners) == (mine, partners):
            return known
        self.weighed[table.name] = Chooser(
            self.data,
            self.settings.limits,
            self.settings.prices,
            table.name,
            self.keys[table.name],
            mine,
            self.rates[table.name],
            self.guards(table, self.keys[table.name][0]),
            self.data.item_bytes(table.name),
            partners,
        )
        return self.weighed[table.name]

    def guards(self, table: Table, base_key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Unique constraints that the table's key alone would not keep, and that a key can hold."""
        unique = [constraint.columns for constraint in table.uniques]
        unique = [columns for columns in unique if not unwritable(table, columns)]
        primary = table.primary_key
        if primary and not set(base_key) <= set(primary) and not unwritable(table, primary):
            unique.append(table.primary_key)
        return tuple(sorted({columns for columns in unique if not set(base_key) <= set(columns)}))

    def _partner(self, need: Need) -> frozenset[Domain]:
        """The partition that the other parts of a need's pattern (or its joined parents) ask for too."""
        siblings = self.needs[need.pattern]
        if isinstance(siblings, Refusal):
            return frozenset()
        others = [_asked(self.schema, sibling) for sibling in siblings if sibling.number != need.number]
        if len(alias_paths(need.select)) > 1:
            others.append(_asked(self.schema, need))
        mine = _asked(self.schema, need)
        return mine if mine and mine in others else frozenset()

    def _frontier(
        self, choosers: Mapping[str, Chooser], found: Mapping[str, tuple[Choice, ...]]
    ) -> tuple[Frontier, ...]:
        already = sum(isinstance(needs, Refusal) for needs in self.needs.values())
        points = []
        for count in range(max((len(best) for best in found.values()), default=1)):
            choices = {name: best[min(count, len(best) - 1)] for name, best in found.items()}
            usd = sum(choice.usd for choice in choices.values()) + count * self.settings.prices.index_month
            trips = sum(path.round_trips for choice in choices.values() for path in choice.paths if path)
            refused = already + len(_refused(choosers, choices))
            points.append(Frontier(count, round(usd, 4), trips, refused))
        return tuple(points)

    def _read(
        self,
        name: str,
        needs: tuple[Need, ...] | Refusal,
        choosers: Mapping[str, Chooser],
        choices: Mapping[str, Choice],
    ) -> ReadDesign:
        if isinstance(needs, Refusal):
            return ReadDesign(name, refusal=needs)
        served = []
        for need in needs:
            outcome = self._serve(need, choosers[need.table], choices[need.table], choices)
            if isinstance(outcome, Refusal):
                return ReadDesign(name, refusal=outcome)
            served.append(outcome)
        return ReadDesign(name, tuple(served))

    def _serve(self, need: Need, chooser: Chooser, choice: Choice, choices: Mapping[str, Choice]) -> Served | Refusal:
        number = chooser.needs.index(need)
        path = choice.paths[number]
        if path is None:
            return refuse(self.data, need)
        try:
            taken, units, trips = self._joins(need, path, choices)
        except Unjoined as error:
            return Refusal(str(error), "ask for the joined table's columns in a statement of its own")
        prices = self.settings.prices
        usd = monthly_reads(prices, need.rate, path.read_units + units) + monthly_trips(prices, need.rate, trips)
        return Served(
            need,
            path,
            taken,
            path.read_units + units,
            trips,
            usd,
            chooser.rejected(number, path, choice),
        )

    def _joins(self, need: Need, path: Path, choices: Mapping[str, Choice]) -> tuple[tuple[JoinStep, ...], float, int]:
        aliases = [alias for alias in alias_paths(need.select) if alias != need.select.driver]
        wanted = {attr for alias in aliases for attr in alias_attrs(self.data, need, alias)}
        base_key = {table: frozenset(attr.column for attr in choice.base.attrs()) for table, choice in choices.items()}
        held = copyable(self.data, self.rates, need.table, wanted)
        return plan_joins(self.data, self.settings.prices, need, path, held, base_key)

    def _entities(self, choices: Mapping[str, Choice], reads: tuple[ReadDesign, ...]) -> tuple[EntityDesign, ...]:
        served = [part for read in reads for part in read.served]
        slots = assign_slots(self.schema, served)
        return tuple(self._entity(table, choices[table.name], served, slots) for table in self.schema.tables)

    def _entity(
        self, table: Table, choice: Choice, served: list[Served], slots: Mapping[tuple[str, Template], str]
    ) -> EntityDesign:
        views = sorted((slot, template) for (name, template), slot in slots.items() if name == table.name)
        mine = [part for part in served if part.need.table == table.name]
        base_key = tuple(sorted(attr.column for attr in choice.base.attrs()))
        return EntityDesign(
            table.name,
            self.keys[table.name][0],
            ((TABLE, choice.base), *views),
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


def _asked(schema: Schema, need: Need) -> frozenset[Domain]:
    return frozenset(domain(schema, need.table, equality.attr) for equality in need.equalities)


def _refused(choosers: Mapping[str, Chooser], choices: Mapping[str, Choice]) -> set[str]:
    """Patterns with a part that these choices do not serve."""
    return {
        need.pattern
        for name, choice in choices.items()
        for need, path in zip(choosers[name].needs, choice.paths, strict=True)
        if path is None
    }
