"""Chooses each entity's base key and views.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots:
for each number of views the best choice of every entity is independent of the others. Small entities are
searched through, large ones greedily; the plan says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import combinations
from math import comb

from migrator.design.attributes import Domain, domain
from migrator.design.candidates import base_templates, index_templates
from migrator.design.data import Data
from migrator.design.design import Path, Rejected, Template, View
from migrator.design.grid import Grid, Option, Pick
from migrator.design.needs import Need
from migrator.design.price import (
    WriteRates,
    monthly_reads,
    monthly_storage,
    monthly_trips,
    monthly_writes,
    units_of,
)
from migrator.design.serve import Unserved, request_units, serve
from migrator.model.settings import Limits, Prices

EXHAUSTIVE = 2_000
"""Combinations of views that are searched through before the search turns greedy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An entity's base and views, with the path of each need (None: refused) and the cost a month."""

    base: Template
    views: tuple[Template, ...]
    paths: tuple[Path | None, ...]
    usd: float


@dataclass(frozen=True, slots=True)
class Chooser:
    """Weighs templates of one entity. `partners`: for each need the partition (a domain's values) that other
    parts of its pattern ask for too: sharing it saves a request."""

    data: Data
    limits: Limits
    prices: Prices
    table: str
    keys: tuple[tuple[str, ...], ...]
    needs: tuple[Need, ...]
    writes: WriteRates
    guards: tuple[tuple[str, ...], ...]
    row_bytes: float
    partners: tuple[frozenset[Domain], ...]
    _grids: list[Grid] = field(default_factory=list, compare=False, repr=False)

    def _candidates(self) -> list[tuple[Template, tuple[Option | None, ...]]]:
        """Index templates that meet at least one need, those first that meet most, each with its ways."""
        grown = dict.fromkeys(
            template for need in self.needs for template in index_templates(self.data.schema, need, self.keys[0])
        )
        weighed = [(template, self._over(template, False)) for template in grown]
        useful = [(template, options) for template, options in weighed if any(options)]
        return sorted(useful, key=lambda pair: (pair[1].count(None), self._preference(pair[0])))

    def _over(self, template: Template, base: bool) -> tuple[Option | None, ...]:
        view = View(template, base)
        return tuple(self._option(number, self.path(number, view)) for number in range(len(self.needs)))

    def bases(self) -> tuple[Template, ...]:
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
        """Even partitions first, then short keys, then by name: the order in which ties are settled."""
        group = self.data.group(self.table, [part.attr for part in template.partition])
        return (group.maximum, len(template.sort), template)

    def path(self, number: int, view: View) -> Path | None:
        """How a need is met by a view; None when it cannot be."""
        try:
            return serve(self.data, self.limits, self.needs[number], view, self.row_bytes, self.writes.inserts > 0)
        except Unserved:
            return None

    def cost(self, number: int, path: Path) -> float:
        """Dollars a month of meeting a need by a path."""
        need = self.needs[number]
        usd = monthly_reads(self.prices, need.rate, path.read_units)
        usd += monthly_trips(self.prices, need.rate, path.round_trips)
        if path.view.base and self._shares(number, path):
            usd -= monthly_reads(self.prices, need.rate, 0.25)
        return usd

    def _shares(self, number: int, path: Path) -> bool:
        wanted = self.partners[number]
        attrs = [part.attr for part in path.view.template.partition]
        return bool(wanted) and frozenset(domain(self.data.schema, self.table, attr) for attr in attrs) == wanted

    def view_usd(self) -> float:
        """Dollars a month of one more copy of the entity's items in an index."""
        writes = monthly_writes(self.prices, self.writes.total, units_of(self.row_bytes))
        return writes + monthly_storage(self.prices, self.data.rows(self.table), self.row_bytes)

    def guard_path(self, number: int) -> Path | None:
        """The path through a guard: its item names the row, then the row is read."""
        need = self.needs[number]
        single = {e.attr.column for e in need.equalities if not e.attr.path and len(e.values) == 1 and not e.null}
        unique = next((columns for columns in self.guards if set(columns) <= single), None)
        if unique is None:
            return None
        units = request_units(self.row_bytes + 100, 2, need.strong)
        view = View(self.bases()[0], True)
        return Path(view, 0, (), True, False, True, 1, 1.0, self.row_bytes, units, 2, unique)

    def best(self, most_views: int) -> tuple[Choice, ...]:
        """The best choice with at most 0, 1, 2 ... views."""
        grid = self.grid().pruned()
        found: list[Pick] = []
        for count in range(most_views + 1):
            if found and count > len(grid.views):
                break
            picks = [Pick(base, views) for base in range(len(grid.bases)) for views in self._sets(grid, count, found)]
            best = min([*picks, *found[-1:]], key=grid.rank)
            if found and best == found[-1]:
                break
            found.append(best)
        return tuple(self._choice(grid, pick) for pick in found)

    def grid(self) -> Grid:
        """All ways, worked out once."""
        if not self._grids:
            self._grids.append(self._weigh())
        return self._grids[0]

    def _weigh(self) -> Grid:
        guards = [self.guard_path(number) for number in range(len(self.needs))]

        def guarded(base: Template) -> tuple[Option | None, ...]:
            kept = (replace(path, view=View(base, True)) if path else None for path in guards)
            return tuple(self._option(number, path) for number, path in enumerate(kept))

        bases, candidates = self.bases(), self._candidates()
        return Grid(
            bases,
            tuple(view for view, _ in candidates),
            tuple(self._over(base, True) for base in bases),
            tuple(map(guarded, bases)),
            tuple(options for _, options in candidates),
            tuple(self._preference(view) for view, _ in candidates),
            self.view_usd(),
        )

    def _option(self, number: int, path: Path | None) -> Option | None:
        return Option(self.cost(number, path), path) if path else None

    def _choice(self, grid: Grid, pick: Pick) -> Choice:
        options = grid.options(pick)
        usd = self.view_usd() * len(pick.views) + sum(option.usd for option in options if option)
        views = tuple(grid.views[view] for view in pick.views)
        return Choice(grid.bases[pick.base], views, tuple(option.path if option else None for option in options), usd)

    def _sets(self, grid: Grid, count: int, found: list[Pick]) -> list[tuple[int, ...]]:
        """Combinations of views to weigh: all of them, or the best so far and one more when they are too many."""
        places = range(len(grid.views))
        if comb(len(places), count) * max(1, len(self.needs)) <= EXHAUSTIVE:
            return list(combinations(places, count))
        kept = found[-1].views if found else ()
        return [(*kept, view) for view in places if view not in kept]

    def rejected(self, number: int, chosen: Path, choice: Choice) -> tuple[Rejected, ...]:
        """The other ways to meet a need that were weighed, cheapest first, at most three."""
        grid = self.grid()
        others: list[tuple[float, Rejected]] = []
        for view, options in zip(grid.views, grid.by_view, strict=True):
            option = options[number]
            if option is None or (not chosen.view.base and view == chosen.view.template):
                continue
            usd = option.usd + (0.0 if view in choice.views else self.view_usd())
            why = "dearer or no better" if view in choice.views else "needs one more view of the entity"
            others.append((usd, Rejected(f"index {_spoken(view)}", why, round(usd, 4), option.path.round_trips)))
        for base, options in zip(grid.bases, grid.by_base, strict=True):
            option = options[number]
            if option is not None and not (chosen.view.base and base == chosen.view.template):
                why = "the table's key serves other queries better"
                others.append((option.usd, Rejected(f"table key {_spoken(base)}", why, round(option.usd, 4), 1)))
        cheapest = nsmallest(3, others, key=lambda pair: (pair[0], pair[1].path))
        return tuple(rejected for _, rejected in cheapest)


def _spoken(template: Template) -> str:
    partition = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.partition) or "one constant"
    sort = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.sort)
    return f"({partition} | {sort})" if sort else f"({partition})"
