"""A wrong plan is found out: right plans are changed in one place, and the check must name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from migrator.model.query import Literal, OrderTerm, Parameter
from migrator.plan.pinned import Mismatch, lay
from migrator.plan.plan import KeyPair, Plan, Request, SortCondition
from migrator.plan.recheck import WrongPlan, demand_right, recheck

from tests.design.test_decisions import SHOP, shop_rows
from tests.design.world import world

QUERIES = """
-- name: page
-- rate: 20
SELECT * FROM customer WHERE id = :c;
SELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at DESC LIMIT 5;
-- name: by_status
SELECT * FROM orders WHERE status = :s AND placed_at >= :from AND placed_at < :to ORDER BY placed_at;
-- name: several
SELECT * FROM orders WHERE id IN (:a, :b, :c);
-- name: order
SELECT * FROM orders WHERE id = :o;
SELECT * FROM line WHERE order_id = :o;
-- name: by_email
-- rate: 0.001
SELECT * FROM customer WHERE email = :e;
-- name: statuses
SELECT * FROM orders WHERE status IN (:s, :t) AND placed_at >= :from ORDER BY placed_at;
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return world(tmp_path_factory.mktemp("shop"), SHOP, QUERIES, shop_rows()).plan


def changed(plan: Plan, name: str, change: Callable[[Request], Request], number: int = 0) -> Plan:
    """The plan with one request of a pattern changed."""
    pattern = plan.pattern(name)
    requests = tuple(change(r) if place == number else r for place, r in enumerate(pattern.requests))
    patterns = tuple(replace(p, requests=requests) if p.name == name else p for p in plan.access_patterns)
    return replace(plan, access_patterns=patterns)


def sorted_by(op: str, *values: str) -> Callable[[Request], Request]:
    return lambda request: replace(request, sort=SortCondition(op, values))


def swapped(old: str, new: str) -> Callable[[Request], Request]:
    """Another text in the request's keys."""

    def change(request: Request) -> Request:
        assert request.sort is not None and any(old in value for value in request.sort.values)
        values = tuple(value.replace(old, new) for value in request.sort.values)
        return replace(request, sort=SortCondition(request.sort.op, values))

    return change


def test_a_right_plan_is_right(plan: Plan) -> None:
    assert recheck(plan) == ()
    demand_right(plan)


CHANGES: dict[str, tuple[str, Callable[[Request], Request], str]] = {
    "a scan": ("order", lambda r: replace(r, operation="Scan"), "is a Scan"),
    "an index that is not there": ("page", lambda r: replace(r, index="GSI9"), "GSI9, which does not exist"),
    "a consistent read of an index": ("page", lambda r: replace(r, consistent=True), "a consistent read"),
    "another parameter": ("page", lambda r: replace(r, partition="CUSTOMER#{:x}"), "pins customer_id to"),
    "a literal for a parameter": ("page", lambda r: replace(r, partition="CUSTOMER#5"), "pins customer_id to '5'"),
    "another partition": ("page", lambda r: replace(r, partition="ORDERS#{:c}"), "keys that CUSTOMER does not have"),
    "half a partition": ("page", lambda r: replace(r, partition="CUSTOM"), "the partition is not whole"),
    "shards out of nowhere": ("page", lambda r: replace(r, shards=4), "the partition is not whole"),
    "another direction": ("page", lambda r: replace(r, forward=not r.forward), "in the other direction"),
    "a smaller limit": ("page", lambda r: replace(r, limit="5"), "has the limit 5"),
    "a limit out of nowhere": ("page", lambda r: replace(r, limit="{:n}"), "has the limit {:n}"),
    "no limit": ("page", lambda r: replace(r, limit=None), "has the limit None"),
    "a later beginning": ("by_status", swapped("{:from:text}", "{:s:text}"), "cuts placed_at at"),
    "ends that change places": (
        "by_status",
        lambda r: replace(r, sort=SortCondition("between", tuple(reversed(r.sort.values if r.sort else ())))),
        "cuts placed_at at",
    ),
    "an equality instead of a range": (
        "by_status",
        sorted_by("begins_with", "ORDERS#{:from:text}\t"),
        "pins placed_at to",
    ),
    "a prefix instead of a range": ("by_status", sorted_by("begins_with", "ORDERS#{:from:text}"), "cuts placed_at at"),
    "another entity's items": ("by_status", sorted_by("begins_with", "LINE#"), "keys that ORDERS does not have"),
    "a key left out": ("several", lambda r: replace(r, keys=r.keys[:2]), "leaves out"),
    "half a key": (
        "several",
        lambda r: replace(r, keys=(KeyPair("ORDERS#{:a}", "ORDERS"), *r.keys[1:])),
        "the key is not whole",
    ),
    "a batch of the index": ("several", lambda r: replace(r, index="GSI1"), "does not give whole keys"),
    "an item of no earlier request": (
        "order",
        lambda r: replace(r, partition="ORDERS#{0.order_id}"),
        "does not come before it",
    ),
    "a list cut short": ("statuses", lambda r: replace(r, partition="ORDERS#STATUS#{:from}"), "pins status to"),
    "fewer entities than wanted": ("order", lambda r: replace(r, entities=("ORDERS",)), "it is not in table"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_for_the_worse_is_found(name: str, plan: Plan) -> None:
    pattern, change, fault = CHANGES[name]
    wrong = changed(plan, pattern, change)
    assert wrong != plan
    found = recheck(wrong)
    assert any(fault in told and told.startswith(f"{pattern}: ") for told in found), found
    with pytest.raises(WrongPlan, match="was checked and is wrong"):
        demand_right(wrong)


def test_one_of_two_lists_of_values_that_is_not_asked_is_found(plan: Plan) -> None:
    statuses = plan.pattern("statuses")
    part = replace(statuses.parts[0], requests=statuses.parts[0].requests[:1])
    fewer = replace(statuses, parts=(part,), requests=statuses.requests[:1])
    wrong = replace(plan, access_patterns=tuple(fewer if p.name == "statuses" else p for p in plan.access_patterns))
    assert any("leaves out" in told for told in recheck(wrong))


def test_an_order_that_the_index_does_not_have_is_found(plan: Plan) -> None:
    page = plan.pattern("page")
    part = page.parts[1]
    columns = [
        place for place, output in enumerate(part.select.outputs) if output.field and output.field.column == "total"
    ]
    order = (OrderTerm(columns[0], None, descending=True, nulls_first=False),)
    other = replace(part, select=replace(part.select, order=order))
    wrong = replace(page, parts=(page.parts[0], other))
    found = recheck(replace(plan, access_patterns=tuple(wrong if p is page else p for p in plan.access_patterns)))
    assert any("wants another order than placed_at" in told for told in found), found


def test_a_statement_with_another_limit_than_its_request_is_found(plan: Plan) -> None:
    page = plan.pattern("page")
    for limit in (Literal(7), Parameter("n"), None):
        other = replace(page.parts[1], select=replace(page.parts[1].select, limit=limit))
        wrong = replace(page, parts=(page.parts[0], other))
        found = recheck(replace(plan, access_patterns=tuple(wrong if p is page else p for p in plan.access_patterns)))
        assert any("has the limit 6" in told for told in found), found


def test_a_stranger_between_two_entities_is_found(plan: Plan) -> None:
    (request,) = plan.pattern("page").requests
    own = plan.entity("ORDERS").slot(request.index or "table")
    assert own is not None
    between = replace(own, sort=own.sort.replace("ORDERS#", "ORDERS#5", 1))
    stranger = replace(plan.entity("LINE"), name="STRANGER", keys=(between,))
    found = recheck(replace(plan, entities=(*plan.entities, stranger)))
    assert any("reads over STRANGER" in told for told in found), found


def test_a_text_that_no_template_makes_is_told() -> None:
    with pytest.raises(Mismatch):
        lay("A#{x}#{y}", "{:p}#A")
    assert lay("A#{x}", "A#", full=True).whole
    assert not lay("A#{x}", "A#").whole


def test_rows_without_a_value_that_are_left_out_are_found(tmp_path: Path) -> None:
    query = "-- name: states\nSELECT * FROM orders WHERE customer_id = :c {}ORDER BY status LIMIT 3;"
    present = world(tmp_path, SHOP, query.format("AND status IS NOT NULL "), shop_rows()).plan
    assert recheck(present) == ()
    (request,) = present.pattern("states").requests
    plan = world(tmp_path, SHOP, query.format(""), shop_rows()).plan
    wrong = changed(plan, "states", lambda r: replace(r, sort=request.sort))
    assert recheck(wrong) == ("states: statement 1 leaves out rows without status, which its conditions do not say",)
