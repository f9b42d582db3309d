"""Large values that go to S3: each object is there before the item that points to it, whatever ends in between."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from migrator.load.load import load
from migrator.load.preflight import preflight
from migrator.load.run_record import Mode
from migrator.plan.offload import Pointer, StoredObject, pointers, read_pointer, stored_object
from migrator.plan.plan import Offload
from migrator.ports import Put, Throttled
from migrator.render.exports.iam import application_policy, loader_policy

from tests.load.world import MemoryTable, quick
from tests.verify.archive import MemoryObjects, archive
from tests.verify.harmed_worlds import Harmed

STORE = Offload("documents", "app", 10, ())


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harmed]:
    with archive(tmp_path_factory.mktemp("archive")) as there:
        yield there


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Failing(MemoryObjects):
    """Fails before the put of that number, once."""

    at: int
    fault: BaseException
    bodies: dict[str, bytes] = field(default_factory=dict)
    digests: bool = True
    puts: int = 0
    gets: int = 0

    def put(self, stored: StoredObject) -> None:
        if self.puts == self.at:
            self.at = -1
            raise self.fault
        super().put(stored)


def table_for(papers: Harmed, store: MemoryObjects) -> MemoryTable:
    """A table that takes no item whose object is not there yet."""

    def refuse(puts: Sequence[Put]) -> None:
        entity = papers.plan.entity("PAPER")
        for put in puts:
            if put.item.get("type") == {"S": "PAPER"}:
                assert all(store.look(pointer) for _, pointer in pointers(papers.plan, entity, put.item))

    return MemoryTable(refuse=refuse)


def run(papers: Harmed, table: MemoryTable, store: MemoryObjects, **changes: object) -> None:
    load(papers.plan, papers.source, table, quick(objects=store, rows_per_chunk=4, **changes), lambda progress: None)


@pytest.mark.parametrize("mode", Mode)
def test_every_item_points_to_an_object_that_was_there_before_it(mode: Mode, papers: Harmed) -> None:
    store = MemoryObjects()
    table = table_for(papers, store)
    run(papers, table, store, mode=mode)
    assert {name: table.items[name] for name in papers.table.items} == papers.table.items
    assert store.bodies == papers.objects.bodies


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_crash_among_the_objects_is_resumed_to_the_same_table_and_objects(at: int, papers: Harmed) -> None:
    store = Failing(at, Crash())
    table = table_for(papers, store)
    with pytest.raises(Crash):
        run(papers, table, store)
    run(papers, table, store)
    assert {name: table.items[name] for name in papers.table.items} == papers.table.items
    assert store.bodies == papers.objects.bodies


def test_a_throttled_put_is_asked_again(papers: Harmed) -> None:
    store = Failing(2, Throttled("slow down"))
    run(papers, table_for(papers, store), store)
    assert store.bodies == papers.objects.bodies


def test_preflight_counts_objects_and_their_bytes(papers: Harmed) -> None:
    found = preflight(papers.plan, papers.source)
    bodies = papers.objects.bodies.values()
    assert (found.objects, found.object_bytes) == (len(bodies), sum(map(len, bodies)))


@pytest.mark.parametrize("wire", [{"S": "Zo\u00eb" * 5}, {"B": b"\x00\xff" * 9}])
def test_a_pointer_leads_back_to_the_very_value(wire: dict[str, object]) -> None:
    made = stored_object(STORE, "paper", wire)
    assert made is not None
    pointer = read_pointer(made.pointer)
    assert pointer == Pointer("documents", f"app/paper/{made.sha256}", len(made.body), made.sha256, made.type)
    assert pointer.value(made.body) == wire


@pytest.mark.parametrize("wire", [{"S": "\u00e9" * 5}, {"B": b"1234567890"}, {"N": "12345678901234"}, {"S": ""}])
def test_a_small_value_and_a_number_stay_on_the_item(wire: dict[str, object]) -> None:
    """Bytes count, not characters; the bound itself is within."""
    assert stored_object(STORE, "paper", wire) is None
    assert read_pointer(wire) is None


def test_text_and_bytes_of_one_content_are_one_object_with_two_pointers() -> None:
    text, blob = stored_object(STORE, "t", {"S": "0123456789a"}), stored_object(STORE, "t", {"B": b"0123456789a"})
    assert text is not None and blob is not None
    assert text.key == blob.key and text.pointer != blob.pointer


def test_the_policies_allow_the_objects_under_the_prefix_and_no_others(papers: Harmed) -> None:
    arn = "arn:aws:s3:::documents/app/*"
    for policy in (application_policy(papers.plan), loader_policy(papers.plan)):
        told = {one["Sid"]: (one["Action"], one["Resource"]) for one in json.loads(policy)["Statement"]}
        assert told["Objects"] == (["s3:GetObject", "s3:PutObject"], [arn])
    assert told["Bucket"] == (["s3:ListBucket"], ["arn:aws:s3:::documents"])
