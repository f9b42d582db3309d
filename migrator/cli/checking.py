"""Both verifications of a loaded table: every row, and every declared query."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import StoredPlan
from migrator.cli.masking import masked_queries, masking
from migrator.cli.progress import Meter
from migrator.cli.targets import Target, whole_values
from migrator.load.run_record import RunRecord
from migrator.load.standing import standing_run
from migrator.model.counted import plural
from migrator.model.errors import BlockedError
from migrator.ports import ItemReader, RowSource, StoreFault, explain
from migrator.source.snapshot import Snapshot
from migrator.source.without import without
from migrator.target.table import ttl_is_on
from migrator.verify.absent import Unexpired, absent_rows
from migrator.verify.objects import Objects
from migrator.verify.queries import SAMPLES, SETTLE_SECONDS, verify_queries
from migrator.verify.report import QueriesReport, RowsReport
from migrator.verify.resume import ResumeFile
from migrator.verify.rows import verify_rows

SOON_SECONDS = 600.0
"""Rows that expire within this time may be gone before they are compared."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How many sets of parameters each query is tried with, and the seed of their draw. `allow_scan`: the whole
    table is read for items that no row makes. `restart`: nothing that an earlier verification has compared counts.
    `show_values`: nothing is masked. `read_objects`: objects in
    S3 are fetched and digested, whatever S3 tells of them."""

    samples: int = SAMPLES
    seed: int = 0
    allow_scan: bool = False
    restart: bool = False
    show_values: bool = False
    read_objects: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `same_moment`: the source was read as it was when it was loaded, so a difference is one
    of the load's own."""

    rows: RowsReport
    queries: QueriesReport
    same_moment: bool

    @property
    def clean(self) -> bool:
        return self.rows.clean and self.queries.clean


def check(
    stored: StoredPlan,
    rows: Snapshot,
    target: Target,
    record: RunRecord | None,
    options: CheckOptions,
    console: Console,
) -> Checked:
    """Verifies rows, then queries, without writing to source or table. `record` is the run that loaded the table;
    None for the run that has just ended, which read `rows`. BlockedError when the source changes meanwhile."""
    moment = rows.fingerprint()
    same = record is None or moment == record.fingerprint
    try:
        ledger = _ledger(stored, target, moment, options, console)
        compared = _check_rows(stored, rows, target, options, ledger, console)
        queries = _check_queries(stored, rows, target, compared, options, console)
    except StoreFault as fault:
        raise explain(fault, f"verifying table {target.table}") from fault
    if not rows.held and rows.fingerprint() != moment:
        raise BlockedError(
            "the source was changed while it was compared, so the comparison says nothing",
            "verify again while nobody writes to the source",
        )
    ledger.close()
    return Checked(compared, queries if options.show_values else masked_queries(stored.plan, queries), same)


def _ledger(stored: StoredPlan, target: Target, moment: str, options: CheckOptions, console: Console) -> ResumeFile:
    """What is compared already of this source with this very load of the table."""
    run = standing_run(target.sink, stored.plan)
    named = "\n".join((stored.digest, target.place, run.nonce if run else "", moment, "read" * options.read_objects))
    ledger = ResumeFile(stored.compared(target.place), hashlib.sha256(named.encode()).hexdigest())
    if options.restart:
        ledger.start_over()
    if ledger.rows:
        told = f"{plural(ledger.rows, 'row')} {'was' if ledger.rows == 1 else 'were'} compared before it was cut off"
        console.say(f"going on: {told} (--restart compares them again)")
    return ledger


def _check_rows(
    stored: StoredPlan, rows: Snapshot, target: Target, options: CheckOptions, ledger: ResumeFile, console: Console
) -> RowsReport:
    console.say("verifying every row" + (", and every item" if options.allow_scan else ""))
    meter = Meter(console, "verifying rows", sum(table.rows for table in stored.plan.source.tables))
    try:
        return verify_rows(
            stored.plan,
            rows,
            target.reader,
            _adding(meter),
            rejected_rows(stored.rejects),
            allow_scan=options.allow_scan,
            ledger=ledger,
            show=masking(stored.plan, options.show_values),
            objects=None if target.objects is None else Objects(target.objects, options.read_objects),
        )
    finally:
        meter.close()


def _check_queries(
    stored: StoredPlan, rows: Snapshot, target: Target, compared: RowsReport, options: CheckOptions, console: Console
) -> QueriesReport:
    console.say(f"verifying every query (seed {options.seed})")
    settle = 0.0 if target.connection.loopback else SETTLE_SECONDS
    with _as_loaded(stored, rows, compared) as (there, reader), _unexpired(stored, rows, target, compared) as otherwise:
        return verify_queries(
            stored.plan,
            there,
            whole_values(target, stored.plan, reader(target.reader)),
            options.samples,
            options.seed,
            _telling(console),
            settle_seconds=settle,
            whole=rows,
            otherwise=otherwise,
        )


@contextmanager
def _as_loaded(
    stored: StoredPlan, rows: Snapshot, compared: RowsReport
) -> Iterator[tuple[RowSource, Callable[[ItemReader], ItemReader]]]:
    """The source without rows that rightly have no items (rejected, or expired and deleted by TTL), and what
    hides expired items that TTL has not come to yet. Aggregates count rejected rows, and
    stored joins pair them."""
    migrated = {table.name for table in stored.plan.source.tables if table.joined is None}
    tables = [t.table for t in compared.tables if (t.rejected or t.expired) and t.table in migrated]
    if not tables:
        yield rows, lambda reader: reader
        return
    now = time.time()
    absent = absent_rows(stored.plan, rows, tables, rejected_rows(stored.rejects), now)
    hides = any(table.expired for table in compared.tables)
    with without(rows, absent) as there:
        yield there, lambda reader: Unexpired(reader, stored.plan, now) if hides else reader


@contextmanager
def _unexpired(
    stored: StoredPlan, rows: Snapshot, target: Target, compared: RowsReport
) -> Iterator[Callable[[], tuple[RowSource, ItemReader]] | None]:
    """Where TTL is on, what makes source and table without the rows that it may delete while they are compared, once
    and only when an answer differs. None where nothing is deleted."""
    plan = stored.plan
    mortal = {entity.source_table for entity in plan.entities if entity.expires is not None}
    if not mortal or not ttl_is_on(target.connection, plan):
        yield None
        return
    rejecting = {table.table for table in compared.tables if table.rejected}
    tables = sorted(
        (mortal | rejecting) & {t.name for t in plan.source.tables if t.joined is None} & set(plan.tables())
    )
    with ExitStack() as stack:

        @cache
        def without_mortals() -> tuple[RowSource, ItemReader]:
            horizon = time.time() + SOON_SECONDS
            absent = absent_rows(plan, rows, tables, rejected_rows(stored.rejects), horizon)
            reader = whole_values(target, plan, Unexpired(target.reader, plan, horizon))
            return stack.enter_context(without(rows, absent)), reader

        yield without_mortals


def _adding(meter: Meter) -> Callable[[str, int], None]:
    done: dict[str, int] = {}

    def hear(table: str, rows: int) -> None:
        done[table] = rows
        meter.update(sum(done.values()))

    return hear


def _telling(console: Console) -> Callable[[str, int], None]:
    return lambda name, compared: console.detail(f"  {name}: {plural(compared, 'set')} of parameters")


def rejected_rows(file: Path) -> Callable[[str, str], bool]:
    """Whether a row (its table, its key as text) is in the reject file."""
    if not file.exists():
        return lambda _table, _key: False
    lines = map(json.loads, file.read_text(encoding="ascii").splitlines())
    named = {(line["table"], line["key"]) for line in lines}
    return lambda table, key: (table, key) in named
