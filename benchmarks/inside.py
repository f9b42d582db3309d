"""Parts of a load in a process of their own, for `benchmarks.load`.

python -m benchmarks.inside load PLAN DATABASE ENDPOINT WIDTH      so many requests at a time, always
python -m benchmarks.inside create|drop PLAN DATABASE ENDPOINT     the table
python -m benchmarks.inside verify PLAN DATABASE ENDPOINT          every row read back and compared
python -m benchmarks.inside stages PLAN DATABASE ENDPOINT          CPU microseconds an item of each stage
"""

from __future__ import annotations

import hashlib
import http.client
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from migrator.cli.folder import read_plan
from migrator.load.job import LoadOptions
from migrator.load.load import load
from migrator.load.packing import LoadedTable, pack_rows
from migrator.load.survey import survey
from migrator.model.unit import Chunk
from migrator.plan.document import plan_digest
from migrator.plan.plan import Plan
from migrator.ports import Inserts, Put, rows_of
from migrator.source.location import Location
from migrator.source.open import open_source
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.target.connect import Connection, ConnectOptions, connect
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table, drop_table
from migrator.target.wire import transaction_body
from migrator.verify.rows import verify_rows


@dataclass(frozen=True, slots=True)
class Ends:
    plan: Plan
    rows: Snapshot
    connection: Connection


@contextmanager
def opened(plan: str, database: str, endpoint: str) -> Iterator[Ends]:
    connection = connect(ConnectOptions(endpoint_url=endpoint))
    with open_source(Location(path=Path(database))) as source, take_snapshot(source, None) as rows:
        yield Ends(read_plan(Path(plan)).plan, rows, connection)


def load_at(ends: Ends, width: int) -> None:
    options = LoadOptions(workers=width, rows_per_chunk=1000, allow_rejects=True)
    load(ends.plan, ends.rows, DynamoSink(ends.connection, ends.plan.table.name), options, lambda progress: None)


def verify(ends: Ends) -> None:
    report = verify_rows(ends.plan, ends.rows, DynamoReader(ends.connection, ends.plan.table.name))
    if not report.clean:
        raise SystemExit("the table differs from the source")


def stages(ends: Ends) -> dict[str, float]:
    """CPU microseconds an item; the least of several turns, since others use the machine too."""
    table = max(ends.plan.tables(), key=lambda name: ends.rows.count(name))
    loaded, chunk = LoadedTable.of(ends.plan, table), Chunk(table, 0, None, None)
    quick, check = loaded.quick, loaded.check
    if quick is None or check is None:
        raise SystemExit("this plan has no quick way")
    with rows_of(ends.rows, loaded.shape, chunk) as lists:
        rows = [row for some in lists for row in some]
    batches = list(pack_rows(loaded, quick, iter(rows)))
    puts = [Inserts((Put({"PK": {"S": "c"}}),), batch.texts, "PK") for batch in batches]
    name = ends.plan.table.name
    bodies = [transaction_body(name, some, "token") for some in puts]
    sink = DynamoSink(ends.connection, name)
    raw = Raw(ends.connection.endpoint)
    measured: dict[str, Callable[[], object]] = {
        "read": lambda: read(ends, loaded, chunk),
        "pre-flight (read and check)": lambda: list(survey(ends.rows, loaded, chunk)),
        "make texts": lambda: [quick(row) for row in rows],
        "make texts and pack": lambda: list(pack_rows(loaded, quick, iter(rows))),
        "digest of a batch": lambda: [hashlib.sha256("\n".join(batch.texts).encode()).digest() for batch in batches],
        "body": lambda: [transaction_body(name, some, "token") for some in puts],
        "hash of the body": lambda: [hashlib.sha256(body).digest() for body in bodies],
        "body, sign, send and read answer (botocore)": lambda: each(puts, lambda some: sink.transact(some, "t" * 36)),
        "send and read answer (http.client)": lambda: each(bodies, raw.send),
    }
    return {stage: round(least(run) / len(rows) * 1e6, 2) for stage, run in measured.items()}


T = TypeVar("T")


def each(values: Iterable[T], act: Callable[[T], None]) -> None:
    for value in values:
        act(value)


def read(ends: Ends, table: LoadedTable, chunk: Chunk) -> None:
    with rows_of(ends.rows, table.shape, chunk) as lists:
        for _ in lists:
            pass


def least(run: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return min(taken)


class Raw:
    """The least that HTTP takes."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def send(self, body: bytes) -> None:
        target = {"X-Amz-Target": "DynamoDB_20120810.TransactWriteItems"}
        self._connection.request("POST", "/", body=body, headers=target)
        self._connection.getresponse().read()


def main() -> None:
    what, plan, database, endpoint, *more = sys.argv[1:]
    with opened(plan, database, endpoint) as ends:
        match what:
            case "load":
                load_at(ends, int(more[0]))
            case "create":
                create_table(ends.connection, ends.plan, plan_digest(ends.plan))
            case "drop":
                drop_table(ends.connection, ends.plan.table.name)
            case "verify":
                verify(ends)
            case "stages":
                print(json.dumps(stages(ends)))


if __name__ == "__main__":
    main()
