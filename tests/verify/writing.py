"""Writes into the table in memory, as the service would take them: strictly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from migrator.plan.sizes import MAX_ITEM, item_size
from migrator.ports import CancelReason, Item, TransactionCancelled, Write

from tests.verify.memory import Identity, MemoryTable
from tests.verify.strict import Placeholders, condition, refuse, updated

_TAKEN = {
    "Put": {"Item"},
    "Update": {"Key", "UpdateExpression"},
    "Delete": {"Key"},
    "ConditionCheck": {"Key"},
}
_ALWAYS = {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}


class MemoryWriter:
    """An ItemWriter over a MemoryTable. `sent` counts requests by kind."""

    def __init__(self, table: MemoryTable) -> None:
        self._table = table
        self.sent: Counter[str] = Counter()

    def write(self, write: Write) -> None:
        if write.operation == "ConditionCheck":
            raise refuse("a condition check stands in a transaction only")
        self.sent[write.operation] += 1
        self._all([write])

    def transact(self, writes: Sequence[Write]) -> None:
        if not 1 <= len(writes) <= 100:
            raise refuse(f"{len(writes)} actions in a transaction")
        self.sent["Transaction"] += 1
        self._all(writes)

    def _all(self, writes: Sequence[Write]) -> None:
        keys = [self._table.identity_of(write.call.get("Item") or write.call["Key"]) for write in writes]
        if len(set(keys)) < len(keys):
            raise refuse("Transaction request cannot include multiple operations on one item")
        after: dict[Identity, Item | None] = {}
        reasons = []
        for key, write in zip(keys, writes, strict=True):
            before = self._table.items.get(key)
            fits, after[key] = self._one(write, key, before)
            reasons.append(CancelReason("None" if fits else "ConditionalCheckFailed", "", None))
        if any(reason.code != "None" for reason in reasons):
            raise TransactionCancelled(reasons)
        for key, item in after.items():
            self._table.items.pop(key, None)
            if item is not None:
                self._table.put(item)

    def _one(self, write: Write, key: Identity, before: Item | None) -> tuple[bool, Item | None]:
        """Whether the condition holds, and what stands there then."""
        call = write.call
        unknown = set(call) - _TAKEN[write.operation] - _ALWAYS
        if unknown:
            raise refuse(f"unknown parameters {unknown}")
        known = Placeholders(call)
        text = call.get("ConditionExpression")
        test = condition(text, known) if text is not None else None
        if write.operation == "ConditionCheck" and test is None:
            raise refuse("a condition check without a condition")
        fits = test is None or test(before or {})
        after = self._after(write, call, key, before, known, fits)
        if fits:
            known.demand_used()
        return fits, after

    def _after(
        self, write: Write, call: Mapping[str, Any], key: Identity, before: Item | None, known: Placeholders, fits: bool
    ) -> Item | None:
        if write.operation == "ConditionCheck":
            return before
        if write.operation == "Delete":
            return None
        if write.operation == "Put":
            made: dict[str, Any] = dict(call["Item"])
        else:
            names = self._table.key_names
            if set(call["Key"]) != set(names):
                raise refuse("The provided key element does not match the schema")
            start = dict(before) if before is not None else dict(call["Key"])
            text = call.get("UpdateExpression")
            if not fits:
                return before
            made = updated(text, known, start, names) if text is not None else start
        _check_item(made)
        return made


def _check_item(item: Item) -> None:
    if item_size(item) > MAX_ITEM:
        raise refuse("Item size has exceeded the maximum allowed size")
    for name, wire in item.items():
        if len(wire) != 1 or set(wire) - {"S", "N", "B", "BOOL", "M", "L", "NULL"}:
            raise refuse(f"the attribute {name} has no legal type: {wire}")
