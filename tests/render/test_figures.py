"""Numbers as a reader wants them."""

from __future__ import annotations

import pytest
from migrator.model.counted import plural
from migrator.render.figures import count, rate, share, size, usd


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (1234.567, "$1,234.57"),
        (0.01, "$0.01"),
        (0.0042, "$0.0042"),
        (1e-9, "below $0.0001"),
        (None, "not priced"),
    ],
)
def test_dollars_are_never_rounded_to_nothing(amount: float | None, text: str) -> None:
    assert usd(amount) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1234, "1,234"), (2.0, "2"), (0.5, "0.5"), (1234.5678, "1,234.568"), (100.0, "100"), (0.0001, "0.0001")],
)
def test_counts_have_separators_and_few_decimals(number: float, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "table", "1 table"), (2, "query", "2 queries"), (0, "GSI", "0 GSIs"), (3, "index", "3 indexes")],
)
def test_nouns_agree_with_their_number(number: int, noun: str, text: str) -> None:
    assert plural(number, noun) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0 B"), (1023, "1,023 B"), (1024, "1.0 KB"), (5 * 1024**3, "5.0 GB"), (3000 * 1024**4, "3,000.0 TB")],
)
def test_sizes_are_in_units_of_1024(length: int, text: str) -> None:
    assert size(length) == text


@pytest.mark.parametrize(
    ("a_second", "text"),
    [(40, "40/s"), (0.05, "3/min"), (0.001, "3.6/h"), (2 / 86400, "2/day"), (1e-6, "0.086/day"), (0, "0/s")],
)
def test_rates_use_the_shortest_time_that_has_one(a_second: float, text: str) -> None:
    assert rate(a_second) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0 %"), (1, "100 %"), (0.125, "12.50 %"), (0.000001, "below 0.01 %"), (0.999999, "above 99.99 %")],
)
def test_only_nothing_is_0_percent_and_only_all_is_100(part: float, text: str) -> None:
    assert share(part) == text
