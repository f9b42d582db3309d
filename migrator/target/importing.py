"""A table made by ImportTable, from files of items in S3."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.definition import define_table
from migrator.plan.plan import Plan
from migrator.ports import Refused, StoreFault, Throttled, Unreachable, explain
from migrator.target.connect import Connection
from migrator.target.faults import as_faults
from migrator.target.limits import demand_legal
from migrator.target.s3 import Place
from migrator.target.table import LOCAL_POLL_SECONDS, Sleep

POLL_SECONDS = 15.0
RETRIES = 8
TAKEN = ("TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
SIZED = ("ProvisionedThroughput", "OnDemandThroughput", "SSESpecification")
"""What ImportTable's TableCreationParameters know of CreateTable's parameters; the rest is set afterwards."""


def import_request(plan: Plan, place: Place) -> dict[str, Any]:
    """ImportTable's parameters for gzip'd DynamoDB JSON under `place`."""
    definition = define_table(plan)
    return {
        "S3BucketSource": {"S3Bucket": place.bucket, "S3KeyPrefix": place.prefix},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "GZIP",
        "TableCreationParameters": {name: definition[name] for name in (*TAKEN, *SIZED) if name in definition},
    }


def import_table(
    connection: Connection, plan: Plan, place: Place, items: int, token: str, sleep: Sleep = time.sleep
) -> None:
    """Imports and waits for the end. The same `token` within eight hours finds the same import again. MigrateError
    unless exactly `items` items were imported and none failed: no application should use the table then."""
    demand_legal(plan)
    try:
        begun = _start(connection, {**import_request(plan, place), "ClientToken": token}, sleep)
        ended = _ended(connection, begun["ImportArn"], sleep)
    except StoreFault as fault:
        raise explain(fault, f"importing table {plan.table.name}") from fault
    _demand_complete(plan, ended, items)


def _start(connection: Connection, request: Mapping[str, Any], sleep: Sleep) -> Mapping[str, Any]:
    for attempt in range(RETRIES):
        try:
            with as_faults():
                told: Mapping[str, Any] = connection.client.import_table(**request)["ImportTableDescription"]
                return told
        except Refused as fault:
            if fault.code != "ResourceInUseException":
                raise
            raise BlockedError(
                f"table {request['TableCreationParameters']['TableName']} was created in the meantime",
                "run the same command again: it looks at what is there now",
            ) from fault
        except (Unreachable, Throttled):
            if attempt == RETRIES - 1:
                raise
            sleep(_poll_seconds(connection))
    raise AssertionError("the last attempt raises")


def _ended(connection: Connection, arn: str, sleep: Sleep) -> Mapping[str, Any]:
    """What the service tells at the import's end. When it cannot be asked it is asked again later, some times."""
    lost = 0
    while True:
        try:
            with as_faults():
                told: Mapping[str, Any] = connection.client.describe_import(ImportArn=arn)["ImportTableDescription"]
            if told["ImportStatus"] not in ("IN_PROGRESS", "CANCELLING"):
                return told
            lost = 0
        except (Unreachable, Throttled):
            lost += 1
            if lost == RETRIES:
                raise
        sleep(_poll_seconds(connection))


def _poll_seconds(connection: Connection) -> float:
    return LOCAL_POLL_SECONDS if connection.loopback else POLL_SECONDS


def _demand_complete(plan: Plan, told: Mapping[str, Any], items: int) -> None:
    name, imported, failed = plan.table.name, told.get("ImportedItemCount", 0), told.get("ErrorCount", 0)
    if told["ImportStatus"] == "COMPLETED" and imported == items and not failed:
        return
    why = f": {told['FailureCode']}: {told.get('FailureMessage', '')}" if told.get("FailureCode") else ""
    log = f"; its log is in {told['CloudWatchLogGroupArn']}" if told.get("CloudWatchLogGroupArn") else ""
    raise MigrateError(
        f"the import of table {name} ended as {told['ImportStatus']}{why}: {imported:,} of {items:,} items were "
        f"imported, {failed:,} failed{log}",
        f"delete table {name} if it is there, mend the cause, and run the same command again",
    )
