"""What object mappers write that people would not: machine-made names of columns, and lists of every column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from migrator.workload.shapes import Piece

_NUMBERED = re.compile(r"(?P<stem>\w+?)_?\d+_(?:\d+_)*\d*\Z|(?P<plain>\w+?)_\d+\Z")


def without_aliases(pieces: Sequence[Piece]) -> list[Piece]:
    """Without `AS id_0`, `AS id1_0_` and `AS users_id` behind the column `id` of the select list, as Doctrine,
    Hibernate and SQLAlchemy write them; ORDER BY names the column instead. All stay where one name would be twice."""
    span = select_list(pieces)
    if span is None:
        return list(pieces)
    found = {at: column for at in range(span[0], span[1] - 1) if (column := _machine_made(pieces, at, span))}
    names = [column[-1].folded for column in _shown(pieces, span)]
    if not found or len(set(names)) != len(names):
        return list(pieces)
    renamed = {pieces[at + 1].folded: column for at, column in found.items()}
    dropped = {place for at in found for place in (at, at + 1)}
    kept: list[Piece] = []
    for at, piece in enumerate(pieces):
        if at in dropped:
            continue
        column = renamed.get(piece.folded) if at > span[1] and _is_name(piece) else None
        qualified = (at > 0 and pieces[at - 1].text == ".") or (at + 1 < len(pieces) and pieces[at + 1].text == ".")
        kept += [replace(column[0], gap=piece.gap), *column[1:]] if column and not qualified else [piece]
    return kept


def starred(pieces: Sequence[Piece]) -> list[Piece]:
    """With `*` for the select list."""
    span = select_list(pieces)
    if span is None:
        return list(pieces)
    return [*pieces[: span[0]], Piece("*", "symbol", True), *pieces[span[1] :]]


def select_list(pieces: Sequence[Piece]) -> tuple[int, int] | None:
    """Where the list of a SELECT begins and ends; None when the statement is no plain SELECT."""
    if len(pieces) < 2 or not pieces[0].is_word("select") or pieces[1].is_word("distinct", "all"):
        return None
    depth = 0
    for at, piece in enumerate(pieces):
        depth += (piece.text == "(") - (piece.text == ")")
        if depth == 0 and piece.is_word("from"):
            return 1, at
    return None


def _machine_made(pieces: Sequence[Piece], at: int, span: tuple[int, int]) -> list[Piece] | None:
    """The column before `AS` at that place, when its alias was made by a machine."""
    if not pieces[at].is_word("as") or not _is_name(pieces[at + 1]):
        return None
    column = _column_before(pieces, at, span[0])
    if column is None:
        return None
    alias, name = pieces[at + 1].folded.strip('"`'), column[-1].folded.strip('"`')
    table = column[0].folded.strip('"`') if len(column) == 3 else None
    if table is not None and alias == f"{table}_{name}":
        return column
    match = _NUMBERED.match(alias)
    stem = (match["stem"] or match["plain"]) if match else None
    return column if stem is not None and (name.startswith(stem.rstrip("_")) or stem == name) else None


def _column_before(pieces: Sequence[Piece], at: int, start: int) -> list[Piece] | None:
    """`column` or `table.column` as the whole item that ends before `at`."""
    for length in (3, 1):
        begin = at - length
        if begin < start or not _is_name(pieces[at - 1]):
            continue
        if length == 3 and (pieces[at - 2].text != "." or not _is_name(pieces[begin])):
            continue
        if begin == start or pieces[begin - 1].text == ",":
            return list(pieces[begin:at])
    return None


def _shown(pieces: Sequence[Piece], span: tuple[int, int]) -> list[list[Piece]]:
    """The columns of the list as they would be called without their aliases."""
    items: list[list[Piece]] = [[]]
    depth = 0
    for piece in pieces[span[0] : span[1]]:
        depth += (piece.text == "(") - (piece.text == ")")
        if depth == 0 and piece.text == ",":
            items.append([])
        else:
            items[-1].append(piece)
    columns = []
    for item in items:
        made = len(item) > 2 and _machine_made([*item, item[-1]], len(item) - 2, (0, len(item)))
        columns.append(made if isinstance(made, list) else item[-1:] or [Piece("", "symbol", False)])
    return columns


def _is_name(piece: Piece) -> bool:
    return piece.kind in ("word", "name")
