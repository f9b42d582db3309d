"""Every row of the source again through the pure function, and its items read back and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from migrator.model.unit import Chunk, RowValue, Unit
from migrator.plan.items import compile_footprint, describe_key, source_key, unit_shape
from migrator.plan.plan import Embedded, Plan
from migrator.plan.values import Unstorable
from migrator.ports import Item, ItemReader, Key, RowSource, rows_of
from migrator.verify.absent import has_expired
from migrator.verify.extras import Rejected, find_extras
from migrator.verify.fetch import BATCH
from migrator.verify.held import HeldRows, differing
from migrator.verify.ledger import ChunkRows, Forgetful, Ledger
from migrator.verify.objects import Fault, Objects, object_faults
from migrator.verify.quick_rows import QuickRows, quick_rows
from migrator.verify.report import KEPT, RowDifference, RowsReport, TableRows
from migrator.verify.showing import Show, plainly

CHUNK_ROWS = 10_000
"""Rows that are compared, and noted as compared, at a time."""


def verify_rows(
    plan: Plan,
    source: RowSource,
    reader: ItemReader,
    progress: Callable[[str, int], None] | None = None,
    rejected: Rejected | None = None,
    allow_scan: bool = False,
    ledger: Ledger | None = None,
    show: Show = plainly,
    objects: Objects | None = None,
) -> RowsReport:
    """Compares every item that the source's rows make with what the table holds, by value and type.

    `rejected(table, key)` tells of rows that the load put into its reject file (key as `describe_key` writes
    it). With `allow_scan` the whole table is read once more for items that no row makes. `ledger` knows of
    chunks that are compared already. `show` tells values in the report. `objects` are looked at where the plan keeps
    large values apart.
    """
    known, is_rejected = ledger or Forgetful(), rejected or _none
    tables: list[TableRows] = []
    kept: list[RowDifference] = []
    for table in plan.tables():
        tally, within = TableRows(table), tuple(TableRows(held.source_table) for held in _held(plan, table))
        for chunk in source.chunks(unit_shape(plan, table), CHUNK_ROWS):
            done = known.known(chunk)
            if done is None:
                done = _Table(plan, chunk, source, reader, is_rejected, show, progress, tally.rows, objects).compare()
                known.note(chunk, done)
            tally = tally.plus(done.tally)
            within = tuple(one.plus(more) for one, more in zip(within, done.within, strict=True))
            kept += done.differences[: KEPT - len(kept)]
        homeless = [_homeless(source, held, one) for held, one in zip(_held(plan, table), within, strict=True)]
        kept += [found for found in homeless if found][: KEPT - len(kept)]
        tables += [_in_source_rows(plan, tally), *(one.plus(_lost(source, one)) for one in within)]
    extras = find_extras(plan, source, reader, is_rejected, show) if allow_scan else None
    told = extras.differences if extras else ()
    return RowsReport(tuple(tables), (*kept, *told), extras.extra if extras else None)


def _in_source_rows(plan: Plan, tally: TableRows) -> TableRows:
    """An aggregate's groups are items, and no rows of the source."""
    return replace(tally, rows=0) if plan.entities_of(tally.table)[0].kind == "aggregate" else tally


def _held(plan: Plan, table: str) -> tuple[Embedded, ...]:
    """What lives within the items of a table's rows."""
    return plan.entities_of(table)[0].embedded


def _lost(source: RowSource, within: TableRows) -> TableRows:
    """Rows that refer to no row: nothing was read that would hold them, so they are nowhere."""
    count = source.count(within.table) - within.rows
    return TableRows(within.table, rows=count, missing=count) if count > 0 else TableRows(within.table)


def _homeless(source: RowSource, held: Embedded, within: TableRows) -> RowDifference | None:
    lost = _lost(source, within).missing
    told = f"{lost:,} whose {', '.join(own for own, _ in held.pairs)} names no row"
    return RowDifference("missing", held.source_table, told, held.name) if lost else None


def _none(table: str, key: str) -> bool:
    return False


class _Table:
    """A chunk of one source table on its way through the comparison; memory holds one batch. `before`: rows of
    the table in the chunks before."""

    def __init__(
        self,
        plan: Plan,
        chunk: Chunk,
        source: RowSource,
        reader: ItemReader,
        rejected: Rejected,
        show: Show,
        progress: Callable[[str, int], None] | None,
        before: int,
        objects: Objects | None,
    ) -> None:
        table = chunk.table
        self._plan = plan
        self._name = table
        self._chunk = chunk
        self._source = source
        self._reader = reader
        self._is_rejected = rejected
        self._show = show
        self._progress = progress
        self._before = before
        self._objects = objects
        self._footprint = compile_footprint(plan, table)
        self._key = source_key(plan, table)
        self._shape = unit_shape(plan, table)
        self._entity = plan.entities_of(table)[0].name
        self._found: list[RowDifference] = []
        self._held = tuple(HeldRows(held, self._add, show) for held in _held(plan, table))
        self._rows = self._items = self._missing = self._different = self._rejected = self._expired = 0

    def compare(self) -> ChunkRows:
        quick = quick_rows(self._plan, self._name, self._reader)
        if quick is None:
            self._compare_all()
        else:
            self._compare_quickly(quick)
        tally = TableRows(
            self._name, self._rows, self._items, self._missing, self._different, self._rejected, self._expired
        )
        within = tuple(held.tally() for held in self._held)
        return ChunkRows(tally, tuple(self._found), within)

    def _compare_all(self) -> None:
        with self._source.units(self._shape, self._chunk) as units:
            for batch in _batches(self._expected(units)):
                self._compare_batch(batch)
                if self._progress:
                    self._progress(self._name, self._before + self._rows)

    def _add(self, difference: RowDifference) -> None:
        if len(self._found) < KEPT:
            self._found.append(difference)

    def _compare_quickly(self, quick: QuickRows) -> None:
        """Rows that surely agree are counted; all others are compared as if there were no quick way."""
        with rows_of(self._source, self._shape, self._chunk) as lists:
            for agreed in quick.agreed(lists):
                self._rows += agreed.rows
                self._items += agreed.items
                for batch in _batches(self._expected(map(Unit, agreed.others))):
                    self._compare_batch(batch)
                if self._progress:
                    self._progress(self._name, self._before + self._rows)

    def _expected(self, units: Iterable[Unit]) -> Iterator[tuple[tuple[RowValue, ...], Item]]:
        for unit in units:
            self._rows += 1
            key = self._key(unit)
            if self._is_rejected(self._name, describe_key(self._shape.key, key)):
                self._reject(unit)
                continue
            try:
                items = self._footprint(unit)
            except Unstorable:
                self._reject(unit)
                continue
            for item in items:
                self._items += 1
                yield key, item

    def _reject(self, unit: Unit) -> None:
        """Counts a row that has no items, and those within it."""
        self._rejected += 1
        for held in self._held:
            held.rejected += len(unit.held)

    def _compare_batch(self, batch: list[tuple[tuple[RowValue, ...], Item]]) -> None:
        names = self._plan.table.key_names
        keys: dict[tuple[str, ...], Key] = {
            _identity(item, names): {name: item[name] for name in names} for _, item in batch
        }
        found = {_identity(item, names): item for item in self._reader.get_batch(list(keys.values()))}
        apart = self._objects_of([item for _, item in batch if _identity(item, names) in found])
        for key, expected in batch:
            identity = _identity(expected, names)
            self._compare_item(key, expected, found.get(identity), apart.get(identity, ()))

    def _objects_of(self, items: list[Item]) -> dict[tuple[str, ...], list[Fault]]:
        """What is wrong with the objects of items that are there, by their keys."""
        found: dict[tuple[str, ...], list[Fault]] = {}
        if self._objects is not None and self._plan.offload is not None:
            store, read = self._objects.store, self._objects.read
            for item, fault in object_faults(self._plan, store, items, read=read):
                found.setdefault(_identity(item, self._plan.table.key_names), []).append(fault)
        return found

    def _compare_item(
        self, key: Sequence[RowValue], expected: Item, found: Item | None, apart: Sequence[Fault]
    ) -> None:
        entity = expected[self._plan.type_attribute]["S"]
        row = describe_key(self._shape.key, tuple(key))
        if found is None:
            if has_expired(self._plan, expected, time.time()):
                self._expired += 1
                return
            self._missing += 1
            self._add(RowDifference("missing", self._name, row, entity))
            for held in self._held_by(entity):
                held.lose(expected)
            return
        for held in self._held_by(entity):
            held.compare(row, expected, found)
        inner = {held.attribute for held in self._held_by(entity)}
        attributes = [name for name in differing(expected, found) if name not in inner]
        self._different += bool(attributes or apart)
        for fault in apart:
            self._add(RowDifference("different", self._name, row, entity, *fault))
        for name in attributes:
            before, after = (self._show(self._plan.entity(entity), name, item) for item in (expected, found))
            self._add(RowDifference("different", self._name, row, entity, name, before, after))

    def _held_by(self, entity: str) -> tuple[HeldRows, ...]:
        """What lives within items of an entity: in those of the rows alone, not in their guards."""
        return self._held if entity == self._entity else ()


def _batches(pairs: Iterable[tuple[tuple[RowValue, ...], Item]]) -> Iterator[list[tuple[tuple[RowValue, ...], Item]]]:
    iterator = iter(pairs)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _identity(item: Item, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in names)
