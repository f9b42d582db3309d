from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from migrator.model.errors import BlockedError, MigrateError
from migrator.plan.plan import IndexSettings
from migrator.ports import Denied, Throttled
from migrator.target.connect import Connection
from migrator.target.inspect import ATTEMPTS, describe, inspect_table, is_empty
from migrator.target.limits import demand_legal
from migrator.target.table import create_table, creation, drop_table, enable_ttl

from tests.load.world import a_plan


def test_a_created_table_matches_its_plan(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name, tags=(("team", "shop"),), stream_view_type="NEW_IMAGE")
    assert inspect_table(connection, plan).status == "absent"
    assert create_table(connection, plan, "digest-1") == ()
    state = inspect_table(connection, plan)
    assert (state.status, state.differences) == ("matches", ())
    assert state.deletion_protection
    assert state.created_by == "digest-1"
    assert is_empty(connection, plan)


def test_a_created_table_is_recoverable(connection: Connection, table_name: str) -> None:
    create_table(connection, a_plan(table_name), "d")
    told = connection.client.describe_continuous_backups(TableName=table_name)["ContinuousBackupsDescription"]
    assert told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_each_difference_is_named(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name)
    extra = IndexSettings("GSI2", "GSI2PK", "GSI2SK")
    create_table(connection, replace(plan, indexes=(*plan.indexes, extra)), "d")
    wanted = replace(
        plan,
        table=replace(plan.table, sort_key="SORT"),
        indexes=(
            replace(plan.indexes[0], projection="INCLUDE", attributes=("total",)),
            IndexSettings("GSI3", "GSI3PK", "GSI3SK"),
        ),
    )
    state = inspect_table(connection, wanted)
    assert state.status == "differs"
    told = "\n".join(state.differences)
    assert "SORT RANGE" in told
    assert "index GSI2 is not in the plan" in told
    assert "index GSI3 is missing" in told
    assert "index GSI1 projects ALL, the plan INCLUDE" in told


def test_dropping_lifts_the_protection_first(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name)
    create_table(connection, plan, "d")
    assert drop_table(connection, table_name)
    assert inspect_table(connection, plan).status == "absent"
    assert not drop_table(connection, table_name)


def test_creating_what_is_there_is_an_error(connection: Connection, table_name: str) -> None:
    create_table(connection, a_plan(table_name), "d")
    with pytest.raises(MigrateError, match=table_name):
        create_table(connection, a_plan(table_name), "d")


def test_time_to_live_is_switched_on_once(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name, ttl_attribute="expires")
    create_table(connection, plan, "d")
    assert enable_ttl(connection, plan) == ()
    assert enable_ttl(connection, plan) == ()
    told = connection.client.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
    assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", "expires")


def test_without_an_expiry_there_is_no_time_to_live(connection: Connection, table_name: str) -> None:
    plan = a_plan(table_name)
    create_table(connection, plan, "d")
    assert enable_ttl(connection, plan) == ()
    told = connection.client.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
    assert told["TimeToLiveStatus"] == "DISABLED"


def test_a_twenty_first_index_is_refused_before_any_request(connection: Connection, table_name: str) -> None:
    many = tuple(IndexSettings(f"GSI{n}", f"GSI{n}PK", f"GSI{n}SK") for n in range(1, 22))
    plan = replace(a_plan(table_name), indexes=many)
    with pytest.raises(BlockedError, match="21 indexes"):
        create_table(connection, plan, "d")
    assert inspect_table(connection, plan).status == "absent"


@pytest.mark.parametrize("name", ["ab", "x" * 256, "order table", "käse"])
def test_a_name_that_aws_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(BlockedError, match="name"):
        demand_legal(a_plan(name))


def test_all_faults_of_a_table_are_named_together() -> None:
    wide = IndexSettings("GSI1", "P", "S", "INCLUDE", tuple(f"a{n}" for n in range(101)))
    with pytest.raises(BlockedError) as error:
        demand_legal(replace(a_plan("a b"), indexes=(wide, wide)))
    assert "101 attributes" not in error.value.what
    assert "202 attributes" in error.value.what
    assert "same name" in error.value.what
    assert "'a b'" in error.value.what


def test_settings_reach_the_request() -> None:
    plan = a_plan(
        "shop",
        billing_mode="PROVISIONED",
        provisioned=(10, 20),
        kms_key="alias/shop",
        table_class="STANDARD_INFREQUENT_ACCESS",
        deletion_protection=False,
    )
    call = creation(plan, "d")
    capacity = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 20}
    assert call["ProvisionedThroughput"] == capacity
    assert call["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == capacity
    assert call["SSESpecification"]["KMSMasterKeyId"] == "alias/shop"
    assert (call["TableClass"], call["DeletionProtectionEnabled"]) == ("STANDARD_INFREQUENT_ACCESS", False)
    most = creation(a_plan("shop", max_on_demand=500), "d")["OnDemandThroughput"]
    assert most == {"MaxReadRequestUnits": 500, "MaxWriteRequestUnits": 500}


class Simple:
    """A client of an engine that knows little: these operations, or parameters, it answers with a refusal."""

    def __init__(self, *unknown: str) -> None:
        self.unknown = unknown
        self.created: list[dict[str, Any]] = []

    def create_table(self, **call: Any) -> None:
        if any(name in call for name in self.unknown):
            raise refusal("ValidationException")
        self.created.append(call)

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Table": {"TableStatus": "ACTIVE"}}

    def update_continuous_backups(self, **call: Any) -> None:
        if "backups" in self.unknown:
            raise refusal("UnknownOperationException")
        if "soon" in self.unknown:
            self.unknown = ()
            raise refusal("ContinuousBackupsUnavailableException")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "unheard of"}}, "CreateTable")


def made(client: Simple, loopback: bool = True) -> tuple[str, ...]:
    connection = Connection(client, "http://x", "r", None, loopback)
    return create_table(connection, a_plan("shop"), "d", sleep=lambda seconds: None)


def test_a_local_engine_that_knows_less_is_noted() -> None:
    client = Simple("Tags", "backups")
    first, second = made(client)
    assert "Tags" in first
    assert second == "the local engine does not know point-in-time recovery"
    assert [sorted(call) for call in client.created] == [
        ["AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema", "TableName"]
    ]


@pytest.mark.parametrize("unknown", ["Tags", "backups"])
def test_what_a_local_engine_may_lack_aws_may_not(unknown: str) -> None:
    with pytest.raises(MigrateError, match="unheard of"):
        made(Simple(unknown), loopback=False)


def test_backups_that_are_not_yet_available_are_asked_for_again() -> None:
    assert made(Simple("soon"), loopback=False) == ()


class Busy:
    """A client that answers DescribeTable with these faults before it tells."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if self.codes:
            raise refusal(self.codes.pop(0))
        return {"Table": {"TableName": TableName}}


def described(client: Busy) -> tuple[object, list[float]]:
    waits: list[float] = []
    return describe(Connection(client, "http://x", "r", None, False), "shop", waits.append), waits


def test_looking_at_the_table_is_repeated_while_it_may_pass() -> None:
    table, waits = described(Busy("ThrottlingException", "InternalServerError"))
    assert table == {"TableName": "shop"}
    assert len(waits) == 2
    assert described(Busy("ResourceNotFoundException")) == (None, [])
    with pytest.raises(Throttled):
        described(Busy(*["ThrottlingException"] * ATTEMPTS))
    with pytest.raises(Denied):
        described(Busy("AccessDeniedException"))
