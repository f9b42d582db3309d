"""What the plan says of the source: its tables as found, and what is not migrated."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.stored_join import StoredJoin


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as found, with what was measured: distinct non-NULL values, share of NULLs, bytes."""

    name: str
    sql_type: str
    nullable: bool
    distinct: int
    null_share: float
    mean_bytes: float
    max_bytes: int


@dataclass(frozen=True, slots=True)
class SourceForeignKey:
    """A foreign key as found, with rows a referred row (mean, p99, max) and rows that refer to nothing."""

    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    mean: float
    p99: int
    maximum: int
    orphans: int


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table of the source as found. `rows` is exact unless `sampled`; `bytes` of its values. `joined`: it is none,
    but the pairs of rows of two tables, which are kept as items."""

    name: str
    rows: int
    bytes: int
    max_row_bytes: int
    sampled: bool
    primary_key: tuple[str, ...]
    columns: tuple[SourceColumn, ...]
    foreign_keys: tuple[SourceForeignKey, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    joined: StoredJoin | None = None


@dataclass(frozen=True, slots=True)
class NamedReason:
    """Something left out, refused or accepted, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """`tables` are migrated; `views` and `excluded` are named and not migrated."""

    dialect: str
    schema_digest: str
    tables: tuple[SourceTable, ...]
    views: tuple[str, ...] = ()
    excluded: tuple[NamedReason, ...] = ()
