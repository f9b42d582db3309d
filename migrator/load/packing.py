"""Units into batches, quickly: rows stay closed, as texts to send, until something goes wrong with one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
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
    compile_entry,
    pack,
)
from migrator.load.price import units_of_item
from migrator.load.rejects import Reject, position_text
from migrator.model.unit import Chunk, RowValue, Unit, UnitShape
from migrator.plan.items import source_key, unit_shape
from migrator.plan.plan import Plan
from migrator.plan.quick import Quick, compile_quick
from migrator.plan.quick_check import Check, compile_check
from migrator.ports import RowSource, rows_of


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A source table's shape, and its functions from units to entries: the obvious one, and the quick ones where the
    plan lets them. `keys` names the table's two key attributes."""

    shape: UnitShape
    entry: Callable[[Unit], Entry]
    quick: Quick | None
    check: Check | None
    key_of: Callable[[Unit], tuple[RowValue, ...]]
    keys: tuple[str, str]

    @classmethod
    def of(cls, plan: Plan, table: str, *, transactional: bool = True) -> LoadedTable:
        units_of = units_of_item(plan, transactional=transactional)
        entry = compile_entry(plan, table, transactional=transactional)
        shape, key_of = unit_shape(plan, table), source_key(plan, table)
        quick = compile_quick(plan, table, units_of, RESERVED_PREFIX, MAX_ROW_BYTES)
        if len(plan.entities_of(table)) > MAX_ROW_ACTIONS:
            quick = None
        check = compile_check(plan, table, units_of) if quick else None
        return cls(shape, entry, quick, check, key_of, plan.table.key_names)

    def made(self, row: Row) -> tuple[Any, ...]:
        """A row of the obvious way as the quick one would have it."""
        parts: list[Any] = [row.units]
        for name, text in zip(row.names, row.texts, strict=True):
            (first, second), (partition, sort) = self.keys, name
            quoted = [encode_basestring_ascii(part) for part in (first, partition, second, sort)]
            parts += [f'{{{quoted[0]}:{{"S":{quoted[1]}}},{quoted[2]}:{{"S":{quoted[3]}}}', text]
        return tuple(parts)


Values = tuple[RowValue, ...]
Made = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """A batch as it is sent. `held` are its rows' values and its rejects, in order; `opened` has them as rows: the
    same values give the same rows."""

    table: LoadedTable
    held: tuple[Values | Reject, ...]
    last: bool
    counts: Counts
    texts: tuple[str, ...]
    split: bool = False

    @property
    def opened(self) -> Batch:
        return Batch(tuple(map(self._entry, self.held)), self.last, self.split)

    def _entry(self, held: Values | Reject) -> Entry:
        return held if isinstance(held, Reject) else self.table.entry(Unit(held))

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
        return held.key if isinstance(held, Reject) else position_text(self.table.key_of(Unit(held)))

    def without(self, reasons: Mapping[str, str]) -> Batch:
        """The same stretch with the rows at these positions rejected for these reasons."""
        return self.opened.without(reasons)

    def halves(self) -> tuple[Batch, Batch]:
        """Two stretches with about half of the rows each; needs two rows or more."""
        return self.opened.halves()


AnyBatch = Batch | ClosedBatch


@contextmanager
def batches_of(
    source: RowSource,
    table: LoadedTable,
    chunk: Chunk,
    after: Sequence[RowValue] | None = None,
    reserved: int = 0,
) -> Iterator[Iterator[AnyBatch]]:
    """What one transaction after the other goes past, from just after the key `after`. The first leaves `reserved`
    actions free."""
    if table.quick is None:
        with source.units(table.shape, chunk, after) as units:
            yield pack(map(table.entry, units), reserved=reserved)
        return
    with rows_of(source, table.shape, chunk, after) as rows:
        yield pack_rows(table, table.quick, chain.from_iterable(rows), reserved=reserved)


def pack_rows(
    table: LoadedTable,
    quick: Quick,
    rows: Iterator[Values],
    most_actions: int = MAX_ROW_ACTIONS,
    reserved: int = 0,
) -> Iterator[ClosedBatch]:
    """The batches that `pack` makes of the rows' entries, which stay closed."""
    packing = _Packing(table, most_actions, reserved)
    while some := list(islice(rows, packing.room())):
        made = list(map(quick, some))
        if packing.add_all(some, made):
            continue
        for values, one in zip(some, made, strict=True):
            if not packing.add(values, one):
                yield packing.closed(last=False)
                packing = _Packing(table, most_actions)
                packing.add(values, one)
    yield packing.closed(last=True)


class _Packing:
    """A batch as it fills, with `reserved` actions left free."""

    def __init__(self, table: LoadedTable, most_actions: int, reserved: int = 0) -> None:
        self._table = table
        self._most_actions = most_actions - reserved
        self._may_be_empty = reserved > 0
        self._split = False
        self._held: list[Values | Reject] = []
        self._texts: list[str] = []
        self._taken: set[str] = set()
        self._size = self._units = self._rejected = 0

    def room(self) -> int:
        """How many rows to take next: as many as fit in if each makes one item, or one to see that it does not."""
        return max(1, self._most_actions - len(self._texts))

    def add_all(self, some: list[Values], made: list[Made | None]) -> bool:
        """Adds all rows at once if each makes one item and none needs a closer look; else none of them."""
        try:
            units, names, texts = zip(*made, strict=True)
        except (TypeError, ValueError):
            return False
        size = self._size + sum(map(len, texts))
        new = set(names)
        if (
            len(new) < len(names)
            or size > MAX_ROW_BYTES
            or len(self._held) + len(some) > MAX_ENTRIES
            or len(self._texts) + len(texts) > self._most_actions
            or not self._taken.isdisjoint(new)
        ):
            return False
        self._held += some
        self._texts += texts
        self._taken |= new
        self._units += sum(units)
        self._size = size
        return True

    def add(self, values: Values, made: Made | None) -> bool:
        """Adds one row; False when it must wait for the next batch."""
        entry: Made | Reject = self._obvious(values) if made is None else made
        if not isinstance(entry, Reject) and not self._taken.isdisjoint(entry[1::2]):
            self._split = True
            return False
        if (self._held or self._may_be_empty) and (len(self._held) >= MAX_ENTRIES or self._overflows(entry)):
            return False
        if isinstance(entry, Reject):
            self._held.append(entry)
            self._rejected += 1
            return True
        self._held.append(values)
        self._texts += entry[2::2]
        self._size += sum(map(len, entry[2::2]))
        self._units += entry[0]
        self._taken.update(entry[1::2])
        return True

    def _overflows(self, entry: Made | Reject) -> bool:
        if isinstance(entry, Reject):
            return False
        texts = entry[2::2]
        actions = len(self._texts) + len(texts)
        return actions > self._most_actions or self._size + sum(map(len, texts)) > MAX_ROW_BYTES

    def _obvious(self, values: Values) -> Made | Reject:
        entry = self._table.entry(Unit(values))
        return entry if isinstance(entry, Reject) else self._table.made(entry)

    def closed(self, *, last: bool) -> ClosedBatch:
        counts = Counts(len(self._held) - self._rejected, len(self._texts), self._rejected, self._units)
        return ClosedBatch(self._table, tuple(self._held), last, counts, tuple(self._texts), self._split)
