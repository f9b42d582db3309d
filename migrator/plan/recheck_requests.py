"""A plan's requests checked one by one, from the plan alone: are they legal, and do they read only what they want?"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.plan.keys import PLAIN_END
from migrator.plan.pinned import MARK, Mismatch, lay, placeholders
from migrator.plan.plan import TABLE_SLOT, Plan, PlannedPattern, Request, SlotKeys, SortCondition
from migrator.plan.templates import Piece, parse_template, write_template

VALUES_OF = {"=": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "begins_with": 1, "between": 2}


def illegal(plan: Plan, pattern: PlannedPattern, number: int, request: Request) -> Iterator[str]:
    """What DynamoDB, or what the requests before it, do not let a request do."""
    if request.operation not in ("Query", "GetItem", "BatchGetItem"):
        yield f"is a {request.operation}"
    if request.index is not None and request.index not in {index.name for index in plan.indexes}:
        yield f"reads {request.index}, which does not exist"
    if request.consistent and request.index is not None:
        yield "asks an index for a consistent read"
    if pattern.consistency == "strong" and not request.consistent:
        yield "is not consistent"
    texts = [text for pair in request.keys for text in (pair.partition, pair.sort)]
    texts += [request.partition or "", *(request.sort.values if request.sort else ())]
    earlier = {piece.request for piece in placeholders(*texts) if piece.origin == "item"}
    if not earlier <= set(request.after) or any(before >= number for before in request.after):
        yield "uses items of a request that does not come before it"
    if request.operation == "Query":
        if not request.partition:
            yield "has no partition"
        if request.sort is not None and len(request.sort.values) != VALUES_OF.get(request.sort.op):
            yield f"has an odd condition on the sort key: {request.sort.op}"
    elif request.index is not None or not request.keys or (request.operation == "GetItem" and len(request.keys) > 1):
        yield "does not give whole keys of the table"


def strangers(plan: Plan, request: Request) -> Iterator[str]:
    """Entities in the partitions that a request reads whose items may lie in its range, and that it does not name."""
    if request.operation != "Query":
        return
    slot = request.index or TABLE_SLOT
    for entity in plan.entities:
        keys = entity.slot(slot)
        if keys is None or entity.name in request.entities or not _in_range(keys, request.sort):
            continue
        try:
            laid = lay(keys.partition, request.partition or "", True)
        except Mismatch:
            continue
        parts = [token for piece, token, _ in laid.pins if not (piece.encoding or token.startswith(MARK))]
        if laid.whole and not any(PLAIN_END in token for token in parts):
            yield f"reads over {entity.name}, which lies between what it wants"


def _in_range(keys: SlotKeys, sort: SortCondition | None) -> bool:
    """Whether a sort key of these may lie in the range: by the path that its texts begin with, and the label there."""
    if sort is None:
        return True
    ends = [parse_template(text) for text in sort.values]
    path = _begun_alike(ends)
    try:
        laid = lay(keys.sort, write_template(path)) if path else None
    except Mismatch:
        return False
    if laid is not None and laid.whole:
        return False
    label = _label(keys.sort, len(path))
    low, high = (end[len(path)] if len(path) < len(end) else "" for end in (ends[0], ends[-1]))
    if not (isinstance(low, str) and isinstance(high, str)):
        return True
    if sort.op in ("begins_with", "="):
        return label.startswith(low) or low.startswith(label)
    return low <= label <= high or low.startswith(label) or high.startswith(label)


def _begun_alike(ends: list[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """The pieces that all ends of a range begin with; but for a literal that ends one, for another may go on there."""
    path: list[Piece] = []
    for place, pieces in enumerate(zip(*ends, strict=False)):
        last = any(place == len(end) - 1 for end in ends)
        if len(set(pieces)) > 1 or (last and isinstance(pieces[0], str)):
            break
        path.append(pieces[0])
    return tuple(path)


def _label(template: str, place: int) -> str:
    """The literal in that place of a template; nothing when a value stands there, which may be anything."""
    pieces = parse_template(template)
    piece = pieces[place] if place < len(pieces) else ""
    return piece if isinstance(piece, str) else ""
