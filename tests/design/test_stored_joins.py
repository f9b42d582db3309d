"""When the pairs of two lists are stored, how they are keyed, and why they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from migrator.design.price import monthly_reads
from migrator.model.settings import Limits
from migrator.plan.plan import Entity, Plan

from tests.design.world import World, make_settings, world

DDL = """
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE follow(follower_id INTEGER NOT NULL REFERENCES person(id),
  followee_id INTEGER NOT NULL REFERENCES person(id), since TEXT, PRIMARY KEY (follower_id, followee_id));
CREATE TABLE post(id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES person(id), created_at TEXT NOT NULL,
  topic_id INTEGER, body TEXT, likes INTEGER NOT NULL);
CREATE TABLE token(id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person(id), expires_at TIMESTAMP);
CREATE TABLE nickname(id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person(id), name TEXT NOT NULL);
CREATE TABLE badge(id INTEGER PRIMARY KEY, person_id TEXT NOT NULL REFERENCES person(id));
"""
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "person": [(n, f"n{n}") for n in range(20)],
    "follow": [(n, (n * 7 + m) % 20, "2024") for n in range(20) for m in range(1, 5)],
    "post": [(n, n % 20, f"2024-01-{n % 28 + 1:02}", 1, "hello", 0) for n in range(100)],
    "token": [(1, 1, "2030-01-01 00:00:00")],
    "nickname": [(1, 1, "n")],
    "badge": [(1, "1")],
}
TIMELINE = """
-- name: timeline
-- rate: 100
SELECT p.* FROM follow f JOIN post p ON p.author_id = f.followee_id WHERE f.follower_id = :me
ORDER BY p.created_at DESC LIMIT 20;
"""


def made(folder: Path, queries: str, limits: Limits | None = None) -> World:
    return world(folder, DDL, queries, ROWS, make_settings(limits))


def copies(plan: Plan) -> list[Entity]:
    return [entity for entity in plan.entities if entity.kind == "copy"]


def test_a_timeline_is_one_query_with_its_order_and_limit(tmp_path: Path) -> None:
    plan = made(tmp_path, TIMELINE).plan
    (request,) = plan.pattern("timeline").requests
    (entity,) = copies(plan)
    assert (request.operation, request.index, request.forward, request.limit) == ("Query", None, False, "20")
    assert entity.keys[0].partition == "FOLLOW_POST#FOLLOWER_ID#{follower_id}"
    assert entity.keys[0].sort.startswith("FOLLOW_POST#{created_at:text}")
    assert plan.optimality.gap == 0
    assert [(h.code, h.entity) for h in plan.hazards] == [("stored-join", "FOLLOW_POST")]


def test_a_pair_holds_what_the_reads_look_at_and_both_keys(tmp_path: Path) -> None:
    plan = made(tmp_path, TIMELINE.replace("p.*", "p.body")).plan
    names = {attribute.name for attribute in copies(plan)[0].attributes}
    assert names == {"follower_id", "followee_id", "id", "body", "created_at"}


def test_reads_of_the_same_pairs_share_them(tmp_path: Path) -> None:
    other = "-- name: fans\nSELECT f.since FROM post p JOIN follow f ON f.followee_id = p.author_id WHERE p.id = :p;\n"
    plan = made(tmp_path, TIMELINE + other).plan
    assert len(copies(plan)) == 1
    assert all(pattern.status == "served" for pattern in plan.access_patterns)


def test_a_strong_read_of_pairs_is_a_read_of_the_table(tmp_path: Path) -> None:
    plan = made(tmp_path, TIMELINE.replace("-- rate: 100", "-- consistency: strong")).plan
    assert [request.consistent for request in plan.pattern("timeline").requests] == [True]


def test_what_writes_cost_is_in_the_objective(tmp_path: Path) -> None:
    write = "-- name: write\n-- rate: {}\nINSERT INTO post VALUES (:i, :a, :c, :t, :b, 0);\n"
    few, many = (made(tmp_path, TIMELINE + write.format(rate)) for rate in (1, 11))
    prices = few.settings.prices
    fan, units, finding = 4, 2, 0.5
    written = 10 * fan * units * 2_628_000 * prices.write_million / 1e6
    index = 10 * 2_628_000 * prices.write_million / 1e6
    more = many.design.objective - few.design.objective
    assert written < more < written + index + monthly_reads(prices, 10, 2 * finding)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (
            "SELECT * FROM follow f JOIN token t ON t.person_id = f.followee_id WHERE f.follower_id = :m",
            "expire by TTL",
        ),
        (
            "SELECT * FROM follow f JOIN nickname n ON n.person_id = f.followee_id WHERE f.follower_id = :m",
            "nickname.person_id may be NULL",
        ),
        (
            "SELECT * FROM follow f JOIN badge b ON b.person_id = f.followee_id WHERE f.follower_id = :m",
            "of different types",
        ),
        (
            "SELECT * FROM follow a JOIN follow b ON a.followee_id = b.followee_id WHERE a.follower_id = :m",
            "the answer multiplies the lists",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(query: str, why: str, tmp_path: Path) -> None:
    plan = made(tmp_path, f"-- name: q\n{query};\n").plan
    pattern = plan.pattern("q")
    assert pattern.status == "refused"
    assert why in (pattern.reason or "")
    assert not copies(plan)


@pytest.mark.parametrize(
    ("write", "why"),
    [
        ("INSERT OR REPLACE INTO follow VALUES (:a, :b, :c)", "may find the row of follow there already"),
        ("UPDATE post SET author_id = author_id + :n WHERE id = :i", "by arithmetic"),
        ("INSERT INTO follow VALUES (:a, :b, :c); DELETE FROM post WHERE id = :i", "in one transaction"),
    ],
)
def test_a_write_that_pairs_could_not_follow_refuses_the_read_and_is_planned_itself(
    write: str, why: str, tmp_path: Path
) -> None:
    plan = made(tmp_path, f"{TIMELINE}-- name: w\n{write};\n").plan
    assert plan.pattern("timeline").status == "refused"
    assert why in (plan.pattern("timeline").reason or "")
    assert not plan.joins()


def test_a_fan_out_beyond_the_bound_is_refused_with_its_figure(tmp_path: Path) -> None:
    write = "-- name: w\nINSERT INTO post VALUES (:i, :a, :c, :t, :b, 0);\n"
    plan = made(tmp_path, TIMELINE + write, Limits(bounded_items=3)).plan
    reason = plan.pattern("timeline").reason or ""
    assert "a write of a row of post would write up to 4 of them" in reason
    assert plan.pattern("w").status == "served"


def test_without_declared_writes_of_a_side_its_fan_out_does_not_matter(tmp_path: Path) -> None:
    assert made(tmp_path, TIMELINE, Limits(bounded_items=3)).plan.pattern("timeline").status == "served"


def test_more_pairs_than_a_transaction_takes_are_written_step_by_step(tmp_path: Path) -> None:
    rows = {**ROWS, "follow": [(n, 1, "2024") for n in range(150)], "person": [(n, "n") for n in range(150)]}
    queries = TIMELINE + "-- name: w\nINSERT INTO post VALUES (:i, :a, :c, :t, :b, 0);\n"
    plan = world(tmp_path, DDL, queries, rows, make_settings()).plan
    pattern = plan.pattern("w")
    assert [(r.operation, r.entities, r.each) for r in pattern.requests] == [
        ("Query", ("FOLLOW",), None),
        ("PutItem", ("POST",), None),
        ("PutItem", ("FOLLOW_POST",), 0),
    ]
    assert any("some of its pairs are missing until these requests are sent again" in note for note in pattern.notes)


def test_more_rows_than_a_transaction_takes_are_refused_beside_pairs_too(tmp_path: Path) -> None:
    rows = ", ".join(f"(:i{n}, :a{n}, '2024', 1, 'x', 0)" for n in range(101))
    plan = made(tmp_path, TIMELINE + f"-- name: w\nINSERT INTO post VALUES {rows};\n").plan
    assert copies(plan) and plan.pattern("timeline").status == "served"
    assert "a transaction has at most 100" in str(plan.pattern("w").reason)
