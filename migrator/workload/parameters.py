"""A shape written out again: constants as they were, parameters named after the columns that they meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.model.schema import Schema
from migrator.workload.constants import Hides, is_constant
from migrator.workload.meeting import Facts, Met
from migrator.workload.shapes import Piece, printed
from migrator.workload.starter import free_name, identifier
from migrator.workload.tallying import Tally

_WIDTH = 118
_LONGEST_LIST = 100
_BREAKS = frozenset(["from", "where", "values", "set", "order", "group", "limit"])


def written(tally: Tally, schema: Schema, hides: Hides) -> str:
    """The statement's SQL for the queries file."""
    texts = iter(_texts(tally, schema, hides))
    pieces = [replace(p, text=next(texts)) if p.slot is not None else p for p in tally.shape.pieces]
    sql = printed(pieces)
    return sql if len(sql) <= _WIDTH else _broken(pieces)


def list_length(tally: Tally, at: int) -> int:
    """How many values the list of a slot is written with: as many as it had on average, or, where the statistics
    hide that, as many as a call gave rows."""
    known = tally.lengths[at].usual
    if known or tally.given is None or not tally.requests:
        return min(known or 1, _LONGEST_LIST)
    return max(1, min(round(tally.given / tally.requests), _LONGEST_LIST))


def _texts(tally: Tally, schema: Schema, hides: Hides) -> Iterator[str]:
    slots = tally.shape.slots
    constant = [_is_constant(tally, at, schema, hides) for at in range(len(slots))]
    names = _names(tally, constant)
    for at, slot in enumerate(slots):
        if constant[at]:
            yield slot.literal or ""
        elif slot.listed is None:
            yield f":{names[at]}"
        else:
            yield ", ".join(f":{names[at]}_{n}" for n in range(1, list_length(tally, at) + 1))


def _is_constant(tally: Tally, at: int, schema: Schema, hides: Hides) -> bool:
    slot, facts = tally.shape.slots[at], tally.facts
    if slot.literal is None or not tally.same[at]:
        return False
    return is_constant(slot.constants or (slot.literal,), facts.met[at], tally.requests, facts, schema, hides)


def _names(tally: Tally, constant: Sequence[bool]) -> dict[int, str]:
    """The parameter of each slot that is none of the constants. One that is repeated keeps its name."""
    facts, same_as = tally.facts, {changed: inserted for inserted, changed in tally.shared()}
    where = {met.column for met in facts.met if met.place == "where"}
    taken: set[str] = set()
    known: dict[str, str] = {}
    names: dict[int, str] = {}
    for at, slot in enumerate(tally.shape.slots):
        if constant[at]:
            continue
        repeated = names.get(same_as[at]) if at in same_as else known.get(slot.identity or "")
        names[at] = repeated or free_name(_base(facts.met[at], facts, where), taken)
        if slot.identity is not None:
            known.setdefault(slot.identity, names[at])
    return names


def _base(met: Met, facts: Facts, where: set[str | None]) -> str:
    if met.column is None:
        return met.role if met.role in ("limit", "offset") else "value"
    name = identifier(met.column)
    if facts.verb == "update" and met.place == "set" and met.column in where:
        return f"new_{name}"
    return f"{name}_{met.role}" if met.role in ("from", "to") else name


def _broken(pieces: Sequence[Piece]) -> str:
    """With a new line before each clause, and where a line would be too long."""
    lines: list[list[Piece]] = [[]]
    depth = 0
    for piece in pieces:
        depth += (piece.text == "(") - (piece.text == ")")
        full = len(printed([*lines[-1], piece])) > _WIDTH - 4 and piece.gap
        if lines[-1] and (full or (depth == 0 and _begins(piece, lines[-1][-1], pieces[0]))):
            lines.append([])
        lines[-1].append(piece)
    texts = [printed(line) for line in lines]
    return "\n".join(("" if not n or lines[n][0].is_word(*_BREAKS, "on") else "    ") + t for n, t in enumerate(texts))


def _begins(piece: Piece, before: Piece, first: Piece) -> bool:
    """Whether a clause begins: ON of an INSERT tells what happens on a conflict, and UPDATE SET is part of it."""
    if before.text == "." or before.is_word("update", "for"):
        return False
    return piece.is_word(*_BREAKS) or (piece.is_word("on") and first.is_word("insert"))
