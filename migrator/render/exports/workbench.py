"""NoSQL Workbench for DynamoDB: a data model to import (its format 3.0)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from migrator.model.counted import plural
from migrator.plan.definition import key_names
from migrator.plan.items import slot_attribute_names
from migrator.plan.plan import TABLE_SLOT, Entity, IndexSettings, Plan
from migrator.render.exports.sample_items import sample_items
from migrator.render.samples import Samples

VERSION = "3.0"
DATE = "Jan 01, 2000, 12:00 AM"
"""A plan knows no clock; the program wants a date in this form."""

Model = dict[str, Any]


def workbench(plan: Plan, samples: Samples) -> str:
    """The data model as JSON: a facet for each entity, which holds its sample items."""
    model = {
        "ModelName": plan.table.name,
        "ModelMetadata": {
            "Author": "",
            "DateCreated": DATE,
            "DateLastModified": DATE,
            "Description": f"{plural(len(plan.source.tables), 'table')} of a {plan.source.dialect} database "
            "in one table",
            "AWSService": "Amazon DynamoDB",
            "Version": VERSION,
        },
        "DataModel": [_table(plan, samples)],
    }
    return json.dumps(model, indent=2, ensure_ascii=False) + "\n"


def _table(plan: Plan, samples: Samples) -> Model:
    table = plan.table
    told: Model = {
        "TableName": table.name,
        "KeyAttributes": _keys(table.partition_key, table.sort_key),
        "NonKeyAttributes": [
            {"AttributeName": name, "AttributeType": type_} for name, type_ in _attributes(plan).items()
        ],
        "TableFacets": [_facet(plan, entity, samples) for entity in plan.entities],
        "GlobalSecondaryIndexes": [_index(index) for index in plan.indexes],
        "TableData": [item for entity in plan.entities for item in sample_items(plan, entity, samples)],
        "DataAccess": {"MySql": {}},
        "BillingMode": table.billing_mode,
    }
    if table.provisioned is not None:
        reads, writes = table.provisioned
        units = {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}
        told["ProvisionedCapacitySettings"] = {"ProvisionedThroughput": units}
    return told


def _keys(partition: str, sort: str) -> Model:
    return {
        "PartitionKey": {"AttributeName": partition, "AttributeType": "S"},
        "SortKey": {"AttributeName": sort, "AttributeType": "S"},
    }


def _index(index: IndexSettings) -> Model:
    projection: Model = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = list(index.attributes)
    keys = _keys(index.partition_key, index.sort_key)
    return {"IndexName": index.name, "KeyAttributes": keys, "Projection": projection}


def _attributes(plan: Plan) -> dict[str, str]:
    """Every attribute beside the table's own keys with its type; where entities disagree, the first one's."""
    own = set(plan.table.key_names)
    found = {name: "S" for name in key_names(plan) if name not in own}
    found[plan.type_attribute] = "S"
    for entity in plan.entities:
        for name, type_ in _typed(plan, entity):
            found.setdefault(name, type_)
    return found


def _typed(plan: Plan, entity: Entity) -> Iterator[tuple[str, str]]:
    for attribute in entity.attributes:
        yield attribute.name, attribute.dynamodb_type.split("/")[0]
    for measure in entity.measures:
        yield measure.name, "N"
    if entity.expires is not None and plan.table.ttl_attribute is not None:
        yield plan.table.ttl_attribute, "N"


def _facet(plan: Plan, entity: Entity, samples: Samples) -> Model:
    keys = {keys.slot: keys for keys in entity.keys}
    others = [name for slot in keys if slot != TABLE_SLOT for name in slot_attribute_names(plan, slot)]
    names = dict.fromkeys([plan.type_attribute, *(name for name, _ in _typed(plan, entity)), *others])
    table = keys[TABLE_SLOT]
    return {
        "FacetName": entity.name,
        "KeyAttributeAlias": {"PartitionKeyAlias": table.partition, "SortKeyAlias": table.sort},
        "TableData": list(sample_items(plan, entity, samples)),
        "NonKeyAttributes": list(names),
        "DataAccess": {"MySql": {}},
    }
