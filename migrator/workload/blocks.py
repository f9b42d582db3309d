"""The queries file: named, annotated blocks of SQL statements (in the style of sqlc and aiosql)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from migrator.workload.mistakes import nearest, usage_error
from migrator.workload.scan import Token, scan

KNOWN = ("name", "rate", "peak", "consistency")
_ANNOTATION = re.compile(r"--\s*([A-Za-z][\w-]*)\s*:(\s*)(.*?)\s*\Z", re.DOTALL)
_FORGOTTEN_COLON = re.compile(r"--\s*(rate|peak)\s*=?\s*\d", re.IGNORECASE)
_PROSE = frozenset(("note", "todo", "fixme", "warning", "example", "see"))
_NAME = re.compile(r"([\w.-]+?)(?:\s+:(?:one|many|exec|execrows|execresult)|<!|\*!|[\^$!#])?\Z")
_RATE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(?:(?:/|\s+per\s+)\s*([a-z]+))?\Z", re.IGNORECASE)
_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_UNITS = {**_SECONDS, "d": 86_400, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Block:
    """One named block as written; rates are requests a second, None where the file gives none."""

    name: str
    line: int
    rate: float | None = None
    peak: float | None = None
    consistency: str | None = None
    statements: tuple[tuple[Token, ...], ...] = ()


@dataclass(slots=True)
class _Reader:
    where: str
    blocks: list[Block] = field(default_factory=list)
    pending: list[Token] = field(default_factory=list)

    def fail(self, line: int, what: str, next_step: str) -> Exception:
        return usage_error(self.where, line, what, next_step)


def read_blocks(text: str, dialect: str, where: str) -> tuple[Block, ...]:
    """The file's blocks in order. UsageError with file and line for anything malformed."""
    reader = _Reader(where)
    fresh = True
    for token in scan(text, dialect, where):
        if token.kind == "comment" and fresh and token.text.startswith("--") and _annotate(reader, token):
            continue
        fresh = "\n" in token.text if token.kind == "space" else False
        _take(reader, token)
    _finish_block(reader)
    return tuple(reader.blocks)


def _take(reader: _Reader, token: Token) -> None:
    if token.kind == "symbol" and token.text == ";":
        _finish_statement(reader)
    elif reader.blocks:
        reader.pending.append(token)
    elif token.significant:
        raise reader.fail(token.line, "SQL outside any block", "Put `-- name: some_name` above it.")


def _finish_statement(reader: _Reader) -> None:
    tokens = _trim(reader.pending)
    reader.pending.clear()
    if tokens:
        block = reader.blocks[-1]
        reader.blocks[-1] = replace(block, statements=(*block.statements, tokens))


def _finish_block(reader: _Reader) -> None:
    if not reader.blocks:
        return
    _finish_statement(reader)
    block = reader.blocks[-1]
    if not block.statements:
        raise reader.fail(block.line, f"the block {block.name} is empty", "Write its SQL below the annotations.")


def _trim(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Without the comments and spaces before the first and after the last token of the statement itself."""
    kept = list(tokens)
    while kept and not kept[0].significant:
        kept.pop(0)
    while kept and not kept[-1].significant:
        kept.pop()
    return tuple(kept)


def _annotate(reader: _Reader, token: Token) -> bool:
    """Take a comment on a line of its own as an annotation. False when it is plain prose."""
    match = _ANNOTATION.match(token.text)
    if match is None:
        return _reject_forgotten_colon(reader, token)
    key, space, value = match.groups()
    if key.lower() == "name":
        _open_block(reader, token, value)
    elif key.lower() in KNOWN:
        _set(reader, token, key.lower(), value)
    elif not reader.blocks or _has_sql(reader) or not space or key.lower() in _PROSE or key != key.lower():
        return False
    else:
        what = f"unknown annotation {key}"
        known = f"{nearest(key, list(KNOWN))} Annotations are {', '.join(KNOWN)}."
        raise reader.fail(token.line, what, known)
    return True


def _reject_forgotten_colon(reader: _Reader, token: Token) -> bool:
    match = _FORGOTTEN_COLON.match(token.text)
    if match and reader.blocks and not _has_sql(reader):
        key = match.group(1).lower()
        raise reader.fail(token.line, f"{key} without a colon", f"Write `-- {key}: 40`.")
    return False


def _has_sql(reader: _Reader) -> bool:
    return bool(reader.blocks[-1].statements) or any(token.significant for token in reader.pending)


def _open_block(reader: _Reader, token: Token, value: str) -> None:
    _finish_block(reader)
    match = _NAME.match(value)
    if match is None:
        what = f"{value!r} is not a name" if value else "a block without a name"
        raise reader.fail(
            token.line, what, "Use letters, digits, _, - and . only, as in `-- name: orders_of_customer`."
        )
    name = match.group(1)
    for block in reader.blocks:
        if block.name == name:
            what = f"the name {name} is already used on line {block.line}"
            raise reader.fail(token.line, what, "Give each block a name of its own.")
    reader.blocks.append(Block(name, token.line))


def _set(reader: _Reader, token: Token, key: str, value: str) -> None:
    if not reader.blocks or _has_sql(reader):
        what = f"{key} does not stand below a `-- name:`"
        raise reader.fail(token.line, what, f"Put `-- {key}:` between a block's `-- name:` and its SQL.")
    block = reader.blocks[-1]
    if getattr(block, key) is not None:
        raise reader.fail(token.line, f"{key} is given twice for {block.name}", "Keep one of them.")
    if key == "consistency":
        reader.blocks[-1] = replace(block, consistency=_consistency(reader, token, value))
        return
    rate = _requests_a_second(value)
    if rate is None:
        what = f"{value!r} is not a {key}"
        raise reader.fail(token.line, what, "Write requests a second, above 0: 40, 40/s, 2400/min, 100/h or 3/day.")
    reader.blocks[-1] = replace(block, rate=rate) if key == "rate" else replace(block, peak=rate)


def _consistency(reader: _Reader, token: Token, value: str) -> str:
    if value.lower() not in ("strong", "eventual"):
        raise reader.fail(token.line, f"{value!r} is not a consistency", "Write strong or eventual.")
    return value.lower()


def _requests_a_second(value: str) -> float | None:
    match = _RATE.match(value)
    if match is None:
        return None
    number, unit = match.groups()
    seconds = _UNITS.get((unit or "s").lower())
    if seconds is None:
        return None
    rate = float(number) / seconds
    return rate if rate > 0 and math.isfinite(rate) else None
