"""Values to draw: of every kind that a column holds, and texts that look like parts of keys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from migrator.model.schema import Kind

SEPARATORS = ["#", "%", "\t", "\n", "\x00", "\x01", "\x02", "\x03", "~", "{", "}", ":", ".", "a", "B", "0", "é", "😀"]
LOOKALIKES = ["", "%00", "%23", "%7E", "\x01", "\x00shard\x00", "ORDER#", "CUSTOMER#42", "ALL", "~5", "5", "{shard}"]

texts = st.one_of(
    st.sampled_from(LOOKALIKES),
    st.text(st.sampled_from(SEPARATORS), max_size=6),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
decimals = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(map(int, str(digits))), exponent)),
    st.integers(0, 1),
    st.integers(0, 10**38 - 1),
    st.integers(-92, 87),
)
small_decimals = st.decimals(-200, 200, places=2, allow_nan=False)
integers = st.one_of(st.integers(-12, 12), st.integers(-(2**63), 2**63 - 1))

ORDERED: dict[str, tuple[Kind, st.SearchStrategy[Any]]] = {
    "text": (Kind.TEXT, texts),
    "int5": (Kind.INTEGER, st.integers(-(2**15), 2**15 - 1)),
    "int8": (Kind.INTEGER, st.integers(-(2**23), 2**24 - 1)),
    "int10": (Kind.INTEGER, st.integers(-(2**31), 2**32 - 1)),
    "int19": (Kind.INTEGER, integers),
    "int20": (Kind.INTEGER, st.integers(0, 2**64 - 1)),
    "num": (Kind.DECIMAL, st.one_of(small_decimals, decimals)),
    "hex": (Kind.BYTES, st.binary(max_size=4)),
}
"""Each ordered encoding with a kind that uses it and values of that kind."""

PLAIN: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts,
    Kind.INTEGER: integers,
    Kind.DECIMAL: decimals,
    Kind.BYTES: st.binary(max_size=4),
    Kind.BOOLEAN: st.booleans(),
    Kind.UNKNOWN: st.one_of(texts, integers, decimals),
    Kind.DATETIME: st.one_of(texts, integers),
}
