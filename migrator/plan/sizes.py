"""Sizes and units by DynamoDB's own rules (developer guide: "DynamoDB item sizes and formats",
"Read and write operations")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from migrator.plan.values import Wire

MAX_ITEM = 409_600
MAX_PARTITION_KEY = 2_048
MAX_SORT_KEY = 1_024
MAX_ACTIONS = 100
MAX_TRANSACTION = 4 * 1024 * 1024
KEYS = 200
"""Bytes that an item's keys and type take, about."""
POINTER_BYTES = 300
"""Bytes of a pointer to an object in S3, about: its names, the bucket's and the key's."""
INDEX_OVERHEAD = 100
"""Bytes that storage adds to each item and index entry."""


def value_size(wire: Wire) -> int:
    """Bytes of one attribute value."""
    ((tag, value),) = wire.items()
    match tag:
        case "S":
            return len(value.encode())
        case "N":
            return number_size(value)
        case "B":
            return len(value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_size(inner) for name, inner in value.items())
        case "L":
            return 3 + sum(1 + value_size(inner) for inner in value)
        case _:
            return 1


def number_size(text: str) -> int:
    """About one byte for two significant digits, plus one, plus one below zero."""
    digits = len("".join(map(str, Decimal(text).as_tuple().digits)).strip("0"))
    return (digits + 1) // 2 + 1 + text.startswith("-")


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of a whole item: names and values."""
    return sum(len(name.encode()) + value_size(wire) for name, wire in item.items())


def room_for_values(names: Iterable[str]) -> int:
    """Bytes that the values of a row may take in an item with attributes of these names, keys and type apart."""
    return MAX_ITEM - sum(len(name.encode()) for name in names) - KEYS


def write_units(size: int, *, transactional: bool = False) -> int:
    """Write units of one item of `size` bytes in the base table."""
    return max(1, -(-size // 1024)) * (2 if transactional else 1)


def read_units(size: float, *, consistent: bool = False) -> float:
    """Read units of one request that reads `size` bytes in all."""
    return max(1, -(-int(size + 0.999999) // 4096)) * (1.0 if consistent else 0.5)


def are_legal(partition: str, sort: str) -> bool:
    """Whether DynamoDB takes two texts as an item's key: none is longer than it allows."""
    return len(partition.encode()) <= MAX_PARTITION_KEY and len(sort.encode()) <= MAX_SORT_KEY
