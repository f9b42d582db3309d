"""The verifier is verified: every fault that is put into a loaded table is caught, and counted exactly."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from migrator.load.load import load
from migrator.ports import Refused
from migrator.target.connect import Connection
from migrator.target.faults import as_faults
from migrator.target.reader import DynamoReader
from migrator.target.sink import DynamoSink
from migrator.target.table import create_table
from migrator.verify.rows import verify_rows

from tests.acceptance.sources import make_shop
from tests.amount import many
from tests.design.world import World, planned
from tests.docs.faults import caught, line, lines
from tests.load.world import quick
from tests.verify.archive import archive
from tests.verify.chance import random_world, write
from tests.verify.harm import Harm, Identity, harmed
from tests.verify.harmed_worlds import APART, FAULTS, LIMITS, Harmed, holding, shop

ROOT = Path(__file__).resolve().parents[2]
CHINOOK = ROOT.parent / "shared" / "data" / "chinook"
SEEDS = tuple(range(many(2)))
WHOLE = ("all items of a type are missing", "all items of a partition are missing")
"""Faults of so many items that no other could be told beside them."""


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[int, Harmed]]:
    """The small shop, by the number of indexes that its plan may have."""
    with ExitStack() as stack:
        yield {
            number: stack.enter_context(shop(tmp_path_factory.mktemp(f"shop-{number}"), number)) for number in LIMITS
        }


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harmed]:
    """The archive, whose items hold rows and point to objects."""
    with archive(tmp_path_factory.mktemp("archive")) as there:
        yield there


def counted(there: Harmed) -> tuple[int, int, int]:
    """Missing, different and too many. What is missing and would have expired is counted apart: TTL deletes it."""
    report = there.rows(allow_scan=True)
    expired = sum(table.expired for table in report.tables)
    return report.missing + expired, report.different, report.extra or 0


def test_an_unharmed_table_is_clean(shops: Mapping[int, Harmed]) -> None:
    for there in shops.values():
        report = there.rows(allow_scan=True)
        assert (report.clean, report.checked, report.extra, report.differences) == (True, 104, 0, ())
        assert there.queries().clean


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught_by_the_checks_that_the_page_names(fault: str, shops: Mapping[int, Harmed]) -> None:
    found = caught(shops[LIMITS[0]], fault)
    assert found.rows or found.extras, "no check of the whole table sees it"
    assert lines().get(fault) == line(fault, found), "run `make docs`"


@pytest.mark.parametrize("fault", APART)
def test_each_fault_of_what_lies_apart_is_caught_and_counted_exactly(fault: str, papers: Harmed) -> None:
    found = caught(papers, fault)
    assert found.rows, "no check of the whole table sees it"
    assert lines().get(fault) == line(fault, found), "run `make docs`"
    for digests in (True, False):
        papers.objects.digests = digests
        with papers.with_fault(fault, 7) as done:
            assert counted(papers) == done
    papers.objects.digests = True


def test_an_unharmed_archive_is_clean_whether_its_store_tells_digests_or_not(papers: Harmed) -> None:
    assert list(papers.plan.embedded()) and papers.plan.offload is not None
    assert counted(papers) == (0, 0, 0)
    before = papers.objects.gets
    assert papers.rows().clean and papers.objects.gets == before, "an object was read whose digest is told"
    assert papers.queries().clean and papers.objects.gets > before


def test_the_page_names_no_other_faults() -> None:
    assert list(lines()) == [*FAULTS, *APART]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_fault_did_is_counted_exactly(fault: str, shops: Mapping[int, Harmed]) -> None:
    tried = 0
    for there in shops.values():
        for seed in (10, 11):
            with there.with_fault(fault, seed) as done:
                if done is not None:
                    tried += 1
                    assert counted(there) == done
    assert tried


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_in_a_random_database_are_counted_exactly(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "random.db"
    write(made := random_world(1_000 + seed, 6), path)
    with holding(planned(path, made.queries).plan, path) as there:
        assert counted(there) == (0, 0, 0)
        for fault in FAULTS:
            with there.with_fault(fault, seed) as done:
                if done is not None:
                    assert (fault, counted(there)) == (fault, done)


def everything(there: Harmed) -> tuple[int, int, int]:
    """Every fault that the table can have, one over the other: what is missing, different and too many then."""
    before = dict(there.table.items)
    harm = Harm(there.plan, {identity: dict(item) for identity, item in before.items()}, random.Random(5))
    done = sum(FAULTS[fault](harm) for fault in FAULTS if fault not in WHOLE)
    assert done > len(FAULTS) // 2
    there.table.items = {**harm.items}
    return harmed({identity: dict(item) for identity, item in before.items()}, harm.items)


def sample(folder: Path) -> World:
    make_shop(folder / "shop.db", 0.05)
    return planned(folder / "shop.db", (ROOT / "samples" / "shop" / "queries.sql").read_text())


def chinook(folder: Path) -> World:
    if not CHINOOK.is_dir():
        pytest.skip("Chinook is not here")
    return planned(CHINOOK / "chinook.sqlite3", (CHINOOK / "queries.sql").read_text())


@pytest.mark.parametrize("made", [sample, chinook], ids=lambda made: made.__name__)
def test_many_faults_at_once_are_counted_exactly(made: Any, tmp_path: Path) -> None:
    found = made(tmp_path)
    with holding(found.plan, found.path) as there:
        done = everything(there)
        assert min(done) > 0
        assert counted(there) == done
        assert not there.queries(samples=5).clean


@dataclass
class Stored:
    """The small shop in the embedded engine, and what its items were when it was loaded."""

    there: Harmed
    connection: Connection
    name: str

    def put(self, before: Mapping[Identity, Any], after: Mapping[Identity, Any]) -> None:
        """Makes the table's items those of `after`."""
        keys = (self.there.plan.table.partition_key, self.there.plan.table.sort_key)
        with as_faults():
            for identity in before.keys() - after.keys():
                key = {name: {"S": text} for name, text in zip(keys, identity, strict=True)}
                self.connection.client.delete_item(TableName=self.name, Key=key)
            for identity, item in after.items():
                if before.get(identity) != item:
                    self.connection.client.put_item(TableName=self.name, Item=item)

    def reader(self) -> DynamoReader:
        return DynamoReader(self.connection, self.name)


def stored(there: Harmed, connection: Connection, name: str) -> Stored:
    plan = replace(there.plan, table=replace(there.plan.table, name=name))
    create_table(connection, plan, "d")
    load(plan, there.source, DynamoSink(connection, name), quick(workers=4), lambda progress: None)
    return Stored(there, connection, name)


def test_the_embedded_engine_has_every_fault_counted_as_the_table_in_memory(
    shops: Mapping[int, Harmed], connection: Connection, table_name: str
) -> None:
    there = shops[LIMITS[0]]
    engine = stored(there, connection, table_name)
    before, refused = dict(there.table.items), []
    for fault in FAULTS:
        with there.with_fault(fault, 3) as done:
            after = dict(there.table.items)
            try:
                engine.put(before, after)
                report = verify_rows(there.plan, there.source, engine.reader(), allow_scan=True)
                assert (fault, (report.missing, report.different, report.extra)) == (fault, done)
            except Refused:
                refused.append(fault)
            engine.put(after, before)
    assert refused == []
    assert verify_rows(there.plan, there.source, engine.reader(), allow_scan=True).clean
