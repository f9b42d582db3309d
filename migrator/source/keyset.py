"""The total order of a table's key, spelt once, so that ordering, bounds and resumption always agree.

A key column is compared under the collation of the index that makes it a key: two keys that differ there
differ everywhere, and the index serves the order. NULL comes first, as in SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from migrator.model.schema import Column, Table
from migrator.model.unit import InvalidText, RowValue
from migrator.source.open import Source, first, stream
from migrator.source.relation import relation
from migrator.source.values import storable

_BUILT_IN = frozenset({"BINARY", "NOCASE", "RTRIM"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL and the values of its placeholders."""

    sql: str
    values: dict[str, RowValue] = field(default_factory=dict)


EVERYTHING = Condition("1 = 1")


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """`columns` are SQL expressions in the key's order; `nullable` when one of them may be NULL."""

    source: Source
    columns: tuple[str, ...]
    nullable: bool

    def order_by(self) -> str:
        return ", ".join(self.columns)

    def beyond(self, key: Sequence[RowValue], prefix: str) -> Condition:
        """Rows whose key is greater than `key`. Placeholders start with `prefix`."""
        return self._null_safe(key, prefix, ">") if self.nullable else self._by_row(key, prefix, ">")

    def within(self, key: Sequence[RowValue], prefix: str) -> Condition:
        """Rows whose key is at most `key`."""
        return self._null_safe(key, prefix, "<=") if self.nullable else self._by_row(key, prefix, "<=")

    def equal(self, key: Sequence[RowValue], prefix: str) -> Condition:
        """The row of that key."""
        placeholders, values = self._bound(key, prefix)
        return Condition(self._all_equal(key, placeholders, len(self.columns)), values)

    def _by_row(self, key: Sequence[RowValue], prefix: str, operator: str) -> Condition:
        placeholders, values = self._bound(key, prefix)
        if len(self.columns) == 1:
            return Condition(f"{self.columns[0]} {operator} {placeholders[0]}", values)
        # The first column alone is implied; MySQL needs it to find the range in its index.
        first = f"{self.columns[0]} {operator[0]}= {placeholders[0]}"
        whole = f"({', '.join(self.columns)}) {operator} ({', '.join(placeholders)})"
        return Condition(f"{first} AND {whole}", values)

    def _null_safe(self, key: Sequence[RowValue], prefix: str, operator: str) -> Condition:
        placeholders, values = self._bound(key, prefix)
        branches = [
            self._joined(self._all_equal(key, placeholders, at), step)
            for at, column in enumerate(self.columns)
            if (step := _step(column, key[at], placeholders[at], operator))
        ]
        if operator == "<=":
            branches.append(self._all_equal(key, placeholders, len(self.columns)))
        return Condition(f"({' OR '.join(branches)})", values)

    def _joined(self, equal: str, step: str) -> str:
        return f"({equal} AND {step})" if equal else step

    def _all_equal(self, key: Sequence[RowValue], placeholders: Sequence[str], count: int) -> str:
        return " AND ".join(
            f"{column} IS NULL" if value is None else f"{column} = {placeholder}"
            for column, value, placeholder in zip(self.columns[:count], key, placeholders, strict=False)
        )

    def _bound(self, key: Sequence[RowValue], prefix: str) -> tuple[list[str], dict[str, RowValue]]:
        if len(key) != len(self.columns):
            raise ValueError(f"a key of {len(self.columns)} columns was given {len(key)} values")
        names = [f"{prefix}{at}" for at in range(len(key))]
        native = self.source.dialect == "sqlite"
        values = {n: storable(v) if native else v for n, v in zip(names, key, strict=True) if v is not None}
        return [self._placeholder(n, v) for n, v in zip(names, key, strict=True)], values

    def _placeholder(self, name: str, value: RowValue) -> str:
        # Bytes that are no UTF-8 cannot be bound as text; the plus takes the cast's affinity off again.
        placeholder = self.source.bind(name)
        return f"+CAST({placeholder} AS TEXT)" if isinstance(value, InvalidText) else placeholder


def _step(column: str, value: RowValue, placeholder: str, operator: str) -> str:
    """`column` strictly on that side of the value; empty when nothing can be."""
    if operator == ">":
        return f"{column} IS NOT NULL" if value is None else f"{column} > {placeholder}"
    return "" if value is None else f"({column} < {placeholder} OR {column} IS NULL)"


def key_order(source: Source, connection: Connection, table: Table, key: Sequence[str], alias: str) -> KeyOrder:
    """The order of `key`, of columns of `table`, which the statement calls `alias`."""
    nullable = any(table.column(name).nullable for name in key)
    if source.dialect != "sqlite":
        return KeyOrder(source, tuple(source.quote(alias, name) for name in key), nullable)
    collations = _key_collations(connection, table.name, key)
    columns = (collated(source.quote(alias, name), collations.get(name), table.column(name).collation) for name in key)
    return KeyOrder(source, tuple(columns), nullable)


def declared(source: Source, alias: str, column: Column) -> str:
    """The column under its own collation, or as bytes when only the application knows that collation."""
    name = source.quote(alias, column.name)
    return collated(name, column.collation, column.collation) if source.dialect == "sqlite" else name


def collated(expression: str, wanted: str | None, own: str | None) -> str:
    """The expression under a collation, said only where it is not what the column has. A collation that the
    application defines is unknown here: bytes are compared instead."""
    known = wanted if wanted in _BUILT_IN else "BINARY"
    return expression if known == (own or "BINARY") else f"{expression} COLLATE {known}"


def _key_collations(connection: Connection, table: str, key: Sequence[str]) -> dict[str, str]:
    """Collations of the unique index over exactly the key's columns; none for a key without an index."""
    names = 'SELECT name FROM pragma_index_list(:name) WHERE "unique" AND NOT partial ORDER BY seq'
    for (index,) in list(stream(connection, names, {"name": table})):
        sql = "SELECT name, coll FROM pragma_index_xinfo(:name) WHERE key"
        members = {name: str(collation).upper() for name, collation in stream(connection, sql, {"name": index})}
        if set(members) == set(key):
            return members
    return {}


def count_groups(source: Source, connection: Connection, table: Table, key: Sequence[str]) -> int:
    """How many different keys the table's rows have."""
    by = key_order(source, connection, table, key, "t").order_by()
    sql = f"SELECT COUNT(*) FROM (SELECT 1 AS one FROM {relation(source, table)} AS t GROUP BY {by}) AS g"  # noqa: S608
    found = first(connection, sql)
    return int(found[0]) if found else 0


def keys_at(
    source: Source,
    connection: Connection,
    table: Table,
    key: Sequence[str],
    positions: Sequence[int],
    grouped: bool = False,
) -> Iterator[tuple[RowValue, ...]]:
    """The keys at increasing 0-based positions of the key order; it ends where the rows do. Skipped rows are
    stepped over inside the database. `grouped`: rows of the same key count once."""
    order = key_order(source, connection, table, key, "t")
    together = f"GROUP BY {order.order_by()} " if grouped else ""
    columns = ", ".join(source.quote("t", name) for name in key)
    previous: tuple[RowValue, ...] | None = None
    at = -1
    for position in positions:
        start = order.beyond(previous, "after") if previous is not None else EVERYTHING
        sql = (
            f"SELECT {columns} FROM {relation(source, table)} AS t WHERE {start.sql} "  # noqa: S608
            f"{together}ORDER BY {order.order_by()} LIMIT 1 OFFSET {position - at - 1}"
        )
        found = list(stream(connection, sql, start.values))
        if not found:
            return
        previous, at = found[0], position
        yield previous
