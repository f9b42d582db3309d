"""A whole load: begin or resume the run, bring every chunk to its end, move the run's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migrator.load.chunk_loader import Superseded
from migrator.load.crew import interleave, load_chunks
from migrator.load.held import in_source_rows
from migrator.load.job import Job, LoadOptions, new_job
from migrator.load.preflight import demand_clean, preflight
from migrator.load.processes import load_in_processes
from migrator.load.reconcile import Cut, cut_tables, pointed
from migrator.load.retry import Stopped
from migrator.load.run_record import (
    Mode,
    Phase,
    RunRecord,
    State,
    TableRun,
    bounds_digest,
    create_put,
    read_run,
    run_id,
)
from migrator.load.standing import demand_same_plan, finish, move, standing_run
from migrator.load.tally import LoadReport, Progress, TableReport, Tally
from migrator.load.unique import demand_unique
from migrator.model.errors import BlockedError, InterruptedRun, MigrateError
from migrator.plan.document import plan_digest
from migrator.plan.plan import Plan
from migrator.ports import ItemSink, RowSource, StoreFault, TransactionCancelled, explain

__all__ = ["LoadOptions", "LoadReport", "demand_same_plan", "finish", "load", "standing_run"]


def load(
    plan: Plan,
    source: RowSource,
    sink: ItemSink,
    options: LoadOptions,
    progress: Callable[[Progress], None],
) -> LoadReport:
    """Writes every row's items exactly once; calling again resumes. BlockedError when the table is of another
    plan or the source has moved on, or for bad rows that are not allowed; InterruptedRun when `options.stop`
    was set; MigrateError when the service does not let it go on. `progress` is called from several threads,
    one at a time."""
    job = new_job(plan, source, sink, options)
    try:
        return _load(job, progress)
    except Stopped:
        raise InterruptedRun(
            "stopped; every finished transaction is kept with its checkpoint",
            "run the same command again: it goes on from there",
        ) from None
    except StoreFault as fault:
        raise explain(fault, f"loading table {plan.table.name}; what is loaded stays") from fault


def _load(job: Job, progress: Callable[[Progress], None]) -> LoadReport:
    began = job.options.clock()
    found = job.patience.call(lambda: read_run(job.plan, job.sink))
    record, chunks = (found, None) if found is not None else _begin(job)
    demand_same_plan(job.plan, record)
    if record.state is not State.LOADING:
        return _already(record)
    _demand_same_mode(job, record)
    if chunks is None:
        record = pointed(job, record)
        chunks = _cut_again(job, record)
    job = replace(job, nonce=record.nonce, standing=job.options.reader if record.phase is Phase.FILLING else None)
    tally = Tally({table: len(cut) for table, cut in chunks.items()}, job.options.clock, progress)
    try:
        _load_all(job, chunks, tally)
    except Superseded:
        return _finished_by_another(job, record)
    tables = _mark_loaded(job, record, tally)
    return LoadReport(
        tables=tables,
        write_units=tally.units(),
        seconds=job.options.clock() - began,
        state=State.LOADED,
        resumed=found is not None,
        repeated=job.patience.faults,
    )


def _load_all(job: Job, chunks: Cut, tally: Tally) -> None:
    """In processes where there are several; what another moment of the source has left is filled up in this one."""
    if job.options.processes > 1 and job.options.opener is not None and job.standing is None:
        load_in_processes(job, interleave(chunks), tally, job.options.opener)
    else:
        load_chunks(job, interleave(chunks), tally)


def _begin(job: Job) -> tuple[RunRecord, Cut | None]:
    """Creates the run's record, with the chunks it was made from; without them, the record that another loader
    has created just before, whatever its state by now."""
    if not job.options.allow_rejects:
        demand_clean(preflight(job.plan, job.source, mode=job.mode))
    if job.mode is Mode.BATCH:
        demand_unique(job)
    chunks = cut_tables(job, job.options.rows_per_chunk)
    digest, fingerprint = plan_digest(job.plan), job.source.fingerprint()
    record = RunRecord(
        run_id=run_id(digest, fingerprint),
        nonce=job.options.new_nonce(),
        plan_digest=digest,
        fingerprint=fingerprint,
        rows_per_chunk=job.options.rows_per_chunk,
        mode=job.options.mode,
        tables=tuple(TableRun(name, len(cut), bounds_digest(cut)) for name, cut in chunks.items()),
    )
    # Before the record: a crash between the two must not leave an earlier run's rejects to this one.
    job.options.rejects.start_over()
    standing = _created(job, record)
    return standing, chunks if standing.nonce == record.nonce else None


def _demand_same_mode(job: Job, record: RunRecord) -> None:
    if record.mode is not job.mode:
        raise BlockedError(
            f"this run was begun with --mode {record.mode.value}, which it keeps to its end",
            f"run the same command with --mode {record.mode.value}",
        )


def _created(job: Job, record: RunRecord) -> RunRecord:
    """The record that stands after the attempt: ours, or that of whoever was first."""
    put = create_put(job.plan, record)
    try:
        job.patience.call(lambda: job.sink.put(put))
    except TransactionCancelled:
        standing = job.patience.call(lambda: read_run(job.plan, job.sink))
        if standing is None:
            raise
        return standing
    return record


def _cut_again(job: Job, standing: RunRecord) -> Cut:
    """Cuts the tables as the run did at first. BlockedError when that gives other chunks."""
    chunks = cut_tables(job, standing.rows_per_chunk)
    bounds = {name: bounds_digest(cut) for name, cut in chunks.items()}
    if bounds != {table.name: table.bounds for table in standing.tables}:
        raise BlockedError(
            "the source is cut into other chunks than when this run began",
            "resume with the version of migrate that began, or begin anew with --restart",
        )
    return chunks


def _mark_loaded(job: Job, record: RunRecord, tally: Tally) -> tuple[TableReport, ...]:
    """What the record holds from now on. Only what has been seen to end is called loaded."""
    if not tally.complete():
        raise MigrateError("some chunks were not finished", "run the same command again: it goes on from there")
    reports = tuple(in_source_rows(job.plan, job.source, job.tables, tally.reports()))
    cut = {table.name: table for table in record.tables}
    tables = tuple(_counted(cut.get(report.name, TableRun(report.name, 0, "")), report) for report in reports)
    move(job.plan, job.sink, job.patience, replace(record, tables=tables, units=tally.units()), State.LOADED)
    return reports


def _counted(table: TableRun, report: TableReport) -> TableRun:
    """Rows within others' items have no chunks of their own."""
    return replace(table, rows=report.rows, items=report.items, rejected=report.rejected)


def _finished_by_another(job: Job, record: RunRecord) -> LoadReport:
    """What another loader of the same run has brought to its end. BlockedError when the run itself is gone."""
    job.failed.clear()  # all loaders have ended, and what is asked now may wait
    standing = job.patience.call(lambda: read_run(job.plan, job.sink))
    if standing is None or standing.nonce != record.nonce or standing.state is State.LOADING:
        raise BlockedError(
            "this run was ended from elsewhere while it loaded: the table was dropped, or begun anew",
            "run the same command again: it looks at what stands there now",
        )
    return _already(standing)


def _already(standing: RunRecord) -> LoadReport:
    tables = tuple(TableReport(t.name, t.rows, t.items, t.rejected, 0.0) for t in standing.tables)
    return LoadReport(tables, standing.units, 0.0, standing.state, already=True)
