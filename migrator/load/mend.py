"""Rows from a reject file, loaded once their cause is mended.

Each row comes anew from the source by its key. A transaction holds whole rows and the run's record, whose condition
is the record before: so rows and counts move together, as with a checkpoint. A row that a crash left out of the books
is not possible; one that is in the table already is known by its own item.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.load.batch import Batch, Row, pack
from migrator.load.checkpoint import CHECKPOINT_UNITS
from migrator.load.chunk_loader import POISON_CODES, blamed, named
from migrator.load.exact import decode_values
from migrator.load.held import in_source_rows
from migrator.load.job import Job, LoadOptions, new_job
from migrator.load.objects import put_objects
from migrator.load.rejects import Reject, RejectName
from migrator.load.run_record import RunRecord, State, TableRun, read_run, turn_put
from migrator.load.standing import demand_same_plan
from migrator.load.tally import TableReport
from migrator.model.errors import BlockedError
from migrator.plan.plan import Plan
from migrator.ports import Inserts, ItemSink, Refused, RowSource, StoreFault, TransactionCancelled, explain

MOST_TURNS = 100
"""How often another process may come in between before this one gives up."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of the rows that were asked for: written now, found in the table, not in the source any more, and
    rejected again with the reason of now."""

    loaded: tuple[RejectName, ...] = ()
    there: tuple[RejectName, ...] = ()
    gone: tuple[RejectName, ...] = ()
    rejected: tuple[Reject, ...] = ()

    @property
    def resolved(self) -> frozenset[RejectName]:
        return frozenset((*self.loaded, *self.there, *self.gone))


def mend(
    plan: Plan,
    source: RowSource,
    sink: ItemSink,
    options: LoadOptions,
    names: Sequence[RejectName],
    left: Mapping[str, int],
) -> Mended:
    """Loads these rows of a finished load, each exactly once; calling again goes on. `left` counts the other rows
    of each table that stay rejected. BlockedError when the load is not finished or not this plan's; MigrateError
    when the service does not let it go on."""
    job = new_job(plan, source, sink, options)
    try:
        return _mend(job, names, left)
    except StoreFault as fault:
        raise explain(fault, f"loading rejected rows into table {plan.table.name}; what is loaded stays") from fault


def _mend(job: Job, names: Sequence[RejectName], left: Mapping[str, int]) -> Mended:
    for _ in range(MOST_TURNS):
        record = _finished(job)
        found = _look(job, names)
        try:
            again = _Writing(job, record).write(found.rows)
            rejected = (*found.rejected, *again)
            done = Mended(_names(found.rows, again), found.there, found.gone, rejected)
            _count(job, rejected, left)
            return done
        except _Overtaken:
            continue
    raise BlockedError("another `migrate` is loading rejected rows", "wait until it ends, then run again")


def _finished(job: Job) -> RunRecord:
    record = job.patience.call(lambda: read_run(job.plan, job.sink))
    if record is None or record.state is State.LOADING:
        raise BlockedError(
            f"table {job.plan.table.name} holds no finished load", "run `migrate apply` to its end first"
        )
    demand_same_plan(job.plan, record)
    return record


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[Row, ...]
    there: tuple[RejectName, ...]
    gone: tuple[RejectName, ...]
    rejected: tuple[Reject, ...]


def _look(job: Job, names: Sequence[RejectName]) -> _Found:
    """The rows as the source has them now, and which of them the table holds."""
    rows: list[Row] = []
    there: list[RejectName] = []
    gone: list[RejectName] = []
    rejected: list[Reject] = []
    for name in names:
        table = job.tables[name[0]]
        units = job.source.find(table.shape, [decode_values(name[1])])
        entry = table.entry(units[0]) if units else None
        if entry is None:
            gone.append(name)
        elif isinstance(entry, Reject):
            rejected.append(entry)
        elif _stands(job, entry):
            there.append(name)
        else:
            rows.append(entry)
    return _Found(tuple(rows), tuple(there), tuple(gone), tuple(rejected))


def _stands(job: Job, row: Row) -> bool:
    """Whether the row's own item is in the table, made from this very row."""
    pair = job.plan.table.key_names
    key = {name: row.items[0][name] for name in pair}
    item = job.patience.call(lambda: job.sink.get(key))
    return item is not None and named(job.plan, item) == named(job.plan, row.items[0])


def _names(rows: Sequence[Row], rejected: Sequence[Reject]) -> tuple[RejectName, ...]:
    bad = {reject.name for reject in rejected}
    return tuple(name for row in rows if (name := (row.table, row.position)) not in bad)


class _Overtaken(Exception):
    """Another process has moved the record."""


class _Writing:
    """Batches of mended rows, one transaction after the other; `record` follows."""

    def __init__(self, job: Job, record: RunRecord) -> None:
        self._job = job
        self._record = record

    def write(self, rows: Sequence[Row]) -> tuple[Reject, ...]:
        """The rows that turn out to be bad."""
        return tuple(reject for batch in pack(rows) for reject in self._commit(batch))

    def _commit(self, batch: Batch) -> Iterator[Reject]:
        while batch.rows:
            after = _after(self._record, batch)
            try:
                self._transact(batch, after)
                self._record = after
                break
            except Refused as fault:
                if fault.code not in POISON_CODES:
                    raise
                if len(batch.rows) > 1:
                    for half in batch.halves():
                        yield from self._commit(half)
                    return
                batch = batch.without({batch.rows[0].position: f"DynamoDB refuses it: {fault.message}"})
            except TransactionCancelled as fault:
                standing = self._job.patience.call(lambda: read_run(self._job.plan, self._job.sink))
                if standing == after:
                    self._record = after
                    break
                if standing != self._record:
                    raise _Overtaken from None
                batch = batch.without(blamed(self._job.plan, batch, fault))
        yield from batch.rejects

    def _transact(self, batch: Batch, after: RunRecord) -> None:
        job = self._job
        put_objects(job, batch.rows)
        lead = (turn_put(job.plan, self._record, after),)
        actions = Inserts(lead, batch.texts, job.plan.table.partition_key)

        def attempt_once() -> None:
            job.ceiling.take(after.units - self._record.units)
            with job.gate.request():
                job.sink.transact(actions, after.mark[:36])

        job.patience.call(attempt_once, job.gate.throttled)


def _after(record: RunRecord, batch: Batch) -> RunRecord:
    """The record once the batch is written: loaded, to be verified again."""
    table = batch.rows[0].table
    rows = [row for row in batch.rows if row.table == table]
    tables = tuple(_more(run, batch) for run in record.tables)
    told = repr((record.nonce, record.mark, batch.position, len(rows)))
    mark = hashlib.sha256("\n".join((told, *batch.texts)).encode()).hexdigest()
    units = record.units + batch.counts.units + CHECKPOINT_UNITS
    return replace(record, tables=tables, state=State.LOADED, units=units, mark=mark)


def _more(run: TableRun, batch: Batch) -> TableRun:
    rows = [row for row in batch.rows if row.table == run.name]
    return replace(run, rows=run.rows + len(rows), items=run.items + sum(len(row.items) for row in rows))


def _count(job: Job, rejected: Sequence[Reject], left: Mapping[str, int]) -> None:
    """Says in the record how many rows stay rejected, from all that is known of them: safe to repeat."""
    record = _finished(job)
    still = Counter(reject.table for reject in rejected)
    tables = tuple(replace(run, rejected=left.get(run.name, 0) + still[run.name]) for run in record.tables)
    tables = _with_held(job, tables)
    if tables == record.tables:
        return
    put = turn_put(job.plan, record, replace(record, tables=tables))
    try:
        job.patience.call(lambda: job.sink.put(put))
    except TransactionCancelled:
        raise _Overtaken from None


def _with_held(job: Job, tables: Sequence[TableRun]) -> tuple[TableRun, ...]:
    """With the rows counted that live within the items of others."""
    own = [run for run in tables if run.name in job.tables]
    reports = [TableReport(run.name, run.rows, run.items, run.rejected, 0.0) for run in own]
    counted = {report.name: report for report in in_source_rows(job.plan, job.source, job.tables, reports)}
    return tuple(
        replace(run, rows=counted[run.name].rows, rejected=counted[run.name].rejected) if run.name in counted else run
        for run in tables
    )
