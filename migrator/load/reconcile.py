"""A run whose source has moved on: it stops, or is pointed to the new moment and the table made equal to that.

The run's record gets a new nonce and its checkpoints go: no loader of the old moment writes any more. Then every item
that the new moment does not make is deleted, each deletion under the condition that the run is still clearing. What is
left is right, and filling up is an ordinary load, in which an item that stands just as it would be written counts as
written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from migrator.load.batch import RESERVED_PREFIX
from migrator.load.digests import DigestFile, identity
from migrator.load.job import Job
from migrator.load.packing import batches_of
from migrator.load.run_record import (
    Mode,
    Phase,
    RunRecord,
    State,
    TableRun,
    bounds_digest,
    phase_check,
    read_run,
    run_id,
    turn_put,
)
from migrator.load.standing import checkpoint_keys
from migrator.load.unique import demand_unique
from migrator.model.errors import BlockedError
from migrator.model.unit import Chunk
from migrator.plan.document import plan_digest
from migrator.plan.sizes import MAX_ACTIONS
from migrator.ports import Action, Delete, Item, ItemReader, Key, TransactionCancelled

Cut = dict[str, tuple[Chunk, ...]]


def cut_tables(job: Job, rows_per_chunk: int) -> Cut:
    return {name: job.source.chunks(table.shape, rows_per_chunk) for name, table in job.tables.items()}


def moved_on() -> BlockedError:
    return BlockedError(
        "the source has changed since this run began: going on would mix two moments of it",
        "--restart drops the table and begins anew; --reconcile goes on, and makes the table equal to the "
        "source as it is now",
    )


def pointed(job: Job, record: RunRecord) -> RunRecord:
    """The record of a run that may go on with this source. BlockedError when the source is at another moment than
    the run's, unless it is to be reconciled."""
    fingerprint = job.source.fingerprint()
    if fingerprint != record.fingerprint:
        if not job.options.reconcile:
            raise moved_on()
        if job.mode is Mode.BATCH:
            demand_unique(job)
        job.options.rejects.start_over()
        record = _turned(job, record, _at(job, record, fingerprint))
    if record.phase is Phase.CLEARING:
        record = _cleared(job, record)
    return record


def _cleared(job: Job, record: RunRecord) -> RunRecord:
    """The record once nothing stands that the source does not make. BlockedError when another loader has pointed the
    run elsewhere meanwhile."""
    try:
        clear(job, record, _reader(job))
    except TransactionCancelled:
        standing = job.patience.call(lambda: read_run(job.plan, job.sink))
        if standing is None or standing.nonce != record.nonce:
            raise _overtaken() from None
        return standing
    return _turned(job, record, _cut_anew(job, record))


def _at(job: Job, record: RunRecord, fingerprint: str) -> RunRecord:
    return replace(
        record,
        run_id=run_id(plan_digest(job.plan), fingerprint),
        nonce=job.options.new_nonce(),
        fingerprint=fingerprint,
        phase=Phase.CLEARING,
    )


def _cut_anew(job: Job, record: RunRecord) -> RunRecord:
    chunks = cut_tables(job, record.rows_per_chunk)
    tables = tuple(TableRun(name, len(cut), bounds_digest(cut)) for name, cut in chunks.items())
    return replace(record, phase=Phase.FILLING, tables=tables)


def _turned(job: Job, before: RunRecord, after: RunRecord) -> RunRecord:
    """The record once it has turned, by this loader or by another one to the same moment. BlockedError when it has
    gone elsewhere."""
    put = turn_put(job.plan, before, after)
    try:
        job.patience.call(lambda: job.sink.put(put))
    except TransactionCancelled:
        standing = job.patience.call(lambda: read_run(job.plan, job.sink))
        if standing is None or standing.fingerprint != after.fingerprint or standing.state is not State.LOADING:
            raise _overtaken() from None
        return standing
    return after


def _overtaken() -> BlockedError:
    return BlockedError(
        "another `migrate` is reconciling this run", "wait until it ends, then run the same command again"
    )


def _reader(job: Job) -> ItemReader:
    if job.options.reader is None:
        raise BlockedError("a run that is reconciled needs to read the table", "pass a reader")
    return job.options.reader


def clear(job: Job, record: RunRecord, reader: ItemReader) -> int:
    """Deletes the checkpoints of the moment before and every item that the source does not make, and gives the number
    of those. Safe to repeat. TransactionCancelled when another loader has cleared meanwhile: nothing of what fills
    the table from then on may go."""
    _delete(job, record, checkpoint_keys(job.plan, record))
    with DigestFile() as wanted:
        for items in _expected(job):
            wanted.add(map(identity, items))
        return _delete(job, record, _unwanted(job, reader, wanted))


def _expected(job: Job) -> Iterator[list[Item]]:
    for name, table in job.tables.items():
        with batches_of(job.source, table, Chunk(name, 0, None, None)) as batches:
            for batch in batches:
                yield [item for row in batch.rows for item in row.items]


def _unwanted(job: Job, reader: ItemReader, wanted: DigestFile) -> Iterator[Key]:
    pair = job.plan.table.key_names
    for page in reader.scan():
        for item in page:
            if not item[pair[0]]["S"].startswith(RESERVED_PREFIX) and identity(item) not in wanted:
                yield {name: item[name] for name in pair}


def _delete(job: Job, record: RunRecord, keys: Iterable[Key]) -> int:
    deleted = 0
    left = iter(keys)
    check = phase_check(job.plan, record)
    while some := list(islice(left, MAX_ACTIONS - 1)):
        actions: list[Action] = [check, *map(Delete, some)]
        token = hashlib.sha256(repr((record.nonce, some)).encode()).hexdigest()[:36]

        def attempt_once(actions: list[Action] = actions, token: str = token) -> None:
            with job.gate.request():
                job.sink.transact(actions, token)

        job.patience.call(attempt_once, job.gate.throttled)
        deleted += len(some)
    return deleted
