"""Every item of a source as files of DynamoDB JSON, for ImportTable to read from S3.

ImportTable overwrites in silence where two items have one key, and is slow where neighbouring lines belong to one
partition (developer guide: "DynamoDB data import from Amazon S3", "Best practices"). So items are sorted by the digest
of their key: equal keys meet, and are refused; all others are spread.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from migrator.load.held import in_source_rows
from migrator.load.job import compile_tables
from migrator.load.packing import LoadedTable, batches_of
from migrator.load.rejects import RejectSink
from migrator.load.run_record import Mode, RunRecord, State, TableRun, bounds_digest, record_item, run_id
from migrator.load.spread import SpreadFile
from migrator.load.tally import TableReport
from migrator.load.unique import same_key
from migrator.model.unit import Chunk
from migrator.plan.document import plan_digest
from migrator.plan.itemtext import item_text
from migrator.plan.plan import Plan
from migrator.ports import RowSource

PART_BYTES = 64 * 1024 * 1024
"""Of a part before it is compressed. ImportTable takes 50,000 parts of any size at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of items: its name, how many, and its bytes as compressed; `md5` in base64, as S3 wants it, `sha256` in
    hex."""

    name: str
    items: int
    bytes: int
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Parts:
    """All files of a source's items, with the run's own record among the items. `bytes`: before compression, which
    is what an import is billed by."""

    parts: tuple[Part, ...]
    tables: tuple[TableReport, ...]
    record: RunRecord
    bytes: int

    @property
    def items(self) -> int:
        return sum(part.items for part in self.parts)


def write_parts(
    plan: Plan, source: RowSource, folder: Path, rejects: RejectSink, nonce: str, part_bytes: int = PART_BYTES
) -> Parts:
    """Writes the parts into `folder`, the same bytes for the same plan, source and nonce. `rejects` takes rows that no
    item can be made of. BlockedError, naming both rows, when two items have one key."""
    tables = compile_tables(plan, Mode.IMPORT)
    with SpreadFile() as spread:
        spreading = (_spread(source, name, table, spread, plan, rejects) for name, table in tables.items())
        reports = tuple(in_source_rows(plan, source, tables, spreading))
        record = _record(plan, source, nonce, reports)
        _add(spread, plan, item_text(record_item(plan, record)))
        lines = _distinct(spread, lambda name: same_key(tables, source, frozenset((name,))), plan.table.key_names)
        written = list(_written(lines, folder, part_bytes))
    return Parts(tuple(part for part, _ in written), reports, record, sum(size for _, size in written))


def _spread(
    source: RowSource, name: str, table: LoadedTable, spread: SpreadFile, plan: Plan, rejects: RejectSink
) -> TableReport:
    rows = items = rejected = 0
    with batches_of(source, table, Chunk(name, 0, None, None)) as batches:
        for batch in batches:
            rejects.write(batch.rejects)
            for text in batch.texts:
                _add(spread, plan, text)
            counts = batch.counts
            rows, items, rejected = rows + counts.rows, items + counts.items, rejected + counts.rejected
    return TableReport(name, rows, items, rejected, 0.0)


def _add(spread: SpreadFile, plan: Plan, text: str) -> None:
    item = json.loads(text)
    spread.add("\n".join(item[name]["S"] for name in plan.table.key_names), text)


def _record(plan: Plan, source: RowSource, nonce: str, reports: Iterable[TableReport]) -> RunRecord:
    """Of a run that is loaded as soon as the import has ended: `migrate verify` and `migrate apply` know the table by
    it."""
    digest, fingerprint = plan_digest(plan), source.fingerprint()
    tables = tuple(TableRun(t.name, 0, bounds_digest(()), t.rows, t.items, t.rejected) for t in reports)
    return RunRecord(
        run_id=run_id(digest, fingerprint),
        nonce=nonce,
        plan_digest=digest,
        fingerprint=fingerprint,
        rows_per_chunk=0,
        tables=tables,
        state=State.LOADED,
        mode=Mode.IMPORT,
    )


def _distinct(
    spread: SpreadFile, fault: Callable[[tuple[str, str]], Exception], keys: tuple[str, str]
) -> Iterator[str]:
    """The lines; raises the fault of the first key that comes twice."""
    last = ""
    for digest, line in spread.lines():
        if digest == last:
            item = json.loads(line)
            raise fault((item[keys[0]]["S"], item[keys[1]]["S"]))
        last = digest
        yield line


def _written(lines: Iterator[str], folder: Path, part_bytes: int) -> Iterator[tuple[Part, int]]:
    """Each part with its bytes before compression."""
    number, line = 0, next(lines, None)
    while line is not None:
        name, items, size = f"part-{number:05}.json.gz", 0, 0
        with (folder / name).open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            while line is not None and (items == 0 or size < part_bytes):
                body = f'{{"Item":{line}}}\n'.encode()
                file.write(body)
                items, size, line = items + 1, size + len(body), next(lines, None)
        yield _part(folder / name, items), size
        number += 1


def _part(file: Path, items: int) -> Part:
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with file.open("rb") as body:
        while some := body.read(1 << 20):
            md5.update(some)
            sha256.update(some)
    return Part(file.name, items, file.stat().st_size, b64encode(md5.digest()).decode(), sha256.hexdigest())
