"""Python literals laid out for reading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WIDTH = 88
_INDENT = "    "
_HIDDEN = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Spread:
    """`**name` inside a dictionary, as its last entry; the key it stands under does not show."""

    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """`function(value)`."""

    function: str
    value: Literal


Literal = str | int | bool | Spread | Applied | list["Literal"] | dict[str, "Literal"]


def python(value: Literal, depth: int = 0) -> str:
    """The literal's text: on one line when it fits, else one entry a line, indented from `depth`."""
    if isinstance(value, Applied):
        return f"{value.function}({python(value.value, depth)})"
    flat = _flat(value)
    if len(flat) + len(_INDENT) * depth <= _WIDTH or not isinstance(value, (list, dict)):
        return flat
    inner = _INDENT * (depth + 1)
    entries = "".join(f"{inner}{entry},\n" for entry in _entries(value, depth + 1))
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{entries}{_INDENT * depth}{closing}"


def _entries(value: list[Literal] | dict[str, Literal], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        yield from (python(entry, depth) for entry in value)
        return
    for name, entry in value.items():
        yield _spread(entry) if isinstance(entry, Spread) else f"{quoted(name)}: {python(entry, depth)}"


def _flat(value: Literal) -> str:
    match value:
        case bool() | int():
            return str(value)
        case str():
            return quoted(value)
        case Spread():
            return _spread(value)
        case Applied():
            return f"{value.function}({_flat(value.value)})"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case dict():
            pairs = (
                _spread(entry) if isinstance(entry, Spread) else f"{quoted(name)}: {_flat(entry)}"
                for name, entry in value.items()
            )
            return "{" + ", ".join(pairs) + "}"


def _spread(value: Spread) -> str:
    return f"**{value.name}"


def quoted(text: str) -> str:
    """A string literal in double quotes that Python, JSON and TOML all read; what does not show is escaped."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
