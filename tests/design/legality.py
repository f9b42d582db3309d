"""What DynamoDB and the plan's own entities ask of a planned write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from migrator.plan.plan import TABLE_SLOT, Action, Entity, KeyPair, Plan, PlannedPattern, Request
from migrator.plan.templates import Placeholder, parse_template


def faults(plan: Plan, pattern: PlannedPattern) -> list[str]:
    """What is wrong with a served write; nothing when it is legal."""
    return [f"{pattern.name}: {fault}" for fault in _faults(plan, pattern)]


def actions_of(pattern: PlannedPattern) -> list[Action]:
    """What it writes, whether in a transaction or alone."""
    return [action for request in pattern.requests for action in request.actions]


def _faults(plan: Plan, pattern: PlannedPattern) -> Iterator[str]:
    actions = actions_of(pattern)
    if not actions or len(actions) > 100:
        yield f"{len(actions)} actions"
    certain = [one for one in actions if not (one.missing or one.unless or one.only or one.tallies)]
    for key, times in Counter(action.keys for action in certain).items():
        if times > 1:
            yield f"{times} actions on {key}"
    for number, request in enumerate(pattern.requests):
        if any(earlier >= number for earlier in request.after):
            yield f"request {number} comes after {request.after}"
        yield from _read_faults(plan, request)
    known = _readable(plan, pattern)
    for action in actions:
        yield from _action_faults(plan, action, known)
    for request in pattern.requests:
        yield from _shown_faults(request)


def _read_faults(plan: Plan, request: Request) -> Iterator[str]:
    if request.operation == "GetItem":
        for pair in request.keys:
            yield from _key_faults(plan.entity(request.entities[0]), pair)
    if request.operation == "Query" and (request.sort is None or not request.sort.values[0]):
        yield "a Query that would find items of other entities"


def _action_faults(plan: Plan, action: Action, known: dict[int, set[str]]) -> Iterator[str]:
    entity = plan.entity(action.entity)
    yield from _key_faults(entity, action.keys)
    for piece in (*parse_template(action.keys.partition), *parse_template(action.keys.sort)):
        if (
            isinstance(piece, Placeholder)
            and piece.origin == "item"
            and piece.name not in known.get(piece.request, set())
        ):
            yield f"{piece.name} of request {piece.request} is not read"
    if action.update is not None and not re.match(r"(SET \S.*|REMOVE \S.*)", action.update):
        yield f"update {action.update!r}"
    if "written anew" in (action.update or ""):
        yield "words in an expression"


def _shown_faults(request: Request) -> Iterator[str]:
    """A single write's own fields say what its action says."""
    if request.operation in ("PutItem", "UpdateItem", "DeleteItem"):
        (action,) = request.actions
        shown = (request.keys, request.condition, request.update, f"{action.operation}Item")
        if shown != ((action.keys,), action.condition, action.update, request.operation):
            yield f"{request.operation} and its action differ"


def _readable(plan: Plan, pattern: PlannedPattern) -> dict[int, set[str]]:
    """Attributes that the items of each read hold."""
    return {
        number: {a.name for name in request.entities for a in plan.entity(name).attributes}
        for number, request in enumerate(pattern.requests)
        if request.operation in ("Query", "GetItem", "BatchGetItem")
    }


def _key_faults(entity: Entity, pair: KeyPair) -> Iterator[str]:
    slot = entity.slot(TABLE_SLOT)
    assert slot is not None
    for wanted, given in ((slot.partition, pair.partition), (slot.sort, pair.sort)):
        if not re.fullmatch(_pattern(wanted), _shown(given), re.DOTALL):
            yield f"the key {given} of {entity.name} is not {wanted}"


def _pattern(template: str) -> str:
    return "".join(re.escape(p) if isinstance(p, str) else _of(p) for p in parse_template(template))


def _of(piece: Placeholder) -> str:
    return rf"(\x00{re.escape(piece.encoding)}\x00|[^\x00]+)"


def _shown(template: str) -> str:
    return "".join(p if isinstance(p, str) else f"\x00{p.encoding}\x00" for p in parse_template(template))
