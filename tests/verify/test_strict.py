"""The expressions of the table in memory follow DynamoDB's rules, and what it refuses is an error."""

from __future__ import annotations

from typing import Any

import pytest
from migrator.ports import Item, Refused

from tests.verify.strict import Placeholders, condition, updated

ITEM: Item = {"PK": {"S": "A"}, "n": {"N": "3"}, "t": {"S": "abc"}, "empty": {"S": ""}}
CALL: dict[str, Any] = {
    "ExpressionAttributeNames": {"#n": "n", "#t": "t", "#gone": "gone", "#PK": "PK"},
    "ExpressionAttributeValues": {":3": {"N": "3.0"}, ":4": {"N": "4"}, ":a": {"S": "a"}, ":ten": {"N": "10"}},
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("#n = :3", True),
        ("#n = :a", False),
        ("#n < :ten", True),
        ("#t < :ten", False),
        ("#gone = :3", False),
        ("#n IN (:4, :3)", True),
        ("begins_with(#t, :a)", True),
        ("begins_with(#n, :a)", False),
        ("attribute_exists(#gone)", False),
        ("attribute_not_exists(#gone) AND attribute_exists(#PK)", True),
        ("#n = :4 OR #n = :3 AND #t > :a", True),
        ("(#n = :4 OR #n = :3) AND NOT #t = :a", True),
    ],
)
def test_a_condition_holds_as_dynamodb_says(text: str, holds: bool) -> None:
    assert condition(text, Placeholders(CALL))(ITEM) is holds


@pytest.mark.parametrize(
    "text", ["n = :3", "#n = 3", "#n = :3 AND", "#x = :3", "#n = :x", "#n <> :3", "size(#n) > :3", "#n = :3 #t"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        condition(text, Placeholders(CALL))


def test_an_update_reads_the_item_as_it_was() -> None:
    after = updated("SET #n = #n + :4, #gone = if_not_exists(#gone, :3) REMOVE #t", Placeholders(CALL), ITEM, ("PK",))
    assert after == {"PK": {"S": "A"}, "n": {"N": "7"}, "gone": {"N": "3.0"}, "empty": {"S": ""}}


@pytest.mark.parametrize(
    "text",
    [
        "SET #gone = #gone + :3",
        "SET #t = #t + :3",
        "SET #n = :3, #n = :4",
        "SET #n = :3 SET #t = :a",
        "SET #n = :3 REMOVE #n",
        "SET #PK = :a",
        "ADD #n :3",
        "SET n = :3",
    ],
)
def test_what_is_no_update_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        updated(text, Placeholders(CALL), ITEM, ("PK",))


def test_placeholders_that_are_not_used_are_refused() -> None:
    known = Placeholders(CALL)
    condition("#n = :3", known)
    with pytest.raises(Refused, match="unused"):
        known.demand_used()
