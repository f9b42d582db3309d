"""The planned table as CreateTable's parameters: what every way of creating it starts from."""

from __future__ import annotations

from typing import Any

from migrator.plan.plan import IndexSettings, Plan, TableSettings

Definition = dict[str, Any]


def define_table(plan: Plan) -> Definition:
    """CreateTable's parameters, without what only other requests set: point-in-time recovery and TTL. Every key
    attribute is a string."""
    table = plan.table
    call: Definition = {
        "TableName": table.name,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in key_names(plan)],
        "KeySchema": _key_schema(table.partition_key, table.sort_key),
        "BillingMode": table.billing_mode,
        "TableClass": table.table_class,
        "DeletionProtectionEnabled": table.deletion_protection,
    }
    if table.tags:
        call["Tags"] = [{"Key": name, "Value": value} for name, value in table.tags]
    call.update(_capacity(table))
    if plan.indexes:
        call["GlobalSecondaryIndexes"] = [{**_index(index), **_capacity(table)} for index in plan.indexes]
    if table.stream_view_type:
        call["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream_view_type}
    if table.kms_key:
        call["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": table.kms_key}
    return call


def key_names(plan: Plan) -> tuple[str, ...]:
    """The attributes that keys of the table and its indexes stand in, sorted."""
    table = set(plan.table.key_names)
    return tuple(sorted(table.union(*({index.partition_key, index.sort_key} for index in plan.indexes))))


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _index(index: IndexSettings) -> Definition:
    projection: Definition = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = list(index.attributes)
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition_key, index.sort_key),
        "Projection": projection,
    }


def _capacity(table: TableSettings) -> Definition:
    """The same bound for the table and each index."""
    if table.billing_mode == "PROVISIONED" and table.provisioned is not None:
        reads, writes = table.provisioned
        return {"ProvisionedThroughput": {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}}
    if table.max_on_demand is not None:
        most = table.max_on_demand
        return {"OnDemandThroughput": {"MaxReadRequestUnits": most, "MaxWriteRequestUnits": most}}
    return {}
