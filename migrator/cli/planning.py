"""`migrate plan`: from a source and its queries to the plan's folder."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.cli.console import Console
from migrator.cli.folder import PLAN_FILE, prepared, write_files
from migrator.cli.proving import prove_overrides
from migrator.cli.queries import QueriesText, find_queries, read_declared
from migrator.cli.settings import Config, check_table_name, read_config
from migrator.cli.sources import SOURCE_FILE, check_overrides, find_source, leave_out
from migrator.design.identity import demand_keys
from migrator.design.storing import design_with_joins
from migrator.model.errors import UsageError
from migrator.model.query import Workload
from migrator.model.settings import Settings
from migrator.plan.build import build_plan
from migrator.plan.document import dump, plan_digest
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.plan import Plan
from migrator.plan.values import Unstorable
from migrator.ports import Item
from migrator.render.documents import render
from migrator.render.samples import make_samples, samples_json
from migrator.source.measure import measure
from migrator.source.open import Source, open_source
from migrator.source.reflect import reflect
from migrator.source.repeats import demand_distinct
from migrator.source.runnable import why_not_runnable
from migrator.source.snapshot import take_snapshot
from migrator.target.limits import demand_legal
from migrator.workload.literals import compared_literals
from migrator.workload.storing import with_stored_joins

SAMPLE_ROWS = 3
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


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan in its folder. `before` is the plan.json that was there, None when there was none. `starter` is
    the queries file that was written for the user to edit. `stale` names in `[accept]` accept nothing."""

    plan: Plan
    folder: Path
    files: tuple[str, ...]
    written: bytes
    before: bytes | None
    queries: QueriesText
    stale: tuple[str, ...]

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
    location = find_source(options.source, config.cli, options.out)
    queries = find_queries(options.queries, config.cli, options.out)
    with prepared(options.out), open_source(location) as source:
        plan, queries = _plan(source, config, queries, console)
        texts = {name: text.encode() for name, text in _documents(plan, source, options, console).items()}
        files = {**_starter_file(queries), **texts, SOURCE_FILE: location.to_toml(options.out).encode()}
        before = _standing(options.out / PLAN_FILE)
        written = dump(plan)
        write_files(options.out, {**files, PLAN_FILE: written})
    return Planned(plan, options.out, (*files, PLAN_FILE), written, before, queries, _stale(plan, config.settings))


def _config(options: PlanOptions, environment: dict[str, str]) -> Config:
    config = read_config(options.config, environment)
    if options.table_name is None:
        return config
    name = check_table_name(options.table_name, "--table-name")
    return replace(config, settings=replace(config.settings, table_name=name))


def _plan(source: Source, config: Config, queries: QueriesText, console: Console) -> tuple[Plan, QueriesText]:
    settings = config.settings
    console.say(f"reading {source.location.display}")
    whole = reflect(source)
    check_overrides(whole, settings, str(config.cli.file))
    schema, excluded = leave_out(whole, settings)
    demand_keys(schema, settings)
    workload, queries = read_declared(queries, schema, excluded)
    tables = len(schema.tables)
    schema, workload = with_stored_joins(schema, workload)
    _demand_runnable(source, workload, queries)
    console.say(f"measuring {tables} tables")
    statistics = measure(source, schema, compared_literals(workload))
    unproven = prove_overrides(source, schema, statistics, settings)
    console.say(f"designing for {len(workload.patterns)} queries")
    schema, workload, made = design_with_joins(schema, statistics, workload, settings)
    made = replace(made, assumptions=(*made.assumptions, *unproven))
    plan = build_plan(schema, statistics, workload, made, settings, excluded)
    demand_legal(plan)
    with source.connect() as connection:
        demand_distinct(source, connection, schema, plan.source_keys())
    return plan, queries


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
    with take_snapshot(source, None) as rows:
        items: dict[str, list[Item]] = defaultdict(list)
        for table in plan.tables():
            footprint = compile_footprint(plan, table)
            for unit in rows.sample(unit_shape(plan, table), SAMPLE_ROWS):
                try:
                    made = footprint(unit)
                except Unstorable:
                    continue
                for item in made:
                    items[item[plan.type_attribute]["S"]].append(item)
    samples = make_samples(plan, items, options.show_samples)
    return {**render(plan, samples), SAMPLES_FILE: samples_json(samples)}


def _starter_file(queries: QueriesText) -> dict[str, bytes]:
    """The workload that was assumed, for the user to edit: only where no file was found."""
    if queries.found:
        return {}
    return {queries.file.name: queries.text.encode()}


def _standing(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _stale(plan: Plan, settings: Settings) -> tuple[str, ...]:
    known = {hazard.approve_with for hazard in plan.hazards}
    known |= {pattern.name for pattern in plan.access_patterns if pattern.status == "refused"}
    return tuple(name for name, _ in settings.accept if name not in {*known, "rejects"})
