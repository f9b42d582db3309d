"""The design depends on shapes and numbers, not on names or the order in which things are declared."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from migrator.design.design import Design
from migrator.plan.plan import Plan

from tests.design.test_decisions import SHOP, shop_rows
from tests.design.world import fill, planned, world

BLOCKS = (
    "-- name: a\nSELECT * FROM orders WHERE id = :id;\nSELECT * FROM line WHERE order_id = :id;",
    "-- name: b\nSELECT * FROM orders WHERE customer_id = :c ORDER BY placed_at DESC LIMIT 10;",
    "-- name: c\n-- rate: 30\nSELECT * FROM orders WHERE status = :s ORDER BY placed_at LIMIT 5;",
    "-- name: d\nSELECT * FROM customer WHERE email = :e;",
    "-- name: e\nSELECT t.order_id, g.label FROM tagged t JOIN tag g ON g.id = t.tag_id WHERE t.order_id = :o;",
    "-- name: f\nSELECT * FROM tagged WHERE tag_id = :t;",
    "-- name: g\nSELECT * FROM customer WHERE name LIKE '%' || :x || '%';",
    "-- name: h\n-- rate: 5\nUPDATE orders SET status = :s WHERE id = :id;",
)
NAMES = {"customer": "resident", "orders": "visits", "line": "item", "tagged": "marked", "label": "title"}


def shape(plan: Plan, design: Design) -> object:
    """Everything that names do not enter."""
    patterns = sorted(
        (p.name, p.status, p.round_trips, p.read_units, p.write_units, p.monthly_usd, [r.operation for r in p.requests])
        for p in plan.access_patterns
    )
    slots = sorted(sorted(keys.slot for keys in entity.keys) for entity in plan.entities)
    return patterns, slots, design.objective, len(plan.indexes), plan.cost.monthly_usd


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_queries_tables_and_columns_changes_nothing(seed: int, tmp_path: Path) -> None:
    base = world(tmp_path, SHOP, "\n".join(BLOCKS), shop_rows())
    chance = random.Random(seed)
    statements = [text for text in SHOP.split(";\n") if text.strip()]
    blocks = list(BLOCKS)
    chance.shuffle(statements)
    chance.shuffle(blocks)
    path = tmp_path / "other.db"
    fill(path, ";\n".join(statements) + ";", shop_rows())
    other = planned(path, "\n".join(blocks))
    assert shape(other.plan, other.design) == shape(base.plan, base.design)
    assert {e.name: e.keys for e in other.plan.entities} == {e.name: e.keys for e in base.plan.entities}


def test_names_of_equal_length_change_nothing_but_names(tmp_path: Path) -> None:
    base = world(tmp_path, SHOP, "\n".join(BLOCKS), shop_rows())
    renamed = re.compile(r"\b(" + "|".join(NAMES) + r")(?=\b|_)")

    def other_names(text: str) -> str:
        return renamed.sub(lambda found: NAMES[found[1]], text)

    rows = {NAMES.get(table, table): listed for table, listed in shop_rows().items()}
    other = world(tmp_path, other_names(SHOP), other_names("\n".join(BLOCKS)), rows)
    assert shape(other.plan, other.design) == shape(base.plan, base.design)


def test_the_same_input_gives_the_same_plan(tmp_path: Path) -> None:
    first = world(tmp_path, SHOP, "\n".join(BLOCKS), shop_rows())
    second = world(tmp_path, SHOP, "\n".join(BLOCKS), shop_rows())
    assert first.plan == second.plan
