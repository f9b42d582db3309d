"""Rows read by the keys that an index gave: an index may hold no more than keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.plan.plan import KeyPair, Part, Plan, Request
from migrator.plan.templates import Placeholder, parse_template


def is_hydrating(plan: Plan, request: Request) -> bool:
    """Whether a request reads items by the whole table keys of items that earlier requests gave."""
    wanted = (plan.table.partition_key, plan.table.sort_key)
    return bool(request.keys) and all(_names(pair) == wanted for pair in request.keys)


def choosing(plan: Plan, requests: Sequence[Request], part: Part) -> tuple[int, ...]:
    """The requests that choose a part's rows: those that give them, or the keys by which they are read."""
    given = ((number, requests[number]) for number in part.requests)
    return tuple(n for number, request in given for n in (request.after if is_hydrating(plan, request) else (number,)))


def _names(pair: KeyPair) -> tuple[str, ...]:
    return tuple(name for text in (pair.partition, pair.sort) for name in _taken(text))


def _taken(text: str) -> Iterator[str]:
    pieces = parse_template(text)
    if len(pieces) == 1 and isinstance(pieces[0], Placeholder) and pieces[0].origin == "item":
        yield pieces[0].name
