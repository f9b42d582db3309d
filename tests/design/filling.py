"""Rows for any schema: small values that repeat, references that hold, keys that differ."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from migrator.model.schema import Column, ForeignKey, Kind, Schema, Table

Row = dict[str, Any]


def fill_schema(schema: Schema, rows: int = 40, seed: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by table, in an order that references allow; tables that refer to each other in a ring may be poor."""
    chance = random.Random(seed)
    made: dict[str, list[Row]] = {}
    waiting = sorted(schema.tables, key=lambda table: table.name)
    while waiting:
        ready = [t for t in waiting if all(k.referred_table in (*made, t.name) for k in t.foreign_keys)]
        ready = ready or sorted(waiting, key=lambda table: _demanding(table, made))[:1]
        for table in ready:
            made[table.name] = _fill(chance, table, made, rows)
            waiting.remove(table)
    return {name: [tuple(row.values()) for row in listed] for name, listed in made.items()}


def _fill(chance: random.Random, table: Table, made: dict[str, list[Row]], rows: int) -> list[Row]:
    kept: list[Row] = []
    taken: set[tuple[Any, ...]] = set()
    for number in range(rows):
        row = {column.name: _value(chance, table, column, number) for column in table.columns}
        row |= _references(chance, table, {**made, table.name: kept})
        keys = [(names, tuple(row[name] for name in names)) for names in _keys(table)]
        if not any(None in values and names == table.primary_key for names, values in keys) and not taken & set(keys):
            taken |= {(names, values) for names, values in keys if None not in values}
            kept.append(row)
    return kept


def _demanding(table: Table, made: dict[str, list[Row]]) -> int:
    """References that must hold and cannot yet."""
    open_keys = [key for key in table.foreign_keys if key.referred_table not in made]
    return sum(not table.column(name).nullable for key in open_keys for name in key.columns)


def _keys(table: Table) -> Iterator[tuple[str, ...]]:
    yield table.primary_key
    yield from (unique.columns for unique in table.uniques)


def _references(chance: random.Random, table: Table, made: dict[str, list[Row]]) -> Row:
    """Values of all foreign keys together. Where two share a column, the later one refers to a row that agrees."""
    given: Row = {}
    for key in table.foreign_keys:
        pairs = tuple(zip(key.columns, key.referred_columns, strict=True))
        parents = made.get(key.referred_table, [])
        agreeing = [row for row in parents if all(given.get(own, row[other]) == row[other] for own, other in pairs)]
        given |= _reference(chance, table, key, agreeing, given)
    return given


def _reference(chance: random.Random, table: Table, key: ForeignKey, parents: list[Row], given: Row) -> Row:
    if not parents:
        return {name: None for name in key.columns if name not in given or table.column(name).nullable}
    parent = chance.choice(parents)
    return {own: parent[other] for own, other in zip(key.columns, key.referred_columns, strict=True)}


def _value(chance: random.Random, table: Table, column: Column, number: int) -> Any:
    if column.nullable and column.name not in table.primary_key and chance.random() < 0.1:
        return None
    alone = (column.name,) in (table.primary_key, *(unique.columns for unique in table.uniques))
    spread = number if alone else chance.randrange(6)
    match column.kind:
        case Kind.INTEGER | Kind.DECIMAL | Kind.FLOAT:
            return spread
        case Kind.BOOLEAN:
            return spread % 2
        case _ if column.name.endswith(("date", "_at", "time")):
            return f"2024-0{1 + spread % 6}-{10 + chance.randrange(18)}"
        case _:
            return f"{column.name[:3]}{spread}"
