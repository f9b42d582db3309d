"""A DynamoDB table in memory that reads exactly as the service does, and refuses what the service refuses."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from migrator.model.unit import Chunk
from migrator.plan.items import compile_footprint, slot_attribute_names, unit_shape
from migrator.plan.plan import TABLE_SLOT, Plan
from migrator.ports import Item, Key, Refused, RowSource

MAX_PARTITION = 2_048
MAX_SORT = 1_024
_CONDITION = re.compile(
    r"(?P<p>\S+) = (?P<pv>:\w+)"
    r"(?: AND (?:begins_with\((?P<b>[^,\s]+), (?P<bv>:\w+)\)"
    r"|(?P<r>\S+) BETWEEN (?P<lo>:\w+) AND (?P<hi>:\w+)"
    r"|(?P<c>\S+) (?P<op>=|<|<=|>|>=) (?P<cv>:\w+)))?"
)
_TAKEN = {
    "IndexName",
    "KeyConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ScanIndexForward",
    "ConsistentRead",
    "Limit",
}
_COMPARISONS: dict[str, Callable[[bytes, bytes], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

Identity = tuple[str, str]


def _refuse(message: str) -> Refused:
    return Refused("ValidationException", message)


class MemoryTable:
    """An ItemReader over a dictionary. Pages hold at most `page` items, so that paging is always at work.
    Items of one index key come in an order of no meaning, as on AWS. `queries` counts Query calls, `scans`
    those of the whole table."""

    def __init__(self, plan: Plan, page: int = 3) -> None:
        self._plan = plan
        self._page = page
        self.items: dict[Identity, Item] = {}
        self.queries = self.scans = 0

    def put(self, item: Item) -> None:
        """Puts an item whose key must be new and legal."""
        identity = self._identity(item)
        if identity in self.items:
            raise AssertionError(f"two items under {identity}: {self.items[identity]} and {item}")
        for index in self._plan.indexes:
            for name, most in ((index.partition_key, MAX_PARTITION), (index.sort_key, MAX_SORT)):
                if name in item:
                    _check_key_text(_text(item[name]), most)
        self.items[identity] = item

    @property
    def key_names(self) -> tuple[str, str]:
        return self._plan.table.partition_key, self._plan.table.sort_key

    def identity_of(self, key: Key) -> Identity:
        """The two key texts of an item or a key; Refused when they are not legal."""
        return self._identity(key)

    def _identity(self, key: Key) -> Identity:
        names = (self._plan.table.partition_key, self._plan.table.sort_key)
        partition, sort = (_text(key[name]) for name in names)
        _check_key_text(partition, MAX_PARTITION)
        _check_key_text(sort, MAX_SORT)
        return partition, sort

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        if not 1 <= len(keys) <= 100:
            raise _refuse(f"{len(keys)} keys in a batch")
        wanted = [self._identity(key) for key in keys]
        if len(set(wanted)) < len(wanted):
            raise _refuse("Provided list of item keys contains duplicates")
        if any(len(key) != 2 for key in keys):
            raise _refuse("The provided key element does not match the schema")
        there = sorted((i for i in wanted if i in self.items), key=lambda i: zlib.crc32(repr(i).encode()))
        return [self.items[identity] for identity in there]

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        self.queries += 1
        found = self._matching(call)
        size = min(self._page, call.get("Limit", self._page))
        starts = range(0, len(found), size) if found else (0,)
        return (found[start : start + size] for start in starts)

    def scan(self) -> Iterator[list[Item]]:
        self.scans += 1
        everything = list(self.items.values())
        return (everything[start : start + self._page] for start in range(0, len(everything), self._page))

    def _matching(self, call: Mapping[str, Any]) -> list[Item]:
        if set(call) - _TAKEN:
            raise _refuse(f"unknown parameters {set(call) - _TAKEN}")
        if call.get("Limit", 1) < 1:
            raise _refuse("Limit must be at least 1")
        partition_name, sort_name = self._slot(call)
        partition, fits = _read_condition(call, partition_name, sort_name)
        there = [
            item
            for item in self.items.values()
            if partition_name in item and sort_name in item and _text(item[partition_name]) == partition
        ]
        kept = [item for item in there if fits(_text(item[sort_name]).encode())]
        ordered = sorted(
            kept, key=lambda item: self._order(item, sort_name), reverse=not call.get("ScanIndexForward", True)
        )
        return [self._projected(item, call.get("IndexName")) for item in ordered]

    def _projected(self, item: Item, name: str | None) -> Item:
        """What an index holds of an item."""
        index = next((index for index in self._plan.indexes if index.name == name), None)
        if index is None or index.projection == "ALL":
            return item
        table = self._plan.table
        held = {table.partition_key, table.sort_key, index.partition_key, index.sort_key, *index.attributes}
        return {attribute: value for attribute, value in item.items() if attribute in held}

    def _order(self, item: Item, sort_name: str) -> tuple[bytes, int]:
        return _text(item[sort_name]).encode(), zlib.crc32(repr(self._identity(item)).encode())

    def _slot(self, call: Mapping[str, Any]) -> tuple[str, str]:
        index = call.get("IndexName")
        if index is None:
            return slot_attribute_names(self._plan, TABLE_SLOT)
        if index not in {known.name for known in self._plan.indexes}:
            raise _refuse(f"The table does not have the specified index: {index}")
        if call.get("ConsistentRead"):
            raise _refuse("Consistent reads are not supported on global secondary indexes")
        return slot_attribute_names(self._plan, index)


def _text(wire: Mapping[str, Any]) -> str:
    if set(wire) != {"S"} or not isinstance(wire["S"], str):
        raise _refuse(f"Type mismatch for key: {wire}")
    return wire["S"]


def _check_key_text(text: str, most: int) -> None:
    if not text:
        raise _refuse("One or more parameter values are not valid: an empty string in a key")
    if len(text.encode()) > most:
        raise _refuse(f"Size of hashkey or rangekey has exceeded the maximum size limit of {most} bytes")


def _read_condition(
    call: Mapping[str, Any], partition_name: str, sort_name: str
) -> tuple[str, Callable[[bytes], bool]]:
    """The partition and the test of the sort key; names and values must all be used, and be the slot's own."""
    found = _CONDITION.fullmatch(call["KeyConditionExpression"])
    if found is None:
        raise _refuse(f"Invalid KeyConditionExpression: {call['KeyConditionExpression']}")
    names, values = call["ExpressionAttributeNames"], call["ExpressionAttributeValues"]
    used = {found[group] for group in ("p", "b", "r", "c") if found[group]}
    taken = {found[group] for group in ("pv", "bv", "lo", "hi", "cv") if found[group]}
    if used != set(names) or taken != set(values):
        raise _refuse("Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused in expressions")
    texts = {name: _text(wire) for name, wire in values.items()}
    if names[found["p"]] != partition_name:
        raise _refuse(f"Query condition missed key schema element: {partition_name}")
    _check_key_text(texts[found["pv"]], MAX_PARTITION)
    for name in used - {found["p"]}:
        if names[name] != sort_name:
            raise _refuse(f"Query condition on {names[name]}, which is no key")
    for value in taken - {found["pv"]}:
        _check_key_text(texts[value], MAX_SORT)
    return texts[found["pv"]], _sort_test(found, {name: text.encode() for name, text in texts.items()})


def _sort_test(found: re.Match[str], values: Mapping[str, bytes]) -> Callable[[bytes], bool]:
    if found["b"]:
        start = values[found["bv"]]
        return lambda key: key.startswith(start)
    if found["r"]:
        low, high = values[found["lo"]], values[found["hi"]]
        if low > high:
            raise _refuse("The BETWEEN operator requires upper bound to be greater than or equal to lower bound")
        return lambda key: low <= key <= high
    if found["c"]:
        test, value = _COMPARISONS[found["op"]], values[found["cv"]]
        return lambda key: test(key, value)
    return lambda key: True


def loaded(plan: Plan, source: RowSource, page: int = 3) -> MemoryTable:
    """The table with the items of all rows. Two items under one key, or a row without items, is an error."""
    table = MemoryTable(plan, page)
    for name in plan.tables():
        shape, footprint = unit_shape(plan, name), compile_footprint(plan, name)
        with source.units(shape, Chunk(name, 0, None, None)) as units:
            for unit in units:
                for item in footprint(unit):
                    table.put(item)
    return table
