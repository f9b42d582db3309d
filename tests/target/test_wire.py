from __future__ import annotations

import json

from migrator.plan.itemtext import item_text
from migrator.ports import Item, Put
from migrator.target.wire import transaction_body

ITEM: Item = {"PK": {"S": 'a"b\n'}, "SK": {"S": "ü"}, "b": {"B": b"\x00\x01"}, "l": {"L": [{"B": b"x"}, {"N": "1.5"}]}}
WIRE = {"PK": {"S": 'a"b\n'}, "SK": {"S": "ü"}, "b": {"B": "AAE="}, "l": {"L": [{"B": "eA=="}, {"N": "1.5"}]}}


def test_a_body_says_what_the_puts_say() -> None:
    puts = [
        Put(ITEM, "#d = :d", (("#d", "digest"),), ((":d", {"S": "x"}),)),
        Put(ITEM, "attribute_not_exists(#pk)", (("#pk", "PK"),), text=item_text(ITEM)),
        Put(ITEM),
    ]
    assert json.loads(transaction_body("shop", puts, 'to"ken')) == {
        "ClientRequestToken": 'to"ken',
        "TransactItems": [
            {
                "Put": {
                    "TableName": "shop",
                    "Item": WIRE,
                    "ConditionExpression": "#d = :d",
                    "ExpressionAttributeNames": {"#d": "digest"},
                    "ExpressionAttributeValues": {":d": {"S": "x"}},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
            {
                "Put": {
                    "TableName": "shop",
                    "Item": WIRE,
                    "ConditionExpression": "attribute_not_exists(#pk)",
                    "ExpressionAttributeNames": {"#pk": "PK"},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
            {"Put": {"TableName": "shop", "Item": WIRE}},
        ],
    }
