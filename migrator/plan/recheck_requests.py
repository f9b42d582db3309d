"""A plan's requests checked one by one, from the plan alone: are they legal, and do they read only what they want?"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.plan.keys import PLAIN_END
from migrator.plan.pinned import MARK, Mismatch, lay, placeholders
from migrator.plan.plan import TABLE_SLOT, Plan, PlannedPattern, Request, SlotKeys
from migrator.plan.templates import parse_template

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
    """Entities between those that a request wants together, in the same partitions."""
    if request.operation != "Query" or len(request.entities) < 2:
        return
    slot = request.index or TABLE_SLOT
    low, high = (request.sort.values[0], request.sort.values[-1]) if request.sort else ("", "\U0010ffff")
    for entity in plan.entities:
        keys = entity.slot(slot)
        label = _label(keys) if keys else ""
        if keys is None or entity.name in request.entities or not low <= label <= high:
            continue
        try:
            laid = lay(keys.partition, request.partition or "", True)
        except Mismatch:
            continue
        parts = [token for piece, token, _ in laid.pins if not (piece.encoding or token.startswith(MARK))]
        if laid.whole and not any(PLAIN_END in token for token in parts):
            yield f"reads over {entity.name}, which lies between what it wants"


def _label(keys: SlotKeys) -> str:
    first = parse_template(keys.sort)[0]
    return first if isinstance(first, str) else ""
