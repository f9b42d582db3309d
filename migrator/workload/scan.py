"""A small lossless tokenizer: enough SQL to find comments, quotes, placeholders and semicolons.

The tokens' texts, joined, are the scanned text. It exists because a statement's own text must survive, and
because placeholders have to be understood before a parser gives them another meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from migrator.workload.mistakes import usage_error

_NAME = r"[^\W\d]\w*"
_SQLITE_QUOTES = (
    r"(?P<string>'(?:[^']|'')*')",
    r'(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])',
)
_POSTGRES_QUOTES = (
    r"(?P<string>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)",
    r'(?P<name>"(?:[^"]|"")*")',
)
_MYSQL_QUOTES = (
    r"""(?P<string>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")""",
    r"(?P<name>`(?:[^`]|``)*`)",
)
_QUOTES = {"sqlite": _SQLITE_QUOTES, "postgres": _POSTGRES_QUOTES, "mysql": _MYSQL_QUOTES}
_OPENERS = {"sqlite": "'\"`[", "postgres": "'\"", "mysql": "'\"`"}

# Words after which a value follows, so that `%s` is a placeholder there and not a remainder by column s.
_WORDS = """
all and any between by case distinct else escape from glob having ilike in is like limit match not offset on or
regexp returning select set then values when where
"""
_VALUE_FOLLOWS = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: space, comment, string, name (quoted), placeholder, word, number or symbol. `line` counts from 1."""

    kind: str
    text: str
    start: int
    line: int

    @property
    def significant(self) -> bool:
        return self.kind not in ("space", "comment")

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


@cache
def _pattern(dialect: str) -> re.Pattern[str]:
    hash_comment = r"|\#[^\n]*" if dialect == "mysql" else ""
    # Two-character symbols win over the placeholder that their second half looks like.
    json_operators = r"|\?[|&](?!\|)" if dialect == "postgres" else ""
    parts = (
        r"(?P<space>\s+)",
        rf"(?P<comment>--[^\n]*|/\*.*?\*/{hash_comment})",
        rf"(?P<doubled>::|:=|@@\w+{json_operators})",
        *_QUOTES[dialect],
        rf"(?P<placeholder>\?\d*|:(?:\d+|{_NAME})|@{_NAME}|\$(?:\d+|{_NAME})|%\({_NAME}\)s|%s(?!\w))",
        r"(?P<number>\d[\w.]*)",
        r"(?P<word>[^\W\d][\w$]*)",
        r"(?P<symbol>.)",
    )
    return re.compile("|".join(parts), re.DOTALL)


def scan(text: str, dialect: str, where: str) -> Iterator[Token]:
    """The text's tokens, in order. UsageError at the line of a quote or comment that is never closed."""
    line = 1
    position = 0
    before: Token | None = None
    while position < len(text):
        token = _next(text, position, line, dialect, before)
        _require_closed(token, dialect, where, text)
        yield token
        position += len(token.text)
        line += token.text.count("\n")
        before = token if token.significant else before


def _next(text: str, position: int, line: int, dialect: str, before: Token | None) -> Token:
    match = _pattern(dialect).match(text, position)
    if match is None:  # pragma: no cover - the last alternative matches any character
        raise AssertionError(text[position])
    kind, found = _kind(match), match.group()
    if kind == "placeholder" and _is_operator(found, dialect, before):
        kind, found = "symbol", found[0]
    return Token(kind, found, position, line)


def _kind(match: re.Match[str]) -> str:
    kind = next(kind for kind, found in match.groupdict().items() if found is not None and kind != "tag")
    return "symbol" if kind == "doubled" else kind


def _is_operator(found: str, dialect: str, before: Token | None) -> bool:
    """`a %s` is a remainder, and PostgreSQL's `data ? 'key'` an operator, when a value stands before."""
    if found == "%s" or (found == "?" and dialect == "postgres"):
        return before is not None and _is_operand(before)
    return False


def _is_operand(token: Token) -> bool:
    if token.kind == "word":
        return token.text.lower() not in _VALUE_FOLLOWS
    return token.kind in ("string", "name", "number", "placeholder") or token.text in (")", "]")


def _require_closed(token: Token, dialect: str, where: str, text: str) -> None:
    if token.kind != "symbol":
        return
    if token.text in _OPENERS[dialect]:
        what = f"the quote {token.text} that opens here is never closed"
        raise usage_error(where, token.line, what, "Close it; double it where it belongs to the text.")
    if text.startswith("/*", token.start):
        raise usage_error(where, token.line, "the comment /* that opens here is never closed", "Close it with */.")
