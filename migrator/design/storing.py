"""Which stored joins are kept: those whose pairs every declared write can follow, and that some read takes."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.design.data import Data
from migrator.design.design import Design
from migrator.design.engine import design
from migrator.design.lifetime import expiry_column
from migrator.design.meeting import pairing, written_tables
from migrator.model.query import Workload
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.model.statistics import Statistics
from migrator.model.stored_join import SIDES, StoredJoin, other
from migrator.workload.storing import without_join


def design_with_joins(
    schema: Schema, statistics: Statistics, workload: Workload, settings: Settings
) -> tuple[Schema, Workload, Design]:
    """The design with the stored joins that can be kept and that some read takes; schema and workload without the
    others, whose reads are refused."""
    for name, why in _unkept(Data(schema, statistics), workload, settings):
        schema, workload = without_join(schema, workload, name, why)
    while True:
        made = design(schema, statistics, workload, settings)
        idle = dict(_idle(schema, made))
        if not idle:
            return schema, workload, made
        for name, why in idle.items():
            schema, workload = without_join(schema, workload, name, why)


def _unkept(data: Data, workload: Workload, settings: Settings) -> Iterator[tuple[str, str]]:
    for name, join in data.schema.joins():
        why = _why_unkept(data, workload, settings, join)
        if why is not None:
            yield name, why


def _why_unkept(data: Data, workload: Workload, settings: Settings, join: StoredJoin) -> str | None:
    written = frozenset[str]().union(*(written_tables(data.schema, pattern, join) for pattern in workload.patterns))
    for side in SIDES:
        table, override = join.table(side), settings.override(join.table(side))
        if expiry_column(data.schema.table(table), override) is not None:
            return f"rows of {table} expire by TTL, which no write of the application would follow"
        if any(join.named(side, column) for column in override.offload):
            return f"migrate.toml keeps large values of {table} in S3, and pairs would hold them"
        if override.embed:
            return f"migrate.toml embeds rows of {table}, which are not found by themselves then"
        most, bound = pairing(data, join, other(side)).maximum, settings.limits.bounded_items
        if table in written and most > bound:
            return (
                f"a write of a row of {table} would write up to {most:,.0f} of them, by what was measured: more than "
                f"bounded_items of [limits] in migrate.toml allows ({bound:,})"
            )
    return None


def _idle(schema: Schema, made: Design) -> Iterator[tuple[str, str]]:
    """Stored joins that no served read takes, and why they are not."""
    taken = {part.need.table for read in made.reads for part in read.served}
    reasons = [read.refusal.reason for read in made.reads if read.refusal is not None]
    for name, _ in schema.joins():
        if name not in taken:
            yield name, f"nothing is served by them ({' '.join(reasons)})"
