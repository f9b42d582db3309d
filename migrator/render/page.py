"""What the documents show beside the plan itself: pictures, item collections, requests as commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.plan.partitions import partition_sizes
from migrator.plan.plan import TABLE_SLOT, Plan
from migrator.plan.running import running
from migrator.plan.weights import size_histogram
from migrator.render.er_groups import LARGEST, TableGroup, neighbours, table_groups
from migrator.render.er_layout import Diagram, lay_out
from migrator.render.exports.awscli import pattern_commands
from migrator.render.pictures import cost_charts, frontier_chart, heat_charts, partition_chart, size_chart
from migrator.render.samples import Collection, SampleItem, Samples

HUES = 8
"""Colours that tell entities apart."""


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A sample item: its entity, the sort key's text and the other attributes. `hue` is its entity's colour."""

    entity: str
    hue: int
    sort: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownCollection:
    """Items under one partition key."""

    partition: str
    items: tuple[ShownItem, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """The table or an index with sample collections, under the names of its keys."""

    slot: str
    partition_key: str
    sort_key: str
    collections: tuple[ShownCollection, ...]


def page_context(plan: Plan, samples: Samples, slot_keys: Any) -> Mapping[str, Any]:
    """Names of what is prepared beside the plan: the documents say the same, pictures apart."""
    partitions = partition_sizes(plan)
    sizes = size_histogram(plan, dict(samples.sizes))
    return {
        "diagrams": diagrams(plan),
        "unrelated": unrelated(plan),
        "running": running(plan),
        "partitions": partitions,
        "cost_charts": cost_charts(plan),
        "heat_charts": heat_charts(plan),
        "partition_chart": partition_chart(partitions),
        "sizes": sizes,
        "size_chart": size_chart(sizes),
        "frontier_chart": frontier_chart(plan),
        "shown_slots": shown_slots(plan, samples, slot_keys),
        "hue": lambda name: hues(plan).get(name, 0),
        "cli_calls": lambda pattern: pattern_commands(plan, pattern).partition("\n")[2],
    }


def diagrams(plan: Plan) -> tuple[Diagram, ...]:
    """One drawing where the schema is small, else one for each group of tables."""
    related = tuple(neighbours(plan.source))
    if not related:
        return ()
    groups = (TableGroup("All tables", related),) if len(related) <= LARGEST else table_groups(plan.source)
    return tuple(lay_out(plan.source, group) for group in groups)


def unrelated(plan: Plan) -> tuple[str, ...]:
    """Tables that no reference connects with another one."""
    related = neighbours(plan.source)
    return tuple(table.name for table in plan.source.tables if table.name not in related)


def hues(plan: Plan) -> Mapping[str, int]:
    """A colour for each entity; those of one table have the same."""
    tables = dict.fromkeys(entity.source_table for entity in plan.entities)
    numbers = {table: number % HUES for number, table in enumerate(tables)}
    return {entity.name: numbers[entity.source_table] for entity in plan.entities}


def shown_slots(plan: Plan, samples: Samples, slot_keys: Any) -> tuple[ShownSlot, ...]:
    """The slots that have samples; without collections the items of each entity stand by themselves."""
    slots = (TABLE_SLOT, *(index.name for index in plan.indexes))
    colours = hues(plan)
    found = []
    for slot in slots:
        partition, sort = slot_keys(slot)
        made = [_collection(one, partition, sort, colours) for one in samples.collections if one.slot == slot]
        if made:
            found.append(ShownSlot(slot, partition, sort, tuple(made)))
    return tuple(found)


def _collection(one: Collection, partition: str, sort: str, colours: Mapping[str, int]) -> ShownCollection:
    first: Mapping[str, str] = dict(one.items[0][1]) if one.items else {}
    items = tuple(_item(entity, item, (partition, sort), colours) for entity, item in one.items)
    return ShownCollection(first.get(partition, ""), items, one.whole)


def _item(entity: str, item: SampleItem, keys: Sequence[str], colours: Mapping[str, int]) -> ShownItem:
    others = tuple((name, text) for name, text in item if name not in keys)
    return ShownItem(entity, colours.get(entity, 0), dict(item).get(keys[1], ""), others)
