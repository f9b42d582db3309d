"""A design that needs no search: each entity by itself takes the view that helps it most, again and again. It stands
where the solver was stopped before it found anything."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.design.design import View
from migrator.design.drafting import Draft, Slots, kept_views
from migrator.design.ways import Grown, Row, Ways

Prices = tuple[float | None, ...]
"""Dollars a month of each need; None: not met."""
Mark = tuple[int, float]
"""How many needs are not met, and dollars a month."""


def first_values(draft: Draft, entities: Sequence[Ways], slots: Slots) -> tuple[float, ...]:
    """Values of the programme's variables for keys and views; nothing changing is copied, nothing is bundled, and rows
    live in others' items only where they must."""
    values = [0.0] * len(draft.model.costs)
    held = {ways.within[0].embedding.parent: ways.within[0] for ways in entities if ways.forced}
    for ways in entities:
        if ways.forced:
            values[draft.embedded[ways.within[0].embedding]] = 1.0
            continue
        left = {False: slots.whole, True: slots.narrow}
        for view in _by_use(ways, held.get(ways.table)):
            if view.indexed:
                left[view.narrow] -= 1
            if not view.indexed or left[view.narrow] >= 0:
                values[draft.views[(ways.table, view)]] = 1.0
    return tuple(values)


def _by_use(ways: Ways, grown: Grown | None) -> list[View]:
    """The base key, and the views worth keeping beside it, the most useful first. `grown`: what the items hold."""
    ways = ways if grown is None else grown.ways
    offered = {view: _prices(row) for view, row in ways.rows() if not view.base}
    bases = {View(base, True): _prices(row) for base, row in zip(ways.bases, ways.over_base, strict=True)}
    if grown is not None:
        bases = {view: met for view, met in bases.items() if view.template in grown.bases}
    base = min(bases, key=lambda view: _mark(bases[view], 0.0))
    chosen, met, kept = [base], bases[base], 0.0
    pinned = [View(template, False) for template in ways.pinned]
    for view in pinned:
        chosen.append(view)
        met = _cheaper(met, offered[view])
    relying = {offer.view for offer in ways.beside if offer.relies}
    usd = {
        view: cost for view, cost in kept_views(ways) if view not in relying and view in offered and view not in pinned
    }
    if grown is not None:
        usd = {view: cost for view, cost in usd.items() if not view.edge}
    while usd:
        view = min(usd, key=lambda view: _mark(_cheaper(met, offered[view]), kept + usd[view]))
        if _mark(_cheaper(met, offered[view]), kept + usd[view]) >= _mark(met, kept):
            break
        chosen.append(view)
        met, kept = _cheaper(met, offered[view]), kept + usd.pop(view)
    return chosen


def _prices(row: Row) -> Prices:
    return tuple(None if way is None or way.relies else way.usd for way in row)


def _cheaper(one: Prices, other: Prices) -> Prices:
    return tuple(min((p for p in pair if p is not None), default=None) for pair in zip(one, other, strict=True))


def _mark(met: Prices, kept: float) -> Mark:
    return sum(price is None for price in met), kept + sum(price for price in met if price is not None)
