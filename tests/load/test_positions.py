"""A position in a table's key order reads back as exactly the values that it was written from."""

from __future__ import annotations

from migrator.load.exact import decode_values, encode_values
from migrator.model.unit import InvalidText


def test_text_that_is_no_text_stays_apart_from_bytes() -> None:
    (text, data) = decode_values(encode_values((InvalidText(b"\xff"), b"\xff")))
    assert (type(text), text) == (InvalidText, b"\xff")
    assert type(data) is bytes
