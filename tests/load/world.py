"""A small world for loading: a plan of two tables, an in-memory source, an in-memory table with conditions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from migrator.load.job import LoadOptions
from migrator.load.retry import Backoff
from migrator.model.schema import Kind
from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.plan.itemtext import read_item_text
from migrator.plan.plan import (
    FORMAT,
    TABLE_SLOT,
    Attribute,
    Cost,
    Entity,
    IndexSettings,
    Optimality,
    Plan,
    SlotKeys,
    Source,
    SourceTable,
    TableSettings,
)
from migrator.ports import Action, CancelReason, Check, Delete, Item, Key, Put, TransactionCancelled

Rows = dict[str, list[tuple[RowValue, ...]]]


def a_plan(table: str = "shop", **settings: Any) -> Plan:
    """Customers (with a guard of their email) and orders (one index)."""
    number = ("INTEGER", Kind.INTEGER, "N")
    text = ("TEXT", Kind.TEXT, "S")
    customers = Entity(
        "customer",
        "row",
        "customers",
        ("id",),
        (SlotKeys(TABLE_SLOT, "CUSTOMER#{id}", "CUSTOMER"),),
        (Attribute("id", "id", *number), Attribute("email", "email", *text), Attribute("note", "note", *text)),
    )
    guard = Entity(
        "customer-email",
        "guard",
        "customers",
        ("id",),
        (SlotKeys(TABLE_SLOT, "EMAIL#{email}", "EMAIL"),),
        (Attribute("id", "id", *number), Attribute("email", "email", *text)),
        guards=("email",),
    )
    orders = Entity(
        "order",
        "row",
        "orders",
        ("id",),
        (
            SlotKeys(TABLE_SLOT, "CUSTOMER#{customer_id}", "ORDER#{id}"),
            SlotKeys("GSI1", "ORDER#{id}", "ORDER"),
        ),
        (
            Attribute("id", "id", *number),
            Attribute("customer_id", "customer_id", *number),
            Attribute("total", "total", "DECIMAL(10,2)", Kind.DECIMAL, "N"),
        ),
    )
    return Plan(
        format=FORMAT,
        source=Source(
            "sqlite", "d1", tuple(SourceTable(n, 0, 0, 0, False, ("id",), ()) for n in ("customers", "orders"))
        ),
        table=TableSettings(table, **settings),
        indexes=(IndexSettings("GSI1", "GSI1PK", "GSI1SK"),),
        entities=(customers, guard, orders),
        access_patterns=(),
        hazards=(),
        cost=Cost(0, 0, 0, 0, 0, 0),
        optimality=Optimality(0, None, None, 0, "none"),
    )


def _table(name: str) -> SourceTable:
    return SourceTable(name, 0, 0, 0, False, ("id",), ())


def some_rows(customers: int = 60, orders: int = 150) -> Rows:
    """Customers with ids from 1; orders spread over them."""
    return {
        "customers": [(n, f"c{n}@example.org", f"note {n}") for n in range(1, customers + 1)],
        "orders": [(n, n % max(1, customers) + 1, n) for n in range(1, orders + 1)],
    }


class MemorySource:
    """A RowSource over lists of rows whose first column is the key."""

    def __init__(self, rows: Rows, fingerprint: str = "moment-1") -> None:
        self.rows = rows
        self._fingerprint = fingerprint

    def fingerprint(self) -> str:
        return self._fingerprint

    def chunks(self, shape: UnitShape, rows_per_chunk: int) -> tuple[Chunk, ...]:
        keys = [row[:1] for row in self.rows[shape.table]]
        bounds = [keys[place - 1] for place in range(rows_per_chunk, len(keys), rows_per_chunk)]
        edges = [None, *bounds, None]
        return tuple(Chunk(shape.table, number, after, until) for number, (after, until) in enumerate(pairwise(edges)))

    def units(
        self, shape: UnitShape, chunk: Chunk, after: Sequence[RowValue] | None = None
    ) -> AbstractContextManager[Iterator[Unit]]:
        return nullcontext(iter(list(self._units(chunk, after))))

    def _units(self, chunk: Chunk, after: Sequence[RowValue] | None) -> Iterator[Unit]:
        start: Any = after[0] if after is not None else None if chunk.after is None else chunk.after[0]
        end: Any = None if chunk.until is None else chunk.until[0]
        for row in self.rows[chunk.table]:
            key: Any = row[0]
            if (start is None or key > start) and (end is None or key <= end):
                yield Unit(row)

    def count(self, table: str) -> int:
        return len(self.rows[table])

    def run(self, sql: str, parameters: Mapping[str, RowValue]) -> tuple[tuple[str, ...], list[tuple[RowValue, ...]]]:
        raise NotImplementedError

    def find(self, shape: UnitShape, keys: Sequence[Sequence[RowValue]]) -> tuple[Unit, ...]:
        wanted = {tuple(key) for key in keys}
        return tuple(Unit(row) for row in self.rows[shape.table] if row[:1] in wanted)

    def sample(self, shape: UnitShape, rows: int) -> tuple[Unit, ...]:
        return tuple(Unit(row) for row in self.rows[shape.table][:rows])


Name = tuple[str, str]


@dataclass
class MemoryTable:
    """An ItemSink with DynamoDB's conditions and idempotent tokens. `before`/`after` are called around each
    transaction with its number (from 1) and may raise: before, nothing is written; after, all is.
    `leave` says which items of a batch are left undone. `forget_tokens`: repeats are judged anew, as after ten
    minutes."""

    items: dict[Name, Item] = field(default_factory=dict)
    writes: Counter[Name] = field(default_factory=Counter)
    tokens: set[str] = field(default_factory=set)
    forget_tokens: bool = False
    transactions: int = 0
    before: Callable[[int], None] = lambda number: None
    after: Callable[[int], None] = lambda number: None
    refuse: Callable[[Sequence[Put]], None] = lambda puts: None
    leave: Callable[[Sequence[str]], Sequence[str]] = lambda texts: ()
    lock: threading.RLock = field(default_factory=threading.RLock)

    def transact(self, actions: Sequence[Action], token: str) -> None:
        assert 1 <= len(actions) <= 100
        assert 1 <= len(token) <= 36
        with self.lock:
            self.transactions += 1
            number = self.transactions
        self.before(number)
        self.refuse([action for action in actions if isinstance(action, Put)])
        with self.lock:
            if token not in self.tokens or self.forget_tokens:
                self._commit(actions)
                self.tokens.add(token)
        self.after(number)

    def put_all(self, texts: Sequence[str]) -> list[str]:
        assert 1 <= len(texts) <= 25
        with self.lock:
            self.transactions += 1
            number = self.transactions
        self.before(number)
        puts = [Put(read_item_text(text)) for text in texts]
        self.refuse(puts)
        left = list(self.leave(texts))
        with self.lock:
            self._commit([put for put, text in zip(puts, texts, strict=True) if text not in left])
        self.after(number)
        return left

    def put(self, put: Put) -> None:
        with self.lock:
            self._commit([put])

    def get(self, key: Key) -> Item | None:
        with self.lock:
            return self.items.get(name_of(key))

    def delete(self, keys: Sequence[Key]) -> None:
        assert len(keys) <= 25
        with self.lock:
            for key in keys:
                self.items.pop(name_of(key), None)

    def _commit(self, actions: Sequence[Action]) -> None:
        names = [touched(action) for action in actions]
        assert len(set(names)) == len(names), "a transaction names a key once"
        reasons = [judged(action, self.items.get(name)) for action, name in zip(actions, names, strict=True)]
        if any(reason.code != "None" for reason in reasons):
            raise TransactionCancelled(reasons)
        for name, action in zip(names, actions, strict=True):
            if isinstance(action, Put):
                self.items[name] = action.item
                self.writes[name] += 1
            elif isinstance(action, Delete):
                self.items.pop(name, None)

    def own(self) -> dict[Name, Item]:
        """Everything but the run's bookkeeping."""
        return {name: item for name, item in self.items.items() if not name[0].startswith("MIGRATE#")}

    def bookkeeping(self) -> list[str]:
        return sorted(partition for partition, _ in self.items if partition.startswith("MIGRATE#"))


@dataclass(frozen=True, slots=True)
class TableReader:
    """An ItemReader of it."""

    table: MemoryTable

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        assert len({name_of(key) for key in keys}) == len(keys) <= 100
        found = (self.table.get(key) for key in keys)
        return [item for item in found if item is not None]

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        raise NotImplementedError

    def scan(self) -> Iterator[list[Item]]:
        with self.table.lock:
            items = list(self.table.items.values())
        return (items[place : place + 7] for place in range(0, len(items), 7))


def touched(action: Action) -> Name:
    """The key that an action is about."""
    return name_of(action.item if isinstance(action, Put) else action.key)


def judged(action: Action, standing: Item | None) -> CancelReason:
    """What DynamoDB says of one action, with this item under its key."""
    if isinstance(action, Delete) or action.condition is None:
        return CancelReason("None", "")
    if all(_holds(term, action, standing) for term in action.condition.split(" AND ")):
        return CancelReason("None", "")
    return CancelReason("ConditionalCheckFailed", "The conditional request failed", standing)


def _holds(term: str, action: Put | Check, standing: Item | None) -> bool:
    names, values = dict(action.names), dict(action.values)
    if term.startswith("attribute_not_exists("):
        return standing is None or names[term[len("attribute_not_exists(") : -1]] not in standing
    name, value = term.split(" = ")
    return standing is not None and standing.get(names[name]) == values[value]


def name_of(item: Item) -> Name:
    return item["PK"]["S"], item["SK"]["S"]


def expected(plan: Plan, rows: Rows) -> dict[Name, Item]:
    """What the table should hold: the plan's pure function over all rows."""
    from migrator.plan.items import compile_footprint

    made = (
        item
        for table in plan.tables()
        for footprint in [compile_footprint(plan, table)]
        for row in rows[table]
        for item in footprint(Unit(row))
    )
    return {name_of(item): item for item in made}


def quick(**changes: Any) -> LoadOptions:
    """One thread, small chunks, no waiting."""
    options = LoadOptions(workers=1, rows_per_chunk=40, backoff=Backoff(attempts=6), sleep=lambda seconds: None)
    return replace(options, **changes)
