"""What migrate.toml may say: choices, prices, limits and constraints, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars: on-demand units per million, storage per GB-month, a GB imported from S3 (AWS's DynamoDB pricing page),
    a million sequential round trips beyond the first, a million requests sent beside the first, and what care is worth
    to you: a month of one more index, of an index view that holds less than whole items, and of one more kind of item
    that the application has to write. S3 (its pricing page): PUT and GET requests per million, storage per GB-month."""

    read_million: float
    write_million: float
    storage_gb_month: float
    round_trip_million: float
    request_million: float
    index_month: float
    projection_month: float = 10.0
    item_kind_month: float = 10.0
    import_gb: float = 0.15
    s3_put_million: float = 5.0
    s3_get_million: float = 0.4
    s3_gb_month: float = 0.023
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds the design keeps: bytes and items one request may over-read, rows a listed table may have; the most rows
    that a row may hold within its own item, and the most bytes that such an item may have. Both are as measured today,
    so that `embedded_bytes` stays far below the 400 KB of an item: the rest is the reserve for growth. `proof_steps`:
    steps that the search for the best design may take for every 100 statements."""

    max_indexes: int = 20
    bounded_bytes: int = 1_048_576
    bounded_items: int = 5_000
    listed_rows: int = 1_000
    embedded_items: int = 100
    embedded_bytes: int = 65_536
    proof_steps: int = 120


@dataclass(frozen=True, slots=True)
class IndexNames:
    """What migrate.toml calls one index of the design, which is known by `index`: GSI1, GSI2 and so on. None: the
    plan names it."""

    index: str
    name: str | None = None
    partition_key: str | None = None
    sort_key: str | None = None


@dataclass(frozen=True, slots=True)
class ChosenNames:
    """What migrate.toml calls the table's own attributes and its indexes. None: the plan names it."""

    partition_key: str | None = None
    sort_key: str | None = None
    type: str | None = None
    ttl: str | None = None
    indexes: tuple[IndexNames, ...] = ()

    def index(self, slot: str) -> IndexNames:
        return next((named for named in self.indexes if named.index == slot), IndexNames(slot))


@dataclass(frozen=True, slots=True)
class PinnedView:
    """An index that a table's items must stand in, by columns: the partition, none for one constant, and what its
    sort key begins with."""

    partition: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableOverride:
    """What migrate.toml says of one source table. `key`: the columns that name a row; `ttl`: the column (or
    "none") that says when it expires. `partition` and `sort`: the table's key of its items, pinned; `copies`: whether
    they may carry columns of the rows that they refer to; `embed`: whether they live within the item of a row that
    they refer to (None: as is cheaper). `attributes`: columns and what they are called on items. `views`: indexes that
    its items stand in, whatever that costs. `left_out`: columns that are not migrated. `offload`: columns whose large
    values are kept in S3."""

    table: str
    exclude: bool = False
    key: tuple[str, ...] = ()
    ttl: str | None = None
    tag: str | None = None
    partition: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    copies: bool = True
    embed: bool | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    views: tuple[PinnedView, ...] = ()
    left_out: tuple[str, ...] = ()
    offload: tuple[str, ...] = ()

    @property
    def pinned(self) -> tuple[str, ...] | None:
        """The columns of a pinned key; None when the design may choose it."""
        return (*self.partition, *self.sort) if self.partition or self.sort else None


@dataclass(frozen=True, slots=True)
class Bucket:
    """The S3 bucket for large values. `prefix` begins their keys (None: the table's name); values of at most
    `inline_bytes` bytes stay on the item: one read unit's worth, unless you say otherwise."""

    bucket: str
    prefix: str | None = None
    inline_bytes: int = 4_096


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about a plan that is neither schema, data nor queries. `accept` maps names of refused
    queries, `rejects` and hazards to the reason a person gave."""

    prices: Prices
    table_name: str = "app"
    limits: Limits = field(default_factory=Limits)
    overrides: tuple[TableOverride, ...] = ()
    accept: tuple[tuple[str, str], ...] = ()
    deletion_protection: bool = True
    point_in_time_recovery: bool = True
    stream_view_type: str | None = None
    table_class: str = "STANDARD"
    kms_key: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    max_on_demand: int | None = None
    names: ChosenNames = field(default_factory=ChosenNames)
    bucket: Bucket | None = None

    def override(self, table: str) -> TableOverride:
        return next((override for override in self.overrides if override.table == table), TableOverride(table))

    def offloaded(self) -> frozenset[tuple[str, str]]:
        """Tables and columns whose large values are kept in S3."""
        return frozenset((override.table, column) for override in self.overrides for column in override.offload)

    def accepted(self, name: str) -> str | None:
        return next((reason for accepted, reason in self.accept if accepted == name), None)
