"""boto3 examples: the request template in another layout."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from migrator.model.query import ParameterUse
from migrator.model.schema import Kind
from migrator.plan.plan import KeyPair, PatternParameter, PlannedPattern, Request, SortCondition
from migrator.render.examples import boto3_calls
from migrator.render.expressions import aliases, expression

from .plans import BY_CITY, ORDERS_OF_CUSTOMER, RICH

_PAIR = KeyPair("CUSTOMER#{:id}", "A")
_KEY = {"PK": {"S": "CUSTOMER#{:id}"}, "SK": {"S": "A"}}


def pattern(*requests: Request, parameters: tuple[PatternParameter, ...] = ()) -> PlannedPattern:
    return PlannedPattern("p", "SELECT 1", "read", 1, 4, "served", requests=requests, parameters=parameters)


def calls(planned: PlannedPattern) -> list[tuple[str, dict[str, Any]]]:
    """Method and arguments of each call in the example."""
    found = []
    for statement in ast.parse(boto3_calls(RICH, planned)).body:
        assert isinstance(statement, ast.Expr)
        assert isinstance(statement.value, ast.Call)
        assert isinstance(statement.value.func, ast.Attribute)
        arguments = {str(word.arg): ast.literal_eval(word.value) for word in statement.value.keywords}
        found.append((statement.value.func.attr, arguments))
    return found


def test_a_query_names_its_key_attributes_and_values() -> None:
    ((method, arguments),) = calls(BY_CITY)

    assert method == "query"
    assert arguments["IndexName"] == "GSI1"
    assert arguments["KeyConditionExpression"] == "#pk = :pk AND #sk BETWEEN :sk1 AND :sk2"
    assert arguments["ExpressionAttributeNames"] == {"#pk": "GSI1PK", "#sk": "GSI1SK"}
    assert arguments["ExpressionAttributeValues"][":pk"] == {"S": "CITY#{:city:text}\t{shard}"}
    assert arguments["Limit"] == "{:count}"


def test_filters_use_typed_values_and_named_attributes() -> None:
    method, arguments = calls(ORDERS_OF_CUSTOMER)[0]

    assert method == "query"
    assert arguments["FilterExpression"] == "(#total > :minimum) AND (attribute_exists(#customer_email))"
    assert arguments["ExpressionAttributeValues"][":minimum"] == {"N": "{:minimum}"}
    assert arguments["ScanIndexForward"] is False
    assert arguments["Limit"] == 20
    assert arguments["ConsistentRead"] is True


def test_repeated_requests_say_what_repeats_them() -> None:
    assert "# request 1, with the items of request 0\n" in boto3_calls(RICH, ORDERS_OF_CUSTOMER)
    assert "# request 0, for each {shard} from 0 to 3\n" in boto3_calls(RICH, BY_CITY)


@pytest.mark.parametrize(
    ("request_", "method", "arguments"),
    [
        (Request("GetItem", ("C",), keys=(_PAIR,), consistent=True), "get_item", {"Key": _KEY, "ConsistentRead": True}),
        (
            Request("GetItem", ("C",), partition="CUSTOMER#{:id}", sort=SortCondition("=", ("A",))),
            "get_item",
            {"Key": _KEY},
        ),
        (
            Request("DeleteItem", ("C",), keys=(_PAIR,), condition="attribute_exists({id})"),
            "delete_item",
            {
                "Key": _KEY,
                "ConditionExpression": "attribute_exists(#id)",
                "ExpressionAttributeNames": {"#id": "id"},
            },
        ),
        (
            Request("UpdateItem", ("C",), keys=(_PAIR,), update="SET {n} = {0.n} + {:pk}"),
            "update_item",
            {
                "Key": _KEY,
                "UpdateExpression": "SET #n = :item0_n + :pk_",
                "ExpressionAttributeNames": {"#n": "n"},
                "ExpressionAttributeValues": {":item0_n": {"S": "{0.n}"}, ":pk_": {"N": "{:pk}"}},
            },
        ),
    ],
)
def test_single_item_requests_take_one_key(request_: Request, method: str, arguments: dict[str, Any]) -> None:
    parameters = (PatternParameter(ParameterUse("pk", "value"), Kind.INTEGER),)

    assert calls(pattern(request_, parameters=parameters)) == [(method, {"TableName": "shop", **arguments})]


def test_reads_of_several_items_name_every_key() -> None:
    two = (_PAIR, KeyPair("X", "Y"))
    other = {"PK": {"S": "X"}, "SK": {"S": "Y"}}
    batch, transaction = calls(
        pattern(
            Request("BatchGetItem", ("C",), keys=two, consistent=True),
            Request("TransactGetItems", ("C",), keys=two),
        )
    )

    assert batch == (
        "batch_get_item",
        {"RequestItems": {"shop": {"Keys": [_KEY, other], "ConsistentRead": True}}},
    )
    assert transaction == (
        "transact_get_items",
        {"TransactItems": [{"Get": {"TableName": "shop", "Key": key}} for key in (_KEY, other)]},
    )


def test_a_put_holds_the_key_the_type_and_the_attributes() -> None:
    text = boto3_calls(RICH, pattern(Request("PutItem", ("Customer",), keys=(_PAIR,))))

    assert '"type": {"S": "Customer"}' in text
    assert "**attributes" in text
    ast.parse(text)


def test_literals_are_sent_as_values() -> None:
    update = "SET {state} = 'it''s', {n} = if_not_exists({n}, 0) - 1, {open} = False"
    request = Request("UpdateItem", ("C",), keys=(_PAIR,), update=update, condition="{n} = 1 AND {state} = {:literal1}")
    ((_, arguments),) = calls(pattern(request))

    assert arguments["UpdateExpression"] == (
        "SET #state = :literal1, #n = if_not_exists(#n, :literal2) - :literal3, #open = :literal4"
    )
    assert arguments["ConditionExpression"] == "#n = :literal3 AND #state = :literal1_"
    assert arguments["ExpressionAttributeValues"] == {
        ":literal1": {"S": "it's"},
        ":literal2": {"N": "0"},
        ":literal3": {"N": "1"},
        ":literal4": {"BOOL": False},
        ":literal1_": {"S": "{:literal1}"},
    }


def test_what_no_expression_says_stands_in_a_comment() -> None:
    request = Request("Query", ("C",), partition="X", filter=("body LIKE '%' || :text || '%'", "{n} = 1"))
    text = boto3_calls(RICH, pattern(request))

    assert "# of its items only those go on for which body LIKE '%' || :text || '%'\n" in text
    assert 'FilterExpression="#n = :literal1"' in text


def test_attributes_whose_names_become_one_placeholder_are_numbered() -> None:
    texts = ("SET {a b} = {:a_b}", "{a_b} = {:a b} AND {a b} = {0.x y}")
    named = aliases(texts)
    first, second = (expression(text, {}, {}, named) for text in texts)
    assert first.text == "SET #a_b = :a_b"
    assert second.text == "#a_b_2 = :a_b_2 AND #a_b = :item0_x_y"
    assert {**first.names, **second.names} == {"#a_b": "a b", "#a_b_2": "a_b"}


def test_an_attribute_called_as_a_key_is_in_shown_code_is_numbered() -> None:
    assert list(aliases(["{pk} = {:v}"], ["#pk", "#sk"]).values()) == ["#pk_2", ":v"]
