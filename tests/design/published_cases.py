"""The published designs that tests/design/published restates, planned over tables of four sizes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.design.engine import design
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.model.statistics import ColumnStatistics, FanOut, Statistics, TableStatistics
from migrator.plan.build import build_plan
from migrator.plan.plan import Plan
from migrator.source.location import parse_location
from migrator.source.measure import measure
from migrator.source.open import open_source
from migrator.source.reflect import reflect
from migrator.workload.literals import compared_literals
from migrator.workload.read import read_workload

from tests.design.filling import fill_schema
from tests.design.world import fill

FOLDER = Path(__file__).parent / "published"
NAMES = tuple(sorted(home.name for home in FOLDER.iterdir() if home.is_dir()))
SIZES = ("empty", "small", "large", "deep")
"""Large: many times the parents, each with as many children as in the small one. Deep: as many parents, each with many
times the children."""
GROWTH = 1_000
"""How many times."""


@dataclass(frozen=True)
class Expert:
    """What was published. `gsis`: global secondary indexes. `extra_items`: kinds of items beyond one for each row,
    each of which does an index's work by being written a second time. `one_request`: the reads that take one.
    `unserved`: those that the design does not serve as the SQL means them, with why. `few_rows`: tables that stay
    small."""

    source: str
    gsis: int
    one_request: tuple[str, ...]
    extra_items: tuple[str, ...]
    unserved: Mapping[str, str]
    few_rows: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """A published design, and what is planned for the same schema and queries over tables of some size."""

    expert: Expert
    database: Path
    plan: Plan

    @property
    def allowed_indexes(self) -> int:
        return self.expert.gsis + len(self.expert.extra_items)


def expert(name: str) -> Expert:
    told = tomllib.loads((FOLDER / name / "expert.toml").read_text())
    return Expert(
        told["source"],
        told["gsis"],
        tuple(told["one_request"]),
        tuple(told.get("extra_items", ())),
        told.get("unserved", {}),
        tuple(told.get("few_rows", ())),
    )


def published(name: str, size: str, folder: Path, settings: Settings, whole: bool = False) -> Published:
    """Planned without the queries that the expert does not serve, unless the `whole` workload is asked for."""
    ddl, queries = ((FOLDER / name / f"{part}.sql").read_text() for part in ("schema", "queries"))
    known = expert(name)
    schema = reflected(folder / "empty.db", ddl)
    rows = fill_schema(schema)
    database = folder / "source.db"
    fill(database, ddl, {table: rows[table] for table in rows if size != "empty" or table in known.few_rows})
    workload = read_workload(queries, schema, "queries.sql")
    with open_source(parse_location(str(database))) as source:
        measured = measure(source, schema, compared_literals(workload))
    if size in ("large", "deep"):
        measured = grown(schema, measured, known.few_rows, size == "deep")
    asked = tuple(p for p in workload.patterns if whole or p.name not in known.unserved)
    workload = replace(workload, patterns=asked)
    made = design(schema, measured, workload, settings)
    return Published(known, database, build_plan(schema, measured, workload, made, settings))


def reflected(path: Path, ddl: str) -> Schema:
    fill(path, ddl, {})
    with open_source(parse_location(str(path))) as source:
        return reflect(source)


def grown(schema: Schema, statistics: Statistics, few_rows: tuple[str, ...], deep: bool) -> Statistics:
    """The measurements if every table but a few had many times the rows: keys and moments have as many times the
    values, states have no more than before. When `deep`, only tables that refer to others grow."""
    tables = statistics.tables
    return Statistics(tuple(t if t.name in few_rows else _grown(schema.table(t.name), t, deep) for t in tables))


def _grown(table: Table, measured: TableStatistics, deep: bool) -> TableStatistics:
    if deep and not table.foreign_keys:
        return measured
    references = {name for key in table.foreign_keys for name in key.columns}
    spread = {*table.primary_key, *(name for unique in table.uniques for name in unique.columns)}
    spread |= {column.name for column in table.columns if column.name.endswith(("date", "_at", "time"))}
    spread = spread - references if deep else spread | references
    columns = tuple(_spread(column) if column.name in spread else column for column in measured.columns)
    fan_outs = tuple(_spread_out(fan) for fan in measured.fan_outs) if deep else measured.fan_outs
    return replace(measured, rows=measured.rows * GROWTH, columns=columns, fan_outs=fan_outs)


def _spread(column: ColumnStatistics) -> ColumnStatistics:
    shares = tuple(share / GROWTH for share in column.top_shares)
    return replace(column, distinct=column.distinct * GROWTH, top_shares=shares)


def _spread_out(fan: FanOut) -> FanOut:
    return replace(fan, mean=fan.mean * GROWTH, p99=fan.p99 * GROWTH, maximum=fan.maximum * GROWTH)
