"""Databases with everything that a fault can hit, loaded into memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from migrator.model.settings import Limits
from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.plan.plan import Plan
from migrator.ports import RowSource
from migrator.source.location import parse_location
from migrator.source.open import open_source
from migrator.source.snapshot import take_snapshot
from migrator.verify.objects import Objects, Whole
from migrator.verify.queries import verify_queries
from migrator.verify.report import QueriesReport, RowsReport
from migrator.verify.rows import verify_rows

from tests.design.world import make_settings, world
from tests.verify.harm import Harm, harmed
from tests.verify.harm_apart import APART as APART
from tests.verify.harm_items import FAULTS as FAULTS
from tests.verify.memory import MemoryTable, loaded

DDL = """
CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, vip BOOLEAN, note TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),
  placed_at TEXT NOT NULL, status TEXT NOT NULL, total NUMERIC(10,2), tracking TEXT, reference INTEGER, details JSON,
  seal BLOB);
CREATE TABLE tag(name TEXT PRIMARY KEY);
CREATE TABLE order_tag(order_id INTEGER NOT NULL REFERENCES orders(id), tag TEXT NOT NULL REFERENCES tag(name),
  PRIMARY KEY (order_id, tag));
CREATE TABLE favourite(customer_id INTEGER NOT NULL REFERENCES customer(id), tag TEXT NOT NULL,
  PRIMARY KEY (customer_id, tag));
CREATE TABLE session(id TEXT PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), expires_at DATETIME);
CREATE TABLE event(id INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL);
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
-- name: by_tracking
SELECT id, status FROM orders WHERE tracking = :tracking;
-- name: customer
-- rate: 100
SELECT * FROM customer WHERE id = :id;
-- name: customer_by_email
SELECT * FROM customer WHERE email = :email;
-- name: tags_of_order
SELECT tag FROM order_tag WHERE order_id = :order_id ORDER BY tag;
-- name: orders_of_tag
SELECT o.id, o.total FROM order_tag t JOIN orders o ON o.id = t.order_id WHERE t.tag = :tag ORDER BY o.id;
-- name: statuses
-- rate: 50
SELECT status, COUNT(*), SUM(total) FROM orders GROUP BY status ORDER BY status;
-- name: wanted
SELECT o.id, o.status, f.tag FROM favourite f JOIN orders o ON o.customer_id = f.customer_id WHERE f.tag = :tag
ORDER BY o.placed_at, o.id;
-- name: session
SELECT * FROM session WHERE id = :id;
-- name: latest
-- rate: 10
SELECT id, at, what FROM event ORDER BY at DESC, id DESC LIMIT 10;
-- name: add_event
-- rate: 4000
-- peak: 4000
INSERT INTO event(id, at, what) VALUES (:id, :at, :what);
"""
NAMES = ("Ada", " padded ", "Zo\u00eb", "line\nend", "42", "-7")
DETAILS = '{"gift": true, "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}], "sizes": [1, 2.5, 3], "note": null}'
ROWS: dict[str, list[Sequence[Any]]] = {
    "customer": [(n, f"c{n}@example.org", NAMES[n], n % 2, "Ma\u00f1ana" if n % 3 else None) for n in range(6)],
    "orders": [
        (
            *(n, n % 6, f"2024-01-{1 + n % 9:02} 10:00:00", ["open", "paid"][n % 2], n / 4 - 2),
            *(None if n % 3 else f"T{n}", 9_007_199_254_740_993 + n, DETAILS if n % 2 else '["a", "b"]', b"seal\xff"),
        )
        for n in range(30)
    ],
    "tag": [("new",), ("sale",)],
    "order_tag": [(n, ["new", "sale"][n % 2]) for n in range(20)],
    "favourite": [(n, ["new", "sale"][n % 2]) for n in range(4)],
    "session": [("s1", 1, "2090-01-01 00:00:00"), ("s2", 2, "2091-05-05 00:00:00")],
    "event": [(n, f"2024-01-01 00:00:{n:02}", f"event {n}") for n in range(20)],
}
LIMITS = (1, 20, 0)
"""Numbers of indexes: with one, there are second items and indexes; with none, second items only."""


class Remembering:
    """A RowSource of a small database that is read again and again: what it said once, it says again."""

    def __init__(self, source: RowSource) -> None:
        self.fingerprint, self.count = source.fingerprint, source.count
        self.run = _remembered(source.run)
        self.sample, self.find = _remembered(source.sample), source.find
        self.chunks = _remembered(source.chunks)
        self._source = source
        self._units = _remembered(self._read)

    @contextmanager
    def units(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> Iterator[Iterator[Unit]]:
        yield iter(self._units(shape, chunk, after))

    def _read(self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None) -> list[Unit]:
        with self._source.units(shape, chunk, after) as units:
            return list(units)


Told = TypeVar("Told")
P = ParamSpec("P")


def _remembered(ask: Callable[P, Told]) -> Callable[P, Told]:
    told: dict[str, Told] = {}

    def answer(*given: P.args, **named: P.kwargs) -> Told:
        asked = repr((given, named))
        if asked not in told:
            told[asked] = ask(*given, **named)
        return told[asked]

    return answer


@dataclass
class Harmed:
    """A loaded table that faults are put into, one after the other."""

    plan: Plan
    source: RowSource
    table: MemoryTable
    objects: Any = None
    """The archive's store of large values; None where the plan keeps none apart."""

    def put_apart(self, fault: str, seed: int) -> tuple[int, int, int] | None:
        """As `put`, for a fault of what is not an item of its own."""
        harm = Harm(self.plan, {i: dict(item) for i, item in self.table.items.items()}, random.Random(seed))
        done = APART[fault](harm, self.objects.bodies)
        self.table.items = {**harm.items}
        return done

    def put(self, fault: str, seed: int = 0) -> tuple[int, int, int] | None:
        """How many items are now missing, different and too many; None when the fault cannot be here."""
        before = {identity: dict(item) for identity, item in self.table.items.items()}
        harm = Harm(self.plan, dict(before), random.Random(seed))
        if not FAULTS[fault](harm):
            return None
        done = harmed(before, harm.items)
        self.table.items = {**harm.items}
        return done if any(done) else None

    @contextmanager
    def with_fault(self, fault: str, seed: int = 0) -> Iterator[tuple[int, int, int] | None]:
        before = dict(self.table.items)
        bodies = dict(self.objects.bodies) if self.objects else {}
        try:
            yield self.put_apart(fault, seed) if fault in APART else self.put(fault, seed)
        finally:
            self.table.items = before
            if self.objects:
                self.objects.bodies = bodies

    def rows(self, **options: Any) -> RowsReport:
        objects = Objects(self.objects) if self.objects else None
        return verify_rows(self.plan, self.source, self.table, objects=objects, **options)

    def queries(self, samples: int = 25) -> QueriesReport:
        reader = Whole(self.table, self.plan, self.objects) if self.objects else self.table
        return verify_queries(self.plan, self.source, reader, samples=samples)


@contextmanager
def holding(plan: Plan, path: Path) -> Iterator[Harmed]:
    """The plan's table, loaded from the database at `path`."""
    with open_source(parse_location(str(path))) as source, take_snapshot(source, None) as snapshot:
        yield Harmed(plan, Remembering(snapshot), loaded(plan, snapshot))


@contextmanager
def shop(folder: Path, indexes: int = LIMITS[0]) -> Iterator[Harmed]:
    """The small shop of this module, planned with at most that many indexes."""
    made = world(folder, DDL, QUERIES, ROWS, make_settings(Limits(max_indexes=indexes)))
    with holding(made.plan, made.path) as there:
        yield there
