"""Items as DynamoDB's JSON: the text that goes over the wire, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any


def in_base64(value: Any) -> str:
    """Bytes as the wire has them."""
    return b64encode(value).decode()


_WIRE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=in_base64)


def item_text(item: Mapping[str, Any]) -> str:
    """An item's wire JSON, in ASCII: the same for the same item, whatever the order of its attributes."""
    return _WIRE.encode(item)


def read_item_text(text: str | bytes) -> dict[str, dict[str, Any]]:
    """The item that a wire JSON stands for; bytes are bytes again."""
    return read_item(json.loads(text))


def read_item(plain: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """An item as parsed from its wire JSON, with bytes in the place of their base64."""
    return {name: _read(wire) for name, wire in plain.items()}


def _read(wire: Mapping[str, Any]) -> dict[str, Any]:
    ((tag, value),) = wire.items()
    match tag:
        case "B":
            return {"B": b64decode(value)}
        case "M":
            return {"M": read_item(value)}
        case "L":
            return {"L": [_read(inner) for inner in value]}
        case _:
            return {tag: value}
