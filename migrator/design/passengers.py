"""Passengers: items of other entities that a request reads over, because they stand in the block that it reads into.

Who they are depends on the other entities' base keys, so that a ride is priced in the programme beside the way or the
bundle that takes it: their bytes, rounded up to read units by themselves. They have to be few. Where a request drops
items of its own entity as well, to find some among many, there may be no more of theirs than of its own, and none that
declared queries add to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.design.branches import Branching, attrs_before, crossed, mixed
from migrator.design.bundles import Bundle
from migrator.design.data import Data
from migrator.design.design import Template
from migrator.design.needs import Need
from migrator.design.price import WriteRates, monthly_reads
from migrator.design.serve import request_units
from migrator.design.ways import Way, Ways
from migrator.model.settings import Limits, Prices

WayKey = tuple[str, int, Template]
"""A pattern, a statement of it, and a base key over which it is met."""


@dataclass(frozen=True, slots=True)
class Ride:
    """Items of `table` that a request reads over where its base key is one of `templates`: what that adds to a call,
    and in dollars a month. `fits`: whether so many may be read at all."""

    table: str
    templates: frozenset[Template]
    items: float
    bytes: float
    units: float
    usd: float
    fits: bool


@dataclass(frozen=True, slots=True)
class Rides:
    """All rides that there may be: beside a need's way that no bundle answers, and beside a bundle. `together`: tables
    whose keys are chosen together for that."""

    beside_ways: Mapping[WayKey, tuple[Ride, ...]]
    beside_bundles: Mapping[Bundle, tuple[Ride, ...]]
    together: frozenset[frozenset[str]] = frozenset()

    def way(self, way: Way, key: WayKey, bases: Mapping[str, Template | None]) -> Way:
        """The way as it is with what it reads over."""
        there = _there(self.beside_ways.get(key, ()), bases)
        units, size = sum(ride.units for ride in there), sum(ride.bytes for ride in there)
        path = replace(
            way.path,
            items=way.path.items + sum(ride.items for ride in there),
            bytes=way.path.bytes + size,
            read_units=way.path.read_units + units,
        )
        usd = way.usd + sum(ride.usd for ride in there)
        return replace(way, path=path, read_units=way.read_units + units, usd=usd) if there else way

    def bundle(self, bundle: Bundle, bases: Mapping[str, Template | None]) -> Bundle:
        """The bundle with what it reads over, which it saves the less."""
        there = _there(self.beside_bundles.get(bundle, ()), bases)
        return replace(
            bundle,
            saved_units=bundle.saved_units - sum(ride.units for ride in there),
            saved_usd=bundle.saved_usd - sum(ride.usd for ride in there),
        )


NO_RIDES = Rides({}, {})


def _there(rides: Sequence[Ride], bases: Mapping[str, Template | None]) -> list[Ride]:
    return [ride for ride in rides if bases.get(ride.table) in ride.templates]


@dataclass(frozen=True, slots=True)
class Boarding:
    """Finds the rides of ways and bundles. `ways`: every entity's, by its table; so `rates`: declared writes."""

    data: Data
    prices: Prices
    limits: Limits
    rates: Mapping[str, WriteRates]
    ways: Mapping[str, Ways]

    def rides(self, bundles: Sequence[Bundle]) -> Rides:
        """The rides where entities have no other keys behind paths than those that some bundle wants."""
        wanted: dict[str, set[Template]] = {}
        for bundle in bundles:
            for member in bundle.members if bundle.base else ():
                wanted.setdefault(member.table, set()).update(t for t in member.templates if t.cuts)
        if not any(wanted.values()):
            return NO_RIDES
        found: dict[WayKey, tuple[Ride, ...]] = {}
        together = set()
        for table, key, rides in self._of_ways(wanted):
            found[key] = rides
            together.add(frozenset({table, *(ride.table for ride in rides)}))
        beside = {b: rides for b in bundles if b.base and (rides := tuple(self._of_bundle(b, wanted)))}
        together |= {frozenset({b.members[0].table, *(r.table for r in rides)}) for b, rides in beside.items()}
        return Rides(found, beside, frozenset(together))

    def _of_ways(self, wanted: Mapping[str, set[Template]]) -> Iterator[tuple[str, WayKey, tuple[Ride, ...]]]:
        for table, templates in sorted(wanted.items()):
            mine = self.ways[table]
            for template, row in zip(mine.bases, mine.over_base, strict=True):
                if template not in templates:
                    continue
                for need, way in zip(mine.needs, row, strict=True):
                    if way is not None and mixed(way.path):
                        depth, matched = crossed(way.path), way.path.matched
                        rides = self._over(need, table, template, depth, matched, {table}, wanted, way.path.fan)
                        if way.path.over_reads or need.limit is not None:
                            rides = (self._seldom(ride, way.path.items) for ride in rides)
                        yield table, (need.pattern, need.number, template), tuple(rides)

    def _seldom(self, ride: Ride, own: float) -> Ride:
        """The ride beside a request that looks for some of its own items among that many."""
        return replace(ride, fits=ride.fits and ride.items <= own and not self.rates[ride.table].inserts)

    def _of_bundle(self, bundle: Bundle, wanted: Mapping[str, set[Template]]) -> Iterator[Ride]:
        """What else stands in the blocks that a bundle reads, each once."""
        members = {member.table for member in bundle.members}
        depth = len(bundle.home.path)
        blocks = {m.block: m for m in bundle.members if m.block is not None}
        for member in blocks.values():
            template = min(member.templates)
            need = next(n for n in self.ways[member.table].needs if n.pattern == bundle.pattern)
            matched = (0, *template.cuts)[depth]
            yield from self._over(need, member.table, template, depth, matched, members, wanted, 1)

    def _over(
        self,
        need: Need,
        table: str,
        template: Template,
        depth: int,
        matched: int,
        members: set[str],
        wanted: Mapping[str, set[Template]],
        fan: int,
    ) -> Iterator[Ride]:
        schema = self.data.schema
        own = Branching.of(schema, table, template)
        for other in sorted(wanted.keys() - members):
            there = frozenset(t for t in wanted[other] if own.crosses(depth, Branching.of(schema, other, t)))
            if there:
                group = self.data.group(other, attrs_before(min(there), matched))
                items = group.mean * fan
                size = items * self.data.item_bytes(other)
                units = request_units(size, fan, need.strong)
                most = group.maximum * self.data.item_bytes(other)
                fits = group.maximum <= self.limits.bounded_items and most <= self.limits.bounded_bytes
                usd = monthly_reads(self.prices, need.rate, units)
                yield Ride(other, there, items, size, units, usd, fits)
