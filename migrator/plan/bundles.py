"""Several requests for one partition become one Query when together they want a contiguous stretch of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.plan.plan import TABLE_SLOT, Entity, KeyPair, Request, SortCondition
from migrator.plan.templates import Placeholder, parse_template, write_template


def merge_requests(
    requests: tuple[Request, ...], entities: tuple[Entity, ...], type_attribute: str = "type"
) -> tuple[tuple[Request, ...], list[int]]:
    """The requests with those merged that can be, and for each given request the number of the one that now
    answers it. Identical requests are asked once."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, request in enumerate(requests):
        groups.setdefault(_group_key(number, request), []).append(number)
    merged: list[Request] = []
    places = [0] * len(requests)
    for numbers in groups.values():
        members = [requests[number] for number in numbers]
        whole = _whole(members, entities, type_attribute)
        if whole is not None:
            _place(merged, places, numbers, whole)
            continue
        for number in numbers:
            _place(merged, places, [number], requests[number])
    return tuple(renumber(request, places) for request in merged), places


def _place(merged: list[Request], places: list[int], numbers: list[int], request: Request) -> None:
    if request not in merged:
        merged.append(request)
    for number in numbers:
        places[number] = merged.index(request)


def _group_key(number: int, request: Request) -> tuple[object, ...]:
    partition = _partition(request)
    if request.after or request.limit or request.shards or partition is None:
        return ("alone", number)
    return (request.index, partition, request.consistent)


def _partition(request: Request) -> str | None:
    if request.operation == "Query":
        return request.partition
    return request.keys[0].partition if request.operation == "GetItem" else None


def _whole(members: list[Request], entities: tuple[Entity, ...], type_attribute: str) -> Request | None:
    """One Query for all members, when each wants everything of its entity and nothing lies between them."""
    if len(members) < 2 or any(not _all_of_entity(member, entities) for member in members):
        return None
    wanted = {name for member in members for name in member.entities}
    slot = members[0].index or TABLE_SLOT
    here = _neighbours(entities, slot, wanted)
    starts = {name: _start(entity, slot) for name, entity in here.items()}
    low, high = min(starts[name] for name in wanted), max(starts[name] for name in wanted)
    if {name for name, start in starts.items() if low <= start <= high} != wanted:
        return None
    sort = None if set(starts) == wanted else SortCondition("between", (low, high[:-1] + "$"))
    return Request(
        "Query",
        tuple(sorted(wanted)),
        index=members[0].index,
        partition=_partition(members[0]),
        sort=sort,
        filter=tuple(dict.fromkeys(_own_filter(member, type_attribute) for member in members if member.filter)),
        consistent=members[0].consistent,
    )


def _own_filter(member: Request, type_attribute: str) -> str:
    """A member's conditions, for its own items alone: they are asked together with others."""
    type_name = write_template((Placeholder("attribute", type_attribute),))
    return f"({type_name} <> '{member.entities[0]}' OR ({' AND '.join(member.filter)}))"


def _all_of_entity(request: Request, entities: tuple[Entity, ...]) -> bool:
    slot = request.index or TABLE_SLOT
    entity = next(entity for entity in entities if entity.name == request.entities[0])
    start = _start(entity, slot)
    if request.operation == "GetItem":
        return request.keys[0].sort == start
    return request.sort is None or request.sort == SortCondition("begins_with", (start,))


def _start(entity: Entity, slot: str) -> str:
    """The tag that every sort key of the entity begins with."""
    keys = entity.slot(slot)
    first = parse_template(keys.sort)[0] if keys else ""
    return first if isinstance(first, str) else ""


def _skeleton(template: str) -> tuple[str, ...]:
    return tuple(piece if isinstance(piece, str) else f"\x00{piece.encoding}" for piece in parse_template(template))


def _neighbours(entities: tuple[Entity, ...], slot: str, wanted: set[str]) -> Mapping[str, Entity]:
    """Entities whose items may lie in the same partition as the wanted ones."""
    placed = {entity.name: (entity, keys) for entity in entities if (keys := entity.slot(slot)) is not None}
    shapes = {_skeleton(placed[name][1].partition) for name in wanted}
    return {name: entity for name, (entity, keys) in placed.items() if _skeleton(keys.partition) in shapes}


def renumber(request: Request, places: list[int]) -> Request:
    """The request with references to earlier ones as they are numbered now."""
    if not request.after:
        return request
    keys = tuple(KeyPair(_moved(pair.partition, places), _moved(pair.sort, places)) for pair in request.keys)
    return replace(request, after=tuple(sorted({places[n] for n in request.after})), keys=tuple(dict.fromkeys(keys)))


def _moved(template: str, places: list[int]) -> str:
    pieces = (
        replace(piece, request=places[piece.request])
        if isinstance(piece, Placeholder) and piece.origin == "item"
        else piece
        for piece in parse_template(template)
    )
    return write_template(tuple(pieces))
