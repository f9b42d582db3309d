"""Rows against items: what a difference says, and what is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from migrator.model.unit import Chunk
from migrator.verify import extras
from migrator.verify import rows as rows_module
from migrator.verify.ledger import ChunkRows

from tests.design.world import make_settings, world
from tests.verify.harm import Identity
from tests.verify.harmed_worlds import DDL, QUERIES, ROWS, Harmed, holding, shop


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Harmed]:
    with shop(tmp_path) as made:
        yield made


def named(there: Harmed, entity: str, identifier: str) -> Identity:
    """The item of a type whose `id` is that."""
    return next(
        identity
        for identity, item in there.table.items.items()
        if item["type"]["S"] == entity and list(item["id"].values()) == [identifier]
    )


def put(there: Harmed, identity: Identity, name: str, wire: Mapping[str, Any]) -> None:
    there.table.items[identity] = {**there.table.items[identity], name: wire}


def test_a_difference_names_row_entity_attribute_and_both_values(there: Harmed) -> None:
    put(there, named(there, "ORDERS", "9"), "total", {"N": "999"})
    (difference,) = there.rows().differences
    assert (difference.kind, difference.table, difference.entity) == ("different", "orders", "ORDERS")
    assert (difference.attribute, difference.expected, difference.found) == ("total", "N 0.25", "N 999")
    assert difference.key == "id=9"


def test_a_difference_of_type_shows_both_types(there: Harmed) -> None:
    put(there, named(there, "ORDERS", "9"), "total", {"S": "0.25"})
    (difference,) = there.rows().differences
    assert (difference.expected, difference.found) == ("N 0.25", "S 0.25")


def test_a_missing_item_names_its_row_and_which_of_the_rows_items_it_is(there: Harmed) -> None:
    guard = next(i for i, item in there.table.items.items() if item["type"]["S"] == "CUSTOMER_UNIQUE_EMAIL")
    del there.table.items[guard]
    (difference,) = there.rows().differences
    assert (difference.kind, difference.table, difference.key) == ("missing", "customer", "id=0")
    assert difference.entity == "CUSTOMER_UNIQUE_EMAIL"


def test_an_item_too_many_is_named_by_its_own_key(there: Harmed) -> None:
    item = there.table.items[named(there, "ORDERS", "9")]
    there.table.items["ORDERS#999", "ORDERS#"] = {**item, "PK": {"S": "ORDERS#999"}}
    assert there.rows().clean, "nothing looks for it"
    report = there.rows(allow_scan=True)
    assert (report.extra, report.missing, report.different, report.clean) == (1, 0, 0, False)
    (difference,) = report.differences
    assert (difference.kind, difference.table, difference.entity) == ("extra", "orders", "ORDERS")
    assert difference.key == "PK=S ORDERS#999, SK=S ORDERS#"


def test_numbers_are_compared_by_value_and_not_by_their_text(there: Harmed) -> None:
    put(there, named(there, "ORDERS", "9"), "total", {"N": "0.2500"})
    assert there.rows().clean and there.queries().clean


def test_rejected_rows_are_counted_apart(there: Harmed) -> None:
    for identity, item in list(there.table.items.items()):
        if item["type"]["S"] in ("ORDERS", "ORDERS_BY_STATUS") and item["id"]["N"] == "25":
            del there.table.items[identity]
    report = there.rows(rejected=lambda table, key: (table, key) == ("orders", "id=25"), allow_scan=True)
    assert (report.clean, report.rejected) == (True, 1)


def test_an_item_of_a_rejected_row_is_one_too_many(there: Harmed) -> None:
    made = [item for item in there.table.items.values() if item.get("id") == {"N": "25"}]
    names = {item["type"]["S"] for item in made if item["type"]["S"].startswith("ORDERS")}
    report = there.rows(rejected=lambda table, key: (table, key) == ("orders", "id=25"), allow_scan=True)
    assert (report.clean, report.rejected, report.extra) == (False, 1, len(names))
    assert {difference.entity for difference in report.differences} == names > set()


def test_an_item_that_has_expired_since_is_not_missing(tmp_path: Path) -> None:
    expired: dict[str, list[Sequence[Any]]] = {**ROWS, "session": [("s1", None, "1999-01-01 00:00:00")]}
    made = world(tmp_path, DDL, QUERIES, expired, make_settings())
    with holding(made.plan, made.path) as there:
        del there.table.items[named(there, "SESSION", "s1")]
        report = there.rows()
        assert report.clean
        assert sum(table.expired for table in report.tables) == 1


class Noting:
    """A ledger in memory, which may fail at a chunk as a cut-off does."""

    def __init__(self, last: int | None = None) -> None:
        self.noted: dict[Chunk, ChunkRows] = {}
        self.last = last

    def known(self, chunk: Chunk) -> ChunkRows | None:
        return self.noted.get(chunk)

    def note(self, chunk: Chunk, found: ChunkRows) -> None:
        if self.last is not None and len(self.noted) == self.last:
            raise KeyboardInterrupt
        self.noted[chunk] = found


def counting(there: Harmed) -> Callable[[], int]:
    """How many items have been read by their keys since."""
    read, get_batch = [0], there.table.get_batch

    def counted(keys: Sequence[Any]) -> Any:
        read[0] += len(keys)
        return get_batch(keys)

    there.table.get_batch = counted  # type: ignore[method-assign]
    return lambda: read[0]


def test_a_verification_that_was_cut_off_goes_on_behind_the_chunks_it_has_compared(
    there: Harmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "CHUNK_ROWS", 7)
    whole = there.rows()
    ledger = Noting(last=6)
    with pytest.raises(KeyboardInterrupt):
        there.rows(ledger=ledger)
    ledger.last = None
    read = counting(there)
    resumed = there.rows(ledger=ledger)
    assert resumed == whole
    before = sum(done.tally.items for done in list(ledger.noted.values())[:6])
    assert before >= 30
    assert read() == sum(table.items for table in whole.tables) - before


def test_chunks_change_nothing_in_what_is_found(there: Harmed, monkeypatch: pytest.MonkeyPatch) -> None:
    put(there, named(there, "ORDERS", "9"), "total", {"N": "999"})
    del there.table.items[named(there, "EVENT", "19")]
    whole = there.rows(allow_scan=True)
    monkeypatch.setattr(rows_module, "CHUNK_ROWS", 3)
    assert there.rows(allow_scan=True) == whole
    assert (whole.missing, whole.different) == (1, 1)


def test_items_too_many_are_found_on_disk_too(there: Harmed, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing held in memory every record goes through a file."""
    monkeypatch.setattr(extras, "HELD", 1)
    item = there.table.items[named(there, "ORDERS", "9")]
    for number in range(150):
        there.table.items[f"ORDERS#9{number:03}", "ORDERS#"] = {**item, "PK": {"S": f"ORDERS#9{number:03}"}}
    report = there.rows(allow_scan=True)
    assert (report.extra, len(report.differences)) == (150, 100)
