"""What a service has really written, told from the requests it was given and its answers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Name = tuple[str, str]
BOOKKEEPING = "MIGRATE#"


@dataclass
class Ledger:
    """`writes` counts the successful writes of each item by table key. A transaction that the service recognised
    by its token is none: its answer has read units instead of write units. `units` are all write units; `spent`
    when each write's were, in seconds of the ledger's clock; `partitions` the partition keys of all writes in
    order."""

    writes: Counter[Name] = field(default_factory=Counter)
    deletes: Counter[Name] = field(default_factory=Counter)
    tokens: defaultdict[Name, set[str]] = field(default_factory=lambda: defaultdict(set))
    units: float = 0.0
    spent: list[tuple[float, float]] = field(default_factory=list)
    partitions: list[str] = field(default_factory=list)

    def record(self, operation: str, call: dict[str, Any], answer: dict[str, Any], now: float) -> None:
        """Notes an acknowledged request, which asked for its consumed capacity."""
        units = _write_units(answer)
        if units is None:
            return
        self.units += units
        self.spent.append((now, units))
        left = [_name(put["PutRequest"]["Item"]) for put in _unprocessed(answer) if "PutRequest" in put]
        for kind, name in _written(operation, call):
            if kind == "delete":
                self.deletes[name] += 1
            elif name not in left:
                self.writes[name] += 1
                self.partitions.append(name[0])
                self.tokens[name].add(call.get("ClientRequestToken", ""))

    def own(self) -> dict[Name, int]:
        """Writes of each item, without the run's bookkeeping."""
        return {name: times for name, times in self.writes.items() if not name[0].startswith(BOOKKEEPING)}

    def written_twice(self) -> list[Name]:
        return [name for name, times in self.own().items() if times > 1]


def _write_units(answer: dict[str, Any]) -> float | None:
    """The write units of an answer; None when nothing was written."""
    told = answer.get("ConsumedCapacity") or []
    parts = told if isinstance(told, list) else [told]
    if any("ReadCapacityUnits" in part for part in parts):
        return None
    return sum(float(part.get("CapacityUnits", 0.0)) for part in parts)


def _written(operation: str, call: dict[str, Any]) -> Iterator[tuple[str, Name]]:
    match operation:
        case "TransactWriteItems":
            for action in call["TransactItems"]:
                if "Put" in action:
                    yield "put", _name(action["Put"]["Item"])
                elif "Delete" in action:
                    yield "delete", _name(action["Delete"]["Key"])
        case "BatchWriteItem":
            for request in (one for listed in call["RequestItems"].values() for one in listed):
                if "PutRequest" in request:
                    yield "put", _name(request["PutRequest"]["Item"])
                else:
                    yield "delete", _name(request["DeleteRequest"]["Key"])
        case "PutItem":
            yield "put", _name(call["Item"])


def _unprocessed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for listed in (answer.get("UnprocessedItems") or {}).values() for one in listed]


def _name(item: dict[str, Any]) -> Name:
    return item["PK"]["S"], item["SK"]["S"]


def parsed(body: bytes) -> dict[str, Any]:
    """A JSON body; empty when it is none."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
