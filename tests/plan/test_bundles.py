"""Requests for one partition become one Query, when nothing else lies between what they want."""

from __future__ import annotations

from migrator.model.schema import Kind
from migrator.plan.bundles import merge_requests, renumber
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


def test_a_whole_partition_is_one_query_without_a_sort_condition() -> None:
    merged, places = merge_requests((query("ADDRESS"), get("CUSTOMER"), query("ORDER")), ENTITIES)
    assert places == [0, 0, 0]
    assert merged == (Request("Query", ("ADDRESS", "CUSTOMER", "ORDER"), partition="CUSTOMER#{:c}"),)


def test_neighbours_are_one_query_over_their_stretch() -> None:
    merged, _ = merge_requests((query("ORDER"), get("CUSTOMER")), ENTITIES)
    assert [request.sort for request in merged] == [SortCondition("between", ("CUSTOMER#", "ORDER$"))]


def test_a_stranger_in_between_keeps_them_apart() -> None:
    requests = (query("ADDRESS"), query("ORDER"))
    assert merge_requests(requests, ENTITIES) == (requests, [0, 1])


def test_a_limit_or_another_partition_keeps_a_request_apart() -> None:
    requests = (get("CUSTOMER"), query("ORDER", limit="20"), query("ADDRESS", partition="CUSTOMER#{:other}"))
    assert merge_requests(requests, ENTITIES) == (requests, [0, 1, 2])


def test_the_same_request_is_asked_once() -> None:
    merged, places = merge_requests((query("ORDER", limit="20"), query("ORDER", limit="20")), ENTITIES)
    assert (len(merged), places) == (1, [0, 0])


def test_a_members_filter_drops_no_other_members_items() -> None:
    orders = query("ORDER", filters=("{status} = {:s}", "{total} > 5"))
    merged, _ = merge_requests((get("CUSTOMER"), orders), ENTITIES, "entity_type")
    assert merged[0].filter == ("({entity_type} <> 'ORDER' OR ({status} = {:s} AND {total} > 5))",)


def test_references_to_earlier_requests_follow_them() -> None:
    late = Request(
        "BatchGetItem", ("X",), keys=(KeyPair("X#{2.x_id}", "X#"), KeyPair("X#{1.x_id}", "X#")), after=(1, 2)
    )
    merged, places = merge_requests((get("CUSTOMER"), query("ORDER"), query("ORDER", limit="1"), late), ENTITIES)
    assert places == [0, 0, 1, 2]
    assert merged[2].keys == (KeyPair("X#{1.x_id}", "X#"), KeyPair("X#{0.x_id}", "X#"))
    assert merged[2].after == (0, 1)


def test_a_request_that_needs_none_before_it_is_left_as_it_is() -> None:
    request = query("ORDER")
    assert renumber(request, [5]) is request
