"""Values become what DynamoDB holds, exactly, or are refused by name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.model.schema import Kind
from migrator.model.unit import InvalidText, OutOfCalendar
from migrator.plan.type_policy import type_policy
from migrator.plan.values import Unstorable, canonical, dynamodb_type, from_wire, number_text, read_parameter, to_wire

from tests.plan.drawing import decimals, texts

DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts.filter(lambda name: name != ""), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(decimals)
def test_a_number_survives_its_text_exactly(value: Decimal) -> None:
    assert Decimal(number_text(value)) == value


@given(decimals, st.integers(0, 5))
def test_equal_numbers_have_one_text(value: Decimal, zeros: int) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    assert number_text(Decimal((sign, digits + (0,) * zeros, exponent - zeros))) == number_text(value)


@given(decimals)
def test_a_number_has_no_zero_at_its_end_and_no_minus_zero(value: Decimal) -> None:
    text = number_text(value)
    assert text != "-0"
    assert not ("." in text and text.partition("E")[0].endswith(("0", ".")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.00", "0"),
        ("-0", "0"),
        ("1.50", "1.5"),
        ("1E2", "100"),
        ("-1E-3", "-0.001"),
        ("1E+39", "1" + "0" * 39),
        ("1E+40", "1E+40"),
        ("12E-60", "1.2E-59"),
    ],
)
def test_numbers_are_positional_within_forty_places(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e120, max_value=1e120))
def test_a_float_keeps_its_shortest_digits(value: float) -> None:
    if value and abs(value) < 1e-129:
        return
    wire = to_wire(Kind.FLOAT, value)
    assert wire is not None
    assert float(wire["N"]) == value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal("NaN"),
        10**38 + 1,
        Decimal("1." + "1" * 38),
        Decimal("1E126"),
        Decimal("-9.999E126"),
        Decimal("1E-131"),
        "half \ud800",
        InvalidText(b"\xff"),
        object(),
        {"": 1},
        {"\udfff": 1},
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_dynamodb_cannot_hold_is_refused_with_the_reason(value: Any) -> None:
    with pytest.raises(Unstorable) as refusal:
        to_wire(Kind.UNKNOWN, value)
    assert refusal.value.reason


@pytest.mark.parametrize("value", [Decimal("9.99E125"), Decimal("1E-130"), 10**38 - 1, 10**125, -(10**38) + 1])
def test_the_largest_and_smallest_numbers_are_kept(value: Any) -> None:
    wire = to_wire(Kind.DECIMAL, value)
    assert wire is not None
    assert Decimal(wire["N"]) == value


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        (Kind.TEXT, None, None),
        (Kind.TEXT, "", {"S": ""}),
        (Kind.BOOLEAN, 1, {"BOOL": True}),
        (Kind.BOOLEAN, 2, {"N": "2"}),
        (Kind.BOOLEAN, True, {"BOOL": True}),
        (Kind.INTEGER, 1, {"N": "1"}),
        (Kind.INTEGER, 1.5, {"N": "1.5"}),
        (Kind.INTEGER, "n/a", {"S": "n/a"}),
        (Kind.BYTES, bytearray(b"\x00"), {"B": b"\x00"}),
        (Kind.DATE, date(24, 1, 2), {"S": "0024-01-02"}),
        (Kind.TIME, time(9, 30), {"S": "09:30:00"}),
        (Kind.DATETIME, datetime(2024, 1, 2), {"S": "2024-01-02T00:00:00.000000"}),
        (
            Kind.TIMESTAMP,
            datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
            {"S": "2024-01-02T01:00:00.000000Z"},
        ),
        (Kind.TIMESTAMP, datetime(1, 1, 1, tzinfo=UTC), {"S": "0001-01-01T00:00:00.000000Z"}),
        (Kind.INTERVAL, timedelta(days=-1, microseconds=1), {"S": "-PT86399.999999S"}),
        (Kind.UUID, UUID(int=5), {"S": "00000000-0000-0000-0000-000000000005"}),
        (Kind.ARRAY, [1, None], {"L": [{"N": "1"}, {"NULL": True}]}),
        (Kind.TEXT, "[1]", {"S": "[1]"}),
        (Kind.JSON, "[1, 2.50]", {"L": [{"N": "1"}, {"N": "2.5"}]}),
        (Kind.JSON, "7", {"S": "7"}),
        (Kind.JSON, "{", {"S": "{"}),
        (Kind.JSON, '{"": 1}', {"S": '{"": 1}'}),
        (Kind.JSON, '{"\\ud800": 1}', {"S": '{"\\ud800": 1}'}),
        (Kind.JSON, "[NaN]", {"S": "[NaN]"}),
        (Kind.JSON, '{"a": 1, "a": 2}', {"S": '{"a": 1, "a": 2}'}),
        (Kind.JSON, '[{"a": {"b": 1, "b": 1}}]', {"S": '[{"a": {"b": 1, "b": 1}}]'}),
    ],
)
def test_each_kind_has_its_wire_form(kind: Kind, value: Any, wire: Any) -> None:
    assert to_wire(kind, value) == wire


def test_json_deeper_than_dynamodb_nests_stays_text() -> None:
    assert "S" in (to_wire(Kind.JSON, "[" * 33 + "]" * 33) or {})
    assert "L" in (to_wire(Kind.JSON, "[" * 32 + "]" * 32) or {})


@given(DOCUMENTS)
def test_documents_come_back_as_they_were(document: Any) -> None:
    wire = to_wire(Kind.UNKNOWN, document)
    assert from_wire(wire) == document


@given(DOCUMENTS.filter(lambda document: isinstance(document, (list, dict))))
def test_json_text_and_its_value_have_one_wire_form(document: Any) -> None:
    assert to_wire(Kind.JSON, json.dumps(document)) == to_wire(Kind.JSON, document)


@given(DOCUMENTS.filter(lambda document: document is not None))
def test_the_canonical_form_is_its_own(document: Any) -> None:
    wire = to_wire(Kind.UNKNOWN, document)
    assert wire is not None
    assert canonical(canonical(wire)) == canonical(wire) == wire


def test_the_canonical_form_compares_numbers_by_value_and_types_apart() -> None:
    assert canonical({"M": {"a": {"L": [{"N": "1.0"}]}}}) == canonical({"M": {"a": {"L": [{"N": "1"}]}}})
    assert canonical({"N": "1"}) != canonical({"S": "1"})


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        (Kind.INTEGER, " 7 ", {"N": "7"}),
        (Kind.DECIMAL, "7.10", {"N": "7.1"}),
        (Kind.BOOLEAN, "TRUE", {"BOOL": True}),
        (Kind.BOOLEAN, "0", {"BOOL": False}),
        (Kind.BOOLEAN, Decimal(1), {"BOOL": True}),
        (Kind.BYTES, "00ff", {"B": b"\x00\xff"}),
        (Kind.TEXT, 7, {"S": "7"}),
        (Kind.TEXT, Decimal("7.50"), {"S": "7.5"}),
        (Kind.DATETIME, "2024", {"S": "2024"}),
        (Kind.UNKNOWN, "7", {"S": "7"}),
        (Kind.INTEGER, None, None),
    ],
)
def test_a_parameter_is_read_as_its_column_has_it(kind: Kind, value: Any, wire: Any) -> None:
    assert read_parameter(kind, value) == wire


@pytest.mark.parametrize(
    ("kind", "value"), [(Kind.INTEGER, "x"), (Kind.INTEGER, "NaN"), (Kind.BOOLEAN, "maybe"), (Kind.BYTES, "zz")]
)
def test_a_parameter_that_no_row_can_equal_is_refused(kind: Kind, value: str) -> None:
    with pytest.raises(Unstorable):
        read_parameter(kind, value)


def test_every_kind_has_a_type_in_the_table() -> None:
    assert {dynamodb_type(kind) for kind in Kind} <= {"S", "N", "B", "BOOL", "L", "M/L"}


def test_the_type_policy_page_is_what_the_code_does(docs: Any) -> None:
    assert (docs / "types.md").read_text().startswith(type_policy())


def test_a_moment_that_no_calendar_has_is_refused_as_the_source_writes_it() -> None:
    with pytest.raises(Unstorable, match="0044-03-15 BC is no date or time of the years 1 to 9999"):
        to_wire(Kind.DATE, OutOfCalendar("0044-03-15 BC"))
