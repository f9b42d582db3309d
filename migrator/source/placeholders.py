"""Finds the `:name` placeholders of a declared query, and rewrites them into the style of a server's driver."""

from __future__ import annotations

import re

_SHARED = r"""--[^\n]* | /\*.*?\*/ | "(?:[^"]|"")*" | `(?:[^`]|``)*` | ::"""
_QUOTED = {
    "sqlite": r"'(?:[^']|'')*' | \[[^\]]*\]",
    "postgresql": r"\b[eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    "mysql": r"'(?:[^'\\]|''|\\.)*'",
}
_LEXEMES = {
    dialect: re.compile(rf"{quoted} | {_SHARED} | :(?P<name>[^\W\d]\w*)", re.VERBOSE | re.DOTALL)
    for dialect, quoted in _QUOTED.items()
}


def to_pyformat(sql: str, dialect: str) -> str:
    """`:name` becomes `%(name)s` outside strings, comments, quoted names and `::` casts; `%` is doubled."""
    parts: list[str] = []
    at = 0
    for match in _LEXEMES[dialect].finditer(sql):
        parts.append(sql[at : match.start()].replace("%", "%%"))
        name = match.group("name")
        parts.append(f"%({name})s" if name else match.group().replace("%", "%%"))
        at = match.end()
    return "".join([*parts, sql[at:].replace("%", "%%")])


def placeholder_names(sql: str, dialect: str) -> frozenset[str]:
    """The names that the statement's placeholders use."""
    return frozenset(match.group("name") for match in _LEXEMES[dialect].finditer(sql) if match.group("name"))
