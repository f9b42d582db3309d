"""Weighs the ways of one entity: over each base key, each view of an index, and through guards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from migrator.design.asking import changes, copyable
from migrator.design.attributes import Attr, alias_paths
from migrator.design.branches import NOTHING, Asked, branched
from migrator.design.candidates import base_templates, index_templates, sparse_templates
from migrator.design.conditions import common_conditions
from migrator.design.data import ITEM_EXTRA, Data
from migrator.design.design import Path, Template, View
from migrator.design.entries import conditions_of, entry_writes
from migrator.design.joins import Unjoined, alias_attrs, plan_joins
from migrator.design.needs import Need
from migrator.design.pins import FREE, Pinned
from migrator.design.price import (
    WriteRates,
    monthly_reads,
    monthly_requests,
    monthly_storage,
    monthly_trips,
    monthly_writes,
    units_of,
)
from migrator.design.serve import Unserved, lists_all, request_units, serve
from migrator.design.ways import Row, Way, Ways
from migrator.model.settings import Limits, Prices

MINORITY = 0.5
"""Share of rows below which an index of these rows only is weighed."""


@dataclass(frozen=True, slots=True)
class Weigher:
    """Works out the ways of one entity. `keys`: unique keys that may name its rows. `guards`: for each of them
    (as a set) the unique columns that guard items then keep. `rates`: declared writes by table. `base_key`: the
    columns by which a joined table's rows can be read. `extra`: views that other entities' queries want. `pinned`: what
    the user asks of its keys. `asked`: what makes branches worth weighing."""

    data: Data
    limits: Limits
    prices: Prices
    table: str
    keys: tuple[tuple[str, ...], ...]
    needs: tuple[Need, ...]
    rates: Mapping[str, WriteRates]
    guards: Mapping[frozenset[str], tuple[tuple[str, ...], ...]]
    base_key: Mapping[str, frozenset[str]]
    extra: tuple[Template, ...] = ()
    pinned: Pinned = FREE
    asked: Asked = NOTHING

    def weigh(self) -> Ways:
        """All ways over base keys and views that hold whole items, the templates in the order of taste."""
        unjoined: dict[int, str] = {}
        bases = self._bases()
        over_base = tuple(self.row(View(base, True), unjoined) for base in bases)
        grown = [t for need in self.needs for t in self._grown(need)]
        wanted = (*self.extra, *self.pinned.views)
        rows = {view: self.row(View(view, False), unjoined) for view in dict.fromkeys((*grown, *wanted))}
        useful = [view for view, row in rows.items() if any(row) or view in wanted]
        views = tuple(
            sorted(useful, key=lambda view: (bool(view.where), rows[view].count(None), *self._preference(view)))
        )
        return Ways(
            self.table,
            self.needs,
            bases,
            views,
            over_base,
            tuple(rows[view] for view in views),
            tuple(self.view_usd(View(view, False)) for view in views),
            unjoined,
            pinned=self.pinned.views,
        )

    def _grown(self, need: Need) -> Iterator[Template]:
        """Templates for a need, and those for the few rows alone that its conditions leave."""
        yield from index_templates(self.data.schema, need, self.keys[0])
        for where in common_conditions(need):
            if self.data.share(self.table, where) < MINORITY:
                yield from sparse_templates(self.data.schema, need, self.keys[0], where)

    @property
    def row_bytes(self) -> float:
        return self.data.item_bytes(self.table)

    @property
    def writes(self) -> WriteRates:
        return self.rates[self.table]

    def bytes_of(self, view: View) -> float:
        """Mean bytes of a row's entry or item in a view."""
        if view.only is None:
            return self.row_bytes
        return ITEM_EXTRA + sum(self.data.attribute_bytes(self.table, attr) for attr in view.only)

    def view_usd(self, view: View) -> float:
        """Dollars a month of a view: an entry for each row that stands there, written when the row is."""
        nulls = {equality.attr for need in self.needs for equality in need.equalities if equality.null}
        where = conditions_of(view.template, nulls)
        held = None if view.only is None else frozenset(self.local(view.only))
        keyed = frozenset(self.local(view.template.attrs()))
        size = self.bytes_of(view)
        entries = entry_writes(self.data, self.table, self.writes, where, keyed, held)
        share = self.data.share(self.table, where)
        writes = monthly_writes(self.prices, entries, units_of(size))
        return writes + monthly_storage(self.prices, share * self.data.rows(self.table), size)

    def local(self, attrs: Iterable[Attr]) -> Iterator[str]:
        """The row's own columns that the attributes' values change with."""
        for attr in attrs:
            yield from self._local(attr)

    def changing(self, attrs: Iterable[Attr]) -> frozenset[Attr]:
        """Those of the attributes that are copies of columns which declared writes change."""
        return frozenset(attr for attr in attrs if changes(self.data, self.rates, self.table, attr))

    def _local(self, attr: Attr) -> tuple[str, ...]:
        """The row's own columns that an attribute's value changes with."""
        if not attr.path:
            return (attr.column,)
        return self.data.schema.table(self.table).foreign_key(attr.path[0]).columns

    def _bases(self) -> tuple[Template, ...]:
        """Base templates, the ones to prefer first: by the row's own key, in its parent's partition."""
        found = dict.fromkeys(base_templates(self.data.schema, self.table, self.keys))
        kept = sorted((template for template in found if self.pinned.allows(template)), key=self._base_preference)
        schema, key = self.data.schema, [column.name for column in self.data.schema.table(self.table).columns]
        deeper = (t for base in kept for t in branched(schema, self.table, key, base, self.asked))
        return (*kept, *deeper)

    def _base_preference(self, template: Template) -> tuple[int, bool]:
        columns = {attr.column for attr in template.attrs()}
        rank = next(place for place, key in enumerate(self.keys) if set(key) == columns)
        partition = {part.attr.column for part in template.partition}
        owned = any(set(key.columns) == partition for key in self.data.schema.table(self.table).foreign_keys)
        return rank, not owned

    def _preference(self, template: Template) -> tuple[float, int, Template]:
        """Even partitions first, then short keys, then by name."""
        group = self.data.group(self.table, [part.attr for part in template.partition])
        return (group.maximum, len(template.sort), template)

    def row(self, view: View, unjoined: dict[int, str]) -> Row:
        """The cheapest way to each need over a view. `unjoined` takes the reasons of those that fail at a join."""
        return tuple(self._cheapest(number, view, unjoined) for number in range(len(self.needs)))

    def _cheapest(self, number: int, view: View, unjoined: dict[int, str]) -> Way | None:
        ways = []
        for path in self.paths(self.needs[number], view):
            try:
                ways.append(self.way(self.needs[number], path))
            except Unjoined as error:
                unjoined[number] = str(error)
        return min(ways, key=lambda way: way.mark, default=None)

    def paths(self, need: Need, view: View) -> Iterator[Path]:
        """The paths of a need over a view."""
        with suppress(Unserved):
            yield serve(self.data, self.limits, need, view, self.bytes_of(view), self.writes.inserts > 0)
        if view.base:
            yield from self._guarded(need, view)

    def _guarded(self, need: Need, view: View) -> Iterator[Path]:
        """The path through a guard: its item names the row, then the row is read."""
        kept = self.guards[frozenset(attr.column for attr in view.template.attrs())]
        single = {e.attr.column for e in need.equalities if not e.attr.path and len(e.values) == 1 and not e.null}
        unique = next((columns for columns in kept if set(columns) <= single), None)
        if unique is not None:
            units = request_units(self.row_bytes + 100, 2, need.strong)
            yield Path(view, 0, (), True, False, True, 1, 1.0, self.row_bytes, units, 2, unique)

    def way(self, need: Need, path: Path, changing: bool = False) -> Way:
        """The way that goes on from a path to the joined rows. Unjoined when there is none. `changing`: columns that
        declared writes change may be copied."""
        aliases = [alias for alias in alias_paths(need.select) if alias != need.select.driver]
        wanted = {attr for alias in aliases for attr in alias_attrs(self.data, need, alias)}
        held = copyable(self.data, self.rates, need.table, wanted, changing)
        steps, units, trips = plan_joins(self.data, self.prices, need, path, held, self.base_key)
        units += path.read_units
        aside = sum(step.how == "known" for step in steps) + (0 if by_keys(path) else path.fan - 1)
        usd = monthly_reads(self.prices, need.rate, units) + monthly_requests(self.prices, need.rate, aside)
        usd += monthly_trips(self.prices, need.rate, trips + lists(path))
        way = Way(path, steps, units, trips, usd, need=need)
        return replace(way, relies=self._relied(need, way)) if changing else way

    def _relied(self, need: Need, way: Way) -> frozenset[Attr]:
        """Copies of changing columns that a way looks at."""
        copied = {a for step in way.steps if step.how == "copy" for a in alias_attrs(self.data, need, step.alias)}
        copied |= set(way.path.view.template.attrs())
        return self.changing(copied)


def by_keys(path: Path) -> bool:
    """Whether whole keys are given, many of which one BatchGetItem takes."""
    return not path.view.indexed and not path.view.edge and path.matched == len(path.view.template.sort)


def lists(path: Path) -> bool:
    """Whether the whole table is read: small today, it grows, which is priced like waiting once more."""
    whole = lists_all(path.view.template) and not (path.bounds or path.limited or path.via_guard)
    return whole and path.view.aggregate is None
