from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from migrator.load.exact import decode_values, encode_values
from migrator.model.unit import RowValue

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from((None, UTC, timezone(timedelta(hours=-9, minutes=-30))))),
    st.times(),
    st.timedeltas(),
    st.uuids(),
)


@given(st.lists(SCALARS).map(tuple))
def test_values_read_back_as_they_were(values: tuple[RowValue, ...]) -> None:
    back = decode_values(encode_values(values))
    assert back == values
    assert [type(value) for value in back] == [type(value) for value in values]


def test_what_python_takes_for_equal_is_written_differently() -> None:
    kinds: list[RowValue] = [1, 1.0, True, Decimal(1), Decimal("1.0"), "1", b"1", date(1, 1, 1), datetime(1, 1, 1)]
    kinds += [time(1), timedelta(1), None, "", 0.0, -0.0]
    assert len({encode_values((value,)) for value in kinds}) == len(kinds)


def test_nested_values_and_nan_read_back() -> None:
    assert decode_values(encode_values(([1, {"x": Decimal("1.10")}],))) == ([1, {"x": Decimal("1.10")}],)
    (value,) = decode_values(encode_values((float("nan"),)))
    assert isinstance(value, float)
    assert math.isnan(value)
