"""What quick functions call for values that are not the usual ones of their columns: the obvious functions, in JSON."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from migrator.model.schema import Kind
from migrator.plan.items import expiry_seconds, shard_of
from migrator.plan.itemtext import item_text
from migrator.plan.keys import encode
from migrator.plan.values import Unstorable, to_wire

EXACT = 10**38
"""Integers below it have at most the digits that DynamoDB keeps."""


def number(value: Any) -> str:
    """A number's one text. Unstorable for what is none."""
    if type(value) is float:
        text = repr(value)
        if text.endswith(".0"):
            return "0" if text == "-0.0" else text[:-2]
        if "e" not in text and "n" not in text:
            return text
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise Unstorable("not a number")
    wire = to_wire(Kind.DECIMAL, value)
    return "" if wire is None else str(wire["N"])


def string_writer(kind: Kind) -> Callable[[Any], str]:
    """From a value that becomes a string to that string in JSON; Unstorable for any other."""

    def write(value: Any) -> str:
        wire = to_wire(kind, value)
        if wire is None or "S" not in wire:
            raise Unstorable("not a text")
        return encode_basestring_ascii(wire["S"])

    return write


def wire_writer(kind: Kind) -> Callable[[Any], str | None]:
    """From a value to its wire form in JSON; None for NULL."""

    def write(value: Any) -> str | None:
        if type(value) is bytes:
            return f'{{"B":"{b64encode(value).decode()}"}}'
        wire = to_wire(kind, value)
        return None if wire is None else item_text(wire)

    return write


def part_writer(encoding: str, kind: Kind) -> Callable[[Any], str]:
    """From a value to its part of a key in JSON."""
    return lambda value: encode_basestring_ascii(encode(encoding, kind, to_wire(kind, value)))[1:-1]


def expiry_writer(kind: Kind, column: str) -> Callable[[Any], str]:
    """From a value to the seconds at which its item expires."""

    def write(value: Any) -> str:
        wire = to_wire(kind, value)
        if wire is None:
            raise Unstorable("no time")
        return str(expiry_seconds(wire, column))

    return write


def shard_writer(shards: int) -> Callable[[str, str], str]:
    """From the table's key, partition and sort in JSON, to its write shard."""
    return lambda partition, sort: str(shard_of(f"{_raw(partition)}\n{_raw(sort)}", shards))


def _raw(inner: str) -> str:
    return str(json.loads(f'"{inner}"')) if "\\" in inner else inner
