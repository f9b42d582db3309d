"""Chooses each entity's base key and views.

Entities share slots freely, so an index costs only when some entity needs one view more than there are slots:
for each number of views the best choice of every entity is independent of the others. Small entities are
searched through, large ones greedily; the plan says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from migrator.design.attributes import Domain, domain
from migrator.design.candidates import base_templates, index_templates
from migrator.design.data import Data
from migrator.design.design import Path, Rejected, Template, View
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

    @property
    def refused(self) -> int:
        return sum(path is None for path in self.paths)

    @property
    def rank(self) -> tuple[int, float, int, int]:
        """Fewest refusals, then dollars, then views, then queries left something to drop or sort."""
        inexact = sum(not path.exact for path in self.paths if path)
        return (self.refused, round(self.usd, 6), len(self.views), inexact)


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

    def candidates(self) -> tuple[Template, ...]:
        """Index templates that meet at least one need, without those that meet no need more than another."""
        found: dict[Template, frozenset[int]] = {}
        for need in self.needs:
            for template in index_templates(self.data.schema, need, self.keys[0]):
                if template not in found:
                    met = frozenset(n for n in range(len(self.needs)) if self.path(n, View(template, False)))
                    if met:
                        found[template] = met
        return tuple(sorted(found, key=lambda template: (-len(found[template]), self._preference(template))))

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

    def best_for(self, base: Template, views: Sequence[Template]) -> Choice:
        """Every need by its cheapest path over these views."""
        paths, usd = [], self.view_usd() * len(views)
        for number in range(len(self.needs)):
            options = self.options(number, base, views)
            best = min(options, key=lambda path: (self.cost(number, path), not path.exact), default=None)
            usd += self.cost(number, best) if best else 0.0
            paths.append(best)
        return Choice(base, tuple(views), tuple(paths), usd)

    def options(self, number: int, base: Template, views: Iterable[Template]) -> list[Path]:
        """Every path to a need over these views, the base first."""
        over = [self.path(number, View(base, True)), *(self.path(number, View(view, False)) for view in views)]
        guard = self.guard_path(number)
        if guard is not None:
            over.append(_at_base(guard, base))
        return [path for path in over if path is not None]

    def best(self, most_views: int) -> tuple[Choice, ...]:
        """The best choice with at most 0, 1, 2 ... views."""
        candidates, bases = self.candidates(), self.bases()
        found: list[Choice] = []
        for count in range(most_views + 1):
            if found and count > len(candidates):
                break
            sets = self._sets(candidates, count, found)
            choices = [self.best_for(base, views) for base in bases for views in sets]
            if found:
                choices.append(found[-1])
            found.append(min(choices, key=lambda choice: (*choice.rank, self._tie(choice, bases))))
            if len(found) > 1 and found[-1] == found[-2]:
                found.pop()
                break
        return tuple(found)

    def _sets(self, candidates: tuple[Template, ...], count: int, found: list[Choice]) -> list[tuple[Template, ...]]:
        combos = 1
        for taken in range(count):
            combos = combos * (len(candidates) - taken) // (taken + 1)
        if combos * max(1, len(self.needs)) <= EXHAUSTIVE:
            return list(combinations(candidates, count))
        kept = found[-1].views if found else ()
        return [(*kept, view) for view in candidates if view not in kept]

    def _tie(self, choice: Choice, bases: tuple[Template, ...]) -> tuple[int, tuple[tuple[float, int, Template], ...]]:
        return (bases.index(choice.base), tuple(self._preference(view) for view in choice.views))

    def rejected(self, number: int, chosen: Path, choice: Choice) -> tuple[Rejected, ...]:
        """The other ways to meet a need that were weighed, cheapest first, at most three."""
        others: list[tuple[float, Rejected]] = []
        for view in self.candidates():
            path = self.path(number, View(view, False))
            if path is None or (not chosen.view.base and view == chosen.view.template):
                continue
            usd = self.cost(number, path) + (0.0 if view in choice.views else self.view_usd())
            why = "dearer or no better" if view in choice.views else "needs one more view of the entity"
            others.append((usd, Rejected(f"index {_spoken(view)}", why, round(usd, 4), path.round_trips)))
        for base in self.bases():
            path = self.path(number, View(base, True))
            if path is not None and not (chosen.view.base and base == chosen.view.template):
                usd = self.cost(number, path)
                why = "the table's key serves other queries better"
                others.append((usd, Rejected(f"table key {_spoken(base)}", why, round(usd, 4), 1)))
        others.sort(key=lambda pair: (pair[0], pair[1].path))
        return tuple(rejected for _, rejected in others[:3])


def _at_base(path: Path, base: Template) -> Path:
    return replace(path, view=View(base, True))


def _spoken(template: Template) -> str:
    partition = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.partition) or "one constant"
    sort = ", ".join(".".join((*p.attr.path, p.attr.column)) for p in template.sort)
    return f"({partition} | {sort})" if sort else f"({partition})"
