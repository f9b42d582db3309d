"""Units into batches, quickly: rows stay closed, as texts to send, until something goes wrong with one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from json.encoder import encode_basestring_ascii
from typing import Any

from migrator.load.batch import (
    MAX_ENTRIES,
    MAX_ROW_ACTIONS,
    MAX_ROW_BYTES,
    RESERVED_PREFIX,
    Batch,
    Counts,
    Entry,
    Row,
    collision,
    compile_entry,
)
from migrator.load.price import units_of_item
from migrator.load.rejects import Reject, position_text
from migrator.model.unit import RowValue, Unit, UnitShape
from migrator.plan.items import source_key, unit_shape
from migrator.plan.plan import Plan
from migrator.plan.quick import Quick, compile_quick


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A source table's shape, and its functions from units to entries: the obvious one, and the quick one where the
    plan has one. `keys` names the table's two key attributes."""

    shape: UnitShape
    entry: Callable[[Unit], Entry]
    quick: Quick | None
    key_of: Callable[[Unit], tuple[RowValue, ...]]
    keys: tuple[str, str]

    @classmethod
    def of(cls, plan: Plan, table: str) -> LoadedTable:
        shape, entry, key_of = unit_shape(plan, table), compile_entry(plan, table), source_key(plan, table)
        quick = compile_quick(plan, table, units_of_item(plan), RESERVED_PREFIX, MAX_ROW_BYTES)
        if len(plan.entities_of(table)) > MAX_ROW_ACTIONS:
            quick = None
        return cls(shape, entry, quick, key_of, (plan.table.partition_key, plan.table.sort_key))

    def made(self, row: Row) -> tuple[Any, ...]:
        """A row of the obvious way as the quick one would have it."""
        parts: list[Any] = [row.units]
        for name, text in zip(row.names, row.texts, strict=True):
            (first, second), (partition, sort) = self.keys, name
            quoted = [encode_basestring_ascii(part) for part in (first, partition, second, sort)]
            parts += [f'{{{quoted[0]}:{{"S":{quoted[1]}}},{quoted[2]}:{{"S":{quoted[3]}}}', text]
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """A batch as it is sent. `held` are its units and rejects in order; `opened` has them as rows. What it was
    admitted by does not change: the same units give the same rows."""

    table: LoadedTable
    held: tuple[Unit | Reject, ...]
    last: bool
    counts: Counts
    texts: tuple[str, ...]

    @property
    def opened(self) -> Batch:
        entries = tuple(held if isinstance(held, Reject) else self.table.entry(held) for held in self.held)
        return Batch(entries, self.last)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.opened.entries

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.opened.rows

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(held for held in self.held if isinstance(held, Reject)) if self.counts.rejected else ()

    @property
    def position(self) -> str | None:
        """The exact key of the last row that it goes past."""
        if not self.held:
            return None
        held = self.held[-1]
        return held.key if isinstance(held, Reject) else position_text(self.table.key_of(held))

    def without(self, reasons: Mapping[str, str]) -> Batch:
        """The same stretch with the rows at these positions rejected for these reasons."""
        return self.opened.without(reasons)

    def halves(self) -> tuple[Batch, Batch]:
        """Two stretches with about half of the rows each; needs two rows or more."""
        return self.opened.halves()


AnyBatch = Batch | ClosedBatch


def pack_units(table: LoadedTable, units: Iterable[Unit], most_actions: int = MAX_ROW_ACTIONS) -> Iterator[ClosedBatch]:
    """The batches that `pack` makes of the units' entries."""
    packing = _Packing(table)
    quick: Callable[[Any], tuple[Any, ...] | None] = table.quick or (lambda _values: None)
    for unit in units:
        made = quick(unit.values) or packing.obvious(unit)
        if packing.is_taken(made):
            made = packing.collided(unit)
        if packing.is_full(made, most_actions):
            yield packing.closed(last=False)
            packing = _Packing(table)
        packing.add(unit, made)
    yield packing.closed(last=True)


class _Packing:
    """A batch as it fills."""

    def __init__(self, table: LoadedTable) -> None:
        self._table = table
        self._held: list[Unit | Reject] = []
        self._texts: list[str] = []
        self._owners: dict[str, Unit] = {}
        self._size = self._units = self._rejected = 0

    def obvious(self, unit: Unit) -> tuple[Any, ...] | Reject:
        entry = self._table.entry(unit)
        return entry if isinstance(entry, Reject) else self._table.made(entry)

    def is_taken(self, made: tuple[Any, ...] | Reject) -> bool:
        """Whether an item's key is another row's in this batch; a transaction may name a key once."""
        return not isinstance(made, Reject) and not self._owners.keys().isdisjoint(made[1::2])

    def collided(self, unit: Unit) -> Reject:
        row = self._table.entry(unit)
        if isinstance(row, Reject):
            return row
        names = zip(self._table.made(row)[1::2], row.names, strict=True)
        owner, name = next((self._owners[made], name) for made, name in names if made in self._owners)
        other = self._table.entry(owner)
        return row.rejected(collision(name, f"{other.table} ({other.key_text})"))

    def is_full(self, made: tuple[Any, ...] | Reject, most_actions: int) -> bool:
        """Whether the row must wait for the next batch."""
        if not self._held:
            return False
        if len(self._held) >= MAX_ENTRIES:
            return True
        if isinstance(made, Reject):
            return False
        more = sum(map(len, made[2::2]))
        return len(self._texts) + len(made) // 2 > most_actions or self._size + more > MAX_ROW_BYTES

    def add(self, unit: Unit, made: tuple[Any, ...] | Reject) -> None:
        if isinstance(made, Reject):
            self._held.append(made)
            self._rejected += 1
            return
        self._held.append(unit)
        self._texts += made[2::2]
        self._size += sum(map(len, made[2::2]))
        self._units += made[0]
        self._owners.update(zip(made[1::2], repeat(unit)))

    def closed(self, *, last: bool) -> ClosedBatch:
        counts = Counts(len(self._held) - self._rejected, len(self._texts), self._rejected, self._units)
        return ClosedBatch(self._table, tuple(self._held), last, counts, tuple(self._texts))
