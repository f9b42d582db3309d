"""Wrong reads of embedded rows are found out: they must ask for the items that hold just the rows that are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from migrator.model.settings import TableOverride
from migrator.plan.plan import KeyPair, Part, Plan, Request
from migrator.plan.recheck import recheck

from tests.design.test_embedding import DDL, ROWS
from tests.design.world import make_settings, world

QUERIES = """
-- name: lines
SELECT no, qty FROM line WHERE order_id = :o AND no > :n ORDER BY no;
-- name: of_customer
SELECT line.no FROM line JOIN orders ON line.order_id = orders.id WHERE orders.customer_id = :c;
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    settings = make_settings(None, (TableOverride("line", embed=True),))
    return world(tmp_path_factory.mktemp("within"), DDL, QUERIES, ROWS, settings).plan


def changed(plan: Plan, name: str, request: Callable[[Request], Request], part: Callable[[Part], Part]) -> Plan:
    pattern = plan.pattern(name)
    wrong = replace(pattern, requests=tuple(map(request, pattern.requests)), parts=tuple(map(part, pattern.parts)))
    patterns = tuple(wrong if one.name == name else one for one in plan.access_patterns)
    return replace(plan, access_patterns=patterns)


T = TypeVar("T")


def as_it_is(one: T) -> T:
    return one


def by_another(request: Request) -> Request:
    return replace(request, keys=tuple(KeyPair(k.partition.replace("{:o}", "{:n}"), k.sort) for k in request.keys))


@pytest.mark.parametrize(
    ("name", "request_change", "part_change", "fault"),
    [
        ("lines", by_another, as_it_is, "pins id to :n, which its conditions do not say"),
        ("lines", as_it_is, lambda part: replace(part, complete=False), "stops before it has all rows within ORDERS"),
        (
            "of_customer",
            lambda request: replace(request, partition="CUSTOMER#{:x}"),
            as_it_is,
            "pins customer_id to :x, which its conditions do not say",
        ),
    ],
)
def test_a_change_for_the_worse_is_found(
    name: str,
    request_change: Callable[[Request], Request],
    part_change: Callable[[Part], Part],
    fault: str,
    plan: Plan,
) -> None:
    assert recheck(plan) == ()
    found = recheck(changed(plan, name, request_change, part_change))
    assert any(fault in one for one in found), found
