"""The levels of a sort key, read back from its text: each begins with a label, and the values that follow end it."""

from __future__ import annotations

from migrator.plan.keys import terminator
from migrator.plan.templates import Piece, parse_template


def levels(text: str) -> tuple[tuple[Piece, ...], ...]:
    """A sort key's pieces by level: the last begins with the item's tag, those before are the path to its branch.

    >>> [len(level) for level in levels("PROJECT#{project}#TICKET#{number}")], len(levels("TICKET#{a}#{b}"))
    ([3, 2], 1)
    """
    found: list[list[Piece]] = [[]]
    ends = ""
    for piece in parse_template(text):
        if isinstance(piece, str) and ends and piece.startswith(ends) and len(piece) > len(ends):
            found[-1].append(ends)
            found.append([piece[len(ends) :]])
        else:
            found[-1].append(piece)
        ends = "" if isinstance(piece, str) else terminator(piece.encoding)
    return tuple(map(tuple, found))
