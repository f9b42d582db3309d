"""The table as it stands, against the plan."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrator.plan.plan import Plan
from migrator.ports import Gone, StoreFault, Throttled, Unreachable, explain
from migrator.target.connect import Connection
from migrator.target.faults import as_faults

Described = Mapping[str, Any] | None

ATTEMPTS = 6
BASE_SECONDS = 0.1

ABSENT, MATCHES, DIFFERS = "absent", "matches", "differs"
PLAN_TAG = "migrate:plan"
"""The tag that a table created by apply carries: its plan's digest."""


@dataclass(frozen=True, slots=True)
class TableState:
    """`status` is absent, matches or differs; `differences` are sentences. `created_by` is the digest of the
    plan that created the table, as far as its tags tell. `size`: bytes, as the service last counted them."""

    status: str
    differences: tuple[str, ...] = ()
    deletion_protection: bool = False
    created_by: str | None = None
    size: int = 0


def inspect_table(connection: Connection, plan: Plan) -> TableState:
    """What stands under the plan's table name: keys, their types, indexes and projections are compared.
    MigrateError when the service does not tell."""
    try:
        table = describe(connection, plan.table.name)
        if table is None:
            return TableState(ABSENT)
        differences = tuple(_differences(plan, table))
        return TableState(
            DIFFERS if differences else MATCHES,
            differences,
            bool(table.get("DeletionProtectionEnabled")),
            _tags(connection, table).get(PLAN_TAG),
            int(table.get("TableSizeBytes") or 0),
        )
    except StoreFault as fault:
        raise explain(fault, f"inspecting table {plan.table.name}") from fault


def is_empty(connection: Connection, plan: Plan) -> bool:
    """Whether the table holds no item at all: one read of one item."""
    try:
        with as_faults():
            answer = connection.client.scan(TableName=plan.table.name, Limit=1, ConsistentRead=True)
    except StoreFault as fault:
        raise explain(fault, f"looking into table {plan.table.name}") from fault
    return not answer.get("Items") and not answer.get("LastEvaluatedKey")


def describe(connection: Connection, name: str, sleep: Callable[[float], None] = time.sleep) -> Described:
    """DescribeTable's answer; None when there is no such table. What may pass is asked again, with full jitter; the
    last fault, and any other, passes through."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return _describe_once(connection, name)
        except (Throttled, Unreachable):
            sleep(random.random() * BASE_SECONDS * 2.0**attempt)  # noqa: S311 - not a secret
    return _describe_once(connection, name)


def _describe_once(connection: Connection, name: str) -> Described:
    try:
        with as_faults():
            table: Mapping[str, Any] = connection.client.describe_table(TableName=name)["Table"]
            return table
    except Gone:
        return None


def _tags(connection: Connection, table: Mapping[str, Any]) -> dict[str, str]:
    """Tags are a courtesy: nothing depends on the right to read them."""
    try:
        with as_faults():
            answer = connection.client.list_tags_of_resource(ResourceArn=table["TableArn"])
    except StoreFault:
        return {}
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}


def _differences(plan: Plan, table: Mapping[str, Any]) -> Iterator[str]:
    yield from _key_difference("the table", plan.table.key_names, table)
    types = {told["AttributeName"]: told["AttributeType"] for told in table.get("AttributeDefinitions", ())}
    for name, kind in sorted(types.items()):
        if kind != "S":
            yield f"key attribute {name} has type {kind}, the plan's are S"
    if table.get("LocalSecondaryIndexes"):
        yield "it has local secondary indexes, the plan has none"
    yield from _index_differences(plan, table)


def _index_differences(plan: Plan, table: Mapping[str, Any]) -> Iterator[str]:
    standing = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", ())}
    for name in sorted(standing.keys() - {index.name for index in plan.indexes}):
        yield f"index {name} is not in the plan"
    for index in plan.indexes:
        if index.name not in standing:
            yield f"index {index.name} is missing"
            continue
        told = standing[index.name]
        yield from _key_difference(f"index {index.name}", (index.partition_key, index.sort_key), told)
        yield from _projection_difference(index.name, index.projection, index.attributes, told["Projection"])


def _key_difference(what: str, planned: tuple[str, str], told: Mapping[str, Any]) -> Iterator[str]:
    standing = tuple((part["AttributeName"], part["KeyType"]) for part in told["KeySchema"])
    if standing != ((planned[0], "HASH"), (planned[1], "RANGE")):
        names = ", ".join(f"{name} {kind}" for name, kind in standing)
        yield f"{what} has the key ({names}), the plan's is ({planned[0]} HASH, {planned[1]} RANGE)"


def _projection_difference(
    name: str, projection: str, attributes: tuple[str, ...], told: Mapping[str, Any]
) -> Iterator[str]:
    if told.get("ProjectionType") != projection:
        yield f"index {name} projects {told.get('ProjectionType')}, the plan {projection}"
    elif projection == "INCLUDE" and set(told.get("NonKeyAttributes", ())) != set(attributes):
        yield f"index {name} includes {sorted(told.get('NonKeyAttributes', ()))}, the plan {sorted(attributes)}"
