"""The table in memory refuses what the service refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from migrator.ports import Refused
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot

from tests.design.world import world
from tests.verify.memory import MemoryTable, loaded


@pytest.fixture
def table(tmp_path: Path) -> Iterator[MemoryTable]:
    made = world(
        tmp_path,
        "CREATE TABLE t(id INTEGER PRIMARY KEY, kind TEXT, at TEXT NOT NULL);",
        "-- name: r\n-- rate: 100\nSELECT * FROM t WHERE id = :id;\n"
        "-- name: q\n-- rate: 100\nSELECT * FROM t WHERE kind = :kind ORDER BY at LIMIT 5;",
        {"t": [(n, None if n == 9 else "ab"[n % 2], f"é{n % 3}") for n in range(10)]},
    )
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        yield loaded(made.plan, snapshot)


def call(condition: str, **values: str) -> dict[str, Any]:
    names = {"#p": "GSI1PK"} | ({"#s": "GSI1SK"} if "#s" in condition else {})
    return {
        "IndexName": "GSI1",
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in values.items()},
    }


def test_pages_hold_three_items_and_a_sparse_index_only_those_with_its_key(table: MemoryTable) -> None:
    a, b = (list(table.query(call("#p = :p", p=f"T#KIND#{kind}"))) for kind in "ab")
    assert [[len(page) for page in pages] for pages in (a, b)] == [[3, 2], [3, 1]]
    assert all("GSI1PK" not in item for item in table.items.values() if "kind" not in item)


def test_sort_conditions_go_by_bytes(table: MemoryTable) -> None:
    found = [i for page in table.query(call("#p = :p AND begins_with(#s, :s)", p="T#KIND#a", s="T#é1")) for i in page]
    assert {item["at"]["S"] for item in found} == {"é1"}
    assert list(table.query(call("#p = :p AND #s BETWEEN :a AND :b", p="T#KIND#a", a="T#a", b="T#z"))) == [[]]


@pytest.mark.parametrize(
    "bad",
    [
        call("#p = :p", p=""),
        call("#p = :p", p="x" * 2049),
        call("#p = :p", p="a", unused="b"),
        call("#p > :p", p="a"),
        call("begins_with(#p, :p)", p="a"),
        call("#p = :p AND #s BETWEEN :a AND :b", p="a", a="b", b="a"),
        call("#p = :p AND begins_with(#s, :s)", p="a", s=""),
        call("#p = :p AND #s = :s", p="a", s="x" * 1025),
        call("#p = :p AND #s <> :s", p="a", s="b"),
        call("#p = :p OR #s = :s", p="a", s="b"),
        call("#p = :p", p="a") | {"ConsistentRead": True},
        call("#p = :p", p="a") | {"IndexName": "GSI9"},
        call("#p = :p", p="a") | {"Limit": 0},
        call("#p = :p", p="a") | {"ExpressionAttributeNames": {"#p": "kind"}},
        call("#p = :p", p="a") | {"FilterExpression": "x"},
    ],
)
def test_illegal_queries_are_refused(bad: dict[str, Any], table: MemoryTable) -> None:
    with pytest.raises(Refused):
        table.query(bad)


def test_illegal_batches_are_refused(table: MemoryTable) -> None:
    key = {"PK": {"S": "T#1"}, "SK": {"S": "T#"}}
    assert len(table.get_batch([key])) == 1
    for keys in ([], [key, key], [key] * 101, [{"PK": {"S": ""}, "SK": {"S": "T#"}}], [{**key, "id": {"S": "1"}}]):
        with pytest.raises(Refused):
            table.get_batch(keys)


def test_two_items_under_one_key_are_an_error(table: MemoryTable) -> None:
    with pytest.raises(AssertionError, match="two items"):
        table.put(next(iter(table.items.values())))
