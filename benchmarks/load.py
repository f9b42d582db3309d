"""What loading costs: CPU microseconds an item of the naive loader, of boto3's transactions and of `migrate apply`,
side by side against an endpoint that answers at once (`benchmarks.sink`), whose own CPU is not counted.

    python -m benchmarks.load                      the table: loaders, medians of several runs
    python -m benchmarks.load latency              20 ms at the endpoint: items a second by number of workers
    python -m benchmarks.load memory               peak resident memory of `migrate apply` by number of rows
    python -m benchmarks.load engine               end to end against the embedded engine, with its CPU
    python -m benchmarks.load stages               where a load's CPU goes, and the least that it could be

Every loader is whole and in processes of its own: reading SQLite, building items with their keys, sending. The naive
ones load the first rows only; their cost an item does not depend on how many.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from migrator.cli.folder import read_plan
from migrator.target.inspect import PLAN_TAG
from migrator.target.local import LocalEngine

from benchmarks import shop

COMMAND = "import sys; from migrator.cli import main; sys.exit(main())"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: items loaded, CPU seconds (user and system, children included), seconds by the clock, and the peak
    resident memory of its largest process in MiB."""

    items: int
    cpu: float
    wall: float
    peak: float

    @property
    def micros(self) -> float:
        """CPU microseconds an item."""
        return self.cpu / self.items * 1e6


@dataclass(frozen=True, slots=True)
class Shop:
    """A database of `rows` rows and the folder of its plan."""

    rows: int
    database: Path
    plan: Path

    @property
    def document(self) -> Any:
        return json.loads((self.plan / "plan.json").read_text(encoding="utf-8"))


def run(arguments: list[str], items: int) -> Cost:
    """One loader, from start to end."""
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments], env={**os.environ, **ENVIRONMENT}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join(arguments)} ended with status {os.waitstatus_to_exitcode(status)}")
    return Cost(items, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def make_shop(folder: Path, rows: int) -> Shop:
    """Built once for a folder and a size."""
    database, plan = folder / f"shop-{rows}.db", folder / f"plan-{rows}"
    if not database.exists():
        shop.build(database, rows)
    queries = folder / "queries.sql"
    queries.write_text(shop.QUERIES, encoding="utf-8")
    if not plan.exists():
        run(["-c", COMMAND, "plan", str(database), "--queries", str(queries), "--out", str(plan), "--quiet"], rows)
    return Shop(rows, database, plan)


@contextmanager
def sink(made: Shop, latency_ms: float = 0.0) -> Iterator[str]:
    """The endpoint of a sink that describes the plan's table."""
    described = made.plan.parent / "table.json"
    tags = [{"Key": PLAN_TAG, "Value": read_plan(made.plan).digest}]
    described.write_text(json.dumps({**_description(made.document), "Tags": tags}), encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "benchmarks.sink", str(described), str(latency_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    out = process.stdout
    try:
        yield f"http://127.0.0.1:{out.readline().strip() if out else ''}"
    finally:
        told, _ = process.communicate()
        print(f"sink: {told.strip()}", file=sys.stderr)


def _description(plan: Any) -> dict[str, Any]:
    """The planned table as DescribeTable tells of it."""

    def keys(of: Any) -> list[dict[str, str]]:
        return [
            {"AttributeName": of["partition_key"], "KeyType": "HASH"},
            {"AttributeName": of["sort_key"], "KeyType": "RANGE"},
        ]

    indexes = [
        {
            "IndexName": index["name"],
            "KeySchema": keys(index),
            "Projection": {"ProjectionType": index["projection"]},
            "IndexStatus": "ACTIVE",
        }
        for index in plan["indexes"]
    ]
    return {
        "TableName": plan["table"]["name"],
        "TableStatus": "ACTIVE",
        "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/bench",
        "KeySchema": keys(plan["table"]),
        "AttributeDefinitions": [],
        "GlobalSecondaryIndexes": indexes,
    }


def naive(loader: str, made: Shop, endpoint: str, rows: int) -> Cost:
    """The first rows by one of the loaders of `benchmarks.naive`."""
    table = made.document["table"]["name"]
    return run(["-m", "benchmarks.naive", loader, str(made.database), endpoint, table, str(rows)], rows)


def apply(made: Shop, endpoint: str, *options: str) -> Cost:
    """`migrate apply`, without its verification."""
    said = ["apply", str(made.plan / "plan.json"), "--endpoint-url", endpoint, "--yes", "--no-verify", "--quiet"]
    said += ["--source", str(made.database)]
    return run(["-c", COMMAND, *said, *options], made.rows)


def show(rows: list[dict[str, object]]) -> None:
    """A table in Markdown."""
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |", flush=True)


def loaders(folder: Path, sizes: list[int], few: int, times: int) -> None:
    """The naive loaders and `migrate apply`, in turns, so that whatever else the machine does meets them all."""
    shops = [make_shop(folder, rows) for rows in sizes]
    made = shops[0]
    costs: dict[str, list[Cost]] = {}
    with sink(made) as endpoint:
        for _ in range(times):
            for name in ("batch_writer", "transactions"):
                costs.setdefault(f"boto3 {name}", []).append(naive(name, made, endpoint, few))
            for one in shops:
                costs.setdefault(f"migrate apply, {one.rows:,} rows", []).append(apply(one, endpoint))
                costs.setdefault(f"migrate apply --workers 1, {one.rows:,} rows", []).append(
                    apply(one, endpoint, "--workers", "1")
                )
                costs.setdefault(f"migrate apply --mode batch, {one.rows:,} rows", []).append(
                    apply(one, endpoint, "--mode", "batch")
                )
    base = median(cost.micros for cost in costs["boto3 batch_writer"])
    show([_line(name, some, base) for name, some in costs.items()])


def _line(name: str, costs: list[Cost], base: float) -> dict[str, object]:
    micros = median(cost.micros for cost in costs)
    return {
        "loader": name,
        "CPU us an item": f"{micros:.1f}",
        "items a second and core": f"{1e6 / micros:,.0f}",
        "items a second": f"{median(cost.items / cost.wall for cost in costs):,.0f}",
        "of batch_writer": f"{base / micros:.1f}x",
        "peak MiB": f"{max(cost.peak for cost in costs):.0f}",
    }


def inside(what: str, made: Shop, endpoint: str, *more: str) -> Cost:
    """One of the parts of `benchmarks.inside`."""
    said = ["-m", "benchmarks.inside", what, str(made.plan / "plan.json"), str(made.database), endpoint, *more]
    return run(said, made.rows)


def latency(folder: Path, rows: int) -> None:
    """Items a second with 20 ms at the endpoint: with so many requests at a time, and as `apply` finds by itself."""
    made = make_shop(folder, rows)
    lines: list[dict[str, object]] = []
    with sink(made, 20.0) as endpoint:
        for width in (1, 2, 4, 8, 16, 32):
            lines.append(_paced(f"{width} at a time", inside("load", made, endpoint, str(width))))
        lines.append(_paced("migrate apply --workers 1", apply(made, endpoint, "--workers", "1")))
        lines.append(_paced("migrate apply", apply(made, endpoint)))
    show(lines)


def _paced(name: str, cost: Cost) -> dict[str, object]:
    rate, busy = cost.items / cost.wall, cost.cpu / cost.wall
    return {"20 ms latency": name, "items a second": f"{rate:,.0f}", "cores busy": f"{busy:.2f}"}


def memory(folder: Path, sizes: list[int]) -> None:
    """Peak resident memory of the largest process."""
    lines: list[dict[str, object]] = []
    for rows in sizes:
        made = make_shop(folder, rows)
        with sink(made) as endpoint:
            cost = apply(made, endpoint)
        lines.append(
            {"rows": f"{rows:,}", "peak MiB a process": f"{cost.peak:.0f}", "CPU us an item": f"{cost.micros:.1f}"}
        )
    show(lines)


def against_engine(folder: Path, rows: int) -> None:
    """Whole loads into the embedded engine, whose CPU is told apart, and the time to read everything back."""
    made = make_shop(folder, rows)
    lines: list[dict[str, object]] = []
    with LocalEngine() as engine:
        steps: dict[str, Callable[[], Cost]] = {
            "boto3 batch_writer": lambda: naive("batch_writer", made, engine.endpoint, rows),
            "migrate apply --mode batch": lambda: apply(made, engine.endpoint, "--mode", "batch"),
            "migrate apply": lambda: apply(made, engine.endpoint),
            "verify every row": lambda: inside("verify", made, engine.endpoint),
        }
        for name, step in steps.items():
            if not name.startswith("verify"):
                # Each loader finds a table that has just been created; `create` tags it as this plan's.
                inside("create", made, engine.endpoint)
            before = _cpu_of(engine.process_id)
            cost = step()
            lines.append(
                {
                    "against the engine": name,
                    "items a second": f"{rows / cost.wall:,.0f}",
                    "client CPU us an item": f"{cost.micros:.0f}",
                    "engine CPU us an item": f"{(_cpu_of(engine.process_id) - before) / rows * 1e6:.0f}",
                }
            )
            if name not in ("migrate apply", "verify every row"):
                inside("drop", made, engine.endpoint)
    show(lines)


def _cpu_of(process: int | None) -> float:
    """CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stages(folder: Path, rows: int) -> None:
    """Where the CPU goes."""
    made = make_shop(folder, rows)
    with sink(made) as endpoint:
        said = ["-m", "benchmarks.inside", "stages", str(made.plan / "plan.json"), str(made.database), endpoint]
        told = subprocess.run(  # noqa: S603
            [sys.executable, *said], env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=True
        )
    show([{"stage": stage, "CPU us an item": micros} for stage, micros in json.loads(told.stdout).items()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whats = ["loaders", "latency", "memory", "engine", "stages"]
    parser.add_argument("what", nargs="?", default="loaders", choices=whats)
    parser.add_argument("--rows", type=int, nargs="+", help="sizes of the shop")
    parser.add_argument("--few", type=int, default=20_000, help="rows that the naive loaders load")
    parser.add_argument("--times", type=int, default=3, help="runs of each")
    parser.add_argument("--folder", type=Path, help="where databases are kept between runs (default: nowhere)")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = said.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        match said.what:
            case "loaders":
                loaders(folder, said.rows or [1_000_000], said.few, said.times)
            case "latency":
                latency(folder, (said.rows or [100_000])[0])
            case "memory":
                memory(folder, said.rows or [100_000, 5_000_000])
            case "engine":
                against_engine(folder, (said.rows or [20_000])[0])
            case "stages":
                stages(folder, (said.rows or [100_000])[0])


if __name__ == "__main__":
    main()
