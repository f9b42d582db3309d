"""Values compare as the source compares them."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from migrator.plan.compare import compare, fold, like, sort_key

from tests.plan.drawing import texts


def test_numbers_come_before_text_before_bytes() -> None:
    ladder: list[Any] = [Decimal("-1"), 0, True, 1.5, Decimal("2"), "", "10", "a", b"", b"\x00", [1]]
    assert all(sort_key(low) < sort_key(high) for low, high in pairwise(ladder))


@pytest.mark.parametrize("op", ["=", "<>", "<", "<=", ">", ">="])
def test_null_compares_with_nothing(op: str) -> None:
    assert compare(None, op, None) is None
    assert compare(1, op, None) is None
    assert compare(None, op, "") is None


@pytest.mark.parametrize(
    ("left", "op", "right", "collation", "truth"),
    [
        (True, "=", Decimal(1), None, True),
        (0.1, "=", Decimal("0.1"), None, True),
        ("1", "=", Decimal(1), None, False),
        ("1", ">", Decimal(9), None, True),
        ("a", "=", "A", None, False),
        ("a", "=", "A", "NOCASE", True),
        ("é", "=", "É", "NOCASE", False),
        ("B", "<", "a", None, True),
        ("B", "<", "a", "NOCASE", False),
        ("", "<=", "", None, True),
    ],
)
def test_types_and_collation_decide(left: Any, op: str, right: Any, collation: str | None, truth: bool) -> None:
    assert compare(left, op, right, collation) is truth


@given(texts)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("value", "pattern", "ignore_case", "escape", "truth"),
    [
        ("abc", "a%", False, None, True),
        ("Abc", "a%", False, None, False),
        ("Abc", "a%", True, None, True),
        ("É", "é", True, None, False),
        ("a\nb", "a_b", False, None, True),
        ("a.b", "a.b", False, None, True),
        ("axb", "a.b", False, None, False),
        ("100%", "100E%", False, "E", True),
        ("100%", "100E%", True, "E", True),
        ("1000", "100E%", True, "E", False),
        ("aE", "aEE", True, "E", True),
        ("a", "aE", False, "E", False),
        (Decimal("1E+2"), "100", False, None, True),
        (True, "1", False, None, True),
        (b"ab", "a%", False, None, True),
        (None, "%", False, None, None),
    ],
)
def test_like_matches_as_the_source_does(
    value: Any, pattern: str, ignore_case: bool, escape: str | None, truth: bool | None
) -> None:
    assert like(value, pattern, ignore_case, escape) is truth
