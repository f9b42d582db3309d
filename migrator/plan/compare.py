"""How values compare and sort in an answer: as the source compares them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def sort_key(value: Any, collation: str | None = None) -> tuple[int, Any]:
    """Orders any two values that are not NULL: numbers before text before bytes before documents."""
    if isinstance(value, (bool, int, float, Decimal)):
        return (1, Decimal(value) if not isinstance(value, float) else Decimal(repr(value)))
    if isinstance(value, str):
        return (2, fold(value) if collation == "NOCASE" else value)
    if isinstance(value, (bytes, bytearray)):
        return (3, bytes(value))
    return (4, repr(_ordered(value)))


def _ordered(value: Any) -> Any:
    """A document with every map's names in order: two engines give them back as they please."""
    if isinstance(value, dict):
        return [(name, _ordered(inner)) for name, inner in sorted(value.items())]
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value


def fold(text: str) -> str:
    """ASCII letters in lower case, all else as it is."""
    return text.translate(_LOWER)


def compare(left: Any, op: str, right: Any, collation: str | None = None) -> bool | None:
    """`left op right`; None (unknown) when either is NULL."""
    if left is None or right is None:
        return None
    a, b = sort_key(left, collation), sort_key(right, collation)
    return {
        "=": a == b,
        "<>": a != b,
        "<": a < b,
        "<=": a <= b,
        ">": a > b,
        ">=": a >= b,
    }[op]


def like(value: Any, pattern: str, ignore_case: bool, escape: str | None) -> bool | None:
    """LIKE with % and _; ASCII case is ignored when told."""
    if value is None:
        return None
    text = as_text(value)
    return bool(_regex(pattern, ignore_case, escape).fullmatch(fold(text) if ignore_case else text))


def as_text(value: Any) -> str:
    """A value as the source writes it where it wants text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode(errors="replace")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


@cache
def _regex(pattern: str, ignore_case: bool, escape: str | None) -> re.Pattern[str]:
    """The escape character is itself, whatever its case; what it escapes is folded with the rest."""
    out, literal = [], False
    for character in pattern:
        plain = re.escape(fold(character) if ignore_case else character)
        if literal:
            out.append(plain)
            literal = False
        elif character == escape:
            literal = True
        else:
            out.append({"%": ".*", "_": "."}.get(character, plain))
    return re.compile("".join(out) if not literal else "(?!)", re.DOTALL)
