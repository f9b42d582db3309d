"""From a design to a plan: names, keys, requests, hazards, cost and checklist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.design.data import Data
from migrator.design.design import Design
from migrator.design.embedding import added_bytes
from migrator.model.query import Workload
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics
from migrator.plan.aggregates import aggregate_entity
from migrator.plan.calling import call_indexes
from migrator.plan.checklist import production_checklist
from migrator.plan.costs import estimate_cost
from migrator.plan.entities import KeyWriter, build_entities, ordered_parts
from migrator.plan.hazards import find_hazards
from migrator.plan.heat import partition_heat
from migrator.plan.naming import Names, name_things
from migrator.plan.offloading import planned_offload
from migrator.plan.places import sort_labels
from migrator.plan.plan import (
    FORMAT,
    Entity,
    FrontierPoint,
    NamedReason,
    Optimality,
    Plan,
    PlannedPattern,
    Source,
    SourceColumn,
    SourceForeignKey,
    SourceTable,
    TableSettings,
)
from migrator.plan.projecting import project
from migrator.plan.reads import plan_read
from migrator.plan.recheck import demand_right
from migrator.plan.references import held_references
from migrator.plan.requests import RequestWriter
from migrator.plan.writes import WritePlanner


def build_plan(
    schema: Schema,
    statistics: Statistics,
    workload: Workload,
    design: Design,
    settings: Settings,
    excluded: tuple[NamedReason, ...] = (),
) -> Plan:
    """The plan of a design. `schema` holds the tables that are migrated; `excluded` names the others."""
    data = _data(schema, statistics, design)
    design = call_indexes(design, settings)
    names = name_things(schema, design, settings)
    labels = sort_labels(schema, design, names)
    writer = KeyWriter(schema, names, ordered_parts(schema, design, names), labels.own, labels.trunks)
    counters = tuple(aggregate_entity(schema, kept, names, writer) for kept in design.aggregates)
    rows = build_entities(schema, design, names, writer)
    entities = tuple(sorted((*rows, *counters), key=lambda entity: entity.name))
    patterns = _patterns(schema, data, workload, design, settings, writer, entities)
    heat = partition_heat(data, _done(workload, patterns), design, writer)
    hazards = find_hazards(schema, data, workload, design, settings, names, heat)
    table = _table(settings, names, entities)
    plan = Plan(
        FORMAT,
        _source(schema, statistics, excluded),
        table,
        project(schema, design, names),
        entities,
        patterns,
        hazards,
        estimate_cost(schema, data, design, settings, names, patterns),
        _optimality(design),
        production_checklist(schema, table, entities, patterns, hazards),
        heat,
        names.type_attribute,
        (*workload.assumptions, *design.assumptions),
        planned_offload(settings),
        held_references(schema, settings),
    )
    demand_right(plan)
    return plan


def _done(workload: Workload, patterns: Iterable[PlannedPattern]) -> Workload:
    """What the application will ask: the patterns that are not refused."""
    served = {pattern.name for pattern in patterns if pattern.status == "served"}
    return replace(workload, patterns=tuple(pattern for pattern in workload.patterns if pattern.name in served))


def _data(schema: Schema, statistics: Statistics, design: Design) -> Data:
    """The measurements, told what items hold beside their own row."""
    plain = Data(schema, statistics)
    held = [entity.within for entity in design.entities if entity.within is not None]
    return Data(schema, statistics, {made.parent: added_bytes(plain, made) for made in held})


def _patterns(
    schema: Schema,
    data: Data,
    workload: Workload,
    design: Design,
    settings: Settings,
    writer: KeyWriter,
    entities: tuple[Entity, ...],
) -> tuple[PlannedPattern, ...]:
    requests = RequestWriter(schema, design, writer)
    writes = WritePlanner(schema, data, design, settings, requests)
    reads = {read.pattern: read for read in design.reads}
    return tuple(
        plan_read(schema, settings, pattern, reads[pattern.name], requests, entities)
        if pattern.kind == "read"
        else writes.plan(pattern)
        for pattern in workload.patterns
    )


def _table(settings: Settings, names: Names, entities: tuple[Entity, ...]) -> TableSettings:
    expires = any(entity.expires for entity in entities)
    partition_key, sort_key = names.table_key
    return TableSettings(
        settings.table_name,
        partition_key=partition_key,
        sort_key=sort_key,
        ttl_attribute=names.ttl_attribute if expires else None,
        point_in_time_recovery=settings.point_in_time_recovery,
        stream_view_type=settings.stream_view_type,
        deletion_protection=settings.deletion_protection,
        table_class=settings.table_class,
        kms_key=settings.kms_key,
        tags=tuple(sorted(settings.tags)),
        max_on_demand=settings.max_on_demand,
    )


def _source(schema: Schema, statistics: Statistics, excluded: tuple[NamedReason, ...]) -> Source:
    left_out = (*excluded, *(NamedReason(skipped.name, skipped.reason) for skipped in schema.skipped))
    return Source(
        schema.dialect,
        schema.digest(),
        tuple(_source_table(table, statistics) for table in schema.tables),
        tuple(sorted(view.name for view in schema.views)),
        tuple(sorted(left_out, key=lambda reason: (reason.name, reason.reason))),
    )


def _source_table(table: Table, statistics: Statistics) -> SourceTable:
    measured = statistics.table(table.name)
    columns = []
    for column in table.columns:
        found = measured.column(column.name)
        columns.append(
            SourceColumn(
                column.name,
                column.sql_type,
                column.nullable,
                found.distinct,
                round(found.null_share, 6),
                round(found.mean_bytes, 2),
                found.max_bytes,
            )
        )
    keys = []
    for key in table.foreign_keys:
        fan = measured.fan_out(key.name)
        keys.append(
            SourceForeignKey(
                key.columns,
                key.referred_table,
                key.referred_columns,
                round(fan.mean, 2),
                fan.p99,
                fan.maximum,
                fan.orphans,
            )
        )
    return SourceTable(
        table.name,
        measured.rows,
        measured.bytes,
        measured.max_bytes,
        measured.sampled,
        table.primary_key,
        tuple(columns),
        tuple(keys),
        tuple(unique.columns for unique in table.uniques) if table.joined is None else (),
        tuple(index.columns for index in table.indexes),
        tuple(check.sql for check in table.checks),
        table.joined,
    )


def _optimality(design: Design) -> Optimality:
    points = tuple(FrontierPoint(p.indexes, p.monthly_usd, p.round_trips, p.refused) for p in design.frontier)
    gap = round(max(0.0, 1 - design.bound / design.objective), 6) if design.objective else 0.0
    return Optimality(design.objective, design.bound, gap, design.candidates, design.solver, points, _claim(gap))


def _claim(gap: float) -> str:
    """What is proven of the design, and of what."""
    among = (
        "the key templates weighed for each entity, indexes of whole items or of keys, second items in the table, "
        "counter items, copies, stored joins where nothing else answers, rows within the items of others, and requests "
        "gathered within a partition"
    )
    if gap == 0:
        return f"no cheaper design is made of {among}"
    more = "raise proof_steps under [limits] in migrate.toml to search longer"
    return f"not proven optimal: a design made of {among} may be up to {gap:.2%} cheaper; {more}"
