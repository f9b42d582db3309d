"""UNION taken apart: its branches are statements of their own, whose rows the application appends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from migrator.workload.scan import Token


def branches(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """The SELECTs of a plain UNION or UNION ALL, each as written; the statement itself when it is something else, or
    when an order or a limit is of all rows together."""
    cuts = _cuts(tokens)
    if not cuts or not tokens[0].is_word("select"):
        return (tokens,)
    found = []
    start = 0
    for union, behind in (*cuts, (len(tokens), len(tokens))):
        found.append(_trimmed(tokens[start:union]))
        start = behind
    whole = all(branch and branch[0].is_word("select") for branch in found)
    return tuple(found) if whole and not _ordered(found[-1]) else (tokens,)


def keeps_duplicates(tokens: Sequence[Token]) -> bool:
    """Whether the unions of a statement are UNION ALL."""
    outside = [tokens[place] for place in _outside(tokens) if tokens[place].significant]
    return any(a.is_word("union") and b.is_word("all") for a, b in pairwise(outside))


def _cuts(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where each UNION outside of parentheses begins and ends; nothing when there is another set operation, or both
    kinds of it."""
    cuts: list[tuple[int, int]] = []
    kinds: set[bool] = set()
    for place in _outside(tokens):
        if tokens[place].is_word("except", "intersect"):
            return []
        if tokens[place].is_word("union"):
            behind = next((n for n in range(place + 1, len(tokens)) if tokens[n].significant), None)
            if behind is None or tokens[behind].is_word("distinct"):
                return []
            kinds.add(tokens[behind].is_word("all"))
            cuts.append((place, behind + 1 if tokens[behind].is_word("all") else behind))
    return cuts if len(kinds) == 1 else []


def _outside(tokens: Sequence[Token]) -> list[int]:
    """Places of the tokens that stand in no parentheses."""
    depth, places = 0, []
    for place, token in enumerate(tokens):
        if token.kind == "symbol":
            depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            places.append(place)
    return places


def _ordered(branch: Sequence[Token]) -> bool:
    return any(branch[place].is_word("order", "limit", "offset", "fetch", "for") for place in _outside(branch))


def _trimmed(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    kept = [place for place, token in enumerate(tokens) if token.significant]
    return tokens[kept[0] : kept[-1] + 1] if kept else ()
