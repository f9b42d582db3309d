"""Whether all items of a source have keys of their own: the proof without which nothing may be put unconditionally.

Most tables need no comparison: their items' keys hold the source's own key in a form that tells values apart, behind a
beginning that no other table's keys have. What is left is compared by digests, on disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from migrator.load.batch import Row
from migrator.load.digests import DigestFile, digest_of
from migrator.load.job import Job
from migrator.load.packing import LoadedTable, batches_of
from migrator.load.rejects import Reject
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk, Unit
from migrator.plan.plan import TABLE_SLOT, Plan
from migrator.plan.templates import parse_template
from migrator.ports import RowSource, rows_of

Name = tuple[str, str]


def demand_unique(job: Job) -> None:
    """BlockedError, naming both rows, when two items have one key. Reads the source once, and tables in which some
    rows are not plain once more; memory does not grow with its rows."""
    doubtful = [name for name in job.tables if not is_sure(job, name)]
    if not doubtful:
        return
    with DigestFile() as seen:
        for names in _texts(job, doubtful):
            if seen.add(map(digest_of, names)):
                raise same_key({name: job.tables[name] for name in doubtful}, job.source, frozenset(map(_name, names)))


def is_sure(job: Job, name: str) -> bool:
    """Whether no item of the table can have the key of another one of it or of any table: its rows are all plain."""
    table = job.tables[name]
    check = table.check
    if check is None or not _stands_apart(job.plan, name):
        return False
    with rows_of(job.source, table.shape, Chunk(name, 0, None, None)) as lists:
        return all(map(check, chain.from_iterable(lists)))


def _stands_apart(plan: Plan, table: str) -> bool:
    """Whether the table's partition keys begin as those of no other table do."""
    own = _beginnings(plan, [table])
    others = _beginnings(plan, [name for name in plan.tables() if name != table])
    return not any(one.startswith(other) or other.startswith(one) for one in own for other in others)


def _beginnings(plan: Plan, tables: Sequence[str]) -> list[str]:
    """What stands before the first value in the partition keys of the tables' items."""
    keys = [entity.slot(TABLE_SLOT) for name in tables for entity in plan.entities_of(name)]
    firsts = [parse_template(key.partition)[0] for key in keys if key is not None]
    return [first if isinstance(first, str) else "" for first in firsts]


def _texts(job: Job, tables: Sequence[str]) -> Iterator[list[str]]:
    """The primary keys of the tables' items in JSON, some at a time."""
    for name in tables:
        table, chunk = job.tables[name], Chunk(name, 0, None, None)
        if table.quick is None:
            with job.source.units(table.shape, chunk) as units:
                yield from (_obvious(table, unit) for unit in units)
            continue
        with rows_of(job.source, table.shape, chunk) as lists:
            for rows in lists:
                made = zip(rows, map(table.quick, rows), strict=True)
                yield [text for row, one in made for text in (one[1::2] if one else _obvious(table, Unit(row)))]


def _obvious(table: LoadedTable, unit: Unit) -> list[str]:
    entry = table.entry(unit)
    return [] if isinstance(entry, Reject) else list(table.made(entry)[1::2])


def same_key(tables: Mapping[str, LoadedTable], source: RowSource, suspects: frozenset[Name]) -> BlockedError:
    """The error that names the two rows behind one of the item keys `suspects`, found in a second reading."""
    owners: dict[Name, Row] = {}
    for row in _rows(tables, source):
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


def _rows(tables: Mapping[str, LoadedTable], source: RowSource) -> Iterator[Row]:
    for name, table in tables.items():
        with batches_of(source, table, Chunk(name, 0, None, None)) as batches:
            for batch in batches:
                yield from batch.rows


def _name(text: str) -> Name:
    """The item's key that a text of `_texts` stands for: how an item's JSON begins."""
    partition, sort = (value["S"] for value in json.loads(f"{text}}}").values())
    return partition, sort
