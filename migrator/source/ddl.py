"""Reads what SQLite's pragmas leave out of a CREATE TABLE: collations, names of constraints, and checks.

The grammar is https://www.sqlite.org/lang_createtable.html. SQLite keeps the text of each statement as the
user wrote it, so comments and every style of quoting occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<blob>[xX]'[^']*')
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<word>[^\W\d][\w$]*)
      | (?P<number>\d[\w.]*)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name, string or sign, and where it stands in the statement."""

    style: str
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for anything that is quoted."""
        return self.text.upper() if self.style == "word" else ""

    @property
    def name(self) -> str:
        """The identifier that the token spells."""
        if self.style not in ("quoted", "string"):
            return self.text
        quote, body = self.text[-1], self.text[1:-1]
        return body if quote == "]" else body.replace(quote * 2, quote)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint as declared: `kind` is FOREIGN, UNIQUE, CHECK or PRIMARY; `sql` is a check's expression."""

    kind: str
    name: str | None
    columns: tuple[str, ...] = ()
    sql: str = ""


@dataclass(frozen=True, slots=True)
class TableText:
    """What the text of one CREATE TABLE says. Names are as written in it."""

    collations: tuple[tuple[str, str], ...] = ()
    constraints: tuple[Constraint, ...] = ()

    def collation(self, column: str) -> str | None:
        """The column's collation in capitals, None for BINARY."""
        declared = next((c for name, c in self.collations if name.casefold() == column.casefold()), None)
        return None if declared is None or declared.upper() == "BINARY" else declared.upper()

    def name_of(self, kind: str, columns: Sequence[str]) -> str | None:
        """The name given to the first constraint of that kind over exactly those columns."""
        wanted = [column.casefold() for column in columns]
        for constraint in self.constraints:
            if constraint.kind == kind and [column.casefold() for column in constraint.columns] == wanted:
                return constraint.name
        return None


def read_table(sql: str) -> TableText:
    """Reads a CREATE TABLE statement; one without a column list says nothing."""
    collations: list[tuple[str, str]] = []
    constraints: list[Constraint] = []
    for definition in _definitions(sql, _tokens(sql)):
        column = None if definition[0].keyword in _TABLE_CONSTRAINTS else definition[0].name
        constraints.extend(_constraints(sql, definition, column))
        if column is not None:
            collations.extend((column, collation) for collation in _collation(definition))
    return TableText(tuple(collations), tuple(constraints))


def _tokens(sql: str) -> list[Token]:
    return [
        Token(match.lastgroup or "", match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(sql)
        if match.lastgroup != "space"
    ]


def _definitions(sql: str, tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The parts between the commas of the statement's outermost parentheses."""
    opening = next((at for at, token in enumerate(tokens) if token.text == "("), len(tokens))
    part: list[Token] = []
    for depth, token in _depths(tokens[opening:]):
        if (depth == 1 and token.text == ",") or depth == 0:
            if part:
                yield part
            part = []
            if depth == 0:
                return
        elif not (depth == 1 and token.text == "(" and token is tokens[opening]):
            part.append(token)


def _depths(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Each token with the number of parentheses open after it."""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        yield depth, token


def _collation(definition: Sequence[Token]) -> list[str]:
    """The last COLLATE outside parentheses: what SQLite goes by."""
    found = [
        definition[at + 1].name
        for at, (depth, token) in enumerate(_depths(definition))
        if depth == 0 and token.keyword == "COLLATE" and 0 < at < len(definition) - 1
    ]
    return found[-1:]


def _constraints(sql: str, definition: Sequence[Token], column: str | None) -> Iterator[Constraint]:
    name: str | None = None
    named_at = -1
    for at, (depth, token) in enumerate(_depths(definition)):
        if depth or at <= named_at or (column is not None and at == 0):
            continue
        if token.keyword == "CONSTRAINT" and at + 1 < len(definition):
            name, named_at = definition[at + 1].name, at + 1
        elif kind := _KINDS.get((token.keyword, column is None)):
            yield _constraint(sql, kind, name, definition[at + 1 :], column)
            name = None
        elif token.keyword in _UNNAMED:
            name = None


def _constraint(sql: str, kind: str, name: str | None, rest: Sequence[Token], column: str | None) -> Constraint:
    inside = _parenthesised(rest)
    if kind == "CHECK":
        return Constraint(kind, name, sql=sql[inside[0].start : inside[-1].end] if inside else "")
    return Constraint(kind, name, (column,) if column is not None else _column_list(inside))


def _parenthesised(tokens: Sequence[Token]) -> list[Token]:
    """What the first pair of parentheses holds."""
    inside: list[Token] = []
    for depth, token in _depths(tokens):
        if depth == 0 and token.text == ")":
            break
        if depth > 1 or (depth == 1 and token.text != "("):
            inside.append(token)
    return inside


def _column_list(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Names at the start of each element: `a COLLATE NOCASE DESC, "b"` names a and b."""
    starts = [at for at, token in enumerate(tokens) if at == 0 or tokens[at - 1].text == ","]
    return tuple(tokens[at].name for at in starts)


_KINDS = {
    ("CHECK", True): "CHECK",
    ("CHECK", False): "CHECK",
    ("UNIQUE", True): "UNIQUE",
    ("UNIQUE", False): "UNIQUE",
    ("PRIMARY", True): "PRIMARY",
    ("PRIMARY", False): "PRIMARY",
    ("FOREIGN", True): "FOREIGN",
    ("REFERENCES", False): "FOREIGN",
}
_UNNAMED = frozenset({"COLLATE", "DEFAULT", "GENERATED", "NOT"})
