"""Diagrams of the source: every table once, boxes apart, large schemas divided, circles endured."""

from __future__ import annotations

from itertools import combinations

from migrator.plan.plan import Source, SourceForeignKey, SourceTable
from migrator.render.er_groups import LARGEST, TableGroup, table_groups
from migrator.render.er_layout import Box, lay_out

from .plans import column


def table(name: str, *parents: str) -> SourceTable:
    keys = tuple(SourceForeignKey((f"{parent}_id",), parent, ("id",), 1.0, 1, 1, 0) for parent in parents)
    columns = (column("id"), *(column(f"{parent}_id") for parent in parents))
    return SourceTable(name, 1, 1, 1, False, ("id",), columns, keys)


def source(*tables: SourceTable) -> Source:
    return Source("sqlite", "x", tables)


def overlap(one: Box, other: Box) -> bool:
    apart = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart or one.y + one.height <= other.y or other.y + other.height <= one.y)


WEB = source(
    table("t0"), *(table(f"t{number}", f"t{number // 3}", f"t{max(0, number - 7)}") for number in range(1, 100))
)


def test_a_large_web_is_divided_so_that_every_table_is_drawn_in_one_place() -> None:
    groups = table_groups(WEB)
    drawn = [name for group in groups for name in group.tables]

    assert sorted(drawn) == sorted(one.name for one in WEB.tables)
    assert all(len(group.tables) <= LARGEST for group in groups)
    assert all(group.name in group.tables for group in groups)


def test_tables_that_nothing_connects_stand_in_no_group() -> None:
    assert table_groups(source(table("a"), table("b", "a"), table("c"))) == (TableGroup("a", ("a", "b")),)


def test_boxes_do_not_overlap_and_lie_within_the_drawing() -> None:
    for group in table_groups(WEB):
        drawn = lay_out(WEB, group)
        assert not any(overlap(one, other) for one, other in combinations(drawn.boxes, 2))
        assert all(box.x + box.width <= drawn.width and box.y + box.height <= drawn.height for box in drawn.boxes)


def test_a_referred_table_stands_left_of_those_that_refer_to_it() -> None:
    drawn = lay_out(source(table("a"), table("b", "a"), table("c", "b", "a")), TableGroup("a", ("a", "b", "c")))
    places = {box.name: box.x for box in drawn.boxes}

    assert places["a"] < places["b"] < places["c"]
    assert len(drawn.lines) == 3
    assert "c refers to b by b_id" in drawn.told


def test_circles_and_references_to_oneself_are_drawn() -> None:
    drawn = lay_out(source(table("a", "b"), table("b", "a", "b")), TableGroup("a", ("a", "b")))

    assert {box.name for box in drawn.boxes} == {"a", "b"}
    assert len(drawn.lines) == 3


def test_a_table_of_another_drawing_is_named_where_it_is_referred_to() -> None:
    drawn = lay_out(source(table("a"), table("b", "a")), TableGroup("b", ("b",)))

    assert [(box.name, box.outside) for box in drawn.boxes] == [("a", True), ("b", False)]
