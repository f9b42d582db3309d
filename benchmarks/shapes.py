"""Schemas and queries that connect many tables into one programme, each hard in its own way.

tenant  every table belongs to one tenant and refers to one or two tables before it
chain   each table refers to the one before it; queries join up to three of them
hub     all tables are children of one
few     few tables that many queries look at in many ways
writes  as tenant, with more writes than reads, and joins that look at what they change
wide    as tenant, with two hundred columns more in each table
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

ROWS = 200
STATES = ("open", "done", "done", "held")
PAGES = (
    "SELECT * FROM {t} WHERE id = :i",
    "SELECT * FROM {t} WHERE p{p} = :p ORDER BY made DESC LIMIT 10",
    "SELECT * FROM t{p} WHERE id = :p;\nSELECT * FROM {t} WHERE p{p} = :p ORDER BY made DESC LIMIT 20",
    "SELECT a.*, b.code FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE a.p{p} = :p",
    "SELECT * FROM {t} WHERE tenant = :t AND state = :s ORDER BY made",
    "SELECT * FROM {t} WHERE tenant = :t AND made BETWEEN :a AND :b ORDER BY made LIMIT 20",
    "SELECT * FROM {t} WHERE code = :c",
    "UPDATE {t} SET state = :s WHERE id = :i",
    "SELECT * FROM t0 WHERE id = :t;\nSELECT * FROM {t} WHERE tenant = :t ORDER BY made DESC LIMIT 10",
)
DEEP = (
    *PAGES,
    "SELECT a.id, b.code, c.code FROM {t} a JOIN t{p} b ON b.id = a.p{p} JOIN t{g} c ON c.id = b.p{g} "
    "WHERE a.p{p} = :p",
    "SELECT a.* FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE b.p{g} = :g ORDER BY a.made DESC LIMIT 10",
    "SELECT * FROM t{g} WHERE id = :g;\nSELECT * FROM t{p} WHERE p{g} = :g;\n"
    "SELECT a.* FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE b.p{g} = :g ORDER BY a.made",
)
MANY = (
    *PAGES,
    "-- consistency: strong\nSELECT * FROM {t} WHERE code = :c AND state = :s",
    "SELECT * FROM {t} WHERE state = :s AND amount > :a ORDER BY amount LIMIT 20",
    "SELECT * FROM {t} WHERE tenant = :t AND code = :c ORDER BY amount DESC LIMIT 5",
    "SELECT * FROM {t} WHERE p{p} = :p AND state IN ('open', 'held') ORDER BY made LIMIT 10",
    "SELECT * FROM {t} WHERE tenant = :t AND seen IS NOT NULL ORDER BY seen DESC LIMIT 10",
    "SELECT count(*) FROM {t} WHERE p{p} = :p AND state = :s",
    "SELECT state, count(*), sum(amount) FROM {t} WHERE tenant = :t GROUP BY state",
    "SELECT id, code FROM {t} WHERE made >= :m ORDER BY made, amount LIMIT 50",
    "SELECT * FROM {t} WHERE p{p} = :p AND amount BETWEEN :a AND :b ORDER BY amount",
    "SELECT * FROM {t} WHERE tenant = :t AND p{p} = :p AND state = :s AND amount = :a",
)
CHANGES = (
    *PAGES,
    "UPDATE {t} SET code = :c, made = :m WHERE id = :i",
    "UPDATE {t} SET p{p} = :p WHERE id = :i",
    "UPDATE t{p} SET code = :c WHERE id = :i",
    "DELETE FROM {t} WHERE id = :i",
    "SELECT a.id, b.code FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE a.tenant = :t AND a.state = :s ORDER BY b.code",
    "SELECT a.id, b.code, b.state FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE a.tenant = :t ORDER BY a.made LIMIT 10",
    "SELECT a.id FROM {t} a JOIN t{p} b ON b.id = a.p{p} WHERE a.tenant = :t AND b.state = :s",
    "-- consistency: strong\nSELECT * FROM {t} WHERE tenant = :t AND state = :s ORDER BY made LIMIT 10",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """`parents` gives for a table the numbers of those that it refers to; `more` columns beside every table's."""

    parents: Callable[[random.Random, int], list[int]]
    texts: tuple[str, ...]
    more: int = 0


def _before(chance: random.Random, number: int) -> list[int]:
    return sorted(chance.sample(range(1, number), min(number - 1, chance.choice((1, 1, 2)))))


SHAPES = {
    "tenant": Shape(_before, PAGES),
    "chain": Shape(lambda _, number: [number - 1], DEEP),
    "hub": Shape(lambda _, number: [1], DEEP),
    "few": Shape(lambda _, number: [number - 1], MANY),
    "writes": Shape(_before, CHANGES),
    "wide": Shape(_before, PAGES, 200),
}


@dataclass(frozen=True, slots=True)
class Case:
    """Tables of a shape by their parents, the first of them the tenant, and the queries' text."""

    shape: Shape
    parented: tuple[tuple[int, ...], ...]
    queries: str

    @classmethod
    def of(cls, name: str, tables: int, count: int) -> Case:
        chance, shape = random.Random(3), SHAPES[name]  # noqa: S311
        parented = ((), (), *(tuple(shape.parents(chance, number)) for number in range(2, tables)))
        return cls(shape, parented, "\n".join(_query(chance, shape, parented, number) for number in range(count)))

    def fill(self, connection: sqlite3.Connection) -> None:
        """Makes the tables and their rows."""
        connection.execute("CREATE TABLE t0(id INTEGER PRIMARY KEY, code TEXT NOT NULL)")
        connection.executemany("INSERT INTO t0 VALUES (?, ?)", [(row, f"C{row}") for row in range(10)])
        for number, listed in enumerate(self.parented[1:], start=1):
            connection.execute(self._ddl(number, listed))
            marks = ", ".join("?" * (7 + len(listed) + self.shape.more))
            rows = [self._row(row, listed) for row in range(ROWS)]
            connection.executemany(f"INSERT INTO t{number} VALUES ({marks})", rows)  # noqa: S608

    def _ddl(self, number: int, listed: tuple[int, ...]) -> str:
        keys = "".join(f", p{parent} INTEGER NOT NULL REFERENCES t{parent}(id)" for parent in listed)
        columns = "code TEXT NOT NULL, state TEXT NOT NULL, made TEXT NOT NULL, amount INTEGER NOT NULL, seen TEXT"
        more = "".join(f", c{place} TEXT" for place in range(self.shape.more))
        tenant = "tenant INTEGER NOT NULL REFERENCES t0(id)"
        return f"CREATE TABLE t{number}(id INTEGER PRIMARY KEY, {tenant}{keys}, {columns}{more})"

    def _row(self, row: int, listed: tuple[int, ...]) -> tuple[object, ...]:
        parents = ((row * 7 + parent) % ROWS for parent in listed)
        made = f"2026-{row % 12 + 1:02}-01"
        seen = None if row % 5 else made
        more = (f"x{row % 9}" for _ in range(self.shape.more))
        return (row, row % 10, *parents, f"C{row}", STATES[row % 4], made, row * 3, seen, *more)


def _query(chance: random.Random, shape: Shape, parented: tuple[tuple[int, ...], ...], number: int) -> str:
    table = chance.randrange(2, len(parented))
    text, parent = chance.choice(shape.texts), chance.choice(parented[table])
    above = parented[parent]
    if "{g}" in text and not above:
        text = shape.texts[0]
    text = text.format(t=f"t{table}", p=parent, g=above[0] if above else 0)
    return f"-- name: q{number}\n-- rate: {chance.randrange(1, 40)}/s\n{text};\n"
