"""Time of the design step where pages connect all tables into one programme.

    python -m benchmarks.connected tenant:20x80 few:3x150 hub:40x150

Sizes are shape:tables x queries; `benchmarks/shapes.py` says what the shapes are. `cpu_s` is the time of the processor
that the design step took, of which `solver_s` in `calls` calls of the solver.
"""

from __future__ import annotations

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
from benchmarks.shapes import Case

SMALL = ("tenant:20x80", "chain:20x80", "hub:20x80", "few:3x40", "writes:20x80", "wide:10x40")
COLUMNS = ("size", "cpu_s", "solver_s", "calls", "indexes", "refused", "gap_usd")


def run(size: str) -> tuple[object, ...]:
    name, _, measures = size.rpartition(":")
    case = Case.of(name or "tenant", *map(int, measures.split("x")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.db"
        with sqlite3.connect(path) as connection:
            case.fill(connection)
        connection.close()
        with open_source(parse_location(str(path))) as source:
            schema = reflect(source)
            statistics = measure(source, schema)
    workload = read_workload(case.queries, schema, "benchmark")
    clock = Clock()
    programme.minimise = clock.minimise  # type: ignore[attr-defined]
    begun = time.process_time()
    made = design(schema, statistics, workload, Settings(default_prices()))
    seconds = time.process_time() - begun
    indexes = len({slot for entity in made.entities for slot, _ in entity.views}) - 1
    refused = sum(read.refusal is not None for read in made.reads)
    gap = max(0.0, made.objective - made.bound)
    return size, f"{seconds:.1f}", f"{clock.seconds:.1f}", clock.calls, indexes, refused, f"{gap:.4f}"


if __name__ == "__main__":
    print("| " + " | ".join(COLUMNS) + " |\n|" + " ---: |" * len(COLUMNS))
    for asked in sys.argv[1:] or SMALL:
        print("| " + " | ".join(map(str, run(asked))) + " |", flush=True)
