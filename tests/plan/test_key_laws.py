"""Whole keys: no two rows share one, all are read back by what is published, and they sort as their rows do."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from migrator.model.schema import Column, Kind
from migrator.plan.items import Writer, compile_template
from migrator.plan.keys import encode, null_text, ordered_encoding, terminator
from migrator.plan.plan import SlotKeys
from migrator.plan.values import Unstorable, Wire, canonical, to_wire

from tests.plan.conftest import ROOT
from tests.plan.drawing import decimals, integers, texts
from tests.plan.hand import attribute, row_entity
from tests.plan.second_decoder import equal, read_key, read_part

VECTORS: dict[str, Any] = json.loads((ROOT / "docs" / "keys-vectors.json").read_text("utf-8"))

VALUES: dict[str, tuple[Kind, st.SearchStrategy[Any]]] = {
    "text": (Kind.TEXT, texts),
    "int19": (Kind.INTEGER, integers),
    "num": (Kind.DECIMAL, decimals),
    "hex": (Kind.BYTES, st.binary(max_size=3)),
}
"""An ordered encoding of each sort, a kind that has it, and values."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A key of columns: `encodings` are those of its parts, "" for the plain ones of a partition."""

    encodings: tuple[str, ...]
    kinds: tuple[Kind, ...]
    plain: bool

    @property
    def template(self) -> str:
        if self.plain:
            return "T" + "".join(f"#{{c{at}}}" for at in range(len(self.kinds)))
        parts = [f"{{c{at}:{encoding}}}" for at, encoding in enumerate(self.encodings)]
        ends = [*(terminator(encoding) for encoding in self.encodings[:-1]), ""]
        return "T#" + "".join(part + end for part, end in zip(parts, ends, strict=True))

    def writer(self) -> Writer:
        columns = tuple(attribute(f"c{at}", kind) for at, kind in enumerate(self.kinds))
        return compile_template(self.template, row_entity("T", "t", columns, (SlotKeys("table", self.template, "T#"),)))

    def wires(self, row: Sequence[Any]) -> dict[str, Wire]:
        wires = {f"c{at}": to_wire(kind, value) for at, (kind, value) in enumerate(zip(self.kinds, row, strict=True))}
        return {name: wire for name, wire in wires.items() if wire is not None}

    def key(self, row: Sequence[Any]) -> str:
        return self.writer()(self.wires(row))


@st.composite
def shapes_and_rows(draw: st.DrawFn, count: int = 2) -> tuple[Shape, list[tuple[Any, ...]]]:
    """A key of up to three columns, and rows with NULL and '' in any position, that often agree in some."""
    encodings = tuple(draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3)))
    kinds = tuple(VALUES[encoding][0] for encoding in encodings)
    columns = [st.one_of(st.none(), VALUES[encoding][1]) for encoding in encodings]
    first = tuple(draw(column) for column in columns)
    rows = [first]
    for _ in range(count - 1):
        rows.append(tuple(draw(st.one_of(st.just(old), column)) for old, column in zip(first, columns, strict=True)))
    return Shape(encodings, kinds, draw(st.booleans())), rows


def same(shape: Shape, left: Sequence[Any], right: Sequence[Any]) -> bool:
    one, other = shape.wires(left), shape.wires(right)
    return {n: canonical(w) for n, w in one.items()} == {n: canonical(w) for n, w in other.items()}


TWO_TEXTS = (("text", "text"), (Kind.TEXT, Kind.TEXT))


@given(shapes_and_rows())
@example((Shape(*TWO_TEXTS, plain=True), [("1#2", "3"), ("1", "2#3")]))
@example((Shape(*TWO_TEXTS, plain=True), [("%23", "#"), ("#", "%23")]))
@example((Shape(*TWO_TEXTS, plain=True), [(None, ""), ("", None)]))
@example((Shape(*TWO_TEXTS, plain=False), [("a\tb", ""), ("a", "b\t")]))
@example((Shape(*TWO_TEXTS, plain=False), [("\n9", "x"), ("\t", "x")]))
@example((Shape(*TWO_TEXTS, plain=False), [(None, "\x01"), ("\x01", None)]))
def test_two_rows_share_a_key_only_when_they_are_equal_in_it(drawn: tuple[Shape, list[tuple[Any, ...]]]) -> None:
    shape, (left, right) = drawn
    assert (shape.key(left) == shape.key(right)) == same(shape, left, right)


@given(shapes_and_rows(1))
@example((Shape(*TWO_TEXTS, plain=True), [("~1", "%7E")]))
@example((Shape(*TWO_TEXTS, plain=False), [("", "\x00\n\t")]))
def test_a_key_is_read_back_by_a_reader_that_knows_only_the_page(drawn: tuple[Shape, list[tuple[Any, ...]]]) -> None:
    shape, (row,) = drawn
    kinds = {f"c{at}": kind.value for at, kind in enumerate(shape.kinds)}
    wires = shape.wires(row)
    read = read_key(shape.template, kinds, shape.key(row))
    assert all(equal(read[name], wires.get(name)) for name in kinds), (read, wires)


def rank(value: Any) -> tuple[bool, Any]:
    """NULL first, as in SQLite."""
    return (value is not None, 0 if value is None else value)


@given(shapes_and_rows())
@example((Shape(("text", "int19"), (Kind.TEXT, Kind.INTEGER), plain=False), [("a", 1), ("a\x00", 0)]))
@example((Shape(("num", "text"), (Kind.DECIMAL, Kind.TEXT), plain=False), [(-1, "x"), (-10, "y")]))
@example((Shape(("text", "text"), (Kind.TEXT, Kind.TEXT), plain=False), [(None, "z"), ("", "a")]))
@example((Shape(("hex", "hex"), (Kind.BYTES, Kind.BYTES), plain=False), [(None, b"z"), (b"", b"a")]))
def test_composite_sort_keys_sort_as_their_rows(drawn: tuple[Shape, list[tuple[Any, ...]]]) -> None:
    shape, (left, right) = drawn
    ordered = Shape(shape.encodings, shape.kinds, plain=False)
    if None in (left[-1], right[-1]) and any(last in ("", b"") for last in (left[-1], right[-1])):
        return  # the exception that docs/keys.md names: at the end of a key '' comes before NULL
    keys = [ordered.key(row).encode() for row in (left, right)]
    rows = [tuple(map(rank, row)) for row in (left, right)]
    if not same(shape, left, right):
        assert (keys[0] < keys[1]) == (rows[0] < rows[1])


@given(st.integers(-(10**38) + 1, 10**38 - 1), st.integers(-(10**38) + 1, 10**38 - 1))
@example(2**63 - 1, 2**63)
@example(-(2**63), -(2**63) - 1)
@example(10**37, 10**38 - 1)
@example(0, -1)
def test_integers_of_any_size_keep_their_order(left: int, right: int) -> None:
    keys = [encode("num", Kind.INTEGER, to_wire(Kind.INTEGER, value)).encode() for value in (left, right)]
    assert (keys[0] < keys[1]) == (left < right)


FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e120, max_value=1e120).filter(
    lambda value: value == 0 or abs(value) > 1e-120
)


@given(FLOATS, FLOATS)
@example(-0.0, 0.0)
@example(0.1, 0.1 + 2**-56)
def test_doubles_keep_their_order(left: float, right: float) -> None:
    keys = [encode("num", Kind.FLOAT, to_wire(Kind.FLOAT, value)).encode() for value in (left, right)]
    assert (keys[0] < keys[1]) == (left < right)


ZONES = st.one_of(st.just(UTC), st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))))
MOMENTS = st.datetimes(timezones=ZONES)


@given(MOMENTS, MOMENTS)
def test_moments_of_any_zone_sort_by_their_instant(left: Any, right: Any) -> None:
    try:
        keys = [encode("", Kind.TIMESTAMP, to_wire(Kind.TIMESTAMP, value)).encode() for value in (left, right)]
    except Unstorable:
        return  # at the ends of the calendar, where the instant has no year from 1 to 9999
    assert (keys[0] < keys[1]) == (left < right)


@given(st.uuids(), st.uuids())
def test_uuids_sort_by_their_bytes(left: Any, right: Any) -> None:
    keys = [encode("", Kind.UUID, to_wire(Kind.UUID, value)).encode() for value in (left, right)]
    assert (keys[0] < keys[1]) == (left.bytes < right.bytes)


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.JSON, Kind.ARRAY}))
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_null_is_told_from_every_value_of_every_kind(kind: Kind, dialect: str) -> None:
    encoding = ordered_encoding(Column("c", "", kind, bits=64 if kind is Kind.INTEGER else None), dialect)
    texts_of_kind = {v["text"] for v in VECTORS["encode"] if v["value"] and v["encoding"] == encoding}
    assert null_text(encoding) not in texts_of_kind
    assert encode(encoding, kind, None) == null_text(encoding)


@given(st.integers(1020, 1024 * 3), st.sampled_from(["a", "é", "€", "😀", "#", "\x00"]))
@example(2046, "a")
@example(2047, "a")
def test_a_key_is_measured_in_bytes(count: int, character: str) -> None:
    columns = (attribute("c", Kind.TEXT),)
    entity = row_entity("T", "t", columns, (SlotKeys("table", "T#{c}", "T#"),))
    text = compile_template("T#{c}", entity)({"c": {"S": character * count}})
    wide = {"#": 3, "\x00": 1}.get(character, len(character.encode()))
    assert len(text.encode()) == 2 + wide * count


@pytest.mark.parametrize("vector", VECTORS["encode"], ids=lambda v: f"{v['encoding']}-{v['kind']}-{v['text'][:20]!a}")
def test_a_vector_is_read_by_a_reader_that_knows_only_the_page(vector: dict[str, Any]) -> None:
    value = vector["value"]
    wire = {"B": b64decode(value["B"])} if value and "B" in value else value
    if vector["encoding"] != "fold":
        assert equal(read_part(vector["encoding"], vector["kind"], vector["text"]), wire)


@pytest.mark.parametrize("vector", VECTORS["templates"], ids=lambda vector: vector["template"])
def test_a_key_of_the_vectors_is_read_by_a_reader_that_knows_only_the_page(vector: dict[str, Any]) -> None:
    read = read_key(vector["template"], vector["kinds"], vector["text"])
    if "fold" not in vector["template"]:
        assert all(equal(read[name], vector["values"].get(name)) for name in read)


def test_the_vectors_show_every_kind_that_a_key_may_hold() -> None:
    assert {v["kind"] for v in VECTORS["encode"]} == {kind.value for kind in Kind} - {"json", "array"}
