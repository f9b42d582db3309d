"""Random small databases with random declared queries, the same for the same seed."""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.verify.chance_queries import Chooser, declared
from tests.verify.chance_shapes import Col, Fk, Tab, quoted

NAMES = ("a", "orders", "order", "Weird Name", "b-c", "group", "Item", "t_1", "x.y", "ünïcode", "type", "it's")
COLUMNS = ("kind", "Type", "total", "ttl", "PK", "when", "first name", "select", "n%", "{x}", "c:d", "v", "w", "z")
TYPES = ("TEXT", "TEXT", "INTEGER", "INTEGER", "REAL", "NUMERIC(10,2)", "BOOLEAN", "DATETIME", "")
TEXTS = (
    *("", "#", "%", "_", "a", "A", "ab", "aB", "AB", "abc", "b", "B", "a#b", "a%b", "a_b", "~x", "é", "É", "中", "😀"),
    *("\t", "\n", "a\tb", "a\x01", "%00", "10", "9", "-1", " a", "a ", "{a}", "\x7f", "\uffff", "aa", "zz"),
)
NUMBERS = (0, 1, 2, 3, -1, -2, 10, 100, 99, 2**31, -(2**63), 2**63 - 1, 2**40)
REALS = (0.0, 1.0, -1.5, 0.1, 2.5, 1e10, -1e-7, 1e100, 3.0, 100.25)
DECIMALS = (0, 1, -1, 1.5, 2.25, -0.01, 10, 99.99, 100)
TIMES = (
    *("2024-01-01", "2024-01-01 10:00:00", "2024-01-02 09:00:00", "2023-12-31 23:59:59"),
    *("2024-01-01T10:00:00", "2024-02-29 00:00:00", "1999-01-01 00:00:00"),
)


@dataclass
class World:
    tables: list[Tab]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    queries: str = ""


def random_world(seed: int, queries: int = 10) -> World:
    chance = random.Random(seed)
    made = World(_tables(chance))
    orphans = 0.1 if chance.random() < 0.15 else 0.0
    for table in made.tables:
        made.rows[table.name] = list(rows_of(chance, made, table, orphans))
    made.queries = declared(Chooser(chance, made.tables, made.rows, value_of), queries)
    return made


def write(made: World, path: Path) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    for table in made.tables:
        connection.execute(table.ddl())
    for table in made.tables:
        names = ", ".join(quoted(column.name) for column in table.columns)
        marks = ", ".join("?" * len(table.columns))
        sql = f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})"
        connection.executemany(sql, [[row[c.name] for c in table.columns] for row in made.rows[table.name]])
    connection.commit()
    connection.close()


def value_of(chance: random.Random, kind: str) -> Any:
    match kind:
        case "TEXT":
            return chance.choice(TEXTS)
        case "INTEGER":
            return chance.choice(NUMBERS if chance.random() < 0.3 else NUMBERS[:6])
        case "REAL":
            return chance.choice(REALS)
        case "BOOLEAN":
            return chance.choice((0, 1))
        case "DATETIME":
            return chance.choice(TIMES)
        case "":
            return chance.choice((*NUMBERS, *TEXTS))
        case _:
            return chance.choice(DECIMALS)


def _tables(chance: random.Random) -> list[Tab]:
    made: list[Tab] = []
    for name in chance.sample(NAMES, chance.randint(2, 5)):
        made.append(_table(chance, name, made))
    return made


def _table(chance: random.Random, name: str, before: list[Tab]) -> Tab:
    table = Tab(name)
    spare = iter(chance.sample(COLUMNS, len(COLUMNS)))
    shape = chance.random()
    if shape < 0.3 or not before:
        kind = chance.choice(("INTEGER", "INTEGER", "TEXT", "TEXT", "DATETIME"))
        table.columns.append(Col("id", kind, False, _collation(chance, kind, 0.1)))
        table.key = ("id",)
    elif shape < 0.45:
        table.columns += [Col("k1", "TEXT", False), Col("k2", "INTEGER", False)]
        table.key = ("k1", "k2")
    else:
        _weak(chance, table, before, 2 if shape > 0.75 and len(before) > 1 else 1)
    for parent in chance.sample(before, min(len(before), chance.randint(0, 2))):
        _refer(chance, table, parent, chance.random() < 0.5, chance.choice(("par", "ref", "own")))
    if chance.random() < 0.08:
        table.columns.append(Col("expires_at", "DATETIME", True))
    for _ in range(chance.randint(1, 4)):
        kind = chance.choice(TYPES)
        table.columns.append(Col(next(spare), kind, chance.random() < 0.5, _collation(chance, kind, 0.2)))
    if chance.random() < 0.2 and len(table.key) == 1:
        _refer(chance, table, table, True, "up")
    plain = [c for c in table.columns if c.name not in table.key]
    if plain and chance.random() < 0.4:
        table.uniques.append((chance.choice(plain).name,))
    if len(plain) > 1 and chance.random() < 0.15:
        table.uniques.append(tuple(c.name for c in chance.sample(plain, 2)))
    chance.shuffle(table.columns)
    return table


def _collation(chance: random.Random, kind: str, share: float) -> str | None:
    if kind != "TEXT" or chance.random() > share:
        return None
    return "NOCASE" if chance.random() < 0.9 else "RTRIM"


def _weak(chance: random.Random, table: Tab, before: list[Tab], parents: int) -> None:
    """A table whose key holds its parents' keys: a weak entity, or a link between two."""
    for number, parent in enumerate(chance.sample(before, parents)):
        _refer(chance, table, parent, False, f"p{number}")
        table.key += table.foreign[-1].columns
    if parents == 1 and chance.random() < 0.8:
        kind = chance.choice(("INTEGER", "TEXT", "DATETIME"))
        table.columns.append(Col("no", kind, False))
        table.key += ("no",)


def _refer(chance: random.Random, table: Tab, parent: Tab, nullable: bool, stem: str) -> None:
    keys = [parent.key, *(u for u in parent.uniques if chance.random() < 0.3)]
    referred = chance.choice(keys)
    names = []
    for column in referred:
        name = f"{stem}_{column}"
        if any(c.name == name for c in table.columns):
            return
        source = parent.column(column)
        collation = source.collation if chance.random() < 0.9 else None
        table.columns.append(Col(name, source.kind, nullable, collation))
        names.append(name)
    table.foreign.append(Fk(tuple(names), parent.name, referred))


def rows_of(chance: random.Random, made: World, table: Tab, orphans: float) -> Iterator[dict[str, Any]]:
    wanted = chance.choice((0, 1, 3, 8, 20, 40, 40))
    seen: set[tuple[int, tuple[Any, ...]]] = set()
    own: list[dict[str, Any]] = []
    for _ in range(wanted * 3):
        row = _row(chance, made, table, own, orphans)
        if row is None or not _is_new(table, row, seen):
            continue
        own.append(row)
        yield row
        if len(own) >= wanted:
            return


def _missing(table: Tab, column: Col) -> float:
    """The share of NULLs: some columns have few values, so that an index of these rows may pay."""
    return 0.8 if zlib.crc32(f"{table.name}.{column.name}".encode()) % 3 == 0 else 0.25


def _row(
    chance: random.Random, made: World, table: Tab, own: list[dict[str, Any]], orphans: float
) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    for column in table.columns:
        missing = column.nullable and chance.random() < _missing(table, column)
        row[column.name] = None if missing else value_of(chance, column.kind)
    for key in table.foreign:
        if chance.random() < orphans:
            continue
        parents = own if key.table == table.name else made.rows[key.table]
        parents = [p for p in parents if all(p[name] is not None for name in key.referred)]
        nullable = all(table.column(name).nullable for name in key.columns)
        if not parents or (nullable and chance.random() < 0.2):
            if not nullable:
                return None
            row |= dict.fromkeys(key.columns)
            continue
        skewed = parents[: max(1, len(parents) // 3)] if chance.random() < 0.5 else parents
        parent = chance.choice(skewed)
        row |= {n: _spelled(chance, table.column(n), parent[o]) for n, o in zip(key.columns, key.referred, strict=True)}
    return row


def _spelled(chance: random.Random, column: Col, value: Any) -> Any:
    """Another spelling of a reference, where the column allows one."""
    return value.swapcase() if column.collation == "NOCASE" and value.isascii() and chance.random() < 0.2 else value


def _is_new(table: Tab, row: dict[str, Any], seen: set[tuple[int, tuple[Any, ...]]]) -> bool:
    found = set()
    for number, names in enumerate((table.key, *table.uniques)):
        values = tuple(_equal(table.column(name), row[name]) for name in names)
        if None not in values:
            found.add((number, values))
    if found & seen:
        return False
    seen |= found
    return True


def _equal(column: Col, value: Any) -> Any:
    """What the source's unique index compares."""
    if not isinstance(value, str):
        return value
    folded = "".join(c.lower() if c.isascii() else c for c in value) if column.collation == "NOCASE" else value
    return folded.rstrip(" ") if column.collation == "RTRIM" else folded
