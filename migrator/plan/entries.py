"""Entries of indexes that a write of one row puts or deletes: one in each index that has all rows, and in an index of
few rows as often as the row is there."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Attr
from migrator.design.entries import conditions_of, entry_writes
from migrator.design.price import Told, WriteRates
from migrator.model.query import Literal
from migrator.model.schema import Table
from migrator.plan.drafts import Desk
from migrator.plan.entities import null_partitions


def put_entries(desk: Desk, table: Table, values: Mapping[str, object]) -> dict[str, float]:
    """Entries of a row that is put with these values of its columns, by index."""
    told = Told(True, frozenset(values), _literals(values), 1.0)
    return {slot: _entries(desk, table, slot, WriteRates(told=(told,))) for slot in desk.indexes(table)}


def deleted_entries(desk: Desk, table: Table) -> dict[str, float]:
    """Entries of a row that is deleted, by index."""
    return {slot: _entries(desk, table, slot, WriteRates(deletes=1.0)) for slot in desk.indexes(table)}


def changed_entries(
    desk: Desk, table: Table, slot: str, moved: bool, changed: set[Attr], assigned: Mapping[str, object]
) -> float:
    """Writes to the one entry of a row in which the attributes change: two where its key does."""
    if not desk.kept(table).template(slot).where:
        only = desk.kept(table).only(slot)
        return 2 if moved else int(only is None or bool(changed & set(only)))
    columns = frozenset(name for attr in changed for name in _local(table, attr))
    return _entries(desk, table, slot, WriteRates(told=(Told(False, columns, _literals(assigned), 1.0),)))


def _entries(desk: Desk, table: Table, slot: str, writes: WriteRates) -> float:
    kept = desk.kept(table)
    template, only = kept.template(slot), kept.only(slot)
    if not template.where:
        return 1.0
    where = conditions_of(template, null_partitions(desk.design, table.name, template))
    keyed = frozenset(name for attr in template.attrs() for name in _local(table, attr))
    held = None if only is None else frozenset(name for attr in only for name in _local(table, attr))
    return entry_writes(desk.data, table.name, writes, where, keyed, held)


def _local(table: Table, attr: Attr) -> tuple[str, ...]:
    return table.foreign_key(attr.path[0]).columns if attr.path else (attr.column,)


def _literals(values: Mapping[str, object]) -> tuple[tuple[str, Literal], ...]:
    return tuple((column, value) for column, value in values.items() if isinstance(value, Literal))
