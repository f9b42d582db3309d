"""The exported tables, read by the tools that they are for, are the tables that `apply` creates."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from migrator.plan.definition import define_table
from migrator.plan.plan import Plan
from migrator.render.exports.awscli import create_script
from migrator.render.exports.cloudformation import cloudformation, table_properties
from migrator.render.exports.programs import cdk, terraform
from migrator.target.connect import Connection
from migrator.target.inspect import inspect_table
from migrator.target.local import LocalEngine
from migrator.target.table import create_table, enable_ttl

from tests.engine import connected
from tests.render.exports.plans import SPECIAL, settings

TOLD = ("KeySchema", "AttributeDefinitions", "StreamSpecification", "DeletionProtectionEnabled", "OnDemandThroughput")
INDEX_TOLD = ("IndexName", "KeySchema", "Projection", "OnDemandThroughput")


@pytest.mark.parametrize("special", SPECIAL)
def test_cfn_lint_finds_no_fault_in_a_template(special: str, tmp_path: Path) -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed: pip install --group exports")
    file = tmp_path / "template.json"
    file.write_text(cloudformation(settings("shop")[special]))
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--regions", "us-east-1", "--", str(file)],
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_cfn_lint_finds_a_fault_that_is_there(tmp_path: Path) -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed: pip install --group exports")
    file = tmp_path / "template.json"
    file.write_text(cloudformation(settings("shop")["plain"]).replace('"KeyType": "HASH"', '"KeyType": "HUSH"'))
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--", str(file)], capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "HUSH" in ended.stdout


def described(connection: Connection, table: str) -> dict[str, Any]:
    """What the engine says of a table, without what no template sets."""
    client = connection.client
    told = client.describe_table(TableName=table)["Table"]
    backups = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    ttl = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    indexes = {index["IndexName"]: index for index in told.get("GlobalSecondaryIndexes", ())}
    return {
        **{name: told.get(name) for name in TOLD},
        "AttributeDefinitions": sorted(map(str, told["AttributeDefinitions"])),
        "indexes": {name: {told_: index.get(told_) for told_ in INDEX_TOLD} for name, index in sorted(indexes.items())},
        "billing": told.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "class": told.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "units": {name: value for name, value in told["ProvisionedThroughput"].items() if "Capacity" in name},
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "ttl": (ttl["TimeToLiveStatus"], ttl.get("AttributeName")),
    }


def created(connection: Connection, plan: Plan) -> dict[str, Any]:
    """The table as `apply` leaves it once it is verified."""
    create_table(connection, plan, "digest")
    enable_ttl(connection, plan)
    return described(connection, plan.table.name)


def stacked(connection: Connection, plan: Plan) -> dict[str, Any]:
    """The table as the engine's CloudFormation makes it."""
    client = boto3.client(
        "cloudformation",
        endpoint_url=connection.endpoint,
        region_name=connection.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    name = f"stack-{plan.table.name}"
    client.create_stack(StackName=name, TemplateBody=cloudformation(plan))
    for _ in range(100):
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")
    return described(connection, plan.table.name)


def _known(told: dict[str, Any]) -> dict[str, Any]:
    """Without what the engine's CloudFormation does not set: recovery, TTL, and the units of a table on demand."""
    units = told["units"] if told["billing"] == "PROVISIONED" else None
    return {**told, "recovery": None, "ttl": None, "units": units}


@pytest.fixture(scope="module")
def stacking() -> Iterator[Connection]:
    """An engine that knows CloudFormation, too."""
    with LocalEngine(services=("dynamodb", "cloudformation")) as engine:
        yield connected(engine)


@pytest.mark.parametrize("special", ["plain", "streamed", "indexed", "provisioned", "unprotected"])
def test_a_table_made_by_cloudformation_is_the_one_that_apply_creates(
    special: str, stacking: Connection, table_name: str
) -> None:
    connection = stacking
    theirs = stacked(connection, settings(f"{table_name}-stacked")[special])
    assert _known(theirs) == _known(created(connection, settings(table_name)[special]))
    assert inspect_table(connection, settings(f"{table_name}-stacked")[special]).status == "matches"


@pytest.mark.parametrize("special", ["plain", "streamed", "tagged", "expiring", "indexed", "provisioned"])
def test_a_table_made_by_the_cli_commands_is_the_one_that_apply_creates(
    special: str, connection: Connection, table_name: str, tmp_path: Path
) -> None:
    pytest.importorskip("awscli", reason="the AWS CLI is not installed: pip install --group exports")
    name = f"{table_name}-cli"
    script = tmp_path / "create-table.sh"
    script.write_text(create_script(settings(name)[special]))
    folder = str(Path(sys.executable).parent)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": connection.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": connection.region,
    }
    ended = subprocess.run(["sh", str(script)], env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert described(connection, name) == created(connection, settings(table_name)[special])


def hcl(plan: Plan) -> dict[str, Any]:
    """The resource as a parser of Terraform's language reads it."""
    parser = pytest.importorskip("hcl2", reason="python-hcl2 is not installed: pip install --group exports")
    (resource,) = parser.loads(terraform(plan))["resource"]
    ((kind, named),) = resource.items()
    ((_, told),) = named.items()
    assert kind.strip('"') == "aws_dynamodb_table"
    return dict(_unquoted(told))


def _unquoted(value: Any) -> Any:
    """Some versions of the parser keep the quotes of strings and keys."""
    if isinstance(value, dict):
        return {_unquoted(name): _unquoted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_unquoted(inner) for inner in value]
    if isinstance(value, str) and re.fullmatch(r'".*"', value, re.DOTALL):
        return json.loads(value)
    return value


@pytest.mark.parametrize("special", SPECIAL)
def test_terraform_reads_the_planned_table(special: str) -> None:
    plan = settings("shop")[special]
    told = hcl(plan)
    wanted = define_table(plan)
    assert [told["name"], told["billing_mode"], told["hash_key"], told["range_key"]] == [
        plan.table.name,
        plan.table.billing_mode,
        plan.table.partition_key,
        plan.table.sort_key,
    ]
    assert told["deletion_protection_enabled"] is plan.table.deletion_protection
    assert [attribute["name"] for attribute in told["attribute"]] == [
        attribute["AttributeName"] for attribute in wanted["AttributeDefinitions"]
    ]
    indexes = told.get("global_secondary_index", [])
    assert [(i["name"], i["hash_key"], i["range_key"], i["projection_type"]) for i in indexes] == [
        (i.name, i.partition_key, i.sort_key, i.projection) for i in plan.indexes
    ]
    assert [tuple(i.get("non_key_attributes", ())) for i in indexes] == [i.attributes for i in plan.indexes]
    assert told["point_in_time_recovery"][0]["enabled"] is plan.table.point_in_time_recovery
    assert told.get("ttl", [{}])[0].get("attribute_name") == plan.table.ttl_attribute
    assert told.get("stream_view_type") == plan.table.stream_view_type
    assert told.get("server_side_encryption", [{}])[0].get("kms_key_arn") == plan.table.kms_key
    assert told.get("read_capacity") == (plan.table.provisioned or (None,))[0]


def test_a_tag_of_terraform_means_what_it_says() -> None:
    text = terraform(settings("shop")["tagged"])
    assert '"team" = "shop \\"$${a}\\" \'b\' %%{c}"' in text
    assert set(hcl(settings("shop")["tagged"])["tags"]) == {"team", "cost centre"}


@pytest.mark.parametrize("special", ["encrypted", "expiring", "indexed", "provisioned", "tagged"])
def test_the_cdk_makes_the_template_that_is_exported(special: str, tmp_path: Path) -> None:
    pytest.importorskip("aws_cdk", reason="aws-cdk-lib is not installed: pip install --group exports")
    if shutil.which("node") is None:
        pytest.skip("the CDK needs node, which is not installed")
    plan = settings("shop")[special]
    program = tmp_path / "table_stack.py"
    program.write_text(cdk(plan))
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "out"), "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}
    ended = subprocess.run([sys.executable, str(program)], env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    (file,) = (tmp_path / "out").glob("*.template.json")
    (theirs,) = [r for r in json.loads(file.read_text())["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"]
    assert theirs["DeletionPolicy"] == "Retain"
    assert _plain(theirs["Properties"]) == _plain(table_properties(plan))


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Without order, and without what is the service's default."""
    told = dict(properties)
    told["AttributeDefinitions"] = sorted(map(str, told["AttributeDefinitions"]))
    told["Tags"] = sorted(map(str, told.get("Tags", ())))
    told.setdefault("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
    told.setdefault("DeletionProtectionEnabled", False)
    if told.get("BillingMode") == "PROVISIONED":
        del told["BillingMode"]
    if "SSESpecification" in told:
        told["SSESpecification"] = {n: v for n, v in told["SSESpecification"].items() if n != "SSEType"}
    return told


def test_the_commands_are_words_that_the_shell_reads_back() -> None:
    plan = settings("shop")["tagged"]
    script = create_script(plan)
    lines = script.split("\n\n")[1].replace("\\\n", " ")
    words = shlex.split(lines)
    tags = json.loads(words[words.index("--tags") + 1])
    assert [(tag["Key"], tag["Value"]) for tag in tags] == list(plan.table.tags)
