"""The shape of a statement: what is the same in all its calls, with a slot wherever a value stands.

Works on tokens and not on a parsed tree, so that the application's own words survive, and so that what the logs and
digests of the servers write in no SQL at all (`IN (...)`, `LIMIT ?, ...`) is mended before a parser sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from migrator.workload.scan import Token
from migrator.workload.starter import quoted

_FUNCTIONS = "count sum min max avg coalesce ifnull substr substring lower upper concat trim length"
_GLUED = frozenset(_FUNCTIONS.split())
_BEFORE_PARENTHESES = "in values any all and or not on exists as over using from join where select by set case"
_SPACED = frozenset(_BEFORE_PARENTHESES.split())
_TYPE_WORDS = frozenset(["varying", "precision", "with", "without", "time", "zone"])
_LIST_MARK = "..."
_UNIT = re.compile(r"^SQL_TSI_", re.IGNORECASE)
"""How MariaDB's digests spell MONTH and its like, whatever they mean."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands. `literal`: as written; None for a placeholder. `identity`: what a placeholder that may
    be repeated is called. `listed`: how many values stand there, for the values of an IN; 0 when that is not told."""

    literal: str | None = None
    identity: str | None = None
    listed: int | None = None
    constants: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of the shape. `gap`: whether a space stands before it."""

    text: str
    kind: str
    gap: bool
    slot: Slot | None = None

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words

    @property
    def folded(self) -> str:
        if self.slot is not None:
            return "?" if self.slot.listed is None else "?*"
        return self.text.lower() if self.kind in ("word", "name") else self.text


@dataclass(frozen=True, slots=True)
class Shape:
    """`key`: equal for statements that differ in values, spaces, case of words, lengths of lists and numbers of
    inserted rows alone. `rows`: how many rows this statement inserts; 0 when that is not told."""

    key: str
    pieces: tuple[Piece, ...]
    rows: int = 1

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(piece.slot for piece in self.pieces if piece.slot is not None)


def shape_of(tokens: Sequence[Token], dialect: str) -> Shape:
    """The shape of one statement's tokens, without its comments."""
    pieces = list(_unsigned(_pieces(tokens, dialect)))
    pieces = _without_casts(pieces)
    pieces = _any_as_list(_spread_marks(pieces))
    pieces, rows = _one_row(_listed(pieces))
    return Shape(" ".join(piece.folded for piece in pieces), tuple(pieces), rows)


def printed(pieces: Iterable[Piece]) -> str:
    """The pieces as SQL on one line."""
    parts: list[str] = []
    before: Piece | None = None
    for piece in pieces:
        parts.append(f" {piece.text}" if before is not None and _apart(before, piece) else piece.text)
        before = piece
    return "".join(parts)


def _apart(before: Piece, piece: Piece) -> bool:
    if piece.text in (",", ")", ".", "]", "::") or before.text in ("(", ".", "[", "::"):
        return False
    if before.text == ",":
        return True
    if piece.text == "(" and before.kind == "word":
        word = before.text.lower()
        return word in _SPACED or (piece.gap and word not in _GLUED)
    return piece.gap


def _pieces(tokens: Sequence[Token], dialect: str) -> Iterator[Piece]:
    gap, word_before = False, ""
    for token in tokens:
        if token.kind == "comment" and "..." in token.text and token.text.startswith("/*"):
            yield Piece(_LIST_MARK, "mark", False)  # PostgreSQL and MySQL tell so that values were left out
        if not token.significant:
            gap = True
            continue
        yield _piece(token, gap, word_before, dialect)
        gap, word_before = False, token.text.lower() if token.kind == "word" else ""


def _piece(token: Token, gap: bool, word_before: str, dialect: str) -> Piece:
    if token.kind == "placeholder":
        anonymous = token.text in ("?", "%s")
        name = token.text if not token.text.startswith("%(") else token.text[2:-2]
        return Piece("?", "slot", gap, Slot(identity=None if anonymous else name))
    if token.kind == "number" or (token.kind == "string" and word_before != "interval"):
        return Piece("?", "slot", gap, Slot(literal=token.text))
    if token.kind == "name":
        return Piece(quoted(_unquoted(token.text), dialect), "name", gap)
    return Piece(_UNIT.sub("", token.text) if dialect == "mysql" else token.text, token.kind, gap)


def _unquoted(name: str) -> str:
    closing = name[-1]
    return name[1:-1].replace(closing * 2, closing)


def _unsigned(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """With a minus that begins a number made part of it."""
    held: Piece | None = None
    before: Piece | None = None
    for piece in pieces:
        if held is not None:
            if piece.slot is not None and piece.slot.literal is not None:
                piece = replace(piece, gap=held.gap, slot=Slot(literal=f"-{piece.slot.literal}"))
            else:
                yield held
            held = None
        elif piece.text == "-" and before is not None and _opens_value(before):
            held, before = piece, piece
            continue
        yield piece
        before = piece
    if held is not None:
        yield held


def _opens_value(piece: Piece) -> bool:
    if piece.kind == "symbol":
        return piece.text not in (")", "]")
    return piece.is_word("between", "and", "limit", "offset", "like", "then", "else", "when", "values")


def _without_casts(pieces: Sequence[Piece]) -> list[Piece]:
    """Without the casts that drivers put behind parameters (`$1::VARCHAR`): the column says the type."""
    kept: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece.text == "::" and kept and kept[-1].slot is not None:
            at = _after_type(pieces, at + 1)
            continue
        kept.append(piece)
        at += 1
    return kept


def _after_type(pieces: Sequence[Piece], at: int) -> int:
    """Where the type that begins at `at` has ended."""
    at += 1
    while at < len(pieces):
        if pieces[at].is_word(*_TYPE_WORDS):
            at += 1
        elif pieces[at].text in ("(", "[") and not pieces[at].gap:
            closing = ")" if pieces[at].text == "(" else "]"
            while at < len(pieces) and pieces[at].text != closing:
                at += 1
            at += 1
        else:
            break
    return at


def _spread_marks(pieces: Sequence[Piece]) -> list[Piece]:
    """The three dots of a digest as one piece."""
    kept: list[Piece] = []
    for piece in pieces:
        kept.append(piece)
        if [last.text for last in kept[-3:]] == [".", ".", "."]:
            kept[-3:] = [Piece(_LIST_MARK, "mark", kept[-3].gap)]
    return kept


def _any_as_list(pieces: Sequence[Piece]) -> list[Piece]:
    """`= ANY (array)` asks for what `IN (...)` asks for, of a length that the statement does not tell."""
    kept = list(pieces)
    for at in range(len(kept) - 5, -1, -1):
        equals, word, opening, value, closing = kept[at : at + 5]
        if (equals.text, opening.text, closing.text) == ("=", "(", ")") and word.is_word("any") and value.slot:
            unknown = replace(value, slot=replace(value.slot, literal=None, listed=0), gap=False)
            kept[at : at + 5] = [Piece("IN", "word", True), replace(opening, gap=True), unknown, closing]
    return kept


def _listed(pieces: Sequence[Piece]) -> list[Piece]:
    """The values of each IN as one slot."""
    kept: list[Piece] = []
    at = 0
    while at < len(pieces):
        kept.append(pieces[at])
        if pieces[at].is_word("in") and (end := _end_of_values(pieces, at + 1)) is not None:
            values = [piece.slot for piece in pieces[at + 2 : end] if piece.slot is not None]
            cut = any(piece.text == _LIST_MARK for piece in pieces[at + 2 : end])
            kept += [replace(pieces[at + 1], gap=True), Piece("?", "slot", False, _list_slot(values, cut)), pieces[end]]
            at = end
        at += 1
    return kept


def _end_of_values(pieces: Sequence[Piece], at: int) -> int | None:
    """Where the parenthesis closes that opens at `at`, when nothing but values stands in it."""
    if at >= len(pieces) or pieces[at].text != "(":
        return None
    for end in range(at + 1, len(pieces)):
        if pieces[end].text == ")":
            return end if end > at + 1 else None
        if pieces[end].slot is None and pieces[end].text not in (",", _LIST_MARK):
            return None
    return None


def _list_slot(values: Sequence[Slot], cut: bool) -> Slot:
    literals = [value.literal for value in values if value.literal is not None]
    if values and len(literals) == len(values) and not cut:
        return Slot(", ".join(literals), listed=len(values), constants=tuple(literals))
    already = next((value.listed for value in values if value.listed is not None), None)
    return Slot(listed=0 if cut else len(values) if already is None else already)


def _one_row(pieces: list[Piece]) -> tuple[list[Piece], int]:
    """Of an INSERT of several rows of one form the first, and how many there were."""
    if not pieces or not pieces[0].is_word("insert", "replace"):
        return _runs_mended(pieces), 1
    start = next((at for at, piece in enumerate(pieces) if piece.is_word("values", "value")), None)
    if start is None:
        return pieces, 1
    rows, end, cut = _rows(pieces, start + 1)
    if not rows:
        return pieces, 1
    first = _row_mended(rows[0], _columns_before(pieces[:start]))
    if any([p.folded for p in row] != [p.folded for p in rows[0]] for row in rows):
        return pieces, 1
    return [*pieces[: start + 1], *first, *pieces[end:]], 0 if cut else len(rows)


def _rows(pieces: Sequence[Piece], at: int) -> tuple[list[list[Piece]], int, bool]:
    """The parenthesised rows from `at` on, where they end, and whether more were left out."""
    rows: list[list[Piece]] = []
    cut = False
    while at < len(pieces) and pieces[at].text == "(":
        depth, begin = 0, at
        while at < len(pieces):
            depth += (pieces[at].text == "(") - (pieces[at].text == ")")
            at += 1
            if depth == 0:
                break
        rows.append(list(pieces[begin:at]))
        while at < len(pieces) and pieces[at].text == _LIST_MARK:
            cut, at = True, at + 1
        if at + 1 < len(pieces) and pieces[at].text == "," and pieces[at + 1].text in ("(", _LIST_MARK):
            at += 1
    return rows, at, cut


def _columns_before(pieces: Sequence[Piece]) -> int:
    """How many columns an INSERT lists before VALUES; 0 for none."""
    if not pieces or pieces[-1].text != ")":
        return 0
    opening = next((at for at in range(len(pieces) - 1, -1, -1) if pieces[at].text == "("), 0)
    return sum(piece.text == "," for piece in pieces[opening:]) + 1


def _row_mended(row: Sequence[Piece], columns: int) -> list[Piece]:
    """A row in which a digest says `...`, with as many values as there are columns."""
    marks = [at for at, piece in enumerate(row) if piece.text == _LIST_MARK]
    if len(marks) != 1 or not columns:
        return list(row)
    (at,) = marks
    others = _values(row[:at]) + _values(row[at + 1 :])
    added = [Piece("?", "slot", True, Slot()) for _ in range(max(0, columns - others))]
    comma = Piece(",", "symbol", False)
    spread = [piece for value in added for piece in (comma, value)]
    return [*row[:at], *(spread[1:] if row[at - 1].text in ("(", ",") else spread), *row[at + 1 :]]


def _values(row: Sequence[Piece]) -> int:
    """Values that stand in a part of a row, by its commas."""
    depth, count, standing = 0, 0, False
    for piece in row:
        if piece.text in ("(", ")"):
            depth += 1 if piece.text == "(" else -1
        elif piece.text == "," and depth <= 1:
            count, standing = count + standing, False
            continue
        standing = standing or piece.text not in ("(", ")")
    return count + standing


def _runs_mended(pieces: Sequence[Piece]) -> list[Piece]:
    """MySQL's digest writes `?, ...` for two values or more (`LIMIT ?, ?`, arguments of a function): two are the
    most likely."""
    kept: list[Piece] = []
    for piece in pieces:
        values = [last.text for last in kept[-2:]] == ["?", ","]
        kept.append(Piece("?", "slot", True, Slot(guessed=True)) if piece.text == _LIST_MARK and values else piece)
    return kept
