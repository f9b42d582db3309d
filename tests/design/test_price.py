"""Units and dollars, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from migrator.design.price import SECONDS_A_MONTH, monthly_reads, monthly_storage, monthly_writes, units_of
from migrator.design.prices import default_prices
from migrator.design.serve import request_units

from tests.design.world import world

PRICES = default_prices()


def test_a_million_units_cost_what_the_price_list_says() -> None:
    rate = 1_000_000 / SECONDS_A_MONTH
    assert monthly_reads(PRICES, rate, 1) == pytest.approx(0.125)
    assert monthly_writes(PRICES, rate, 1) == pytest.approx(0.625)
    assert monthly_storage(PRICES, 1, 1024**3 - 100) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("size", "requests", "strong", "units"),
    [(1, 1, False, 0.5), (4096, 1, False, 0.5), (4097, 1, False, 1.0), (4097, 1, True, 2.0), (100, 3, False, 1.5)],
)
def test_each_request_rounds_up_by_itself(size: float, requests: int, strong: bool, units: float) -> None:
    assert request_units(size, requests, strong) == units


@pytest.mark.parametrize(("size", "units"), [(1, 1), (1024, 1), (1025, 2)])
def test_a_write_unit_is_a_kilobyte(size: float, units: int) -> None:
    assert units_of(size) == units


def test_the_bill_of_one_table_by_hand(tmp_path: Path) -> None:
    made = world(
        tmp_path,
        "CREATE TABLE note(id INTEGER PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL);",
        """
        -- name: get
        -- rate: 10
        SELECT * FROM note WHERE id = :id;
        -- name: of_owner
        -- rate: 2
        SELECT * FROM note WHERE owner = :owner ORDER BY id;
        -- name: add
        -- rate: 1
        INSERT INTO note(id, owner, body) VALUES (:id, :owner, :body);
        """,
        {"note": [(n, f"o{n % 10}", "x" * 1500) for n in range(100)]},
    )
    item = 90 + (2 + 2) + (5 + 2) + (4 + 1500)  # keys and type, then name and value of each column, about
    assert made.pattern("get").read_units == 0.5
    assert made.pattern("of_owner").read_units == 2.0, "10 items of about 1.6 KB are 16 KB: 4 pages of 4 KB, eventual"
    assert made.pattern("add").write_units == 4.0, "2 KB in the table and 2 KB in the index"
    reads = SECONDS_A_MONTH * (10 * 0.5 + 2 * 2.0) * 0.125 / 1e6
    writes = SECONDS_A_MONTH * 4 * 0.625 / 1e6
    storage = 100 * 2 * (item + 100) * 0.25 / 1024**3
    assert made.plan.cost.reads == pytest.approx(reads, abs=0.01)
    assert made.plan.cost.writes == pytest.approx(writes, abs=0.01)
    assert made.plan.cost.monthly_usd == pytest.approx(reads + writes + storage, abs=0.01)
