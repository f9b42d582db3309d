"""One call of a planned read: requests in order, and parameters that no key can hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.execute import run_pattern

from tests.design.world import World, world
from tests.verify.memory import MemoryTable, loaded

DDL = """
CREATE TABLE item(id TEXT PRIMARY KEY, shelf INTEGER, name TEXT NOT NULL, at REAL);
"""
QUERIES = """
-- name: by_id
SELECT id FROM item WHERE id = :id;
-- name: several
SELECT id FROM item WHERE id IN (:a, :b, :c) ORDER BY id;
-- name: shelf
SELECT id FROM item WHERE shelf = :shelf ORDER BY name LIMIT :limit;
-- name: range
SELECT id FROM item WHERE shelf > :low AND shelf < :high ORDER BY shelf;
-- name: prefix
SELECT id FROM item WHERE shelf = :shelf AND name LIKE :start || '%' ORDER BY name;
"""
ROWS = [(f"i{n}", n % 3, f"n_{n}" if n % 2 else f"N%{n}", n / 2) for n in range(12)]


@contextmanager
def table(folder: Path, queries: str = QUERIES) -> Iterator[tuple[World, MemoryTable]]:
    made = world(folder, DDL, queries, {"item": ROWS})
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        yield made, loaded(made.plan, snapshot)


def ask(folder: Path, pattern: str, **parameters: Any) -> list[Any]:
    with table(folder) as (made, reader):
        (answer,) = run_pattern(made.plan, made.pattern(pattern), parameters, reader)
        return [row[0] for row in answer.rows]


def test_a_row_that_is_not_there_is_no_row(tmp_path: Path) -> None:
    assert ask(tmp_path, "by_id", id="nowhere") == []
    assert ask(tmp_path, "several", a="i1", b="nowhere", c="i1") == ["i1"]


def test_null_equals_nothing(tmp_path: Path) -> None:
    assert ask(tmp_path, "by_id", id=None) == []
    assert ask(tmp_path, "several", a=None, b="i2", c=None) == ["i2"]
    assert ask(tmp_path, "shelf", shelf=None, limit=5) == []
    assert ask(tmp_path, "range", low=None, high=5) == []


@pytest.mark.parametrize("length", [2_040, 3_000])
def test_a_key_longer_than_any_key_finds_nothing(length: int, tmp_path: Path) -> None:
    assert ask(tmp_path, "by_id", id="x" * length) == []
    assert ask(tmp_path, "prefix", shelf=1, start="x" * length) == []


def test_the_empty_text_is_a_value(tmp_path: Path) -> None:
    assert ask(tmp_path, "by_id", id="") == []


@pytest.mark.parametrize(("limit", "rows"), [(0, 0), (1, 1), (3, 3), (1000, 4), (-1, 4), (None, 4)])
def test_limits(limit: int | None, rows: int, tmp_path: Path) -> None:
    assert len(ask(tmp_path, "shelf", shelf=1, limit=limit)) == rows


def test_no_more_is_asked_for_than_the_limit_needs(tmp_path: Path) -> None:
    with table(tmp_path, QUERIES.split("-- name: range")[0]) as (made, reader):
        pattern = made.pattern("shelf")
        assert pattern.requests[0].limit == "{:limit}"
        run_pattern(made.plan, pattern, {"shelf": 1, "limit": 0}, reader)
        assert reader.queries == 0


def test_a_range_goes_as_far_as_its_type_does(tmp_path: Path) -> None:
    everything = ask(tmp_path, "range", low=-1, high=100)
    assert ask(tmp_path, "range", low=-0.5, high=2.5) == everything
    assert ask(tmp_path, "range", low=-(10**30), high=10**30) == everything
    assert ask(tmp_path, "range", low=0.5, high=1.5) == ask(tmp_path, "range", low=0, high=2)
    assert ask(tmp_path, "range", low=5, high=1) == []
    assert ask(tmp_path, "range", low=-1, high="text") == everything, "numbers are less than texts"


def test_wildcards_in_a_prefix_mean_what_they_mean_in_sql(tmp_path: Path) -> None:
    assert ask(tmp_path, "prefix", shelf=1, start="n") == ["i10", "i4", "i1", "i7"]
    assert ask(tmp_path, "prefix", shelf=1, start="n_1") == ["i10", "i1"], "_ is any character"
    assert ask(tmp_path, "prefix", shelf=1, start="%7") == ["i7"]


def test_text_is_read_as_the_column_has_it(tmp_path: Path) -> None:
    assert ask(tmp_path, "shelf", shelf="1", limit=1) == ask(tmp_path, "shelf", shelf=1, limit=1)
    assert ask(tmp_path, "shelf", shelf="one", limit=1) == []
