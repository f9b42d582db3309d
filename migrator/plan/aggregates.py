"""Aggregates of the plan: their entities, and the requests that read their items."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.design.design import TABLE, Aggregate, EntityDesign, Kept, Served
from migrator.model.schema import Schema
from migrator.model.unit import Measure
from migrator.plan.entities import KeyWriter
from migrator.plan.naming import Names, describe_attribute
from migrator.plan.plan import Entity, MeasuredAttribute, Request, SlotKeys
from migrator.plan.requests import RequestWriter
from migrator.plan.templates import write_template


def aggregate_entity(schema: Schema, kept: Kept, names: Names, writer: KeyWriter) -> Entity:
    """One item for each group of a table's rows, in a partition that no other entity shares."""
    made = kept.aggregate
    name = names.aggregates[made]
    attributes = tuple(describe_attribute(schema, names, made.table, attr) for attr in made.template.attrs())
    keys = SlotKeys(
        TABLE,
        write_template((*writer.home(name), *writer.partition(made.table, made.template, 1))),
        write_template(writer.sort(made.table, name, made.template)),
    )
    taken = {attribute.name for attribute in attributes} | names.reserved
    return Entity(
        name,
        "aggregate",
        made.table,
        made.columns,
        (keys,),
        attributes,
        measures=tuple(_measured(made, taken)),
    )


def _measured(made: Aggregate, taken: set[str]) -> Iterator[MeasuredAttribute]:
    for measure in made.measures:
        name = _wanted_name(measure)
        while name in taken:
            name += "_"
        taken.add(name)
        yield MeasuredAttribute(name, measure.function, measure.column)


def _wanted_name(measure: Measure) -> str:
    return measure.function if measure.column is None else f"{measure.function}_{measure.column}"


def as_entity_design(name: str, made: Aggregate) -> EntityDesign:
    """The aggregate seen as an entity whose only slot goes by its name."""
    return EntityDesign(made.table, made.columns, ((name, made.template),))


def aggregate_requests(writer: RequestWriter, part: Served, made: Aggregate) -> tuple[Request, ...]:
    """Whole keys where the statement names each group; else a Query for each partition."""
    name = writer.writer.names.aggregates[made]
    kept = as_entity_design(name, made)
    chosen = list(writer.combinations(part))
    if part.path.matched < len(made.template.sort):
        return tuple(
            Request(
                "Query",
                (name,),
                partition=writer.partition_text(made.table, kept, name, values),
                sort=writer.sort_condition(part, name, values),
                filter=writer.filters(part),
                consistent=part.need.strong,
            )
            for values in chosen
        )
    keys = tuple(dict.fromkeys(writer.base_key(made.table, kept, values, name) for values in chosen))
    operation = "GetItem" if len(keys) == 1 else "BatchGetItem"
    return (Request(operation, (name,), filter=writer.filters(part), keys=keys, consistent=part.need.strong),)
