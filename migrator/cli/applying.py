"""`migrate apply`: every check before anything is written, then the table, the load and its verification."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrator.cli.admission import Admitting, demand_parents, look_through
from migrator.cli.checking import Checked, CheckOptions, check
from migrator.cli.consent import Bill, Consent, bill_of, import_bill, planned_bill
from migrator.cli.console import Console
from migrator.cli.drift import demand_same_schema
from migrator.cli.folder import StoredPlan, only_one, read_plan
from migrator.cli.following import Said, loading_words
from migrator.cli.importing import demand_importable, import_rows, is_imported, settle_imported
from migrator.cli.loading import load_rows
from migrator.cli.mending import MendedFile, load_mended
from migrator.cli.moment import take_moment
from migrator.cli.orphans import kept_orphans
from migrator.cli.parting import demand_whole, parts_aside
from migrator.cli.restarting import demand_begun, drop_begun
from migrator.cli.said import LoadingOptions, TargetOptions
from migrator.cli.settings import Config, read_config
from migrator.cli.sources import find_source
from migrator.cli.targets import (
    Target,
    demand_own_table,
    demand_reachable_bucket,
    demand_usable,
    open_target,
)
from migrator.load.load import finish
from migrator.load.preflight import Preflight
from migrator.load.reconcile import moved_on
from migrator.load.run_record import Mode, Phase, State
from migrator.load.tally import LoadReport
from migrator.model.errors import BlockedError, MigrateError, UsageError
from migrator.plan.plan import Plan
from migrator.render.review import accept_toml, decisions
from migrator.source.open import Source, open_source
from migrator.source.reflect import reflect
from migrator.source.snapshot import Snapshot, take_snapshot
from migrator.target.s3 import Place
from migrator.target.table import create_table, enable_ttl, wait_active


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What the command line says. `copy`: load from a private copy of a SQLite file. `restart`: drop what a run has
    begun. `only_rejects`: load the rows that this reject file names, and nothing else. `via_import`: the place in S3
    that files of items go to, for ImportTable to make the table of. `brief_lock`: MySQL and MariaDB may hold writers up
    while several readers begin."""

    plan: Path
    source: str | None = None
    config: Path | None = None
    target: TargetOptions = field(default_factory=TargetOptions)
    consent: Consent = field(default_factory=Consent)
    loading: LoadingOptions = field(default_factory=LoadingOptions)
    dry_run: bool = False
    copy: bool = True
    verify: bool = True
    restart: bool = False
    only_rejects: Path | None = None
    brief_lock: bool = False
    via_import: str | None = None

    @property
    def place(self) -> Place | None:
        return None if self.via_import is None else Place.parse(self.via_import)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done. `already`: the table had been verified before and nothing was written. `anew`: what
    has been begun would be dropped first. `found` and
    `bill` are the pre-flight's, of a new run or a dry one. `target` is None for a dry run without a way to
    DynamoDB. `rejects_accepted` is the reason that migrate.toml gives.
    `again` is the same command for what is left to do."""

    stored: StoredPlan
    target: Target | None
    already: bool = False
    dry_run: bool = False
    anew: bool = False
    found: Preflight | None = None
    bill: Bill | None = None
    loaded: LoadReport | None = None
    checked: Checked | None = None
    mended: MendedFile | None = None
    notes: tuple[str, ...] = ()
    rejects_accepted: str | None = None
    again: str = "migrate apply"


@dataclass(frozen=True, slots=True)
class _Run:
    """An apply under way."""

    options: ApplyOptions
    stored: StoredPlan
    config: Config
    source: Source
    console: Console

    @property
    def plan(self) -> Plan:
        return self.stored.plan

    def look_through(self, rows: Snapshot) -> Preflight:
        loading = self.options.loading
        admitting = Admitting(loading.allow_rejects, loading.max_rejects)
        mode = loading.mode if self.options.place is None else Mode.IMPORT
        return look_through(self.plan, rows, admitting, mode, self.console)

    def report(self, target: Target | None) -> Applied:
        accepted = self.config.settings.accepted("rejects")
        return Applied(self.stored, target, rejects_accepted=accepted, again=self.again())

    def again(self) -> str:
        """The command once more, without what has been done by then or was only a rehearsal."""
        options = self.options
        more = ["--no-copy"] * (not options.copy)
        if options.dry_run:
            more += ["--restart"] * options.restart + ["--no-verify"] * (not options.verify)
        loading = loading_words(options.loading) if options.only_rejects is None else ()
        said = Said(options.source, options.config, options.target)
        return said.command("apply", self.stored.file, *loading, *more)


def apply_plan(options: ApplyOptions, console: Console, environment: dict[str, str] | None = None) -> Applied:
    """Creates the table, loads it and verifies it; calling again goes on or says that all is done.
    BlockedError, before anything is written, for whatever makes going on unsafe."""
    _demand_one_way(options)
    stored = read_plan(options.plan)
    demand_approved(stored.plan)
    config = read_config(options.config, dict(os.environ) if environment is None else environment)
    with open_source(find_source(options.source, config.cli, stored.folder)) as source:
        demand_same_schema(stored.plan, reflect(source))
        run = _Run(options, stored, config, source, console)
        return _rehearse(run) if options.dry_run else _perform(run)


def _demand_one_way(options: ApplyOptions) -> None:
    """UsageError for options of which one would be passed over in silence."""
    if options.restart and options.loading.reconcile:
        raise UsageError("--restart and --reconcile are two ways: one begins anew, one goes on", "take one of them")
    if options.only_rejects is not None and (options.restart or options.loading.reconcile):
        raise UsageError("--only-rejects leaves all that is loaded as it is", "leave out --restart and --reconcile")
    if options.only_rejects is not None and options.dry_run:
        raise UsageError(
            "--only-rejects has no dry run",
            "leave out --dry-run: rows that are still bad stay in the file, with the reason of now",
        )
    if options.place is not None and (options.only_rejects or options.loading.writes_by_rules):
        raise UsageError(
            "--via-import writes by ImportTable, which --mode batch, --max-write-units, --workers, --reconcile and "
            "--only-rejects say nothing to",
            "leave them out, or --via-import",
        )


def demand_approved(plan: Plan) -> None:
    """BlockedError while a hazard waits for somebody's decision."""
    waiting = tuple(decision for decision in decisions(plan) if decision.about.startswith("hazard"))
    if waiting:
        named = "".join(f"\n  {decision.name}: {decision.message}" for decision in waiting)
        raise BlockedError(
            f"hazards of this plan wait for a decision:{named}",
            f"if they are acceptable, write in migrate.toml and plan again:\n{accept_toml(waiting)}",
        )


def _rehearse(run: _Run) -> Applied:
    """Everything but writing; without a way to DynamoDB all but looking at the table."""
    target, notes = _look(run)
    if target is not None and run.options.restart:
        demand_begun(target)
    if target is not None and target.stands(State.VERIFIED):
        _demand_current(run, target)
        return replace(run.report(target), dry_run=True, already=True)
    with take_snapshot(run.source, None) as rows:
        if target is not None and target.stands(State.LOADING) and not run.options.restart:
            _demand_moment(run, target, rows)
        demand_parents(run.plan, rows)
        found = run.look_through(rows)
        notes = (*notes, *kept_orphans(run.plan, rows))
        bill = _bill(run, rows, found)
    return replace(run.report(target), dry_run=True, anew=run.options.restart, found=found, bill=bill, notes=notes)


def _bill(run: _Run, rows: Snapshot, found: Preflight) -> Bill:
    prices = run.config.settings.prices
    if run.options.place is None:
        return bill_of(found, prices)
    with parts_aside(run.stored, rows, None, run.console) as (_, parts):
        return import_bill(parts, prices)


def _demand_current(run: _Run, target: Target) -> None:
    """BlockedError where a verified table is to become equal to a source that has changed since."""
    if not run.options.loading.reconcile or target.record is None:
        return
    with take_snapshot(run.source, None) as rows:
        if rows.fingerprint() != target.record.fingerprint:
            raise BlockedError(
                f"the source has changed since table {target.place} was loaded, and --reconcile is for a load that "
                "has not ended",
                "bring the changes to the table yourself, or run `migrate drop` and load it anew",
            )


def _demand_moment(run: _Run, target: Target, rows: Snapshot) -> None:
    """What going on would find: the moment that the run loads is kept in its copy, or is still the source's."""
    kept = run.stored.copy(target.place).exists() or run.options.loading.reconcile
    if not kept and target.record is not None and target.record.fingerprint != rows.fingerprint():
        raise moved_on()


def _look(run: _Run) -> tuple[Target | None, tuple[str, ...]]:
    try:
        target = open_target(run.options.target, run.config.cli, run.plan)
    except BlockedError:
        raise
    except MigrateError as error:
        return None, (f"the table was not looked at: {error.what}",)
    _demand_fit(run, target)
    return target, ()


def _perform(run: _Run) -> Applied:
    target = _usable(run)
    if run.options.only_rejects is not None:
        return _mend(run, target, run.options.only_rejects)
    if target.stands(State.VERIFIED) and not run.options.restart:
        _demand_current(run, target)
        return replace(run.report(target), already=True)
    if not target.stands(State.LOADED):
        run.options.consent.demand_possible(target, run.console)
    with only_one(run.stored):
        if run.options.restart and drop_begun(run.stored, target, run.options.consent, run.console):
            target = _usable(run)
        copy = run.stored.copy(target.place)
        if target.record is None or _leaves_its_moment(run, target):
            copy.unlink(missing_ok=True)
        # A copy that a run has begun with is used whatever is said now.
        kept = copy if run.options.copy or copy.exists() else None
        with take_moment(run.source, kept, run.options.brief_lock, run.console) as rows:
            applied = _Loading(run, target, rows).apply()
        return _conclude(run, applied)


def _usable(run: _Run) -> Target:
    target = open_target(run.options.target, run.config.cli, run.plan)
    _demand_fit(run, target)
    if run.options.loading.mode is Mode.BATCH:
        demand_own_table(run.stored, target)
    return target


def _demand_fit(run: _Run, target: Target) -> None:
    """BlockedError for a table that this run may not write to, or cannot make."""
    demand_usable(run.stored, target)
    if run.options.place is not None:
        demand_whole(run.plan)
        if not run.options.restart:
            demand_importable(target)
    demand_reachable_bucket(run.plan, target)


def _leaves_its_moment(run: _Run, target: Target) -> bool:
    """Whether a run that is loading goes over to the source as it is now. One that is on the way there already goes
    on with the copy that it has."""
    record = target.record
    return (
        run.options.loading.reconcile
        and record is not None
        and record.state is State.LOADING
        and record.phase is Phase.NONE
    )


def _mend(run: _Run, target: Target, file: Path) -> Applied:
    """Rows come from the source as it is now, and so does what verification compares. The bill is that of all rows:
    these few cost less."""
    run.options.consent.demand_possible(target, run.console)
    with only_one(run.stored):
        copy = run.stored.copy(target.place)
        copy.unlink(missing_ok=True)
        try:
            with take_snapshot(run.source, copy if run.options.copy else None) as rows:
                demand_same_schema(run.plan, rows.schema)
                prices = run.config.settings.prices
                run.options.consent.demand(target, planned_bill(run.plan), prices, run.console)
                mended = load_mended(run.stored, rows, target, file, run.options.loading.max_write_units)
                applied = replace(run.report(target), mended=mended)
                if run.options.verify:
                    checked = check(run.stored, rows, target, target.record, CheckOptions(), run.console)
                    applied = replace(applied, checked=checked)
            return _conclude(run, applied)
        finally:
            copy.unlink(missing_ok=True)


class _Loading:
    """From a snapshot to a loaded, verified table. The private copy outlives a failure only when it is the
    moment that the run loads."""

    def __init__(self, run: _Run, target: Target, rows: Snapshot) -> None:
        self._run = run
        self._target = target
        self._rows = rows
        self._begun = self._same_moment()

    def apply(self) -> Applied:
        try:
            demand_same_schema(self._run.plan, self._rows.schema)
            if not self._target.stands(State.LOADED):
                demand_parents(self._run.plan, self._rows)
            place = self._run.options.place
            if place is not None and self._target.absent:
                return self._verified(self._import(place))
            applied = self._agreed()
            self._begun = self._begun or self._target.record is None or self._run.options.loading.reconcile
            notes = (*self._create(), *(kept_orphans(self._run.plan, self._rows) if applied.found else ()))
            loaded = self._load(applied)
            return self._verified(replace(applied, loaded=loaded, notes=notes))
        finally:
            if not self._begun:
                self._run.stored.copy(self._target.place).unlink(missing_ok=True)

    def _same_moment(self) -> bool:
        record = self._target.record
        return record is not None and record.fingerprint == self._rows.fingerprint()

    def _agreed(self) -> Applied:
        """Pre-flight and price of a new run, and the yes to go on."""
        run, prices = self._run, self._run.config.settings.prices
        if self._target.stands(State.LOADED):
            return run.report(self._target)
        found = run.look_through(self._rows) if self._target.record is None else None
        bill = bill_of(found, prices) if found is not None else planned_bill(run.plan)
        run.options.consent.demand(self._target, bill, prices, run.console)
        return replace(run.report(self._target), found=found, bill=bill)

    def _import(self, place: Place) -> Applied:
        run, prices = self._run, self._run.config.settings.prices
        found = run.look_through(self._rows)
        with parts_aside(run.stored, self._rows, found, run.console) as (folder, parts):
            bill = import_bill(parts, prices)
            run.options.consent.demand(self._target, bill, prices, run.console)
            self._begun = True
            loaded, notes = import_rows(run.stored, self._target, place, folder, parts, run.console)
        notes = (*notes, *kept_orphans(run.plan, self._rows))
        return replace(run.report(self._target), found=found, bill=bill, loaded=loaded, notes=notes)

    def _create(self) -> tuple[str, ...]:
        connection, plan, record = self._target.connection, self._run.plan, self._target.record
        if record is not None and is_imported(record):
            return settle_imported(self._run.stored, self._target, self._run.options.place, record)
        if self._target.absent:
            self._run.console.say(f"creating table {self._target.place}")
            return create_table(connection, plan, self._run.stored.digest)
        wait_active(connection, plan.table.name)
        return ()

    def _load(self, applied: Applied) -> LoadReport:
        run = self._run
        total = applied.found.streamed if applied.found else run.plan.streamed()
        return load_rows(run.stored, self._rows, self._target, run.options.loading, total, run.console)

    def _verified(self, applied: Applied) -> Applied:
        if not self._run.options.verify:
            return applied
        record = self._target.record
        checked = check(self._run.stored, self._rows, self._target, record, CheckOptions(), self._run.console)
        return replace(applied, checked=checked)


def _conclude(run: _Run, applied: Applied) -> Applied:
    """What follows a verification without a difference: the run is marked, TTL goes on, the copy goes."""
    target = applied.target
    if target is None or applied.checked is None or not applied.checked.clean:
        return applied
    finish(target.sink, run.plan)
    notes = enable_ttl(target.connection, run.plan)
    run.stored.copy(target.place).unlink(missing_ok=True)
    return replace(applied, notes=(*applied.notes, *notes))
