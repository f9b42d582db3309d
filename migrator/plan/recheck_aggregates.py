"""Reads from counter items checked from the plan alone: do the groups tell apart all that the statement asks about,
and does the aggregate keep the figures that it asks for?"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.query import Output, compared_fields
from migrator.plan.plan import Entity, Part, Plan, PlannedPattern


def aggregate_faults(plan: Plan, pattern: PlannedPattern, part: Part) -> Iterator[str]:
    """What is wrong with a part whose rows are an aggregate's groups; nothing for other parts."""
    entity = plan.entity(part.entity)
    if entity.kind != "aggregate":
        return
    select = part.select
    if select.joins or select.table(select.driver) != entity.source_table:
        yield f"reads {entity.name}, which holds figures of {entity.source_table} alone"
    if tuple(a.column for a in entity.attributes) != entity.source_key or entity.measure("count") is None:
        yield f"reads {entity.name}, which does not name and count its groups"
    if not part.complete or any(pattern.requests[number].limit for number in part.requests):
        yield f"stops before it has all groups of {entity.name}"
    told = [field for predicate in select.predicates for field in compared_fields(predicate)]
    told += [*select.group_by, *(term.field for term in select.order if term.field is not None)]
    told += [o.field for o in select.outputs if o.field is not None and o.function is None]
    for column in dict.fromkeys(field.column for field in told if field.column not in entity.source_key):
        yield f"asks about {column}, which the groups of {entity.name} do not tell apart"
    nullable = _nullable(plan, entity)
    for output in select.computed:
        yield from _figure_faults(entity, output, nullable)


def _figure_faults(entity: Entity, output: Output, nullable: frozenset[str]) -> Iterator[str]:
    column = output.field.column if output.field else None
    if output.function is None or column is None or column in entity.source_key:
        return
    if output.distinct or output.function in ("min", "max"):
        yield f"asks for {output.function} of {column}, which {entity.name} cannot keep"
        return
    needed = [("count", column)] if column in nullable else []
    needed += [("sum", column)] if output.function in ("sum", "avg") else []
    for function, name in needed:
        if entity.measure(function, name) is None:
            yield f"asks for {output.function} of {column}, and {entity.name} keeps no {function} of it"


def _nullable(plan: Plan, entity: Entity) -> frozenset[str]:
    columns = next(table.columns for table in plan.source.tables if table.name == entity.source_table)
    return frozenset(column.name for column in columns if column.nullable)
