"""Whether all items of a source have keys of their own: the proof without which nothing may be put unconditionally."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.load.batch import Row
from migrator.load.digests import DigestFile, digest_of
from migrator.load.job import Job
from migrator.load.packing import LoadedTable, batches_of
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk
from migrator.ports import RowSource

Name = tuple[str, str]


def demand_unique(job: Job) -> None:
    """BlockedError, naming both rows, when two items have one key. Reads the source once; memory does not grow with
    its rows."""
    with DigestFile() as seen:
        for rows in _rows(job.tables, job.source):
            names = [name for row in rows for name in row.names]
            if seen.add(digest_of("\n".join(name)) for name in names):
                raise same_key(job.tables, job.source, frozenset(names))


def _rows(tables: Mapping[str, LoadedTable], source: RowSource) -> Iterator[tuple[Row, ...]]:
    for name, table in tables.items():
        with batches_of(source, table, Chunk(name, 0, None, None)) as batches:
            for batch in batches:
                yield batch.rows


def same_key(tables: Mapping[str, LoadedTable], source: RowSource, suspects: frozenset[Name]) -> BlockedError:
    """The error that names the two rows behind one of the item keys `suspects`, found in a second reading."""
    owners: dict[Name, Row] = {}
    for row in (row for rows in _rows(tables, source) for row in rows):
        for name in suspects.intersection(row.names):
            if name in owners:
                first = owners[name]
                return BlockedError(
                    f"{first.table} ({first.key_text}) and {row.table} ({row.key_text}) both make the item "
                    f"{name[0]} / {name[1]}; nothing was written",
                    "mend one of them, or load with --mode transact and --allow-rejects, which names and leaves out "
                    "the second",
                )
            owners[name] = row
    raise AssertionError("the source has changed under the reading")
