"""Sizes and selectivities that the cost model asks for, from what was measured; assumed, and said so, where
a table is empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migrator.design.attributes import Attr, canonical, column_of, steps, table_at
from migrator.model.schema import Schema, Table
from migrator.model.statistics import Statistics, TableStatistics

ASSUMED_ROWS = 10_000
ASSUMED_GROUP = 10
ASSUMED_COLUMN_BYTES = 16
ITEM_EXTRA = 90
"""Bytes of an item's keys, type attribute and their names, about."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share one value of some attributes: mean and maximum."""

    mean: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Data:
    """Estimates over one schema and its measurements. All sizes in bytes. `embedded`: by table, the mean bytes of the
    rows of another one that each of its items holds."""

    schema: Schema
    statistics: Statistics
    embedded: Mapping[str, float] = field(default_factory=dict)
    _groups: dict[tuple[str, frozenset[Attr]], Group] = field(default_factory=dict, compare=False, repr=False)

    _measured: dict[str, TableStatistics] = field(default_factory=dict, compare=False, repr=False)

    def measured(self, table: str) -> TableStatistics:
        if table not in self._measured:
            self._measured[table] = self.statistics.table(table)
        return self._measured[table]

    def empty(self, table: str) -> bool:
        return self.measured(table).rows == 0

    def rows(self, table: str) -> int:
        """Rows of a table; an assumption when it is empty."""
        return self.measured(table).rows or ASSUMED_ROWS

    def attribute_bytes(self, table: str, attr: Attr) -> float:
        """Mean bytes that one attribute (name and value) adds to an item."""
        owner = table_at(self.schema, table, attr.path)
        if self.empty(owner):
            return len(attr.column.encode()) + ASSUMED_COLUMN_BYTES
        column = self.measured(owner).column(attr.column)
        return (1 - column.null_share) * (len(attr.column.encode()) + column.mean_bytes)

    def item_bytes(self, table: str) -> float:
        """Mean bytes of a row's item without copies, with the rows that it holds."""
        columns = self.schema.table(table).columns
        own = sum(self.attribute_bytes(table, Attr((), column.name)) for column in columns)
        return ITEM_EXTRA + self.embedded.get(table, 0.0) + own

    def distinct(self, table: str, attr: Attr) -> float:
        """Distinct values of an attribute among the entity's rows."""
        owner = table_at(self.schema, table, attr.path)
        if self.empty(owner):
            return self.rows(owner) / ASSUMED_GROUP
        return max(1.0, min(self.rows(table), self.measured(owner).column(attr.column).distinct))

    def present(self, table: str, attrs: Iterable[Attr]) -> float:
        """The share of the entity's rows in which none of these attributes is NULL."""
        share = 1.0
        for attr in attrs:
            owner = table_at(self.schema, table, attr.path)
            if not self.empty(owner):
                share *= 1 - self.measured(owner).column(attr.column).null_share
        return share

    def unique(self, table: str, attrs: Iterable[Attr]) -> bool:
        """At most one row has given values of these attributes: they hold a key of the table."""
        own = {attr.column for attr in attrs if not attr.path}
        return any(set(key) <= own for key in self.schema.table(table).row_keys())

    def group(self, table: str, attrs: Iterable[Attr]) -> Group:
        """Rows that share one value of all these attributes."""
        chosen = table, frozenset(attrs)
        known = self._groups.get(chosen)
        if known is None:
            known = self._groups[chosen] = self._group(table, tuple(sorted(chosen[1])))
        return known

    def _group(self, table: str, chosen: tuple[Attr, ...]) -> Group:
        rows = float(self.rows(table))
        if not chosen:
            return Group(rows, rows)
        if self.unique(table, chosen):
            return Group(1.0, 1.0)
        singles = [self._single(table, attr) for attr in chosen]
        keys = [self._by_foreign_key(table, chosen)]
        groups = [group for group in (*singles, *keys) if group is not None]
        spread = 1.0
        for attr in chosen:
            spread *= self.distinct(table, attr)
        mean = max(1.0, rows / min(rows, spread))
        return Group(min(mean, *(group.mean for group in groups)), min(group.maximum for group in groups))

    def _single(self, table: str, attr: Attr) -> Group:
        rows = float(self.rows(table))
        mean = max(1.0, rows / self.distinct(table, attr))
        owner = table_at(self.schema, table, attr.path)
        if self.empty(table) or self.empty(owner):
            return Group(mean, mean * ASSUMED_GROUP)
        shares = self.measured(owner).column(attr.column).top_shares
        parents = (shares[0] if shares else 0.0) * self.rows(owner)
        maximum = min(rows, max(1.0, parents * self._fan(table, attr.path)))
        return Group(min(mean, maximum), maximum)

    def _fan(self, table: str, path: tuple[str, ...]) -> float:
        """Most rows of the entity under one row at the end of the path."""
        fan = 1.0
        for owner, key in steps(self.schema, table, path):
            fan *= max(1, self.measured(owner.name).fan_out(key.name).maximum)
        return fan

    def _by_foreign_key(self, table: str, attrs: tuple[Attr, ...]) -> Group | None:
        own = {attr.column for attr in attrs if not attr.path}
        owner: Table = self.schema.table(table)
        found = [key for key in owner.foreign_keys if set(key.columns) <= own]
        if not found or self.empty(table):
            return None
        fans = [self.measured(table).fan_out(key.name) for key in found]
        return Group(max(1.0, min(fan.mean for fan in fans)), float(max(1, min(fan.maximum for fan in fans))))

    def orphans(self, table: str, path: tuple[str, ...]) -> int:
        """Rows along a path that refer to nothing."""
        walked = steps(self.schema, table, path)
        return sum(self.measured(owner.name).fan_out(key.name).orphans for owner, key in walked)

    def text_like(self, table: str, attr: Attr) -> bool:
        return column_of(self.schema, table, canonical(self.schema, table, attr)).collation is not None
