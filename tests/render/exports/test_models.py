"""The exports for other programs: models, policies and commands of a plan with every kind of request."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.client
import botocore.session
import pytest
from botocore.validate import ParamValidator
from migrator.cli import main
from migrator.cli.folder import read_plan
from migrator.plan.plan import Plan
from migrator.render.examples import calls
from migrator.render.exports.awscli import kebab
from migrator.render.exports.formats import FORMATS
from migrator.render.exports.iam import ACTIONS, key_pattern
from migrator.target.local import LocalEngine

from tests.planning import make_database

NUMBERS = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n LIMIT {}) "
SCHEMA = f"""
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE purchase (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), made TEXT NOT NULL,
    total DECIMAL(10,2) NOT NULL, paid BOOLEAN NOT NULL, note BLOB
);
{NUMBERS.format(20)} INSERT INTO customer SELECT v, 'c' || v || '@example.org', 'Name ' || v FROM n;
{NUMBERS.format(200)} INSERT INTO purchase
SELECT v, 1 + v % 20, '2024-01-' || (10 + v % 20), v * 1.5, v % 2, x'00ff' FROM n;
"""

QUERIES = """
-- name: customer
SELECT * FROM customer WHERE id = :id;

-- name: customer_of_email
SELECT * FROM customer WHERE email = :email;

-- name: customers
SELECT * FROM customer WHERE id IN (:a, :b);

-- name: purchases
SELECT * FROM purchase WHERE customer_id = :customer ORDER BY made DESC LIMIT 5;

-- name: purchases_since
SELECT * FROM purchase WHERE customer_id = :customer AND made >= :since ORDER BY made;

-- name: search
SELECT * FROM purchase WHERE made LIKE '%x%';

-- name: register
INSERT INTO customer (id, email, name) VALUES (:id, :email, :name);

-- name: buy
INSERT INTO purchase (id, customer_id, made, total, paid) VALUES (:id, :customer, :made, :total, :paid);

-- name: rename
UPDATE customer SET name = :name WHERE id = :id;

-- name: forget
DELETE FROM purchase WHERE id = :id;
"""
MODEL = botocore.session.get_session().get_service_model("dynamodb")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan's folder with every export."""
    home = tmp_path_factory.mktemp("exports")
    database = make_database(home / "shop.db", SCHEMA)
    (home / "queries.sql").write_text(QUERIES)
    plan = home / "plan"
    main(["plan", str(database), "--queries", str(home / "queries.sql"), "--out", str(plan), "--quiet"])
    for form in FORMATS:
        assert main(["export", form, str(plan), "--quiet"]) == 0
    return plan


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return read_plan(folder).plan


def exported(folder: Path, name: str) -> Any:
    return json.loads((folder / "export" / name).read_text())


def demand_valid(operation: str, parameters: dict[str, Any]) -> None:
    """The service's own model takes the parameters."""
    report = ParamValidator().validate(parameters, MODEL.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


def test_a_workbench_model_has_the_table_its_indexes_and_a_facet_for_each_entity(folder: Path, plan: Plan) -> None:
    model = exported(folder, "workbench.json")
    (table,) = model["DataModel"]
    assert model["ModelMetadata"]["Version"] == "3.0"
    assert table["KeyAttributes"]["PartitionKey"] == {"AttributeName": "PK", "AttributeType": "S"}
    assert [facet["FacetName"] for facet in table["TableFacets"]] == [entity.name for entity in plan.entities]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == [index.name for index in plan.indexes]
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["NonKeyAttributes"]}
    assert (types["total"], types["paid"], types["note"], types["name"]) == ("N", "BOOL", "B", "S")
    assert {"PK", "SK"}.isdisjoint(types)


def test_a_workbench_model_holds_sample_items_under_keys_of_their_own(folder: Path) -> None:
    (table,) = exported(folder, "workbench.json")["DataModel"]
    keys = [(item["PK"]["S"], item["SK"]["S"]) for item in table["TableData"]]
    assert len(keys) == len(set(keys)) > 0
    faceted = [item for facet in table["TableFacets"] for item in facet["TableData"]]
    assert faceted == table["TableData"]
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["NonKeyAttributes"]}
    assert all(types.get(name, "S") in value for item in faceted for name, value in item.items())


def test_no_export_shows_what_the_samples_mask(folder: Path) -> None:
    for file in (folder / "export").iterdir():
        assert "@example.org" not in file.read_text(), file.name


def test_an_mcp_model_is_in_the_forms_that_boto3_takes(folder: Path, plan: Plan) -> None:
    model = exported(folder, "dynamodb_data_model.json")
    (table,) = model["tables"]
    demand_valid("CreateTable", table)
    demand_valid("BatchWriteItem", {"RequestItems": model["items"]})
    told = {entry["pattern"]: entry for entry in model["access_patterns"]}
    assert set(told) == {pattern.name for pattern in plan.access_patterns}
    assert set(told["search"]) == {"pattern", "description", "reason"}
    assert told["purchases"]["index"] in {index.name for index in plan.indexes}
    assert told["purchases"]["implementation"].startswith("aws dynamodb query")


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command of a script."""
    for block in re.split(r"^#.*$", text, flags=re.MULTILINE):
        if block.strip():
            yield shlex.split(block.replace("\\\n", " "))


def parameters(operation: str, words: list[str]) -> dict[str, Any]:
    """A command's options as the API's parameters, read back by the service's model."""
    shapes = MODEL.operation_model(operation).input_shape.members
    names = {kebab(name): name for name in shapes} | {"max-items": "Limit", "page-size": "Limit"}
    told: dict[str, Any] = {}
    for place, word in enumerate(words):
        option = word.removeprefix("--")
        if word.startswith("--no-"):
            told[names[option.removeprefix("no-")]] = False
        elif word.startswith("--"):
            text = words[place + 1] if place + 1 < len(words) else "--"
            name = names[option]
            told[name] = True if shapes[name].type_name == "boolean" else _read(shapes[name].type_name, text)
    return told


def _read(kind: str, text: str) -> Any:
    return text if kind == "string" else json.loads(text)


def test_the_commands_of_the_patterns_say_what_the_plan_says(folder: Path, plan: Plan) -> None:
    wanted = [call for pattern in plan.access_patterns if pattern.status == "served" for call in calls(plan, pattern)]
    written = list(commands((folder / "export" / "access-patterns.sh").read_text()))
    assert [words[2] for words in written] == [kebab(call.operation) for call in wanted]
    for words, call in zip(written, wanted, strict=True):
        told = parameters(call.operation, words[3:])
        demand_valid(call.operation, told)
        assert set(told) == set(call.arguments)
        assert {name: told[name] for name in told if "Condition" in name or "Names" in name} == {
            name: call.arguments[name] for name in told if "Condition" in name or "Names" in name
        }


def allowed(policy: Any, action: str, resource: str, leading: str) -> bool:
    """Whether a statement allows the action on the resource for an item under the partition key."""
    return any(
        f"dynamodb:{action}" in statement["Action"]
        and resource in statement["Resource"]
        and _matches(statement.get("Condition"), leading)
        for statement in policy["Statement"]
    )


def _matches(condition: Any, leading: str) -> bool:
    if condition is None:
        return True
    patterns = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    return any(re.fullmatch(_regular(pattern), leading, re.DOTALL) for pattern in patterns)


def _regular(pattern: str) -> str:
    """IAM's pattern: `*` and `?` stand for text unless they are written as `${*}` and `${?}`."""
    parts = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    known = {"*": ".*", "?": "."}
    return "".join(re.escape(part[2]) if part.startswith("${") else known.get(part, re.escape(part)) for part in parts)


def test_the_application_may_send_every_planned_request(folder: Path, plan: Plan) -> None:
    policy = exported(folder, "application.json")
    arn = f"arn:aws:dynamodb:*:*:table/{plan.table.name}"
    for pattern in plan.access_patterns:
        for request in pattern.requests:
            if request.index is not None:
                assert allowed(policy, request.operation, f"{arn}/index/{request.index}", "anything")
                continue
            for action in request.actions:
                assert allowed(policy, ACTIONS[action.operation], arn, action.keys.partition.replace("{", "1"))
            if not request.actions:
                keys = [request.partition, *(pair.partition for pair in request.keys)]
                read = request.operation.replace("TransactGetItems", "GetItem")
                assert all(allowed(policy, read, arn, key.replace("{", "1")) for key in keys if key is not None)


def test_the_application_may_do_nothing_else(folder: Path, plan: Plan) -> None:
    policy = exported(folder, "application.json")
    arn = f"arn:aws:dynamodb:*:*:table/{plan.table.name}"
    granted = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert granted.isdisjoint({"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:*", "dynamodb:PartiQLSelect"})
    assert not allowed(policy, "GetItem", arn, "MIGRATE#RUN")
    assert not allowed(policy, "DeleteItem", arn, "CUSTOMER#1")
    assert not allowed(policy, "Query", f"{arn}/index/GSI20", "anything")
    served = [p for p in plan.access_patterns if p.status == "served" and p.kind == "write"]
    assert {p.name for p in served} == {"register", "buy", "rename", "forget"}


def test_a_key_with_a_star_of_its_own_is_no_pattern() -> None:
    assert key_pattern("A*B?C$#{id}") == "A${*}B${?}C${$}#*"
    assert re.fullmatch(_regular(key_pattern("A*B?C$#{id}")), "A*B?C$#7")
    assert not re.fullmatch(_regular(key_pattern("A*#{id}")), "Axx#7")


def test_the_loader_needs_no_more_than_its_policy_gives(
    folder: Path, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: set[str] = set()
    original = botocore.client.BaseClient._make_api_call

    def recorded(self: Any, operation: str, arguments: Any) -> Any:
        if self.meta.service_model.service_name == "dynamodb":
            sent.add(operation)
        return original(self, operation, arguments)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", recorded)
    assert main(["apply", str(folder), "--endpoint-url", engine.endpoint, "--quiet", "--yes"]) == 0
    assert main(["drop", str(folder), "--endpoint-url", engine.endpoint, "--yes-drop", "app", "--quiet"]) == 0
    policy = exported(folder, "loader.json")
    given = {action.removeprefix("dynamodb:") for statement in policy["Statement"] for action in statement["Action"]}
    inside = {"TransactWriteItems": {"PutItem", "ConditionCheckItem"}, "TransactGetItems": {"GetItem"}}
    needed = set[str]().union(*(inside.get(operation, {operation}) for operation in sent)) - {"ListTables"}
    assert needed - given == set()
    assert {"TransactWriteItems", "CreateTable", "Query", "DeleteTable"} <= sent


def test_an_unknown_format_is_named_with_those_that_there_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "teraform", str(folder)]) == 2
    assert "did you mean terraform?" in capsys.readouterr().err


def test_one_file_can_be_printed_and_several_cannot(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "cloudformation", str(folder), "--stdout"]) == 0
    assert json.loads(capsys.readouterr().out) == exported(folder, "template.json")
    assert main(["export", "iam", str(folder), "--stdout"]) == 2
    assert "application.json" in capsys.readouterr().err
