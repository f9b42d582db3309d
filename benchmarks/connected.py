"""Time of the design step where every table belongs to one tenant, so that pages connect all tables into one programme.

    python -m benchmarks.connected 20x80 40x150

Each table refers to the tenant and to one or two tables before it; queries are pages of a row with its children, of a
tenant with the latest rows of a table, lists by state and date, and updates, at rates that differ.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from migrator.design import programme
from migrator.design.engine import design
from migrator.design.prices import default_prices
from migrator.model.settings import Settings
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.read import read_workload

from benchmarks.plan import Clock

ROWS = 200
STATES = ("open", "done", "done", "held")
SHAPES = (
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


def parents(chance: random.Random, tables: int) -> list[list[int]]:
    """For each table the one or two before it that it refers to; the tenant and the first refer to none."""
    found: list[list[int]] = [[], []]
    for number in range(2, tables):
        found.append(sorted(chance.sample(range(1, number), min(number - 1, chance.choice((1, 1, 2))))))
    return found


def ddl(parented: list[list[int]]) -> str:
    made = ["CREATE TABLE t0(id INTEGER PRIMARY KEY, code TEXT NOT NULL);"]
    for number, listed in enumerate(parented[1:], start=1):
        keys = "".join(f", p{parent} INTEGER NOT NULL REFERENCES t{parent}(id)" for parent in listed)
        columns = "code TEXT NOT NULL, state TEXT NOT NULL, made TEXT NOT NULL"
        tenant = "tenant INTEGER NOT NULL REFERENCES t0(id)"
        made.append(f"CREATE TABLE t{number}(id INTEGER PRIMARY KEY, {tenant}{keys}, {columns});")
    return "\n".join(made)


def fill(connection: sqlite3.Connection, parented: list[list[int]]) -> None:
    connection.executemany("INSERT INTO t0 VALUES (?, ?)", [(row, f"C{row}") for row in range(10)])
    for number, listed in enumerate(parented[1:], start=1):
        marks = ", ".join("?" * (5 + len(listed)))
        rows = [
            (r, r % 10, *((r * 7 + p) % ROWS for p in listed), f"C{r}", STATES[r % 4], f"2026-{r % 12 + 1:02}-01")
            for r in range(ROWS)
        ]
        connection.executemany(f"INSERT INTO t{number} VALUES ({marks})", rows)  # noqa: S608


def queries(chance: random.Random, parented: list[list[int]], count: int) -> str:
    written = []
    for number in range(count):
        table = chance.randrange(2, len(parented))
        shape = chance.choice(SHAPES).format(t=f"t{table}", p=chance.choice(parented[table]))
        written.append(f"-- name: q{number}\n-- rate: {chance.randrange(1, 40)}/s\n{shape};\n")
    return "\n".join(written)


def run(size: str) -> str:
    tables, count = map(int, size.split("x"))
    chance = random.Random(3)  # noqa: S311
    parented = parents(chance, tables)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.db"
        with sqlite3.connect(path) as connection:
            connection.executescript(ddl(parented))
            fill(connection, parented)
        connection.close()
        with open_source(parse_location(str(path))) as source:
            schema = reflect(source)
            statistics = measure(source, schema)
    workload = read_workload(queries(chance, parented, count), schema, "benchmark")
    clock = Clock()
    programme.minimise = clock.minimise  # type: ignore[attr-defined]
    begun = time.perf_counter()
    made = design(schema, statistics, workload, Settings(default_prices()))
    seconds = time.perf_counter() - begun
    gap = max(0.0, made.objective - made.bound)
    return f"{size}: {seconds:.1f} s, {clock.seconds:.1f} s of it in {clock.calls} solver calls, gap ${gap:.4f}"


if __name__ == "__main__":
    for asked in sys.argv[1:] or ("10x40", "20x80"):
        print(run(asked), flush=True)
