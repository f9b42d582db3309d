"""`migrate plan`: from a source and its queries to the plan's folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import PLAN_FILE, prepared, write_files
from migrator.cli.following import Said
from migrator.cli.proving import prove_overrides
from migrator.cli.queries import QueriesText, find_queries, read_declared
from migrator.cli.sampling import take_samples
from migrator.cli.settings import FILE, Config, check_region, check_table_name, read_config
from migrator.cli.sources import SOURCE_FILE, check_overrides, find_schema, leave_out
from migrator.cli.unfit import demand_movable
from migrator.design.identity import demand_keys
from migrator.design.storing import design_with_joins
from migrator.model.counted import plural
from migrator.model.errors import MigrateError, UsageError
from migrator.model.query import Workload
from migrator.model.settings import Settings
from migrator.plan.build import build_plan
from migrator.plan.difference import Difference, difference
from migrator.plan.document import dump, load, plan_digest
from migrator.plan.plan import Plan
from migrator.render.changes import CHANGES_FILE, changes_page
from migrator.render.documents import render
from migrator.render.samples import Samples, samples_json
from migrator.source.measure import measure
from migrator.source.open import Source, open_source
from migrator.source.reflect import reflect
from migrator.source.repeats import demand_distinct
from migrator.source.runnable import why_not_runnable
from migrator.source.snapshot import take_snapshot
from migrator.target.limits import demand_legal
from migrator.workload.literals import compared_literals
from migrator.workload.offloaded import without_looking_into
from migrator.workload.storing import with_stored_joins

SAMPLES_FILE = "samples.json"


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the command line says. `environment` gives the MIGRATE_* variables."""

    source: str | None = None
    queries: Path | None = None
    out: Path = Path("plan")
    config: Path | None = None
    table_name: str | None = None
    show_samples: bool = False
    schema: str | None = None
    no_samples: bool = False
    count_rows: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan in its folder. `before` is the plan.json that was there, None when there was none. `starter` is
    the queries file that was written for the user to edit. `stale` names in `[accept]` accept nothing. `since`: what
    differs from the plan that was there, where it could be read and something does. `said` holds for the commands that
    follow."""

    plan: Plan
    folder: Path
    files: tuple[str, ...]
    written: bytes
    before: bytes | None
    queries: QueriesText
    stale: tuple[str, ...]
    since: Difference | None = None
    said: Said = field(default_factory=Said)

    @property
    def digest(self) -> str:
        return plan_digest(self.plan)

    @property
    def file(self) -> Path:
        return self.folder / PLAN_FILE

    @property
    def unchanged(self) -> bool:
        return self.written == self.before


def make_plan(options: PlanOptions, console: Console, environment: dict[str, str] | None = None) -> Planned:
    """Reads, designs and writes the plan's folder; nothing is written unless all of it is."""
    config = _config(options, dict(os.environ) if environment is None else environment)
    location = find_schema(options.source, config.cli, options.out, options.schema)
    queries = find_queries(options.queries, config.cli, options.out)
    with prepared(options.out), open_source(location) as source:
        plan, queries = _plan(source, config, queries, console, options.count_rows)
        texts = {name: text.encode() for name, text in _documents(plan, source, options, console).items()}
        files = {**_starter_file(queries), **texts, SOURCE_FILE: location.to_toml(options.out).encode()}
        before = _standing(options.out / PLAN_FILE)
        since = _since(before, plan)
        files |= {CHANGES_FILE: changes_page(since).encode()} if since is not None else {}
        written = dump(plan)
        write_files(options.out, {**files, PLAN_FILE: written})
    # The plan's own note of its source is what commands read last.
    said = Said(options.source if config.cli.source is not None else None, options.config)
    stale = _stale(plan, config.settings)
    return Planned(plan, options.out, (*files, PLAN_FILE), written, before, queries, stale, since, said)


def _config(options: PlanOptions, environment: dict[str, str]) -> Config:
    config = read_config(options.config, environment)
    endpoint = config.cli.endpoint_url or environment.get("AWS_ENDPOINT_URL_DYNAMODB")
    check_region(config.cli.region, endpoint, f"{config.cli.file or FILE}: [migrate] region")
    if options.table_name is None:
        return config
    name = check_table_name(options.table_name, "--table-name")
    return replace(config, settings=replace(config.settings, table_name=name))


def _plan(
    source: Source, config: Config, queries: QueriesText, console: Console, count_rows: bool
) -> tuple[Plan, QueriesText]:
    settings = config.settings
    console.say(f"reading {source.location.display}")
    whole = reflect(source)
    check_overrides(whole, settings, str(config.cli.file))
    schema, excluded = leave_out(whole, settings)
    demand_movable(schema)
    demand_keys(schema, settings)
    workload, queries = read_declared(queries, schema, excluded)
    workload = without_looking_into(workload, settings.offloaded())
    tables = len(schema.tables)
    schema, workload = with_stored_joins(schema, workload)
    _demand_runnable(source, workload, queries)
    console.say(f"measuring {plural(tables, 'table')}")
    statistics = measure(source, schema, compared_literals(workload), _inline_bytes(settings), count=count_rows)
    unproven = prove_overrides(source, schema, statistics, settings)
    console.say(f"designing for {plural(len(workload.patterns), 'query')}")
    schema, workload, made = design_with_joins(schema, statistics, workload, settings)
    made = replace(made, assumptions=(*made.assumptions, *unproven))
    plan = build_plan(schema, statistics, workload, made, settings, excluded)
    demand_legal(plan)
    with source.connect() as connection:
        demand_distinct(source, connection, schema, plan.source_keys())
    return plan, queries


def _inline_bytes(settings: Settings) -> dict[tuple[str, str], int]:
    """The columns of which longer values leave the item, with how long they may be."""
    bucket = settings.bucket
    return dict.fromkeys(settings.offloaded(), bucket.inline_bytes) if bucket else {}


def _demand_runnable(source: Source, workload: Workload, queries: QueriesText) -> None:
    """UsageError for the first statement that is served and that the source itself does not take."""
    for pattern in workload.patterns:
        for statement in pattern.statements:
            fault = why_not_runnable(source, statement.sql) if statement.form is not None else None
            if fault is not None:
                raise UsageError(
                    f"{queries.file}:{statement.line}: the source does not run query {pattern.name}: {fault}",
                    "correct the statement: it must run on the source as it stands",
                )


def _documents(plan: Plan, source: Source, options: PlanOptions, console: Console) -> dict[str, str]:
    console.say("writing the documents")
    if options.no_samples:
        samples = Samples()
    else:
        with take_snapshot(source, None) as rows:
            samples = take_samples(plan, rows, options.show_samples)
    return {**render(plan, samples), SAMPLES_FILE: samples_json(samples)}


def _starter_file(queries: QueriesText) -> dict[str, bytes]:
    """The workload that was assumed, for the user to edit: only where no file was found."""
    if queries.found:
        return {}
    return {queries.file.name: queries.text.encode()}


def _standing(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _since(before: bytes | None, plan: Plan) -> Difference | None:
    """None also for what another version has written: it is replaced, and cannot be read."""
    try:
        found = difference(load(before, PLAN_FILE), plan) if before is not None else None
    except MigrateError:
        return None
    return found if found is not None and found.changes else None


def _stale(plan: Plan, settings: Settings) -> tuple[str, ...]:
    known = {hazard.approve_with for hazard in plan.hazards}
    known |= {pattern.name for pattern in plan.access_patterns if pattern.status == "refused"}
    return tuple(name for name, _ in settings.accept if name not in {*known, "rejects"})
