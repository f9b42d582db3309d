"""Rows within an item: what the map holds, what cannot be stored in it, and the rows that come out again."""

from __future__ import annotations

import pytest
from migrator.model.settings import TableOverride
from migrator.model.unit import Unit
from migrator.plan.embedding import unfolded
from migrator.plan.items import compile_footprint, unit_shape
from migrator.plan.plan import Plan
from migrator.plan.values import Unstorable

from tests.design.world import Rows, make_settings, world

DDL = """
CREATE TABLE box (id TEXT PRIMARY KEY, label TEXT);
CREATE TABLE thing (
    box_id TEXT NOT NULL REFERENCES box (id), name TEXT NOT NULL, size NUMERIC, PRIMARY KEY (box_id, name)
);
"""
QUERIES = "-- name: things\nSELECT name FROM thing WHERE box_id = :b;\n"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    rows: Rows = {"box": [("B", None)], "thing": [("B", "a", 1)]}
    settings = make_settings(None, (TableOverride("thing", embed=True),))
    return world(tmp_path_factory.mktemp("box"), DDL, QUERIES, rows, settings).plan


def test_an_item_without_such_rows_has_an_empty_map(plan: Plan) -> None:
    (item,) = compile_footprint(plan, "box")(Unit(("B", None)))
    assert item["thing"] == {"M": {}}
    assert unit_shape(plan, "box").holds is not None


def test_each_row_stands_under_its_key_with_its_values_and_without_its_nulls(plan: Plan) -> None:
    (item,) = compile_footprint(plan, "box")(Unit(("B", None), (("B", "", None), ("B", "x#y", 2.5))))
    rows = item["thing"]["M"]
    assert len(rows) == 2 and "" not in rows, "no map has an entry without a name"
    assert sorted(map(repr, rows.values())) == sorted(
        map(
            repr,
            (
                {"M": {"box_id": {"S": "B"}, "name": {"S": ""}}},
                {"M": {"box_id": {"S": "B"}, "name": {"S": "x#y"}, "size": {"N": "2.5"}}},
            ),
        )
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((("B", "a", float("nan")),), r"its row of thing \(box_id='B', name='a'\): column size"),
        ((("B", "a", 1), ("B", "a", 2)), r"its row of thing \(box_id='B', name='a'\) has the key of another one"),
    ],
)
def test_a_row_that_cannot_be_stored_is_named(
    rows: tuple[tuple[str, str, float], ...], reason: str, plan: Plan
) -> None:
    with pytest.raises(Unstorable, match=reason):
        compile_footprint(plan, "box")(Unit(("B", None), rows))


def test_the_rows_come_out_behind_their_item_each_under_a_key_that_no_item_has(plan: Plan) -> None:
    (item,) = compile_footprint(plan, "box")(Unit(("B", None), (("B", "a", 1), ("B", "b", 2))))
    found = unfolded(plan, frozenset({"THING"}), [item])
    assert [one["type"]["S"] for one in found] == ["BOX", "THING", "THING"]
    assert len({(one["PK"]["S"], one["SK"]["S"]) for one in found}) == 3
    assert [one.get("name") for one in found] == [None, {"S": "a"}, {"S": "b"}]
    assert unfolded(plan, frozenset(), [item]) == [item]
