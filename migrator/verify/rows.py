"""Every row of the source again through the pure function, and its items read back and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from migrator.model.unit import Chunk, RowValue, Unit
from migrator.plan.figures import is_empty
from migrator.plan.items import compile_footprint, describe_key, source_key, unit_shape
from migrator.plan.plan import Embedded, Plan
from migrator.plan.values import Unstorable, canonical
from migrator.ports import Item, ItemReader, Key, RowSource
from migrator.verify.absent import has_expired
from migrator.verify.report import KEPT, RowDifference, RowsReport, TableRows

BATCH = 100
SHOWN = 80
"""Characters of a value in a report."""
RESERVED = "MIGRATE#"

Rejected = Callable[[str, str], bool]


def verify_rows(
    plan: Plan,
    source: RowSource,
    reader: ItemReader,
    progress: Callable[[str, int], None] | None = None,
    rejected: Rejected | None = None,
    allow_scan: bool = False,
) -> RowsReport:
    """Compares every item that the source's rows make with what the table holds, by value and type.

    `rejected(table, key)` tells of rows that the load put into its reject file (key as `describe_key` writes
    it). With `allow_scan` the whole table is read once more to count items that no row makes.
    """
    findings = _Findings()
    tables = tuple(
        _Table(plan, table, source, reader, findings, rejected or _none, progress).compare() for table in plan.tables()
    )
    extra = _count_extra(plan, reader, sum(table.found for table in tables)) if allow_scan else None
    tallies = (tally for table in tables for tally in (table.tally(), *table.within()))
    return RowsReport(tuple(tallies), tuple(findings.kept), extra)


def _none(table: str, key: str) -> bool:
    return False


@dataclass(slots=True)
class _Findings:
    kept: list[RowDifference] = field(default_factory=list)

    def add(self, difference: RowDifference) -> None:
        if len(self.kept) < KEPT:
            self.kept.append(difference)


class _Table:
    """One source table on its way through the comparison; memory holds one batch."""

    def __init__(
        self,
        plan: Plan,
        table: str,
        source: RowSource,
        reader: ItemReader,
        findings: _Findings,
        rejected: Rejected,
        progress: Callable[[str, int], None] | None,
    ) -> None:
        self._plan = plan
        self._name = table
        self._source = source
        self._reader = reader
        self._findings = findings
        self._is_rejected = rejected
        self._progress = progress
        self._footprint = compile_footprint(plan, table)
        self._key = source_key(plan, table)
        self._shape = unit_shape(plan, table)
        self._entity = plan.entities_of(table)[0].name
        self._within = tuple(_Within(held, findings) for held in plan.entities_of(table)[0].embedded)
        self._rows = self._items = self._missing = self._different = self._rejected = self._expired = 0
        self.found = 0

    def tally(self) -> TableRows:
        return TableRows(
            self._name, self._rows, self._items, self._missing, self._different, self._rejected, self._expired
        )

    def within(self) -> tuple[TableRows, ...]:
        """The tallies of the rows that live within its items."""
        return tuple(held.tally() for held in self._within)

    def compare(self) -> _Table:
        with self._source.units(self._shape, Chunk(self._name, 0, None, None)) as units:
            for batch in _batches(self._expected(units)):
                self._compare_batch(batch)
                if self._progress:
                    self._progress(self._name, self._rows)
        return self

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
        for held in self._within:
            held.rejected += len(unit.held)

    def _compare_batch(self, batch: list[tuple[tuple[RowValue, ...], Item]]) -> None:
        names = (self._plan.table.partition_key, self._plan.table.sort_key)
        keys: dict[tuple[str, ...], Key] = {
            _identity(item, names): {name: item[name] for name in names} for _, item in batch
        }
        found = {_identity(item, names): item for item in self._reader.get_batch(list(keys.values()))}
        self.found += len(found)
        for key, expected in batch:
            self._compare_item(key, expected, found.get(_identity(expected, names)))

    def _compare_item(self, key: Sequence[RowValue], expected: Item, found: Item | None) -> None:
        entity = expected[self._plan.type_attribute]["S"]
        row = describe_key(self._shape.key, tuple(key))
        if found is None:
            if has_expired(self._plan, expected, time.time()):
                self._expired += 1
                return
            self._missing += 1
            self._findings.add(RowDifference("missing", self._name, row, entity))
            for held in self._held_by(entity):
                held.lose(expected)
            return
        for held in self._held_by(entity):
            held.compare(row, expected, found)
        inner = {held.attribute for held in self._held_by(entity)}
        attributes = [name for name in differing(expected, found) if name not in inner]
        self._different += bool(attributes)
        for name in attributes:
            before, after = _shown(expected.get(name)), _shown(found.get(name))
            self._findings.add(RowDifference("different", self._name, row, entity, name, before, after))

    def _held_by(self, entity: str) -> tuple[_Within, ...]:
        """What lives within items of an entity: in those of the rows alone, not in their guards."""
        return self._within if entity == self._entity else ()


class _Within:
    """The rows of one table that live within the items of another."""

    def __init__(self, held: Embedded, findings: _Findings) -> None:
        self.attribute = held.attribute
        self.rejected = 0
        self._held = held
        self._findings = findings
        self._rows = self._missing = self._different = 0

    def tally(self) -> TableRows:
        rows = self._rows + self.rejected
        return TableRows(self._held.source_table, rows, 0, self._missing, self._different, self.rejected)

    def lose(self, expected: Item) -> None:
        """Counts the rows of an item that is not there."""
        self._rows += len(self._entries(expected))
        self._missing += len(self._entries(expected))

    def compare(self, holder: str, expected: Item, found: Item) -> None:
        """Row by row; one that the source does not have is a difference of its table."""
        wanted, there = self._entries(expected), self._entries(found)
        self._rows += len(wanted)
        if self.attribute not in found:
            self._told("missing", holder, "", self.attribute)
        for text in sorted(wanted.keys() | there.keys()):
            row = wanted.get(text, there.get(text, {}))
            if text not in wanted:
                self._different += 1
                self._told("extra", holder, text)
            elif text not in there:
                self._missing += 1
                self._told("missing", holder, self._key(row))
            elif names := differing(row, there[text]):
                self._different += 1
                for name in names:
                    before, after = _shown(row.get(name)), _shown(there[text].get(name))
                    self._told("different", holder, self._key(row), name, before, after)

    def _entries(self, item: Item) -> Mapping[str, Item]:
        return {text: row["M"] for text, row in item.get(self.attribute, {"M": {}})["M"].items()}

    def _key(self, row: Item) -> str:
        names = {a.column: a.name for a in self._held.attributes}
        return ", ".join(f"{column}={_shown(row.get(names[column]))}" for column in self._held.source_key)

    def _told(
        self,
        kind: str,
        holder: str,
        row: str,
        attribute: str | None = None,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        named = f"{row} within {holder}" if row else f"within {holder}"
        self._different += kind == "missing" and not row
        self._findings.add(
            RowDifference(kind, self._held.source_table, named, self._held.name, attribute, expected, found)
        )


def _batches(pairs: Iterable[tuple[tuple[RowValue, ...], Item]]) -> Iterator[list[tuple[tuple[RowValue, ...], Item]]]:
    iterator = iter(pairs)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _identity(item: Item, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in names)


def differing(expected: Item, found: Item) -> list[str]:
    """Names of attributes whose typed values differ, or that only one side has."""
    return sorted(
        name
        for name in expected.keys() | found.keys()
        if name not in expected or name not in found or canonical(expected[name]) != canonical(found[name])
    )


def _shown(wire: Mapping[str, Any] | None) -> str | None:
    if wire is None:
        return None
    ((tag, value),) = canonical(wire).items()
    text = f"{len(value)} bytes" if tag == "B" else str(value)
    return f"{tag} {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}"


def _count_extra(plan: Plan, reader: ItemReader, found: int) -> int:
    """Items of the table beyond those that the rows made. A group that has lost its rows keeps its item."""
    names = (plan.table.partition_key, plan.table.sort_key)
    empty = {entity.name: entity for entity in plan.entities if entity.kind == "aggregate"}

    def counts(item: Item) -> bool:
        kept = empty.get(item.get(plan.type_attribute, {}).get("S", ""))
        return not (_identity(item, names)[0].startswith(RESERVED) or (kept is not None and is_empty(kept, item)))

    return sum(1 for page in reader.scan() for item in page if counts(item)) - found
