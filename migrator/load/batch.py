"""Rows into transactions: whole units together, within DynamoDB's limits, each key once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from migrator.load.price import units_of_item
from migrator.load.rejects import Reject, position_text
from migrator.model.counted import plural
from migrator.model.unit import RowValue, Unit
from migrator.plan.items import compile_footprint, describe_key, source_key, unit_shape
from migrator.plan.itemtext import item_text
from migrator.plan.objects import compile_objects
from migrator.plan.offload import StoredObject
from migrator.plan.plan import Plan
from migrator.plan.sizes import MAX_ACTIONS, MAX_ITEM, item_size
from migrator.plan.values import Unstorable
from migrator.ports import Item

RESERVED_PREFIX = "MIGRATE#"
"""Partition keys that begin so belong to the run record and its checkpoints."""

MAX_ROW_ACTIONS = MAX_ACTIONS - 1
"""One action of each transaction is the checkpoint."""

MAX_ROW_BYTES = 4_000_000
"""A little below the 4 MB of a transaction: the rest is the checkpoint's."""

MAX_ENTRIES = 1_000
"""Rows that one batch goes past, rejects included: bounds its memory where nearly every row is bad."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row ready to be written. `position` is its key's exact text; `texts` are its items' wire JSON, the same for
    the same items; `size` bytes of the larger of wire form and item size; `units` its write units in a transaction.
    `objects` are put before its items, which point to them."""

    table: str
    key_text: str
    position: str
    row: tuple[tuple[str, RowValue], ...]
    items: tuple[Item, ...]
    names: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    size: int
    units: int
    objects: tuple[StoredObject, ...] = ()

    @property
    def held_bytes(self) -> int:
        """What memory holds for it: a batch of rows is bounded by this too."""
        return self.size + sum(len(one.body) for one in self.objects)

    def rejected(self, reason: str) -> Reject:
        return Reject(self.table, self.position, self.key_text, reason, self.row)


Entry = Row | Reject


@dataclass(frozen=True, slots=True)
class Counts:
    """What a batch adds to its chunk's checkpoint. `units` without the checkpoint's own.
    `objects` are put before it."""

    rows: int
    items: int
    rejected: int
    units: int
    objects: int = 0
    object_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of rows in key order, some of them rejected: what one transaction goes past. `last` ends the
    chunk. `split`: it ends here because the next row has a key that one of its rows has. Empty as the last one, or
    as a first one whose row needs a transaction of its own."""

    entries: tuple[Entry, ...]
    last: bool
    split: bool = False

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, Row))

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, Reject))

    @property
    def counts(self) -> Counts:
        rows, sizes = self.rows, [len(one.body) for row in self.rows for one in row.objects]
        items, units = sum(len(row.items) for row in rows), sum(row.units for row in rows)
        return Counts(len(rows), items, len(self.rejects), units, len(sizes), sum(sizes))

    @property
    def texts(self) -> tuple[str, ...]:
        """All its items' wire JSON."""
        return tuple(text for row in self.rows for text in row.texts)

    @property
    def position(self) -> str | None:
        """The exact key of the last row that it goes past."""
        if not self.entries:
            return None
        entry = self.entries[-1]
        return entry.position if isinstance(entry, Row) else entry.key

    def without(self, reasons: Mapping[str, str]) -> Batch:
        """The same stretch with the rows at these positions rejected for these reasons."""
        return Batch(tuple(_judged(entry, reasons) for entry in self.entries), self.last, self.split)

    def halves(self) -> tuple[Batch, Batch]:
        """Two stretches with about half of the rows each; needs two rows or more."""
        middle = self.rows[len(self.rows) // 2].position
        cut = next(i for i, e in enumerate(self.entries) if isinstance(e, Row) and e.position == middle)
        return Batch(self.entries[:cut], False), Batch(self.entries[cut:], self.last)


def _judged(entry: Entry, reasons: Mapping[str, str]) -> Entry:
    if isinstance(entry, Row) and entry.position in reasons:
        return entry.rejected(reasons[entry.position])
    return entry


def compile_entry(plan: Plan, table: str, *, transactional: bool = True) -> Callable[[Unit], Entry]:
    """The function from a unit to what is written for it, or to its reject."""
    shape = unit_shape(plan, table)
    key_of, footprint, units_of = (
        source_key(plan, table),
        compile_footprint(plan, table),
        units_of_item(plan, transactional=transactional),
    )
    keys, objects_of = plan.table.key_names, compile_objects(plan, table)

    def entry(unit: Unit) -> Entry:
        key = key_of(unit)
        row = tuple(zip(shape.columns, unit.values, strict=False))
        position, key_text = position_text(key), describe_key(shape.key, key)
        try:
            items = footprint(unit)
            sizes = [item_size(item) for item in items]
            names = _admit(items, sizes, keys)
        except Unstorable as error:
            return Reject(table, position, key_text, error.reason, row)
        texts = tuple(map(item_text, items))
        size = max(sum(sizes), sum(map(len, texts)))
        if size > MAX_ROW_BYTES:
            return Reject(table, position, key_text, f"its items take {size:,} bytes together", row)
        objects, units = objects_of(unit) if objects_of is not None else (), sum(map(units_of, items, sizes))
        return Row(table, key_text, position, row, items, names, texts, size, units, objects)

    return entry


def _admit(items: tuple[Item, ...], sizes: list[int], keys: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The items' primary keys. Unstorable for a footprint that no transaction takes."""
    if len(items) > MAX_ROW_ACTIONS:
        raise Unstorable(
            f"it makes {plural(len(items), 'item')}; one transaction takes {MAX_ROW_ACTIONS} and the checkpoint"
        )
    names = tuple((item[keys[0]]["S"], item[keys[1]]["S"]) for item in items)
    if len(set(names)) < len(names):
        raise Unstorable("two of its own items have the same key")
    if any(partition.startswith(RESERVED_PREFIX) for partition, _ in names):
        raise Unstorable(f"its partition key begins with {RESERVED_PREFIX}, which the run record uses")
    if max(sizes) > MAX_ITEM:
        raise Unstorable(f"one of its items exceeds DynamoDB's {MAX_ITEM:,} bytes")
    return names


def pack(entries: Iterable[Entry], most_actions: int = MAX_ROW_ACTIONS, reserved: int = 0) -> Iterator[Batch]:
    """Batches in the entries' order; the last one is marked, and comes even when there are no entries. The
    first leaves `reserved` actions free, and is empty when its first row needs them. Two rows with one key are
    in two batches: a transaction may name a key once, and which of them is loaded shows when they are sent."""
    held: list[Entry] = []
    taken: set[tuple[str, str]] = set()
    size, actions = 0, reserved
    for entry in entries:
        names, bytes_more = (entry.names, entry.held_bytes) if isinstance(entry, Row) else ((), 0)
        full = actions + len(names) > most_actions or size + bytes_more > MAX_ROW_BYTES or len(held) >= MAX_ENTRIES
        split = not taken.isdisjoint(names)
        if split or (full and actions + len(held)):
            yield Batch(tuple(held), False, split)
            held, taken, size, actions = [], set(), 0, 0
        held.append(entry)
        taken.update(names)
        size, actions = size + bytes_more, actions + len(names)
    yield Batch(tuple(held), True)


def collision(name: tuple[str, str], owner: str) -> str:
    """Why a row is rejected whose item's key another row has taken."""
    return f"its item {name[0]} / {name[1]} has the key of an item of {owner}"
