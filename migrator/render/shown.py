"""DynamoDB values in wire form as text for a reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from migrator.render.personal import is_personal, mask

LONGEST = 60
_MORE = "…"

WireValue = Mapping[str, Any]


def shorten(text: str) -> str:
    """At most 60 characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + _MORE


def shown(wire: WireValue, show: bool) -> str:
    """A value as text, in full length: bytes by their number, documents as JSON. Unless `show`, what looks
    personal inside a document is masked."""
    ((tag, value),) = wire.items()
    return str(value) if tag == "S" else _literal(wire, show)


def _literal(wire: WireValue, show: bool) -> str:
    """JSON's text, numbers exact; bytes have words of their own."""
    ((tag, value),) = wire.items()
    match tag:
        case "M":
            return "{" + ", ".join(_member(name, inner, show) for name, inner in value.items()) + "}"
        case "L":
            return "[" + ", ".join(_literal(inner, show) for inner in value) + "]"
        case "SS" | "NS" | "BS":
            return "[" + ", ".join(_literal({tag[0]: inner}, show) for inner in value) + "]"
        case "B":
            return f"<{len(value)} bytes>"
        case "BOOL":
            return "true" if value else "false"
        case "NULL":
            return "null"
        case "S":
            return _quoted(value)
        case _:
            return str(value)


def _member(name: str, wire: WireValue, show: bool) -> str:
    if show or not is_personal(name):
        return f"{_quoted(name)}: {_literal(wire, show)}"
    return f"{_quoted(name)}: {_quoted(mask(name, shown(wire, show)))}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
