"""Sizes and units, against figures of the DynamoDB developer guide."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from migrator.plan.sizes import item_size, number_size, read_units, value_size, write_units
from migrator.plan.values import number_text

from tests.plan.drawing import decimals


def test_the_guides_own_example_takes_23_bytes() -> None:
    """Developer guide, "DynamoDB item sizes and formats": shirt-color R and shirt-size M."""
    assert item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


@pytest.mark.parametrize(
    ("wire", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "é"}, 2),
        ({"B": b"\x00\x01"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + 1 + 2 + 1 + 1),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
    ],
)
def test_each_type_has_its_size(wire: Any, size: int) -> None:
    assert value_size(wire) == size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("27", 2),
        ("-27", 3),
        ("461", 3),
        ("1000", 2),
        ("0.0001", 2),
        ("1E+100", 2),
        ("9" * 38, 20),
        ("-" + "9" * 38, 21),
    ],
)
def test_a_number_takes_a_byte_for_two_digits_and_one_more(text: str, size: int) -> None:
    assert number_size(text) == size


@given(decimals)
def test_no_number_takes_more_than_21_bytes(value: Decimal) -> None:
    assert 1 <= number_size(number_text(value)) <= 21


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (409_600, 400)])
def test_a_write_costs_a_unit_a_kilobyte_and_twice_that_in_a_transaction(size: int, units: int) -> None:
    assert write_units(size) == units
    assert write_units(size, transactional=True) == 2 * units


@pytest.mark.parametrize(("size", "units"), [(0, 0.5), (4096, 0.5), (4096.2, 1.0), (8192, 1.0), (409_600, 50.0)])
def test_a_read_costs_half_a_unit_for_four_kilobytes_and_twice_that_when_consistent(size: float, units: float) -> None:
    assert read_units(size) == units
    assert read_units(size, consistent=True) == 2 * units
