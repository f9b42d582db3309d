"""What a faithful table holds, by reading the database and the table without any code of the program."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

Content = tuple[str, frozenset[tuple[str, Any]]]
"""A row or item: its table, and its columns that are not NULL with their values."""


def source_rows(path: Path, plan: Mapping[str, Any]) -> Counter[Content]:
    """All rows of the tables that the plan migrates."""
    found: Counter[Content] = Counter()
    left_out = {named["name"] for named in plan["source"]["excluded"]}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = _text
        for table in plan["source"]["tables"]:
            planned = [column["name"] for column in table["columns"]]
            found.update(_rows(connection, table["name"], planned, left_out))
    return found


def _rows(connection: sqlite3.Connection, table: str, planned: list[str], left_out: set[str]) -> Iterator[Content]:
    facts = list(connection.execute("SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1", (table,)))
    names = [name for name in dict.fromkeys([*(n for n, _ in facts), *planned]) if f"{table}.{name}" not in left_out]
    documents = {name for name, declared in facts if "JSON" in declared.upper()}
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    quoted = '"' + table.replace('"', '""') + '"'
    for row in connection.execute(f"SELECT {listed} FROM {quoted}"):
        yield (
            table,
            frozenset((n, _of_source(v, n in documents)) for n, v in zip(names, row, strict=True) if v is not None),
        )


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _of_source(value: Any, document: bool) -> Any:
    match value:
        case str():
            return _of_text(value) if document else ("text", value)
        case bytes():
            return ("bytes", value)
        case _:
            return ("number", _number(Decimal(repr(value))))


def _number(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    return "0" if not value else str(value.normalize())


def _of_text(value: str) -> Any:
    """Documents are equal when they say the same, whatever their blanks and the order of their names."""
    try:
        parsed = json.loads(value, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=_pairs)
    except (ValueError, ArithmeticError, RecursionError):
        return ("text", value)
    return _document(parsed) if isinstance(parsed, (tuple, list)) else ("text", value)


def _pairs(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(pairs)


def _document(value: Any) -> Any:
    match value:
        case tuple():
            return ("map", tuple(sorted(((name, _document(inner)) for name, inner in value), key=repr)))
        case list():
            return ("list", tuple(map(_document, value)))
        case Decimal() if value.is_finite():
            return ("number", _number(value))
        case _:
            return value


def table_items(client: Any, name: str, plan: Mapping[str, Any]) -> tuple[Counter[Content], int]:
    """The items that stand for rows, and how many others there are, bookkeeping apart."""
    rows = {entity["name"]: entity for entity in plan["entities"] if entity["kind"] == "row"}
    kind = plan["type_attribute"]
    found: Counter[Content] = Counter()
    others = 0
    for item in _scan(client, name):
        if item["PK"]["S"].startswith("MIGRATE#"):
            continue
        entity = rows.get(item[kind]["S"])
        if entity is None:
            others += 1
        else:
            found[_content(entity, item)] += 1
    return found, others


def _content(entity: Mapping[str, Any], item: Mapping[str, Any]) -> Content:
    own = [a for a in entity["attributes"] if a["copied_from"] is None and a["name"] in item]
    return entity["source_table"], frozenset(
        (a["column"], _of_wire(item[a["name"]], "JSON" in a["sql_type"].upper())) for a in own
    )


def _of_wire(wire: Mapping[str, Any], document: bool) -> Any:
    ((tag, value),) = wire.items()
    match tag:
        case "S":
            return _of_text(value) if document else ("text", value)
        case "N":
            return ("number", _number(Decimal(value)))
        case "B":
            return ("bytes", bytes(value))
        case "BOOL":
            return ("number", str(int(value)))
        case _:
            return _document(_plain(wire))


def _plain(wire: Mapping[str, Any]) -> Any:
    ((tag, value),) = wire.items()
    match tag:
        case "M":
            return tuple((name, _plain(inner)) for name, inner in value.items())
        case "L":
            return [_plain(inner) for inner in value]
        case "N":
            return Decimal(value)
        case "NULL":
            return None
        case _:
            return value


def _scan(client: Any, name: str) -> Iterator[Mapping[str, Any]]:
    for page in client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]
