"""The published test vectors are what the code does, and cover all of it."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from migrator.model.schema import Kind
from migrator.plan.items import compile_template, shard_of
from migrator.plan.keys import decode, encode, terminator
from migrator.plan.plan import SlotKeys

from tests.plan.conftest import ROOT
from tests.plan.drawing import ORDERED
from tests.plan.hand import attribute, row_entity

VECTORS: dict[str, Any] = json.loads((ROOT / "docs" / "keys-vectors.json").read_text("utf-8"))


def wire_of(value: Any) -> Any:
    return {"B": b64decode(value["B"])} if value and "B" in value else value


@pytest.mark.parametrize(
    "vector", VECTORS["encode"], ids=lambda vector: f"{vector['encoding']}-{vector['text'][:20]!a}"
)
def test_a_value_is_written_and_read_as_published(vector: dict[str, Any]) -> None:
    kind, wire = Kind(vector["kind"]), wire_of(vector["value"])
    assert encode(vector["encoding"], kind, wire) == vector["text"]
    if vector["encoding"] != "fold":
        assert decode(vector["encoding"], kind, vector["text"]) == wire


@pytest.mark.parametrize("vector", VECTORS["order"], ids=lambda vector: f"{vector['encoding']}-{vector['kind']}")
def test_values_sort_as_published(vector: dict[str, Any]) -> None:
    encoding, kind = vector["encoding"], Kind(vector["kind"])
    keys = [(encode(encoding, kind, wire_of(one)) + terminator(encoding)).encode() for one in vector["ascending"]]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("vector", VECTORS["templates"], ids=lambda vector: vector["template"])
def test_a_template_is_filled_as_published(vector: dict[str, Any]) -> None:
    columns = tuple(attribute(name, Kind(kind)) for name, kind in vector["kinds"].items())
    entity = row_entity("T", "t", columns, (SlotKeys("table", vector["template"], "T#"),))
    assert compile_template(vector["template"], entity)(vector["values"]) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["shards"], ids=lambda vector: vector["partition"])
def test_a_shard_is_computed_as_published(vector: dict[str, Any]) -> None:
    assert shard_of(f"{vector['partition']}\n{vector['sort']}", vector["shards"]) == vector["shard"]


def test_every_encoding_has_vectors_and_a_line_in_the_page(docs: Path) -> None:
    encodings = {"", "fold", *ORDERED}
    assert {vector["encoding"] for vector in VECTORS["encode"]} == encodings
    page = (docs / "keys.md").read_text("utf-8")
    assert all(f"`{encoding}`" in page for encoding in encodings - {""})


def test_every_encoding_shows_null_where_it_may_be(docs: Path) -> None:
    with_null = {vector["encoding"] for vector in VECTORS["encode"] if vector["value"] is None}
    assert {"", "text", "fold", "int19", "num", "hex"} <= with_null


@pytest.mark.parametrize(("value", "text"), [("12.5", "6501125"), ("-12.5", "4498874~"), ("0", "5")])
def test_the_pages_own_examples_are_true(docs: Path, value: str, text: str) -> None:
    assert encode("num", Kind.DECIMAL, {"N": value}) == text
    assert f"`{text}`" in (docs / "keys.md").read_text("utf-8")
