"""What stands in the way of a query that its words do not tell: bounds of migrate.toml and what they would have to be,
long lists, and a strong read where an eventual one would not be served either."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from migrator.design.needs import Need
from migrator.design.refuse import refuse, refuse_lists
from migrator.design.serve import MAX_FAN
from migrator.design.weighing import Weigher
from migrator.model.query import Refusal
from migrator.model.settings import Limits

ENDLESS = 2**50
FAR = 20
"""Times a bound that raising it to is no way out."""
_BOUNDS = ("listed_rows", "bounded_items", "bounded_bytes")


def reason_of(weigher: Weigher, need: Need) -> Refusal:
    """Why no key and no index serves a need. Strong consistency and long lists are the reason only where the need
    would be met without."""
    short = replace(need, equalities=tuple(replace(one, values=one.values[:1]) for one in need.equalities))
    asked = math.prod(len(one.values) for one in need.equalities if not one.null)
    if asked > MAX_FAN and _is_met(weigher, replace(short, strong=False), weigher.limits):
        return refuse_lists(MAX_FAN, asked)
    if need.strong and not _is_met(weigher, replace(need, strong=False), weigher.limits):
        return refuse(weigher.data, replace(need, strong=False))
    return refuse(weigher.data, need)


def with_bounds(weigher: Weigher, need: Need, refusal: Refusal) -> Refusal:
    """The refusal, told which of the bounds it comes from; raising them is a way out where that is not far."""
    found = tuple(_in_the_way(weigher, need))
    if not found:
        return refusal
    named = " and ".join(f"{name} = {now}" for name, now, _ in found)
    reason = f"{refusal.reason}; [limits] {named} in migrate.toml forbids that"
    if any(enough > FAR * now for _, now, enough in found):
        return replace(refusal, reason=reason)
    raised = " and ".join(f"{name} = {enough}" for name, _, enough in found)
    return Refusal(reason, f"{refusal.way_out}; or set {raised} there and pay for the larger reads")


def _in_the_way(weigher: Weigher, need: Need) -> Iterator[tuple[str, int, int]]:
    """Each bound without which the query would be served, as it is and as it would be enough."""
    now, need = weigher.limits, replace(need, strong=False)
    tried = replace(now, **dict.fromkeys(_BOUNDS, ENDLESS))
    if not _is_met(weigher, need, tried):
        return
    for name in _BOUNDS:
        given = enough = getattr(now, name)
        while not _is_met(weigher, need, replace(tried, **{name: enough})):
            enough *= 2
        tried = replace(tried, **{name: enough})
        if enough != given:
            yield name, given, enough


def _is_met(weigher: Weigher, need: Need, limits: Limits) -> bool:
    return replace(weigher, needs=(need,), limits=limits).weigh().met(0)
