"""Indexes that hold less than whole items: what their queries look at, or keys alone, by which rows are read then.

An entry is smaller so, and a change of a column that it does not hold writes no entry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from migrator.design.attributes import Attr, alias_paths, canonical
from migrator.design.design import Path, Template, View
from migrator.design.joins import Unjoined, alias_attrs, held_reference
from migrator.design.needs import Need
from migrator.design.price import monthly_reads
from migrator.design.serve import request_units
from migrator.design.ways import Offer, Row, Way, Ways
from migrator.design.weighing import Weigher

MOST_ATTRIBUTES = 100
"""Attributes that all INCLUDE projections of a table may name (Quotas in the DynamoDB developer guide)."""

Held = tuple[Attr, ...]


def with_keys_only(weigher: Weigher, ways: Ways) -> Ways:
    """The ways with indexes added that hold keys alone, where that may be cheaper."""
    offers: list[Offer] = []
    for template, row, usd in zip(ways.views, ways.over_view, ways.view_usd, strict=True):
        if _may_pay(weigher, template, row, usd):
            view = View(template, False, only=())
            cost = weigher.view_usd(view) + weigher.prices.projection_month
            mine = narrow_row(weigher, view)
            if any(mine) and _is_better(mine, cost, row, usd):
                offers.append(Offer(view, mine, cost))
    return replace(ways, beside=(*ways.beside, *offers))


def _may_pay(weigher: Weigher, template: Template, row: Row, usd: float) -> bool:
    """Whether entries of keys alone would save more than the care for a projection is worth."""
    least = View(template, False, only=())
    saved = usd - weigher.view_usd(least)
    for need, way in zip(weigher.needs, row, strict=True):
        if way is not None and not need.finds:
            units = request_units(way.path.items * weigher.bytes_of(least), way.path.fan, need.strong)
            saved += monthly_reads(weigher.prices, need.rate, max(0.0, way.path.read_units - units))
    return saved > weigher.prices.projection_month


def _is_better(mine: Row, cost: float, row: Row, usd: float) -> bool:
    """Whether the whole items are not at least as good for every need and no dearer to keep."""
    if cost < usd:
        return True
    return any(a is not None and (b is None or a.mark < b.mark) for a, b in zip(mine, row, strict=True))


def looked_at(weigher: Weigher, need: Need, way: Way) -> frozenset[Attr]:
    """Attributes of the row's item that a way's answer is made of. Rows that a write looks for are wanted whole."""
    schema, select = weigher.data.schema, need.select
    if need.finds:
        return frozenset(Attr((), column.name) for column in schema.table(need.table).columns)
    paths = alias_paths(select)
    found = {Attr((), field.column) for field in select.fields() if not paths[field.alias]}
    for step in way.steps:
        if step.how == "copy":
            found |= alias_attrs(weigher.data, need, step.alias)
        if step.after is None:
            found |= held_reference(schema, need, step.path)
    for join in select.joins:
        found |= {canonical(schema, need.table, Attr(paths[join.child], column)) for column, _ in join.pairs}
    return frozenset(attr for attr in found if not attr.path or attr in _copied(weigher, need, way))


def _copied(weigher: Weigher, need: Need, way: Way) -> frozenset[Attr]:
    """Ancestors' attributes that the row's item carries for this way."""
    carried = set(way.path.view.template.attrs())
    for step in way.steps:
        if step.how == "copy":
            carried |= alias_attrs(weigher.data, need, step.alias)
        elif step.after is None:
            carried |= held_reference(weigher.data.schema, need, step.path)
    return frozenset(carried)


def narrow_row(weigher: Weigher, view: View) -> Row:
    """The cheapest way to each need over an index that holds less than whole items."""
    return tuple(_cheapest(weigher, need, view) for need in weigher.needs)


def _cheapest(weigher: Weigher, need: Need, view: View) -> Way | None:
    ways: list[Way] = []
    for path in () if need.finds else weigher.paths(need, view):
        for offered in (path, *_hydrated(weigher, need, path)):
            try:
                way = weigher.way(need, offered)
            except Unjoined:
                continue
            if offered.hydrated or looked_at(weigher, need, way) <= set(view.only or ()):
                ways.append(way)
    return min(ways, key=lambda way: way.mark, default=None)


def _hydrated(weigher: Weigher, need: Need, path: Path) -> Sequence[Path]:
    """The path that reads the rows by the keys that the index gives. Not where the request stops at the limit and
    rows may be dropped: which ones is known too late."""
    if path.limited and path.over_reads:
        return ()
    each = (1.0 if need.strong else 0.5) * max(1, math.ceil(weigher.row_bytes / 4096))
    units = path.read_units + each * path.items
    return (replace(path, hydrated=True, round_trips=path.round_trips + 1, read_units=units),)
