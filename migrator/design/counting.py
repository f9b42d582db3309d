"""Aggregates offered to the programme beside base keys and views: each with its way to every need that it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from migrator.design.aggregates import (
    UPDATE_UNITS,
    Unkept,
    busiest,
    groups_within,
    in_order,
    item_bytes,
    measures_of,
    path_over,
    upkeep,
    upkeep_usd,
    wanted_by,
)
from migrator.design.design import Aggregate, Kept, View
from migrator.design.needs import Need
from migrator.design.price import WriteRates
from migrator.design.serve import Unserved
from migrator.design.ways import Offer, Way, Ways
from migrator.design.weighing import Weigher
from migrator.model.counted import plural
from migrator.model.query import Insert, Workload
from migrator.model.quotas import PARTITION_WRITE_UNITS
from migrator.model.unit import Measure

COMBINED = 4
"""Needs of one template whose measures are combined in every way; of more, each need's own and all together."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else decides whether a table's rows can be counted. `peaks`: its declared writes in their busiest second.
    `replaced`: some declared INSERT may replace rows. `expires`: TTL deletes rows."""

    peaks: WriteRates
    replaced: bool
    expires: bool


def with_aggregates(weigher: Weigher, ways: Ways, about: Circumstances) -> Ways:
    """The ways with counter items added, for needs that ask for figures."""
    offers = []
    for made in _candidates(weigher, about):
        row = tuple(_way(weigher, need, made) for need in weigher.needs)
        if any(row):
            offers.append(Offer(View(made.template, False, aggregate=made), row, kept_usd(weigher, made)))
    return replace(ways, beside=(*ways.beside, *offers))


def why_not(weigher: Weigher, need: Need, about: Circumstances) -> str | None:
    """Why no counter items answer a need; None when some do."""
    try:
        path_over(weigher.data, weigher.limits, need, _made(weigher, need, about))
    except (Unkept, Unserved) as error:
        return str(error)
    return None


def describe_kept(weigher: Weigher, made: Aggregate, about: Circumstances) -> Kept:
    """The figures of an aggregate that the design keeps."""
    groups = groups_within(weigher.data, made, []).mean
    usd = round(kept_usd(weigher, made), 4)
    return Kept(made, groups, item_bytes(weigher.data, made), usd, busiest(weigher.data, about.peaks, made))


def kept_usd(weigher: Weigher, made: Aggregate) -> float:
    """Dollars a month of keeping an aggregate."""
    alone = not weigher.guards[frozenset(weigher.keys[0])]
    return upkeep_usd(weigher.data, weigher.prices, upkeep(weigher.writes, made), made, alone)


def _candidates(weigher: Weigher, about: Circumstances) -> Iterator[Aggregate]:
    """Every template that some need asks for, with the measures of the needs that it may answer."""
    wanted = []
    for need in weigher.needs:
        try:
            wanted.append(_made(weigher, need, about))
        except Unkept:
            continue
    for template in dict.fromkeys(made.template for made in wanted):
        bare = Aggregate(weigher.table, template, ())
        measured = [
            measures_of(weigher.data, need, bare.columns) for need in weigher.needs if _way(weigher, need, bare, True)
        ]
        yield from (replace(bare, measures=measures) for measures in _together(measured))


def _together(measured: Sequence[tuple[Measure, ...]]) -> Iterator[tuple[Measure, ...]]:
    """Sets of measures worth keeping side by side."""
    sets = list(dict.fromkeys(measured))
    sizes = range(1, len(sets) + 1) if len(sets) <= COMBINED else (1, len(sets))
    found = (in_order(m for one in chosen for m in one) for size in sizes for chosen in combinations(sets, size))
    yield from dict.fromkeys(found)


def _made(weigher: Weigher, need: Need, about: Circumstances) -> Aggregate:
    made = wanted_by(weigher.data, need, about.expires)
    if about.replaced:
        raise Unkept(
            f"a declared REPLACE of {need.table} does not tell which rows give way to the new one, so that no counter "
            "could follow it"
        )
    units = busiest(weigher.data, about.peaks, made) * UPDATE_UNITS
    if units > PARTITION_WRITE_UNITS:
        raise Unkept(
            f"its busiest counter item would take {plural(units, 'write unit')} a second at the peak, and one item "
            f"takes {PARTITION_WRITE_UNITS:,}"
        )
    return made


def _way(weigher: Weigher, need: Need, made: Aggregate, bare: bool = False) -> Way | None:
    """The way of a need over an aggregate; `bare`: whatever figures it keeps."""
    try:
        path = path_over(weigher.data, weigher.limits, need, made)
    except (Unkept, Unserved):
        return None
    if not bare and not set(measures_of(weigher.data, need, made.columns)) <= set(made.measures):
        return None
    return weigher.way(need, path)


def replaces(workload: Workload, table: str) -> bool:
    """Whether some declared INSERT may replace rows that are there."""
    forms = (statement.form for pattern in workload.patterns for statement in pattern.statements)
    inserts = (form for form in forms if isinstance(form, Insert) and form.table == table)
    return any(insert.on_conflict == "replace" for insert in inserts)
