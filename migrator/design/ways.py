"""Every way to meet every need of one entity: over each base key, each view of an index, and through guards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from heapq import nsmallest

from migrator.design.asking import copyable
from migrator.design.attributes import Attr, alias_paths
from migrator.design.candidates import base_templates, index_templates
from migrator.design.data import Data
from migrator.design.design import JoinStep, Path, Rejected, Template, View
from migrator.design.joins import Unjoined, alias_attrs, plan_joins
from migrator.design.needs import Need
from migrator.design.price import (
    WriteRates,
    monthly_reads,
    monthly_requests,
    monthly_storage,
    monthly_trips,
    monthly_writes,
    units_of,
)
from migrator.design.serve import Unserved, request_units, serve
from migrator.model.settings import Limits, Prices

PAIRWISE = 400
"""Templates that are compared each with each; beyond that only equal ones are left out."""

Mark = tuple[float, bool]
NOT_MET: Mark = (math.inf, False)


@dataclass(frozen=True, slots=True)
class Way:
    """A path of a need with the steps to its joined rows. `usd`: dollars a month of all its calls."""

    path: Path
    steps: tuple[JoinStep, ...]
    read_units: float
    round_trips: int
    usd: float

    @property
    def mark(self) -> Mark:
        """Orders ways of one need."""
        return self.usd, not self.path.exact


Row = tuple[Way | None, ...]
"""One template's way to each need of its entity; None: not met."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What one entity's templates do for its needs. `bases` and `views` stand in the order of taste, which
    settles ties. `view_usd`: dollars a month of keeping each view: its writes and its storage.
    `unjoined`: why a need with a path has no way to its joined rows, by the need's place."""

    table: str
    needs: tuple[Need, ...]
    bases: tuple[Template, ...]
    views: tuple[Template, ...]
    over_base: tuple[Row, ...]
    over_view: tuple[Row, ...]
    view_usd: tuple[float, ...]
    unjoined: Mapping[int, str]

    def kept(self, wanted: frozenset[Template]) -> Ways:
        """Without the templates that another one makes superfluous; `wanted` ones stay, whatever they cost."""
        bases = _distinct(self.over_base, [template in wanted for template in self.bases], [0.0] * len(self.bases))
        views = _distinct(self.over_view, [template in wanted for template in self.views], self.view_usd)
        return replace(
            self,
            bases=tuple(self.bases[place] for place in bases),
            over_base=tuple(self.over_base[place] for place in bases),
            views=tuple(self.views[place] for place in views),
            over_view=tuple(self.over_view[place] for place in views),
            view_usd=tuple(self.view_usd[place] for place in views),
        )

    def met(self, number: int) -> bool:
        return any(row[number] for row in (*self.over_base, *self.over_view))

    def met_by_views(self, number: int) -> bool:
        return any(row[number] for row in self.over_view)

    def rejected(self, number: int, chosen: Path, views: Sequence[Template]) -> tuple[Rejected, ...]:
        """The other ways to meet a need that were weighed, cheapest first, at most three. `views`: those the
        entity has."""
        others: list[tuple[float, Rejected]] = []
        for template, row, kept_usd in zip(self.views, self.over_view, self.view_usd, strict=True):
            way = row[number]
            if way is None or (not chosen.view.base and template == chosen.view.template):
                continue
            usd = way.usd + (0.0 if template in views else kept_usd)
            why = "dearer or no better" if template in views else "needs one more view of the entity"
            others.append((usd, Rejected(f"index {spoken(template)}", why, round(usd, 4), way.round_trips)))
        for template, row in zip(self.bases, self.over_base, strict=True):
            way = row[number]
            if way is not None and not (chosen.view.base and template == chosen.view.template):
                why = "the table's key serves other queries better"
                told = Rejected(f"table key {spoken(template)}", why, round(way.usd, 4), way.round_trips)
                others.append((way.usd, told))
        cheapest = nsmallest(3, others, key=lambda pair: (pair[0], pair[1].path))
        return tuple(rejected for _, rejected in cheapest)


def spoken(template: Template) -> str:
    """A template in words: (partition | sort).

    >>> from migrator.design.design import KeyPart
    >>> spoken(Template((), (KeyPart(Attr((), "made")), KeyPart(Attr(("fk_customer",), "name")))))
    '(one constant | made, fk_customer.name)'
    """
    partition = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.partition) or "one constant"
    sort = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.sort)
    return f"({partition} | {sort})" if sort else f"({partition})"


def _distinct(rows: Sequence[Row], wanted: Sequence[bool], kept_usd: Sequence[float]) -> list[int]:
    """Places of the rows worth weighing: a row that is nowhere cheaper or more exact than another, whose template
    is no cheaper to keep and not more to one's taste, is left out."""
    first: dict[tuple[float, tuple[Mark, ...]], int] = {}
    for place, row in enumerate(rows):
        if not wanted[place]:
            first.setdefault((kept_usd[place], tuple(way.mark if way else NOT_MET for way in row)), place)
    marked = {place: ((usd, False), *marks) for (usd, marks), place in first.items()}
    if len(marked) <= PAIRWISE:
        marked = {
            place: marks
            for place, marks in marked.items()
            if not any(other < place and _covers(marked[other], marks) for other in marked)
        }
    return sorted({*marked, *(place for place, kept in enumerate(wanted) if kept)})


def _covers(better: tuple[Mark, ...], worse: tuple[Mark, ...]) -> bool:
    return all(a <= b for a, b in zip(better, worse, strict=True))


@dataclass(frozen=True, slots=True)
class Weigher:
    """Works out the ways of one entity. `keys`: unique keys that may name its rows. `guards`: for each of them
    (as a set) the unique columns that guard items then keep. `rates`: declared writes by table. `base_key`: the
    columns by which a joined table's rows can be read. `extra`: views that other entities' queries want."""

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

    def weigh(self) -> Ways:
        """All ways, the templates in the order of taste."""
        unjoined: dict[int, str] = {}
        bases = self._bases()
        over_base = tuple(self._row(View(base, True), unjoined) for base in bases)
        grown = (t for need in self.needs for t in index_templates(self.data.schema, need, self.keys[0]))
        rows = {view: self._row(View(view, False), unjoined) for view in dict.fromkeys((*grown, *self.extra))}
        useful = [view for view, row in rows.items() if any(row) or view in self.extra]
        views = tuple(sorted(useful, key=lambda view: (rows[view].count(None), *self._preference(view))))
        return Ways(
            self.table,
            self.needs,
            bases,
            views,
            over_base,
            tuple(rows[view] for view in views),
            tuple(map(self._view_usd, views)),
            unjoined,
        )

    @property
    def _row_bytes(self) -> float:
        return self.data.item_bytes(self.table)

    @property
    def _writes(self) -> WriteRates:
        return self.rates[self.table]

    def _view_usd(self, view: Template) -> float:
        """Dollars a month of a view: an entry for each row whose partition is not NULL, written when the row is."""
        nulls = {equality.attr for need in self.needs for equality in need.equalities if equality.null}
        share = self.data.present(self.table, [p.attr for p in view.partition if p.attr not in nulls])
        keyed = frozenset(column for attr in view.attrs() for column in self._local(attr))
        writes = monthly_writes(self.prices, share * self._writes.entries(keyed), units_of(self._row_bytes))
        return writes + monthly_storage(self.prices, share * self.data.rows(self.table), self._row_bytes)

    def _local(self, attr: Attr) -> tuple[str, ...]:
        """The row's own columns that an attribute's value changes with."""
        if not attr.path:
            return (attr.column,)
        return self.data.schema.table(self.table).foreign_key(attr.path[0]).columns

    def _bases(self) -> tuple[Template, ...]:
        """Base templates, the ones to prefer first: by the row's own key, in its parent's partition."""
        found = dict.fromkeys(base_templates(self.data.schema, self.table, self.keys))
        return tuple(sorted(found, key=self._base_preference))

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

    def _row(self, view: View, unjoined: dict[int, str]) -> Row:
        return tuple(self._cheapest(number, view, unjoined) for number in range(len(self.needs)))

    def _cheapest(self, number: int, view: View, unjoined: dict[int, str]) -> Way | None:
        ways = []
        for path in self._paths(number, view):
            try:
                ways.append(self._way(self.needs[number], path))
            except Unjoined as error:
                unjoined[number] = str(error)
        return min(ways, key=lambda way: way.mark, default=None)

    def _paths(self, number: int, view: View) -> Iterator[Path]:
        need = self.needs[number]
        with suppress(Unserved):
            yield serve(self.data, self.limits, need, view, self._row_bytes, self._writes.inserts > 0)
        if view.base:
            yield from self._guarded(need, view)

    def _guarded(self, need: Need, view: View) -> Iterator[Path]:
        """The path through a guard: its item names the row, then the row is read."""
        kept = self.guards[frozenset(attr.column for attr in view.template.attrs())]
        single = {e.attr.column for e in need.equalities if not e.attr.path and len(e.values) == 1 and not e.null}
        unique = next((columns for columns in kept if set(columns) <= single), None)
        if unique is not None:
            units = request_units(self._row_bytes + 100, 2, need.strong)
            yield Path(view, 0, (), True, False, True, 1, 1.0, self._row_bytes, units, 2, unique)

    def _way(self, need: Need, path: Path) -> Way:
        aliases = [alias for alias in alias_paths(need.select) if alias != need.select.driver]
        wanted = {attr for alias in aliases for attr in alias_attrs(self.data, need, alias)}
        held = copyable(self.data, self.rates, need.table, wanted)
        steps, units, trips = plan_joins(self.data, self.prices, need, path, held, self.base_key)
        units += path.read_units
        aside = sum(step.how == "known" for step in steps) + (0 if _by_keys(path) else path.fan - 1)
        usd = monthly_reads(self.prices, need.rate, units) + monthly_requests(self.prices, need.rate, aside)
        usd += monthly_trips(self.prices, need.rate, trips + _lists(path))
        return Way(path, steps, units, trips, usd)


def _by_keys(path: Path) -> bool:
    """Whether whole keys are given, many of which one BatchGetItem takes."""
    return path.view.base and path.matched == len(path.view.template.sort)


def _lists(path: Path) -> bool:
    """Whether the whole table is read: small today, it grows, which is priced like waiting once more."""
    return not (path.view.template.partition or path.bounds or path.limited or path.via_guard)
