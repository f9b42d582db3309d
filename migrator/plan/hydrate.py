"""Rows read by the keys that an index or second items gave, which may hold no more than keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.plan.plan import TABLE_SLOT, Entity, KeyPair, Part, Plan, Request
from migrator.plan.templates import Placeholder, parse_template, write_template


def is_hydrating(plan: Plan, requests: Sequence[Request], request: Request) -> bool:
    """Whether a request reads items by the whole table keys of items that earlier requests gave, or by those of the
    rows whose second items they gave."""
    wanted = plan.table.key_names
    if request.keys and all(_names(pair) == wanted for pair in request.keys):
        return True
    return bool(request.after) and request.keys == tuple(_row_keys(plan, requests, request))


def choosing(plan: Plan, requests: Sequence[Request], part: Part) -> tuple[int, ...]:
    """The requests that choose a part's rows: those that give them, or the keys by which they are read."""
    given = ((number, requests[number]) for number in part.requests)
    return tuple(
        n for number, request in given for n in (request.after if is_hydrating(plan, requests, request) else (number,))
    )


def second_item(plan: Plan, entity: Entity, request: Request) -> Entity:
    """The entity whose items a request gives for rows of `entity`: itself, or its second items."""
    asked = plan.entity(request.entities[0])
    return asked if asked.kind == "edge" and asked.source_table == entity.source_table else entity


def _row_keys(plan: Plan, requests: Sequence[Request], request: Request) -> Iterator[KeyPair]:
    """The keys of the rows whose second items the earlier requests give; none where one gives other items."""
    row = plan.entity(request.entities[0])
    keys = row.slot(TABLE_SLOT)
    for number in request.after if keys is not None else ():
        if second_item(plan, row, requests[number]) is not row and keys is not None:
            yield KeyPair(_of_item(keys.partition, number), _of_item(keys.sort, number))


def _of_item(template: str, number: int) -> str:
    pieces = parse_template(template)
    taken = (replace(p, origin="item", request=number) if isinstance(p, Placeholder) else p for p in pieces)
    return write_template(tuple(taken))


def _names(pair: KeyPair) -> tuple[str, ...]:
    return tuple(name for text in (pair.partition, pair.sort) for name in _taken(text))


def _taken(text: str) -> Iterator[str]:
    pieces = parse_template(text)
    if len(pieces) == 1 and isinstance(pieces[0], Placeholder) and pieces[0].origin == "item":
        yield pieces[0].name
