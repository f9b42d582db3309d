"""Requests that the design gathers become one Query over the stretch of the partition that they want."""

from __future__ import annotations

from dataclasses import replace

import pytest
from migrator.model.schema import Kind
from migrator.plan.bundles import Group, merge_requests, renumber
from migrator.plan.plan import Entity, KeyPair, Request, SlotKeys, SortCondition

from tests.plan.hand import attribute, row_entity

PARTITION = "CUSTOMER#{customer_id}"


def entity(name: str, partition: str = PARTITION) -> Entity:
    columns = (attribute("customer_id", Kind.INTEGER), attribute("id", Kind.INTEGER))
    return row_entity(name, name.lower(), columns, (SlotKeys("table", partition, f"{name}#{{id}}"),))


def one(name: str, partition: str = PARTITION) -> Entity:
    """An entity with one item in the partition."""
    columns = (attribute("customer_id", Kind.INTEGER),)
    return row_entity(name, name.lower(), columns, (SlotKeys("table", partition, f"{name}#"),))


def query(name: str, *, partition: str = "CUSTOMER#{:c}", filters: tuple[str, ...] = (), **odd: str) -> Request:
    return Request(
        "Query",
        (name,),
        partition=partition,
        sort=SortCondition("begins_with", (f"{name}#",)),
        filter=filters,
        limit=odd.get("limit"),
    )


def get(name: str, after: tuple[int, ...] = ()) -> Request:
    return Request("GetItem", (name,), keys=(KeyPair("CUSTOMER#{:c}", f"{name}#"),), after=after)


ENTITIES = (entity("ADDRESS"), one("CUSTOMER"), entity("ORDER"), entity("ELSEWHERE", "SHOP#{customer_id}"))


def table(*requests: int, **odd: int | bool) -> Group:
    return Group("table", requests, **odd)  # type: ignore[arg-type]


def test_a_whole_partition_is_one_query_without_a_sort_condition() -> None:
    requests = (query("ADDRESS"), get("CUSTOMER"), query("ORDER"))
    merged, places = merge_requests(requests, [table(0, 1, 2)], ENTITIES)
    assert places == [0, 0, 0]
    assert merged == (Request("Query", ("ADDRESS", "CUSTOMER", "ORDER"), partition="CUSTOMER#{:c}"),)


def test_neighbours_are_one_query_over_their_stretch() -> None:
    merged, _ = merge_requests((query("ORDER"), get("CUSTOMER")), [table(0, 1)], ENTITIES)
    assert [request.sort for request in merged] == [SortCondition("between", ("CUSTOMER#", "ORDER$"))]


def test_a_stranger_in_between_is_an_error_of_the_design() -> None:
    with pytest.raises(ValueError, match="CUSTOMER lies between ADDRESS, ORDER in table"):
        merge_requests((query("ADDRESS"), query("ORDER")), [table(0, 1)], ENTITIES)


def test_what_the_design_does_not_gather_stays_apart() -> None:
    requests = (get("CUSTOMER"), query("ORDER", limit="20"), query("ADDRESS", partition="CUSTOMER#{:other}"))
    assert merge_requests(requests, [], ENTITIES) == (requests, [0, 1, 2])


@pytest.mark.parametrize(("limit", "asked"), [("20", "21"), ("{:n}", "{:n}+1")])
def test_a_limited_member_is_read_after_the_single_items_beside_it(limit: str, asked: str) -> None:
    group = table(0, 1, limited=1, singles=1, forward=False)
    merged, places = merge_requests((get("CUSTOMER"), query("ADDRESS", limit=limit)), [group], ENTITIES)
    assert places == [0, 0]
    assert [(request.limit, request.forward) for request in merged] == [(asked, False)]
    assert merged[0].sort == SortCondition("between", ("ADDRESS#", "CUSTOMER$"))


def test_the_same_request_is_asked_once() -> None:
    merged, places = merge_requests((query("ORDER", limit="20"), query("ORDER", limit="20")), [], ENTITIES)
    assert (len(merged), places) == (1, [0, 0])


def test_a_members_filter_drops_no_other_members_items() -> None:
    orders = query("ORDER", filters=("{status} = {:s}", "{total} > 5"))
    merged, _ = merge_requests((get("CUSTOMER"), orders), [table(0, 1)], ENTITIES, "entity_type")
    assert merged[0].filter == ("({entity_type} <> 'ORDER' OR ({status} = {:s} AND {total} > 5))",)


def test_a_parent_is_read_from_the_index_that_holds_its_children() -> None:
    keys = (SlotKeys("table", "ORDER#{id}", "ORDER#"), SlotKeys("GSI1", PARTITION, "ORDER#{id}"))
    head = (SlotKeys("table", PARTITION, "CUSTOMER#"), SlotKeys("GSI1", PARTITION, "CUSTOMER#"))
    columns = (attribute("customer_id", Kind.INTEGER), attribute("id", Kind.INTEGER))
    entities = (row_entity("CUSTOMER", "customer", columns, head), row_entity("ORDER", "order", columns, keys))
    orders = replace(query("ORDER"), index="GSI1")
    merged, _ = merge_requests((orders, get("CUSTOMER")), [Group("GSI1", (0, 1))], entities)
    assert merged == (Request("Query", ("CUSTOMER", "ORDER"), index="GSI1", partition="CUSTOMER#{:c}"),)


def test_references_to_earlier_requests_follow_them() -> None:
    late = Request(
        "BatchGetItem", ("X",), keys=(KeyPair("X#{2.x_id}", "X#"), KeyPair("X#{1.x_id}", "X#")), after=(1, 2)
    )
    requests = (get("CUSTOMER"), query("ORDER"), query("ORDER", limit="1"), late)
    merged, places = merge_requests(requests, [table(0, 1)], ENTITIES)
    assert places == [0, 0, 1, 2]
    assert merged[2].keys == (KeyPair("X#{1.x_id}", "X#"), KeyPair("X#{0.x_id}", "X#"))
    assert merged[2].after == (0, 1)


def test_a_request_that_needs_none_before_it_is_left_as_it_is() -> None:
    request = query("ORDER")
    assert renumber(request, [5]) is request
