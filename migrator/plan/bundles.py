"""Several requests for one partition become one Query when together they want a contiguous stretch of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.plan.levels import levels
from migrator.plan.plan import TABLE_SLOT, Entity, KeyPair, Request, SlotKeys, SortCondition
from migrator.plan.templates import Piece, Placeholder, parse_template, write_template


@dataclass(frozen=True, slots=True)
class Group:
    """Requests, by number, that one Query of a slot answers. `limited`: the one whose limit ends the reading, after
    `singles` items of the others. `forward`: the direction of reading. `path`: what the sort keys of the branch begin
    with that is read, which has so many levels (`depth`)."""

    slot: str
    requests: tuple[int, ...]
    limited: int | None = None
    singles: int = 0
    forward: bool = True
    path: str = ""
    depth: int = 0


def merge_requests(
    requests: tuple[Request, ...], groups: Sequence[Group], entities: tuple[Entity, ...], type_attribute: str = "type"
) -> tuple[tuple[Request, ...], list[int]]:
    """The requests with each group made one, and for each given request the number of the one that now answers
    it. Identical requests are asked once."""
    together = {number: group for group in groups for number in group.requests}
    merged: list[Request] = []
    places = [0] * len(requests)
    for number, request in enumerate(requests):
        group = together.get(number)
        if group is None:
            _place(merged, places, [number], request)
        elif number == group.requests[0]:
            _place(merged, places, list(group.requests), _whole(requests, group, entities, type_attribute))
    return tuple(renumber(request, places) for request in merged), places


def _place(merged: list[Request], places: list[int], numbers: list[int], request: Request) -> None:
    if request not in merged:
        merged.append(request)
    for number in numbers:
        places[number] = merged.index(request)


def _whole(requests: tuple[Request, ...], group: Group, entities: tuple[Entity, ...], type_attribute: str) -> Request:
    """One Query for all members. ValueError when something else lies between them: the design keeps that from
    happening."""
    members = list(dict.fromkeys(requests[number] for number in group.requests))
    here = [member for member in members if (member.index or TABLE_SLOT) == group.slot]
    if len(members) == 1 and here:
        return members[0]
    wanted = {member.entities[0] for member in members}
    lead = requests[group.limited] if group.limited is not None else here[0]
    sort, there = _stretch(entities, group, wanted)
    return Request(
        "Query",
        there,
        index=lead.index,
        partition=lead.partition if lead.operation == "Query" else lead.keys[0].partition,
        sort=sort,
        filter=tuple(dict.fromkeys(_own_filter(member, type_attribute) for member in members if member.filter)),
        forward=group.forward,
        limit=_limit(lead.limit, group.singles) if group.limited is not None else None,
        consistent=lead.consistent,
    )


def _limit(limit: str | None, singles: int) -> str | None:
    """The statement's limit and room for the items read before its own."""
    if limit is None or not singles:
        return limit
    *named, last = limit.split("+")
    return "+".join((*named, str(int(last) + singles))) if last.isdecimal() else f"{limit}+{singles}"


def _stretch(
    entities: tuple[Entity, ...], group: Group, wanted: set[str]
) -> tuple[SortCondition | None, tuple[str, ...]]:
    """The sort keys from the first wanted entity to the last, nothing when that is the whole partition; with all
    entities that have items there."""
    path, depth = group.path, group.depth
    there = _neighbours(entities, group.slot, wanted)
    own = {name: levels(keys.sort) for name, keys in there.items()}
    shape = next(_skeletons(own[name][:depth]) for name in sorted(wanted))
    starts = {n: _first(own[n][depth]) for n in own if len(own[n]) > depth and _skeletons(own[n][:depth]) == shape}
    low, high = min(starts[name] for name in wanted), max(starts[name] for name in wanted)
    between = {name for name, start in starts.items() if low <= start <= high}
    strange = {name for name in between if starts[name] not in {starts[own] for own in wanted}}
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} lies between {', '.join(sorted(wanted))} in {group.slot}")
    listed = tuple(sorted(between))
    if set(starts) == between and (not depth or low != high):
        return (SortCondition("begins_with", (path,)) if depth else None), listed
    if low == high:
        return SortCondition("begins_with", (path + low,)), listed
    return SortCondition("between", (path + low, path + high[:-1] + "$")), listed


def _first(level: tuple[Piece, ...]) -> str:
    return level[0] if isinstance(level[0], str) else ""


def _skeletons(some: Sequence[tuple[Piece, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(_skeleton(write_template(level)) for level in some)


def _own_filter(member: Request, type_attribute: str) -> str:
    """A member's conditions, for its own items alone: they are asked together with others."""
    type_name = write_template((Placeholder("attribute", type_attribute),))
    return f"({type_name} <> '{member.entities[0]}' OR ({' AND '.join(member.filter)}))"


def _skeleton(template: str) -> tuple[str, ...]:
    return tuple(piece if isinstance(piece, str) else f"\x00{piece.encoding}" for piece in parse_template(template))


def _neighbours(entities: tuple[Entity, ...], slot: str, wanted: set[str]) -> Mapping[str, SlotKeys]:
    """The keys of entities whose items may lie in the same partition as the wanted ones."""
    placed = {entity.name: keys for entity in entities if (keys := entity.slot(slot)) is not None}
    shapes = {_skeleton(placed[name].partition) for name in wanted}
    return {name: keys for name, keys in placed.items() if _skeleton(keys.partition) in shapes}


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
