"""What the quick way writes is what botocore would make of the same items, and accepts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator
from hypothesis import given, settings
from migrator.plan.itemtext import read_item_text
from migrator.plan.values import canonical, from_wire
from migrator.ports import Inserts, Put
from migrator.target.wire import batch_get_body, transaction_body

from tests.plan.test_quick import Drawn, drawn, quick_of


@pytest.fixture(scope="module")
def service() -> Any:
    return botocore.session.get_session().get_service_model("dynamodb")


@settings(max_examples=200, deadline=None)
@given(drawn())
def test_texts_are_what_botocore_serialises_and_accepts(service: Any, case: Drawn) -> None:
    texts = [text for row in case.rows if (made := quick_of(case.plan)(row)) for text in made[2::2]]
    lead = Put({"PK": {"S": "lead"}}, "attribute_not_exists(#pk)", (("#pk", "PK"),))
    inserts = Inserts((lead,), texts, "PK")
    puts = [put for put in inserts if isinstance(put, Put)]
    call = {"TransactItems": [{"Put": _put(put)} for put in puts], "ClientRequestToken": "t"}
    model = service.operation_model("TransactWriteItems")
    report = ParamValidator().validate(call, model.input_shape)
    assert not report.has_errors(), report.generate_report()
    told = json.loads(create_serializer("json").serialize_to_request(call, model)["body"])
    assert json.loads(transaction_body("t", inserts, "t")) == told


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_values_are_typed_as_boto3_types_them(case: Drawn) -> None:
    serializer = TypeSerializer()
    for row in case.rows:
        made = quick_of(case.plan)(row)
        for text in made[2::2] if made else ():
            for wire in read_item_text(text).values():
                assert canonical(serializer.serialize(_short(from_wire(wire)))) == canonical(wire)


def _short(value: Any) -> Any:
    """boto3 counts a number's zeros at the end as digits, and takes 38."""
    return value.normalize() if isinstance(value, Decimal) else value


def _put(put: Put) -> dict[str, Any]:
    return {
        "TableName": "t",
        "Item": put.item,
        "ConditionExpression": put.condition,
        "ExpressionAttributeNames": dict(put.names),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def test_a_batch_of_reads_says_what_botocore_says(service: Any) -> None:
    keys = [{"PK": {"S": 'a"b'}, "SK": {"S": "é"}}, {"PK": {"S": "c"}, "SK": {"S": ""}}]
    call = {"RequestItems": {"t": {"Keys": keys, "ConsistentRead": True}}, "ReturnConsumedCapacity": "TOTAL"}
    told = create_serializer("json").serialize_to_request(call, service.operation_model("BatchGetItem"))["body"]
    assert json.loads(batch_get_body("t", [json.dumps(key) for key in keys])) == json.loads(told)
