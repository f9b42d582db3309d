"""The serve test: can this view meet this need with legal requests, and what does a call read?"""

from __future__ import annotations

import math
from decimal import Decimal

from migrator.design.attributes import Attr
from migrator.design.candidates import orderable
from migrator.design.conditions import literals, without
from migrator.design.data import Data, Group
from migrator.design.design import KeyPart, Path, Template, View
from migrator.design.needs import Bound, Equality, Need
from migrator.model.counted import plural
from migrator.model.query import Literal, Parameter
from migrator.model.settings import Limits

ASSUMED_LIMIT = 20
ASSUMED_OFFSET = 60
"""Rows that a parameter of OFFSET skips, on average: three pages."""
RANGE_SHARE = 0.3
PREFIX_SHARE = 0.05
MAX_FAN = 100


class Unserved(Exception):
    """Why a view cannot meet a need; the text is for the plan's reader."""


def serve(data: Data, limits: Limits, need: Need, view: View, row_bytes: float, growing: bool) -> Path:
    """The path of a need over a view; `growing` says that declared queries insert rows of its entity.
    Unserved tells why there is none."""
    fan = _partition_fan(need, view)
    _check_where(need, view)
    if need.strong and view.indexed:
        raise Unserved("an index is read eventually; this query asks for strong consistency")
    matched, sort_fan = _matched(need, view.template.sort)
    fan *= sort_fan
    if fan > MAX_FAN:
        raise Unserved(f"its lists need {fan} requests at once")
    following = view.template.sort[matched] if matched < len(view.template.sort) else None
    bounds = tuple(bound for bound in need.bounds if following and _bounds_part(bound, following, data, need))
    fixed = [part.attr for part in (*view.template.partition, *view.template.sort[:matched])]
    forward, sorted_there = _direction(data, need, view, matched)
    limited = need.limit is not None and sorted_there and not need.gathers and not need.thins
    if lists_all(view.template) and not limited and all(bound.op == "present" for bound in bounds):
        bounds = ()  # "all that are not NULL" may be nearly all there is: a listing, not a range
    held = _held(need, view)
    over_reads = bool(need.rest) or bool(_unsaid(need, set(fixed), view) or set(need.bounds) - {*bounds, *held})
    whole = lists_all(view.template) and (over_reads or not (bounds or (limited and not deep(need))))
    if whole and growing:
        raise Unserved(f"it would read all rows of {need.table}, and declared queries add rows")
    _check_bounded(data, limits, need, view, fixed, bounds, over_reads, limited, row_bytes)
    items = _items(data, need, view, fixed, bounds, limited, over_reads, fan)
    size = items * row_bytes
    return Path(
        view,
        matched,
        bounds,
        forward,
        limited,
        over_reads,
        fan,
        items,
        size,
        request_units(size, fan, need.strong),
        exact=(not over_reads and sorted_there) or _group(data, need, view, fixed).maximum <= 1,
    )


def _partition_fan(need: Need, view: View) -> int:
    fan = 1
    for part in view.template.partition:
        equality = need.equality(part.attr)
        if equality is None:
            raise Unserved(f"the query does not fix {part.attr.column}, the partition")
        fan *= len(equality.values)
    return fan


def _check_where(need: Need, view: View) -> None:
    """Unserved when the view lacks rows that the need may want: those in which one of its conditions fails."""
    for condition in view.template.where:
        if not condition.follows(need):
            raise Unserved(f"the index holds only the rows in which {condition.words()}")


def lists_all(template: Template) -> bool:
    """Whether its one constant partition is all there is of the entity."""
    return not template.partition and not template.stateful


def _held(need: Need, view: View) -> tuple[Bound, ...]:
    """Bounds that all rows of the view keep."""
    there = {condition.attr for condition in view.template.where if not condition.values}
    return tuple(bound for bound in need.bounds if bound.op == "present" and bound.attr in there)


def _unsaid(need: Need, fixed: set[Attr], view: View) -> tuple[Equality, ...]:
    """Equalities that neither the key nor the view's conditions say."""
    left = without(need.equalities, view.template.where)
    return tuple(equality for equality in left if equality.attr not in fixed)


def _group(data: Data, need: Need, view: View, fixed: list[Attr]) -> Group:
    """Rows that one request's equalities leave of the view. The states of rows that were measured count as measured,
    whatever an average value has; on average as if they had nothing to do with each other, at most as if one always
    came with the others."""
    known = {attr: share for attr in fixed if (share := _said(data, need, attr)) is not None}
    where = (kept for kept in view.template.where if kept.attr not in fixed)
    shares = [*known.values(), *(data.share(need.table, (kept,)) for kept in where)]
    group = data.group(need.table, [attr for attr in fixed if attr not in known])
    if not shares:
        return group
    most = max(1.0, min(group.maximum, min(shares) * data.rows(need.table)))
    return Group(min(most, group.mean * math.prod(shares)), most)


def _said(data: Data, need: Need, attr: Attr) -> float | None:
    """The share of rows that hold what the need says of an attribute, in each of its requests, where it was
    measured."""
    equality = need.equality(attr)
    listed = literals(equality) if equality is not None and not equality.null else ()
    known = [data.said(need.table, attr, literal) for literal in listed]
    shares = [share for share in known if share is not None]
    return sum(shares) / len(shares) if shares and len(shares) == len(known) else None


def _matched(need: Need, sort: tuple[KeyPart, ...]) -> tuple[int, int]:
    matched, fan = 0, 1
    for part in sort:
        equality = need.equality(part.attr)
        if equality is None:
            break
        matched += 1
        fan *= len(equality.values)
    return matched, fan


def _bounds_part(bound: Bound, part: KeyPart, data: Data, need: Need) -> bool:
    if bound.attr != part.attr or not orderable(data.schema, need.table, bound.attr):
        return False
    if bound.op == "present":
        return True
    if bound.op == "prefix":
        return bound.fold == part.fold or part.fold
    return part.fold == data.text_like(need.table, bound.attr)


def _direction(data: Data, need: Need, view: View, matched: int) -> tuple[bool, bool]:
    """Forward or not, and whether the items come in the statement's order."""
    if need.sorted_here:
        return True, False
    forward = not (need.order and need.order[0][1])
    rest = view.template.sort[matched:]
    for place, (attr, _) in enumerate(need.order):
        if place >= len(rest):
            fixed = [part.attr for part in (*view.template.partition, *view.template.sort)]
            return forward, data.unique(need.table, fixed)
        wanted = KeyPart(attr, data.text_like(need.table, attr))
        if rest[place] != wanted or not orderable(data.schema, need.table, attr):
            return forward, False
    return forward, True


def _check_bounded(
    data: Data,
    limits: Limits,
    need: Need,
    view: View,
    fixed: list[Attr],
    bounds: tuple[Bound, ...],
    over_reads: bool,
    limited: bool,
    row_bytes: float,
) -> None:
    group = _group(data, need, view, fixed)
    if group.maximum <= 1:
        return
    whole = lists_all(view.template)
    if whole and not bounds and not (limited and not deep(need)) and group.maximum > limits.listed_rows:
        raise Unserved(f"it would read all {plural(group.maximum, 'row')} of {need.table}")
    needs_bound = over_reads or need.gathers or (need.limit is not None and not limited)
    if not needs_bound:
        return
    most = limits.listed_rows if whole else limits.bounded_items
    if group.maximum > most or group.maximum * row_bytes > limits.bounded_bytes:
        raise Unserved(
            f"it would read up to {plural(group.maximum, 'item')} "
            f"({group.maximum * row_bytes / 1024:,.0f} KB) to give its answer"
        )


def limit_of(need: Need) -> float:
    """The statement's limit, or an assumed one for a parameter."""
    if isinstance(need.limit, Literal) and isinstance(need.limit.value, (int, Decimal)):
        return max(1.0, float(need.limit.value))
    return float(ASSUMED_LIMIT)


def deep(need: Need) -> bool:
    """Whether a page may lie anywhere, so that a call may read everything before it."""
    return isinstance(need.offset, Parameter)


def skipped(need: Need) -> float:
    """Rows that OFFSET leaves out, which are read all the same."""
    if need.offset is None:
        return 0.0
    literal = need.offset.value if isinstance(need.offset, Literal) else ASSUMED_OFFSET
    return max(0.0, float(literal)) if isinstance(literal, (int, Decimal)) else float(ASSUMED_OFFSET)


def _items(
    data: Data,
    need: Need,
    view: View,
    fixed: list[Attr],
    bounds: tuple[Bound, ...],
    limited: bool,
    over_reads: bool,
    fan: int,
) -> float:
    items, held = _group(data, need, view, fixed).mean, _held(need, view)
    if items > 1 and set(bounds) - set(held):
        items = items * _share(data, need, bounds)
    items = max(1.0, items)
    if limited:
        kept = _kept(data, need, _unsaid(need, set(fixed), view), (*bounds, *held)) if over_reads else 1.0
        wanted = (limit_of(need) + skipped(need)) / kept
        items = min(items, wanted)
    return items * fan


def _share(data: Data, need: Need, bounds: tuple[Bound, ...]) -> float:
    """The share of a group's items that bounds on one attribute leave."""
    operators = {bound.op for bound in bounds}
    if operators == {"present"}:
        return data.present(need.table, [bounds[0].attr])
    return PREFIX_SHARE if "prefix" in operators else RANGE_SHARE


def _kept(data: Data, need: Need, unsaid: tuple[Equality, ...], bounds: tuple[Bound, ...]) -> float:
    """The share of the items read that pass what no key condition says: each equality by what was measured, the
    bounds by their kind, all the rest together as a range does."""
    share = 1.0
    for equality in unsaid:
        present = data.present(need.table, [equality.attr])
        one = _said(data, need, equality.attr)
        each = present / data.distinct(need.table, equality.attr) if one is None else one
        share *= 1 - present if equality.null else min(1.0, len(equality.values) * each)
    left = tuple(bound for bound in need.bounds if bound not in bounds)
    share *= _share(data, need, left) if left else 1.0
    share *= RANGE_SHARE if need.rest else 1.0
    return max(share, 1 / data.rows(need.table))


def request_units(size: float, requests: float, strong: bool) -> float:
    """Read units of `requests` like requests that read `size` bytes together; each rounds up by itself.

    >>> [request_units(5_000, requests, strong) for requests, strong in ((1, False), (2, False), (1, True))]
    [1.0, 1.0, 2.0]
    """
    each = 1.0 if strong else 0.5
    return requests * max(1, math.ceil(size / requests / 4096)) * each
