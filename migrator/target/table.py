"""Creates the plan's table, and drops it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.definition import define_table
from migrator.plan.plan import Plan
from migrator.ports import Refused, StoreFault, Throttled, Unreachable, explain
from migrator.target.connect import Connection
from migrator.target.faults import as_faults
from migrator.target.inspect import PLAN_TAG, describe
from migrator.target.limits import demand_legal

WAIT_SECONDS = 600.0
POLL_SECONDS = 2.0
LOCAL_POLL_SECONDS = 0.05
COURTESIES = ("Tags", "TableClass", "DeletionProtectionEnabled", "SSESpecification", "OnDemandThroughput")
"""Parameters without which a local engine may do."""

UNKNOWN_CODES = frozenset({"UnknownOperationException", "UnknownOperation", "ValidationException", "NotImplemented"})

Sleep = Callable[[float], None]


def create_table(
    connection: Connection,
    plan: Plan,
    digest: str,
    sleep: Sleep = time.sleep,
) -> tuple[str, ...]:
    """Creates the table with its indexes, waits until all are active, and switches on point-in-time recovery.
    The table is tagged with the plan's `digest`. Gives notes: what a local engine does not know. TTL waits
    for `enable_ttl`. BlockedError for what AWS would refuse; MigrateError for all else."""
    demand_legal(plan)
    try:
        notes = _create(connection, creation(plan, digest))
        wait_active(connection, plan.table.name, sleep)
        if plan.table.point_in_time_recovery:
            notes += _switch_on_recovery(connection, plan.table.name, sleep)
    except StoreFault as fault:
        raise explain(fault, f"creating table {plan.table.name}") from fault
    return notes


def creation(plan: Plan, digest: str) -> dict[str, Any]:
    """CreateTable's parameters, with the tag that tells whose table it is."""
    call = define_table(plan)
    return {**call, "Tags": [*call.get("Tags", ()), {"Key": PLAN_TAG, "Value": digest}]}


def _create(connection: Connection, call: Mapping[str, Any]) -> tuple[str, ...]:
    """CreateTable; where a local engine refuses, once more without what it may not know."""
    try:
        _request_creation(connection, call)
        return ()
    except Refused as fault:
        if not (connection.loopback and fault.code in UNKNOWN_CODES):
            raise
        _request_creation(connection, {name: value for name, value in call.items() if name not in COURTESIES})
        left = ", ".join(name for name in COURTESIES if name in call)
        return (f"the local engine was not told {left}: {fault.message}",)


def _request_creation(connection: Connection, call: Mapping[str, Any]) -> None:
    """A repeat after a lost answer finds the table being created: that is as good. BlockedError when another
    has created it since it was looked for."""
    try:
        with as_faults():
            connection.client.create_table(**call)
    except Refused as fault:
        if fault.code != "ResourceInUseException":
            raise
        raise BlockedError(
            f"table {call['TableName']} was created by another run in the meantime",
            "run the same command again: it looks at what is there now, and goes on with it if it is this plan's",
        ) from fault
    except (Unreachable, Throttled):
        if describe(connection, call["TableName"]) is None:
            raise


def wait_active(connection: Connection, name: str, sleep: Sleep = time.sleep) -> None:
    """Until the table and its indexes are active. MigrateError after ten minutes."""
    for _ in _polls(connection, sleep):
        table = describe(connection, name)
        if table is not None and _is_active(table):
            return
    raise MigrateError(f"table {name} is not active after {WAIT_SECONDS:.0f} s", "look at it in AWS, then run again")


def _is_active(table: Mapping[str, Any]) -> bool:
    indexes = table.get("GlobalSecondaryIndexes", ())
    return table["TableStatus"] == "ACTIVE" and all(index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in indexes)


def _polls(connection: Connection, sleep: Sleep) -> Iterator[None]:
    every = LOCAL_POLL_SECONDS if connection.loopback else POLL_SECONDS
    for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
        yield
        sleep(every)


def _switch_on_recovery(connection: Connection, name: str, sleep: Sleep) -> tuple[str, ...]:
    """A table just created may answer that backups are being enabled; then it is asked again."""

    def request() -> None:
        connection.client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )

    for _ in _polls(connection, sleep):
        try:
            return _courtesy(connection, "point-in-time recovery", request)
        except Refused as fault:
            if fault.code != "ContinuousBackupsUnavailableException":
                raise
    raise MigrateError(f"point-in-time recovery of {name} cannot be switched on yet", "run the same command again")


def _courtesy(connection: Connection, what: str, request: Callable[[], None]) -> tuple[str, ...]:
    """A note instead of a fault where a local engine does not know the operation."""
    try:
        with as_faults():
            request()
        return ()
    except Refused as fault:
        if connection.loopback and fault.code in UNKNOWN_CODES:
            return (f"the local engine does not know {what}",)
        raise


def settle_table(connection: Connection, plan: Plan, digest: str, sleep: Sleep = time.sleep) -> tuple[str, ...]:
    """Gives a table that ImportTable has made what CreateTable would have: class, stream, tags, deletion protection and
    point-in-time recovery. Safe to repeat. Gives notes: what a local engine does not know."""
    name, call = plan.table.name, creation(plan, digest)
    try:
        wait_active(connection, name, sleep)
        notes: tuple[str, ...] = ()
        for what, change in _changes(describe(connection, name) or {}, call):
            notes += _courtesy(connection, what, partial(connection.client.update_table, TableName=name, **change))
            wait_active(connection, name, sleep)
        notes += _courtesy(connection, "tags", lambda: _tag(connection, name, call["Tags"]))
        if plan.table.point_in_time_recovery:
            notes += _switch_on_recovery(connection, name, sleep)
    except StoreFault as fault:
        raise explain(fault, f"settling table {name}") from fault
    return notes


def _changes(standing: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What differs, one request each: UpdateTable takes few things at a time."""
    if standing.get("TableClassSummary", {}).get("TableClass", "STANDARD") != call["TableClass"]:
        yield "the table class", {"TableClass": call["TableClass"]}
    if "StreamSpecification" in call and not standing.get("StreamSpecification", {}).get("StreamEnabled"):
        yield "streams", {"StreamSpecification": call["StreamSpecification"]}
    if bool(standing.get("DeletionProtectionEnabled")) != call["DeletionProtectionEnabled"]:
        yield "deletion protection", {"DeletionProtectionEnabled": call["DeletionProtectionEnabled"]}


def _tag(connection: Connection, name: str, tags: list[dict[str, str]]) -> None:
    arn = connection.client.describe_table(TableName=name)["Table"]["TableArn"]
    connection.client.tag_resource(ResourceArn=arn, Tags=tags)


def enable_ttl(connection: Connection, plan: Plan) -> tuple[str, ...]:
    """Switches on time-to-live, after the load is verified; gives notes. Nothing when the plan has none, or
    it is on already."""
    attribute = plan.table.ttl_attribute
    if attribute is None:
        return ()
    try:
        if _ttl_attribute(connection, plan.table.name) == attribute:
            return ()
        specification = {"Enabled": True, "AttributeName": attribute}
        return _courtesy(
            connection,
            "time-to-live",
            lambda: connection.client.update_time_to_live(
                TableName=plan.table.name, TimeToLiveSpecification=specification
            ),
        )
    except StoreFault as fault:
        raise explain(fault, f"switching on time-to-live of {plan.table.name}") from fault


def ttl_is_on(connection: Connection, plan: Plan) -> bool:
    """Whether expired items of the plan's table are being deleted."""
    try:
        return _ttl_attribute(connection, plan.table.name) is not None
    except StoreFault as fault:
        raise explain(fault, f"asking for the time-to-live of {plan.table.name}") from fault


def _ttl_attribute(connection: Connection, name: str) -> str | None:
    try:
        with as_faults():
            told = connection.client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    except Refused:
        return None
    return told.get("AttributeName") if told.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") else None


def drop_table(connection: Connection, name: str, sleep: Sleep = time.sleep) -> bool:
    """Lifts deletion protection, deletes, waits until the table is gone. False when there was none. Who asks
    has made sure that the table is its own."""
    try:
        table = describe(connection, name)
        if table is None:
            return False
        if table.get("DeletionProtectionEnabled"):
            with as_faults():
                connection.client.update_table(TableName=name, DeletionProtectionEnabled=False)
            wait_active(connection, name, sleep)
        with as_faults():
            connection.client.delete_table(TableName=name)
        _wait_gone(connection, name, sleep)
    except StoreFault as fault:
        raise explain(fault, f"dropping table {name}") from fault
    return True


def _wait_gone(connection: Connection, name: str, sleep: Sleep) -> None:
    for _ in _polls(connection, sleep):
        if describe(connection, name) is None:
            return
    raise MigrateError(f"table {name} is still being deleted", "wait, and look at it in AWS")
