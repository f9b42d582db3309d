"""What waits for a person."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from migrator.render.review import accept_toml, decisions, operations, query_command, served_from

from .plans import BY_CITY, EMPTY, NASTY_NAMES, ORDERS_OF_CUSTOMER, REFUSED, RICH, nasty


def test_accepted_and_merely_informative_points_need_no_decision() -> None:
    assert [decision.about for decision in decisions(RICH)] == [
        "hazard hot_key of Order",
        "hazard orphans of Order",
        "refused query",
    ]
    assert decisions(EMPTY) == ()


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_any_name_can_be_accepted(name: str) -> None:
    assert list(tomllib.loads(accept_toml(decisions(nasty(name))))["accept"]) == [name]


def test_slots_and_operations_are_named_once() -> None:
    twice = replace(BY_CITY, requests=(*BY_CITY.requests, *ORDERS_OF_CUSTOMER.requests))

    assert served_from(twice) == ("GSI1", "table")
    assert operations(twice) == ("Query", "BatchGetItem")


def test_the_example_command_is_the_first_served_read() -> None:
    assert query_command(replace(RICH, access_patterns=(REFUSED, BY_CITY))).endswith("customers_by_city")
    assert query_command(EMPTY) == "migrate query plan/plan.json NAME --param name=value"
