"""What declared writes of two tables do to the pairs that a stored join keeps of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from migrator.design.attributes import Attr
from migrator.design.data import Data, Group
from migrator.design.needs import Need, read_need
from migrator.design.price import WriteRates, monthly_reads, monthly_storage, monthly_writes, units_of
from migrator.model.query import (
    AccessPattern,
    Comparison,
    Delete,
    Field,
    Insert,
    Parameter,
    Select,
    TableRef,
    Update,
)
from migrator.model.schema import Schema
from migrator.model.settings import Prices
from migrator.model.stored_join import SIDES, StoredJoin, other


def pairing(data: Data, join: StoredJoin, side: str) -> Group:
    """Rows of one side that pair with a row of the other: as many, at the mean and at most."""
    return data.group(join.table(side), [Attr((), column) for column in join.meeting(side)])


def written_tables(schema: Schema, pattern: AccessPattern, join: StoredJoin) -> frozenset[str]:
    """The tables of a join of which a pattern writes what the pairs hold, or whose rows it makes or deletes."""
    found: set[str] = set()
    for statement in pattern.statements:
        match statement.form:
            case Insert(table=name):
                found.add(name)
            case Delete(table=name):
                found |= schema.deleted_with((name,))
            case Update(table=name, assignments=assigned):
                side = join.side(name)
                kept = side is not None and any(join.named(side, column) for column, _ in assigned)
                found |= {name} if kept else set()
    return frozenset(found & {join.left, join.right})


def meeting_needs(
    data: Data, keys: Mapping[str, tuple[tuple[str, ...], ...]], pattern: AccessPattern
) -> Iterator[Need]:
    """What finds the rows that pair with those that a pattern writes."""
    number = 1000 * len(pattern.statements)
    for _, join in data.schema.joins():
        written = written_tables(data.schema, pattern, join)
        for side in SIDES:
            table, columns = join.table(other(side)), join.meeting(other(side))
            if join.table(side) not in written or any(set(key) <= set(columns) for key in keys[table]):
                continue
            equal = tuple(Comparison(Field(table, column), "=", Parameter(column)) for column in columns)
            select = Select((TableRef(table, table),), table, (), equal, ())
            number += 1
            yield read_need(data.schema, pattern.name, number, select, pattern.rate, pattern.peak, False)


def pair_rates(data: Data, rates: Mapping[str, WriteRates], join: StoredJoin) -> WriteRates:
    """Writes of pairs a second, from those of both sides and how many pairs each row is in."""
    found = WriteRates()
    for side in SIDES:
        own, fan = rates[join.table(side)], pairing(data, join, other(side)).mean
        moved = sum(rate for columns, rate in own.changes if columns & set(join.meeting(side)))
        inserts, deletes = found.inserts + fan * (own.inserts + moved), found.deletes + fan * (own.deletes + moved)
        found = reduce(
            lambda sum_, one: sum_.with_change(*one), _changed(join, side, own, fan), _with(found, inserts, deletes)
        )
    return found


def _with(rates: WriteRates, inserts: float, deletes: float) -> WriteRates:
    return WriteRates(inserts, deletes, rates.changes, False, rates.told)


def _changed(join: StoredJoin, side: str, own: WriteRates, fan: float) -> Iterator[tuple[frozenset[str], float]]:
    for columns, rate in own.changes:
        named = frozenset(name for column in columns if (name := join.named(side, column)) is not None)
        if named and not columns & set(join.meeting(side)):
            yield named, rate * fan


def pairs_usd(data: Data, prices: Prices, rates: Mapping[str, WriteRates], name: str, join: StoredJoin) -> float:
    """Dollars a month of keeping the pairs in the table, without their entries in indexes: what is written and stored,
    the rows that are read for it, and the care of one more kind of item."""
    size, own = data.item_bytes(name), rates[name]
    writes = (own.inserts + own.deletes + own.changing()) * 2 * units_of(size)
    usd = monthly_writes(prices, 1.0, writes) + monthly_storage(prices, data.measured(name).rows, size)
    for side in SIDES:
        found = pairing(data, join, other(side)).mean * data.item_bytes(join.table(other(side)))
        each = rates[join.table(side)]
        usd += monthly_reads(prices, each.inserts + each.deletes, max(0.5, found / 4096 * 0.5))
    return usd + prices.item_kind_month
