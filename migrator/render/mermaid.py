"""The source's tables as a Mermaid erDiagram that parses whatever the names are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from migrator.plan.plan import Source, SourceColumn, SourceForeignKey, SourceTable

DETAILED_COLUMNS = 400
"""Above that many columns only keys are drawn: code hosts render at most 50,000 characters of Mermaid."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = re.compile(
    "accdescr|acctitle|class|classdef|direction|end|erdiagram|fk|is|many|one|only|optionally|or|pk|style|subgraph"
    "|title|to|u|uk|zero",
    re.IGNORECASE,
)
_UNQUOTABLE = re.compile(r"[\"%\\`<>\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_UNTYPABLE = re.compile(r"[^A-Za-z0-9_()\[\]]+")


def is_detailed(source: Source) -> bool:
    """Whether the diagram shows every column, not keys alone."""
    return sum(len(table.columns) for table in source.tables) <= DETAILED_COLUMNS


def er_diagram(source: Source) -> str:
    """The diagram's text: tables, then relationships."""
    tables = [table for table in source.tables if table.joined is None]
    known = [table.name for table in tables]
    referred = [key.referred_table for table in tables for key in table.foreign_keys]
    missing = sorted(set(referred) - set(known))
    ids = _identifiers([*known, *missing])
    lines = ["erDiagram"]
    for table in tables:
        lines += _entity(table, ids, is_detailed(source))
    lines += [f'    {ids[name]}["{_quoted(name)} (not migrated)"]' for name in missing]
    for table in tables:
        lines += [_relationship(table, key, ids) for key in table.foreign_keys]
    return "\n".join(lines)


def _identifiers(names: list[str]) -> Mapping[str, str]:
    """A safe identifier for each name: the name itself where Mermaid takes it, else `t` and its number."""
    plain = {name for name in names if _is_plain(name)}
    ids: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        ids[name] = name if name in plain else _unused(f"t{number}", plain)
    return ids


def _is_plain(name: str) -> bool:
    return _PLAIN.fullmatch(name) is not None and not _RESERVED.fullmatch(name)


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _quoted(text: str) -> str:
    """Text inside double quotes."""
    return _UNQUOTABLE.sub("'", text) or " "


def _entity(table: SourceTable, ids: Mapping[str, str], detailed: bool) -> Iterator[str]:
    identifier = ids[table.name]
    alias = "" if identifier == table.name else f'["{_quoted(table.name)}"]'
    taken = {column.name for column in table.columns if _is_plain(column.name)}
    drawn = [
        _attribute(number, column, marks, taken)
        for number, column in enumerate(table.columns, 1)
        if (marks := _marks(table, column.name)) or detailed
    ]
    if not drawn:
        yield f"    {identifier}{alias}"
        return
    yield f"    {identifier}{alias} {{"
    yield from drawn
    yield "    }"


def _attribute(number: int, column: SourceColumn, marks: str, taken: set[str]) -> str:
    plain = column.name in taken
    name = column.name if plain else _unused(f"c{number}", taken)
    comment = "" if plain else f'"{_quoted(column.name)}"'
    return "        " + " ".join(filter(None, (_type(column.sql_type), name, marks, comment)))


def _type(sql_type: str) -> str:
    """A type as one word: `DECIMAL(10, 2)` is `DECIMAL(10_2)`."""
    word = _UNTYPABLE.sub("_", sql_type).strip("_")
    if not word:
        return "untyped"
    return word if _is_type(word) else f"t_{word}"


def _is_type(word: str) -> bool:
    return word[0].isalpha() and not _RESERVED.fullmatch(word)


def _marks(table: SourceTable, column: str) -> str:
    marks = (
        ("PK", column in table.primary_key),
        ("FK", any(column in key.columns for key in table.foreign_keys)),
        ("UK", (column,) in table.uniques),
    )
    return ", ".join(mark for mark, set_ in marks if set_)


def _relationship(table: SourceTable, key: SourceForeignKey, ids: Mapping[str, str]) -> str:
    """Parent to child. A nullable key may have no parent; a unique one has at most one child; a line is
    unbroken when the key is part of the child's identity."""
    nullable = any(column.nullable for column in table.columns if column.name in key.columns)
    parent = "|o" if nullable else "||"
    child = "o|" if _is_unique(table, key.columns) else "o{"
    line = "--" if set(key.columns) <= set(table.primary_key) else ".."
    label = _quoted(", ".join(key.columns))
    return f'    {ids[key.referred_table]} {parent}{line}{child} {ids[table.name]} : "{label}"'


def _is_unique(table: SourceTable, columns: tuple[str, ...]) -> bool:
    keys = (table.primary_key, *table.uniques)
    return any(key and set(key) <= set(columns) for key in keys)
