"""Time and memory of the design step by tables x queries, with the solver's share.

    python -m benchmarks.plan 40x150 80x600 300x1000

Each size is a schema of its own making (chains of parents and children, a unique column here and there, filled by
arithmetic) with queries of ten shapes: by key, by parent with order and limit, parent with children, by state and
date, joins to the parent, lists, counts. Every size runs in a fresh process. "share" is the part of the design step
inside HiGHS, in "calls" calls; "command_s" is the whole of `migrate plan`, from the database to the written documents.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from migrator.design import programme
from migrator.design.engine import design
from migrator.design.prices import default_prices
from migrator.design.solve import Model, Solved, minimise
from migrator.model.settings import Settings
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.read import read_workload

SIZES = ("10x40", "40x150", "80x600", "300x1000")
ROWS = 60
COMMAND = "from migrator.cli import main; main()"


def ddl(tables: int) -> str:
    """Tables in chains of four: each but the first of a chain has a parent."""
    made = []
    for number in range(tables):
        parent = f", parent_id INTEGER NOT NULL REFERENCES t{number - 1}(id)" if number % 4 else ""
        unique = ", code TEXT NOT NULL UNIQUE" if number % 3 == 0 else ", code TEXT NOT NULL"
        columns = f"id INTEGER PRIMARY KEY{unique}, state TEXT NOT NULL, made TEXT NOT NULL, amount INTEGER NOT NULL"
        made.append(f"CREATE TABLE t{number} ({columns}{parent});")
    return "\n".join(made)


def fill(connection: sqlite3.Connection, tables: int) -> None:
    """Rows by arithmetic: states are skewed, dates are spread, every parent has some children."""
    for number in range(tables):
        rows = []
        for row in range(1, ROWS + 1):
            values = [
                row,
                f"C{row:05}",
                ("open", "done", "done", "held")[row % 4],
                f"2026-{row % 12 + 1:02}-01",
                row * 7,
            ]
            rows.append((*values, row % 20 + 1) if number % 4 else tuple(values))
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO t{number} VALUES ({marks})", rows)  # noqa: S608


SHAPES = (
    "SELECT * FROM {t} WHERE id = :id",
    "SELECT * FROM {t} WHERE parent_id = :p ORDER BY made DESC LIMIT 10",
    "SELECT * FROM {p} WHERE id = :p;\nSELECT * FROM {t} WHERE parent_id = :p",
    "SELECT * FROM {t} WHERE state = :s AND made >= :d ORDER BY made",
    "SELECT {t}.id, {p}.code FROM {t} JOIN {p} ON {p}.id = {t}.parent_id WHERE {t}.parent_id = :p",
    "SELECT * FROM {t} WHERE code = :c",
    "SELECT * FROM {t} WHERE parent_id = :p AND state = :s ORDER BY amount LIMIT :n",
    "SELECT count(*) FROM {t} WHERE state = 'open'",
    "SELECT * FROM {t} WHERE id IN (:a, :b, :c)",
    "SELECT * FROM {t} WHERE made BETWEEN :d AND :e ORDER BY made LIMIT 20",
)


def queries(tables: int, count: int) -> str:
    """Each table in turn takes the next shape that it can."""
    written = []
    for number in range(count):
        table = number % tables
        shape = SHAPES[(number // tables * 3 + table) % len(SHAPES)]
        if table % 4 == 0:
            shape = shape.replace("parent_id", "amount").replace("{p}", "{t}")
        if table % 4 == 0 and " JOIN " in shape:
            shape = SHAPES[0]
        text = shape.format(t=f"t{table}", p=f"t{max(0, table - 1)}")
        written.append(f"-- name: q{number}\n-- rate: {1 + number % 7}/s\n{text};\n")
    return "\n".join(written)


class Clock:
    """Processor time spent inside the solver, and how often it was called."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def minimise(self, model: Model, steps: int) -> Solved:
        start = time.process_time()
        try:
            return minimise(model, steps)
        finally:
            self.seconds += time.process_time() - start
            self.calls += 1


def whole(folder: Path, text: str) -> float:
    """Seconds that the command takes as a user calls it."""
    (folder / "queries.sql").write_text(text, encoding="utf-8")
    arguments = [
        "plan",
        str(folder / "source.db"),
        "--queries",
        str(folder / "queries.sql"),
        "--out",
        str(folder / "out"),
    ]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True)  # noqa: S603
    seconds = time.perf_counter() - start
    if not (folder / "out" / "plan.json").exists():
        raise SystemExit(done.stderr)
    return round(seconds, 2)


def run(size: str) -> dict[str, object]:
    """One design, measured in this process."""
    tables, count = map(int, size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.db"
        with sqlite3.connect(path) as connection:
            connection.executescript(ddl(tables))
            fill(connection, tables)
        connection.close()
        with open_source(parse_location(str(path))) as source:
            schema = reflect(source)
            statistics = measure(source, schema)
        command = whole(Path(folder), queries(tables, count))
    begun = time.perf_counter()
    workload = read_workload(queries(tables, count), schema, "benchmark")
    read = time.perf_counter()
    clock = Clock()
    programme.minimise = clock.minimise  # type: ignore[attr-defined]
    made = design(schema, statistics, workload, Settings(default_prices()))
    done = time.perf_counter()
    return {
        "size": size,
        "read_s": round(read - begun, 2),
        "design_s": round(done - read, 2),
        "share": round(clock.seconds / (done - read), 2),
        "calls": clock.calls,
        "command_s": command,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "indexes": max(len(entity.views) for entity in made.entities) - 1,
        "refused": sum(read.refusal is not None for read in made.reads),
        "gap_usd": round(max(0.0, made.objective - made.bound), 4),
    }


def main() -> None:
    """Each size in a process of its own."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(sys.argv[2])))
        return
    rows = []
    for size in sys.argv[1:] or SIZES:
        command = [sys.executable, "-m", "benchmarks.plan", "--one", size]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))  # noqa: S603
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |")
            print("|" + " ---: |" * len(rows[0]))
        print("| " + " | ".join(str(value) for value in rows[-1].values()) + " |", flush=True)


if __name__ == "__main__":
    main()
