"""What a relational schema is, without any driver's types."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from migrator.model.stored_join import StoredJoin


class Kind(StrEnum):
    """The family of a column's values; the type policy and the key codec depend on it alone."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    UUID = "uuid"
    JSON = "json"
    ENUM = "enum"
    ARRAY = "array"
    UNKNOWN = "unknown"


NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as declared. `bits` is an integer's width, `collation` only what differs from binary order."""

    name: str
    sql_type: str
    kind: Kind
    nullable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    unsigned: bool = False
    collation: str | None = None
    values: tuple[str, ...] = ()
    generated: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the owning table refer, in order, to `referred_columns` of `referred_table`. `on_delete`: what
    becomes of the row when the one referred to is deleted: cascade, set null, set default or restrict; None: no
    action is declared."""

    name: str
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    on_delete: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A UNIQUE constraint, or a unique index over plain columns without a condition."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index of the source; a hint at what the application asks for."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint; documented, since DynamoDB enforces none."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Table:
    """A base table. Names are exactly as in the source. Names of foreign keys are unique in their table. `hidden`:
    SQLite's rowid where no key surely names the rows; it is not migrated unless it is asked for (see `showing`).
    `left_out`: columns of the source that somebody excluded (see `without`). `inherits`: the tables whose rows this
    one's rows are as well (PostgreSQL's INHERITS). `joined`: it is no table of the source but the pairs of a stored
    join."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    uniques: tuple[UniqueKey, ...] = ()
    indexes: tuple[Index, ...] = ()
    checks: tuple[Check, ...] = ()
    hidden: tuple[Column, ...] = ()
    left_out: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()
    joined: StoredJoin | None = None

    def column(self, name: str) -> Column:
        """The column of that name. KeyError, naming table and column, when there is none."""
        for column in (*self.columns, *self.hidden):
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    def has_column(self, name: str) -> bool:
        return any(column.name == name for column in (*self.columns, *self.hidden))

    @property
    def starred(self) -> tuple[Column, ...]:
        """The columns that SELECT * gives."""
        return tuple(column for column in self.columns if column not in self.hidden)

    def showing(self, names: Collection[str]) -> Table:
        """The table with the hidden columns of these names among its columns."""
        shown = (c for c in self.hidden if c.name in names and c not in self.columns)
        return replace(self, columns=(*self.columns, *shown))

    def without(self, names: Collection[str]) -> Table:
        """The table without these columns and without the keys, constraints and indexes that need them."""
        dropped = set(names)
        return replace(
            self,
            columns=tuple(column for column in self.columns if column.name not in dropped),
            foreign_keys=tuple(key for key in self.foreign_keys if not dropped & set(key.columns)),
            uniques=tuple(unique for unique in self.uniques if not dropped & set(unique.columns)),
            indexes=tuple(index for index in self.indexes if not dropped & set(index.columns)),
            left_out=tuple(column.name for column in self.columns if column.name in dropped),
        )

    def surely_unique(self, columns: Collection[str]) -> bool:
        """Whether the database keeps two rows from having the same values, NULL counting as one, in the columns."""
        keys = (*self.row_keys(), *((column.name,) for column in self.hidden))
        return any(set(key) <= set(columns) and not any(self.column(c).nullable for c in key) for key in keys)

    def foreign_key(self, name: str) -> ForeignKey:
        for key in self.foreign_keys:
            if key.name == name:
                return key
        raise KeyError(f"{self.name}: foreign key {name}")

    def row_keys(self) -> Iterator[tuple[str, ...]]:
        """Every key that names one row: the primary key, then uniques whose columns are all NOT NULL."""
        if self.primary_key:
            yield self.primary_key
        for unique in self.uniques:
            if all(not self.column(name).nullable for name in unique.columns):
                yield unique.columns


@dataclass(frozen=True, slots=True)
class View:
    """A view; named in the plan, not migrated."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the source that is not migrated, and why."""

    name: str
    reason: str


_UNTOLD = ("hidden", "left_out", "inherits", "joined")
"""What a table knows beside its schema."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole database as reflected: tables sorted by name. `collation`: what text columns that say none compare
    under, None where that is by bytes."""

    dialect: str
    tables: tuple[Table, ...]
    views: tuple[View, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    collation: str | None = None

    def table(self, name: str) -> Table:
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def has_table(self, name: str) -> bool:
        return any(table.name == name for table in self.tables)

    def adding(self, *tables: Table) -> Schema:
        """The schema with these tables among its own."""
        return replace(self, tables=tuple(sorted((*self.tables, *tables), key=lambda table: table.name)))

    def joins(self) -> tuple[tuple[str, StoredJoin], ...]:
        """The stored joins, with the names that their pairs go by."""
        return tuple((table.name, table.joined) for table in self.tables if table.joined is not None)

    def deleted_with(self, tables: Iterable[str]) -> frozenset[str]:
        """These tables, and those whose rows ON DELETE CASCADE deletes with theirs, however far below."""
        gone = frozenset(tables)
        keys = ((table.name, key) for table in self.tables for key in table.foreign_keys)
        more = gone | {name for name, key in keys if key.referred_table in gone and key.on_delete == "cascade"}
        return gone if more == gone else self.deleted_with(more)

    def digest(self) -> str:
        """SHA-256 of tables and their columns, keys and constraints: equal digests, equal schemas."""
        told = [
            {name: value for name, value in asdict(t).items() if name not in _UNTOLD}
            for t in self.tables
            if t.joined is None
        ]
        body = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(f"{self.dialect}\n{body}".encode()).hexdigest()
