"""The bound values that a log shows, told apart; their texts are compared with each other and never written."""

from __future__ import annotations

import re

_OMITTED = re.compile(r"displaying \d+ of (\d+) total bound parameter sets")


def values_of(text: str) -> tuple[tuple[str, ...] | None, int]:
    """Of `('a', 1)` the values and 1; of a list of several sets the first set's, and how many sets there are. None
    for values by name, or when they cannot be told apart."""
    text = text.strip()
    if text.startswith("["):
        sets = _parts(text[1:-1])
        omitted = _OMITTED.search(text)
        number = int(omitted[1]) if omitted else max(1, len(sets))
        return (_tuple(sets[0]) if sets else None), number
    return _tuple(text), 1


def _tuple(text: str) -> tuple[str, ...] | None:
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        return None
    return tuple(part for part in _parts(text[1:-1]) if part)


def _parts(text: str) -> list[str]:
    """What stands between the commas outside quotes and brackets."""
    parts, depth, quote, begin, at = [], 0, "", 0, 0
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    parts.append(text[begin:].strip())
    return parts
