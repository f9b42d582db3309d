"""Rewrites the `:name` placeholders of a declared query into the style of a server's driver."""

from __future__ import annotations

import re

_LEXEMES = re.compile(
    r"""(?P<kept>'(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | --[^\n]* | /\*.*?\*/
        | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | ::)
      | :(?P<name>[A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL,
)


def to_pyformat(sql: str) -> str:
    """`:name` becomes `%(name)s` outside strings, comments, quoted names and `::` casts; `%` is doubled."""
    parts: list[str] = []
    at = 0
    for match in _LEXEMES.finditer(sql):
        parts.append(sql[at : match.start()].replace("%", "%%"))
        name = match.group("name")
        parts.append(f"%({name})s" if name else match.group().replace("%", "%%"))
        at = match.end()
    return "".join([*parts, sql[at:].replace("%", "%%")])


def placeholder_names(sql: str) -> frozenset[str]:
    """The names that the statement's placeholders use."""
    return frozenset(match.group("name") for match in _LEXEMES.finditer(sql) if match.group("name"))
