"""The key codec: decodable, injective, and in the values' own order whatever follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from migrator.model.schema import Column, Kind
from migrator.plan.compare import fold, sort_key
from migrator.plan.keys import decode, encode, null_text, ordered_encoding, terminator
from migrator.plan.values import Unstorable, Wire, canonical, to_wire

from tests.plan.drawing import ORDERED, PLAIN, decimals, texts

TAILS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
EVERY_ORDERED = pytest.mark.parametrize("encoding", sorted(ORDERED))
EVERY_PLAIN = pytest.mark.parametrize("kind", sorted(PLAIN))


def wire_of(kind: Kind, value: Any) -> Wire | None:
    return to_wire(kind, value)


def same(left: Wire | None, right: Wire | None) -> bool:
    return (left and canonical(left)) == (right and canonical(right))


@EVERY_ORDERED
@given(data=st.data())
def test_an_ordered_value_is_decoded_as_it_was(encoding: str, data: st.DataObject) -> None:
    kind, values = ORDERED[encoding]
    wire = wire_of(kind, data.draw(st.none() | values))
    assert decode(encoding, kind, encode(encoding, kind, wire)) == wire


@EVERY_PLAIN
@given(data=st.data())
def test_a_plain_value_is_decoded_as_it_was(kind: Kind, data: st.DataObject) -> None:
    wire = wire_of(kind, data.draw(st.none() | PLAIN[kind]))
    assert decode("", kind, encode("", kind, wire)) == wire


@EVERY_PLAIN
@given(data=st.data())
def test_different_plain_values_have_different_texts(kind: Kind, data: st.DataObject) -> None:
    left, right = (wire_of(kind, data.draw(st.none() | PLAIN[kind])) for _ in "ab")
    assert (encode("", kind, left) == encode("", kind, right)) == same(left, right)


@EVERY_PLAIN
@given(data=st.data())
def test_a_plain_text_holds_no_separator(kind: Kind, data: st.DataObject) -> None:
    assert "#" not in encode("", kind, wire_of(kind, data.draw(st.none() | PLAIN[kind])))


@EVERY_ORDERED
@given(data=st.data(), tails=st.tuples(TAILS, TAILS))
def test_ordered_texts_sort_as_their_values_whatever_follows(
    encoding: str, data: st.DataObject, tails: tuple[str, str]
) -> None:
    kind, values = ORDERED[encoding]
    left, right = data.draw(values), data.draw(values)
    keys = [
        (encode(encoding, kind, wire_of(kind, value)) + terminator(encoding) + tail).encode()
        for value, tail in zip((left, right), tails, strict=True)
    ]
    if left != right:
        assert (keys[0] < keys[1]) == (left < right)


@EVERY_ORDERED
@given(data=st.data())
def test_ordered_texts_sort_as_their_values_at_the_end_of_a_key(encoding: str, data: st.DataObject) -> None:
    kind, values = ORDERED[encoding]
    left, right = data.draw(values), data.draw(values)
    texts = [encode(encoding, kind, wire_of(kind, value)).encode() for value in (left, right)]
    assert (texts[0] < texts[1]) == (left < right)


@EVERY_ORDERED
@given(data=st.data(), tails=st.tuples(TAILS, TAILS))
def test_null_sorts_before_every_value(encoding: str, data: st.DataObject, tails: tuple[str, str]) -> None:
    kind, values = ORDERED[encoding]
    end = terminator(encoding)
    value = encode(encoding, kind, wire_of(kind, data.draw(values))) + end + tails[0]
    assert (null_text(encoding) + end + tails[1]).encode() < value.encode()


@pytest.mark.parametrize("encoding", ["", "text", "fold"])
@pytest.mark.parametrize("text", ["", "%00", "\x01", "\x02", "%2500", "\x00", "NULL"])
def test_null_is_no_text(encoding: str, text: str) -> None:
    assert encode(encoding, Kind.TEXT, {"S": text}) != encode(encoding, Kind.TEXT, None)


@given(texts, texts)
def test_a_folded_text_forgets_ascii_case_and_nothing_else(left: str, right: str) -> None:
    keys = [encode("fold", Kind.TEXT, {"S": text}) for text in (left, right)]
    assert (keys[0] == keys[1]) == (fold(left) == fold(right))
    assert (keys[0].encode() < keys[1].encode()) == (fold(left) < fold(right))


@given(texts, texts, st.booleans())
def test_a_prefix_of_a_text_is_a_prefix_of_its_key(text: str, other: str, related: bool) -> None:
    prefix = text[: len(other)] if related else other
    assert encode("text", Kind.TEXT, {"S": text}).startswith(encode("text", Kind.TEXT, {"S": prefix})) == (
        text.startswith(prefix)
    )


@given(texts, texts)
def test_a_prefix_of_a_folded_text_is_a_prefix_of_its_key(text: str, other: str) -> None:
    key, prefix = (encode("fold", Kind.TEXT, {"S": one}) for one in (text, other))
    assert key.startswith(prefix) == fold(text).startswith(fold(other))


@given(st.one_of(texts, decimals), st.one_of(texts, decimals), TAILS, TAILS)
def test_numbers_sort_before_text_where_a_column_holds_both(left: Any, right: Any, tail: str, other: str) -> None:
    keys = [
        (encode("text", Kind.DATETIME, to_wire(Kind.DATETIME, value)) + terminator("text") + end).encode()
        for value, end in ((left, tail), (right, other))
    ]
    if sort_key(left) != sort_key(right):
        assert (keys[0] < keys[1]) == (sort_key(left) < sort_key(right))


@given(st.one_of(st.none(), texts, decimals))
def test_a_number_among_text_is_decoded_as_it_was(value: Any) -> None:
    wire = to_wire(Kind.UNKNOWN, value)
    assert decode("text", Kind.UNKNOWN, encode("text", Kind.UNKNOWN, wire)) == wire


@pytest.mark.parametrize(
    ("encoding", "kind", "wire", "reason"),
    [
        ("", Kind.INTEGER, {"S": "n/a"}, "a number"),
        ("num", Kind.DECIMAL, {"S": "n/a"}, "a number"),
        ("int19", Kind.INTEGER, {"N": "1.5"}, "1.5 is not an integer"),
        ("int5", Kind.INTEGER, {"N": "123456"}, "more than 5 digits"),
        ("", Kind.TEXT, {"N": "5"}, "a text"),
        ("", Kind.TEXT, {"B": b"5"}, "holds bytes"),
        ("", Kind.UNKNOWN, {"B": b"5"}, "holds bytes"),
        ("", Kind.BOOLEAN, {"N": "2"}, "a boolean"),
        ("", Kind.INTEGER, {"BOOL": True}, "holds a boolean"),
        ("", Kind.TEXT, {"L": []}, "holds a document"),
        ("int19", Kind.TEXT, {"S": "orphan"}, "a number"),
        ("hex", Kind.TEXT, {"S": "orphan"}, "bytes"),
    ],
)
def test_a_value_of_another_type_has_no_key(encoding: str, kind: Kind, wire: Wire, reason: str) -> None:
    with pytest.raises(Unstorable, match=reason):
        encode(encoding, kind, wire)


def test_a_reference_is_written_as_the_column_it_refers_to() -> None:
    assert encode("text", Kind.INTEGER, {"N": "7"}) == encode("text", Kind.TEXT, {"S": "7"})


@pytest.mark.parametrize(
    ("column", "dialect", "encoding"),
    [
        (Column("c", "SMALLINT", Kind.INTEGER, bits=16), "mysql", "int5"),
        (Column("c", "MEDIUMINT", Kind.INTEGER, bits=24), "mysql", "int8"),
        (Column("c", "INT", Kind.INTEGER, bits=32), "mysql", "int10"),
        (Column("c", "BIGINT", Kind.INTEGER, bits=64), "mysql", "int19"),
        (Column("c", "BIGINT UNSIGNED", Kind.INTEGER, bits=64, unsigned=True), "mysql", "int20"),
        (Column("c", "NUMBER", Kind.INTEGER), "oracle", "num"),
        (Column("c", "NUMERIC", Kind.DECIMAL), "sqlite", "num"),
        (Column("c", "TIMESTAMP", Kind.DATETIME), "sqlite", "text"),
        (Column("c", "TIMESTAMP", Kind.DATETIME), "postgresql", ""),
        (Column("c", "BOOLEAN", Kind.BOOLEAN), "sqlite", ""),
        (Column("c", "BLOB", Kind.BYTES), "sqlite", "hex"),
        (Column("c", "TEXT", Kind.TEXT), "sqlite", "text"),
    ],
)
def test_width_comes_from_the_declared_type(column: Column, dialect: str, encoding: str) -> None:
    assert ordered_encoding(column, dialect) == encoding


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.BOOLEAN])
@given(data=st.data(), tails=st.tuples(TAILS, TAILS))
def test_kinds_that_need_no_ordered_form_sort_by_their_plain_text(
    kind: Kind, data: st.DataObject, tails: tuple[str, str]
) -> None:
    values: dict[Kind, st.SearchStrategy[Any]]
    values = {Kind.DATE: st.dates(), Kind.TIME: st.times(), Kind.DATETIME: st.datetimes(), Kind.BOOLEAN: st.booleans()}
    left, right = data.draw(values[kind]), data.draw(values[kind])
    keys = [encode("", kind, to_wire(kind, v)) + terminator("") + t for v, t in zip((left, right), tails, strict=True)]
    assert all(key > null_text("") + terminator("") for key in keys)
    if left != right:
        assert (keys[0] < keys[1]) == (left < right)


def test_numbers_beyond_64_bits_keep_their_order() -> None:
    values = [
        Decimal(text) for text in ("-1E125", "-1E40", "-10", "-1.5", "-1", "-1E-130", "0", "1E-130", "2", "1E125")
    ]
    keys = [encode("num", Kind.DECIMAL, to_wire(Kind.DECIMAL, value)) for value in values]
    assert keys == sorted(keys)
