"""Sample items in wire form again, for tools that show them. They stay masked and short as the samples are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from migrator.plan.definition import key_names
from migrator.plan.plan import Entity, Plan
from migrator.ports import Item
from migrator.render.samples import SampleItem, Samples

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def sample_items(plan: Plan, entity: Entity, samples: Samples) -> tuple[Item, ...]:
    """The entity's samples whose keys are told apart; values that cannot be read back as their type are left out."""
    found: dict[tuple[str, str], Item] = {}
    for sample in samples.of(entity.name):
        texts = dict(sample)
        key = texts.get(plan.table.partition_key, ""), texts.get(plan.table.sort_key, "")
        if all(key):
            found.setdefault(key, _item(plan, entity, sample))
    return tuple(found.values())


def _item(plan: Plan, entity: Entity, sample: SampleItem) -> Item:
    texts = {plan.type_attribute, *key_names(plan)}
    numbers = {measure.name for measure in entity.measures} | {plan.table.ttl_attribute}
    types = {attribute.name: attribute.dynamodb_type for attribute in entity.attributes}
    item: dict[str, Mapping[str, Any]] = {}
    for name, text in sample:
        known = "S" if name in texts else "N" if name in numbers else types.get(name, "")
        if known == "S":
            item[name] = {"S": text}
        elif known == "N" and _NUMBER.fullmatch(text):
            item[name] = {"N": text}
        elif known == "BOOL" and text in ("true", "false"):
            item[name] = {"BOOL": text == "true"}
    return item
