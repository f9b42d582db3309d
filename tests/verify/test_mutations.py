"""Faults put into a loaded table, and which check catches each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from migrator.ports import RowSource
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.queries import verify_queries
from migrator.verify.report import QueriesReport, RowsReport
from migrator.verify.rows import verify_rows

from tests.design.world import World, world
from tests.verify.memory import MemoryTable, loaded

DDL = """
CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),
  placed_at TEXT NOT NULL, status TEXT, total NUMERIC(10,2));
CREATE TABLE session(id TEXT PRIMARY KEY, expires_at DATETIME);
"""
QUERIES = """
-- name: order_by_id
-- rate: 100
SELECT * FROM orders WHERE id = :id;
-- name: of_customer
SELECT o.id, o.placed_at, o.status, o.total, c.name FROM orders o JOIN customer c ON c.id = o.customer_id
WHERE o.customer_id = :customer_id AND o.status = :status ORDER BY o.placed_at, o.id;
-- name: by_status
-- rate: 100
SELECT o.id, o.status, o.total, c.name FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.status = :status
ORDER BY o.placed_at, o.id;
-- name: customer
-- rate: 100
SELECT * FROM customer WHERE id = :id;
-- name: customer_by_email
SELECT * FROM customer WHERE email = :email;
"""
ROWS: dict[str, list[Sequence[Any]]] = {
    "customer": [(n, f"c{n}@example.org", f"name {n}") for n in range(6)],
    "orders": [(n, n % 6, f"2024-01-{1 + n % 9:02}", ["open", "paid"][n % 2], n / 4) for n in range(30)],
    "session": [("s1", "2090-01-01 00:00:00")],
}


@dataclass
class Loaded:
    world: World
    source: RowSource
    table: MemoryTable

    def rows(self, **options: Any) -> RowsReport:
        return verify_rows(self.world.plan, self.source, self.table, **options)

    def queries(self) -> QueriesReport:
        return verify_queries(self.world.plan, self.source, self.table, samples=60)

    def change(self, entity: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes one item of an entity in place."""
        for identity, item in self.table.items.items():
            if item["type"]["S"] == entity:
                altered = dict(item)
                change(altered)
                self.table.items[identity] = altered
                return
        raise AssertionError(entity)


@contextmanager
def load(folder: Path) -> Iterator[Loaded]:
    made = world(folder, DDL, QUERIES, ROWS)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        yield Loaded(made, snapshot, loaded(made.plan, snapshot))


def drop(entity: str) -> Callable[[Loaded], None]:
    def fault(there: Loaded) -> None:
        identity = next(i for i, item in there.table.items.items() if item["type"]["S"] == entity)
        del there.table.items[identity]

    return fault


def put(entity: str, name: str, wire: Mapping[str, Any] | None) -> Callable[[Loaded], None]:
    """Sets an attribute of one item, or takes it away."""

    def fault(there: Loaded) -> None:
        def change(item: dict[str, Any]) -> None:
            assert name in item, name
            item.pop(name) if wire is None else item.update({name: wire})

        there.change(entity, change)

    return fault


def swap(there: Loaded) -> None:
    """Two rows' totals change places."""
    items = [i for i, item in there.table.items.items() if item["type"]["S"] == "ORDERS" and "total" in item]
    first, second = (dict(there.table.items[i]) for i in items[:2])
    first["total"], second["total"] = second["total"], first["total"]
    there.table.items[items[0]], there.table.items[items[1]] = first, second


def extra(there: Loaded) -> None:
    item = next(item for item in there.table.items.values() if item["type"]["S"] == "ORDERS")
    more = dict(item)
    for name in ("PK", "id"):
        more[name] = {"S": "ORDERS#999"} if name == "PK" else {"N": "999"}
    there.table.items[("ORDERS#999", more["SK"]["S"])] = more


FAULTS: dict[str, tuple[Callable[[Loaded], None], bool, bool]] = {
    # fault: what is done, whether rows catch it, whether queries catch it
    "an item is missing": (drop("ORDERS"), True, True),
    "a value is altered": (put("ORDERS", "total", {"N": "999"}), True, True),
    "a value has another type": (put("ORDERS", "total", {"S": "0"}), True, True),
    "a value is missing": (put("ORDERS", "status", None), True, True),
    "a text is cut short": (put("CUSTOMER", "name", {"S": "nam"}), True, True),
    "two rows' values are swapped": (swap, True, True),
    "a copy is stale": (put("ORDERS", "customer_name", {"S": "old name"}), True, True),
    "a guard is missing": (drop("CUSTOMER_UNIQUE_EMAIL"), True, False),
    "an index key is wrong": (put("ORDERS", "GSI1PK", {"S": "ORDERS#STATUS#lost"}), True, True),
    "an index sort key is wrong": (put("ORDERS", "GSI1SK", {"S": "ORDERS#9"}), True, False),
    "an index key is missing": (put("ORDERS", "GSI1PK", None), True, True),
    "the time to live is wrong": (put("SESSION", "ttl", {"N": "1"}), True, False),
    "an item too many": (extra, False, True),
}


def test_an_unharmed_table_is_clean(tmp_path: Path) -> None:
    with load(tmp_path) as there:
        assert there.world.indexes() >= 1
        rows = there.rows(allow_scan=True)
        assert (rows.clean, rows.checked, rows.extra) == (True, 37, 0)
        assert there.queries().clean


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught_by_the_check_that_is_said_to_catch_it(fault: str, tmp_path: Path) -> None:
    harm, by_rows, by_queries = FAULTS[fault]
    with load(tmp_path) as there:
        harm(there)
        assert (not there.rows().clean, not there.queries().clean) == (by_rows, by_queries)


def test_items_too_many_are_counted_when_scanning_is_allowed(tmp_path: Path) -> None:
    with load(tmp_path) as there:
        extra(there)
        report = there.rows(allow_scan=True)
        assert (report.extra, report.missing, report.different, report.clean) == (1, 0, 0, False)


def test_a_difference_names_row_entity_attribute_and_both_values(tmp_path: Path) -> None:
    with load(tmp_path) as there:
        put("ORDERS", "total", {"N": "999"})(there)
        (difference,) = there.rows().differences
        assert (difference.kind, difference.table, difference.entity) == ("different", "orders", "ORDERS")
        assert (difference.attribute, difference.expected, difference.found) == ("total", "N 0", "N 999")
        assert difference.key == "id=0"


def test_numbers_are_compared_by_value_and_not_by_their_text(tmp_path: Path) -> None:
    with load(tmp_path) as there:
        put("ORDERS", "total", {"N": "0.00"})(there)
        assert there.rows().clean and there.queries().clean


def test_rejected_rows_are_counted_apart(tmp_path: Path) -> None:
    with load(tmp_path) as there:
        for identity, item in list(there.table.items.items()):
            if item["type"]["S"] == "ORDERS" and item["id"]["N"] == "7":
                del there.table.items[identity]
        report = there.rows(rejected=lambda table, key: (table, key) == ("orders", "id=7"))
        assert (report.clean, report.rejected) == (True, 1)


def test_an_item_that_has_expired_since_is_not_missing(tmp_path: Path) -> None:
    expired: dict[str, list[Sequence[Any]]] = {**ROWS, "session": [("s1", "1999-01-01 00:00:00")]}
    made = world(tmp_path, DDL, QUERIES, expired)
    with open_source(parse_location(str(made.path))) as source, take_snapshot(source, None) as snapshot:
        there = Loaded(made, snapshot, loaded(made.plan, snapshot))
        drop("SESSION")(there)
        report = there.rows()
        assert report.clean
        assert sum(table.expired for table in report.tables) == 1
