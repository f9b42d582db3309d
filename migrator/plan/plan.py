"""The plan as frozen values. `document.py` writes and reads it as plan.json; names here are names there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.model.query import ParameterUse, Predicate, Select
from migrator.model.schema import Kind
from migrator.plan.action import Action as Action
from migrator.plan.action import KeyCondition as KeyCondition
from migrator.plan.action import KeyPair as KeyPair

FORMAT = 1
TABLE_SLOT = "table"


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
    """A table of the source as found. `rows` is exact unless `sampled`; `bytes` of its values."""

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


@dataclass(frozen=True, slots=True)
class TableSettings:
    """What CreateTable and its kin are told. `ttl_attribute` is None when no entity expires."""

    name: str
    billing_mode: str = "PAY_PER_REQUEST"
    partition_key: str = "PK"
    sort_key: str = "SK"
    ttl_attribute: str | None = None
    point_in_time_recovery: bool = True
    stream_view_type: str | None = None
    deletion_protection: bool = True
    table_class: str = "STANDARD"
    kms_key: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    max_on_demand: int | None = None
    provisioned: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """A global secondary index. `attributes` are named only for INCLUDE."""

    name: str
    partition_key: str
    sort_key: str
    projection: str = "ALL"
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopySource:
    """The ancestor's column an attribute is copied from; `path` are foreign-key names from the row's table."""

    table: str
    column: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an item. `column` is the source column's name, in `copied_from.table` for a copy.
    `dynamodb_type` is S, N, B, BOOL, or "M/L" for JSON."""

    name: str
    column: str
    sql_type: str
    kind: Kind
    dynamodb_type: str
    copied_from: CopySource | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class MeasuredAttribute:
    """A figure on an aggregate's item: "count" of its group's rows, or of those whose `column` is not NULL, or
    the "sum" of the column's values (0 when there are none)."""

    name: str
    function: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class SlotKeys:
    """An entity's key templates in one slot ("table" or an index name). `requires`: attributes that must not be NULL
    for the item to appear there, `where`: what else must hold (an index only). A partition with `{shard}` runs over
    `shards` values: the shard is the CRC-32 of the table's own two key texts, joined by a newline, modulo `shards`."""

    slot: str
    partition: str
    sort: str
    requires: tuple[str, ...] = ()
    shards: int | None = None
    where: tuple[KeyCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedded:
    """Rows of another table that live within each item of an entity: `attribute` is a map, and under the text that the
    template `key` makes of a row's attributes stands a map of those. `name` is what the rows go by, `source_key` names
    them in the source; their `reference` (foreign key `path`) leads by `pairs` (their column, the holding row's)."""

    name: str
    source_table: str
    source_key: tuple[str, ...]
    attribute: str
    key: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    attributes: tuple[Attribute, ...]

    def as_entity(self) -> Entity:
        """The rows as an entity without keys of its own."""
        return Entity(self.name, "embedded", self.source_table, self.source_key, (), self.attributes)


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of item. `name` is the value of the type attribute. `kind`: row (one item a source row), guard
    (one item a row whose unique `guards` columns are not NULL) or aggregate (one item for the rows that share
    their values of `source_key`, with their `measures`). `source_key` names the row in the source.
    `expires` is the attribute TTL is computed from. `embedded`: rows of other tables that live within its items."""

    name: str
    kind: str
    source_table: str
    source_key: tuple[str, ...]
    keys: tuple[SlotKeys, ...]
    attributes: tuple[Attribute, ...]
    guards: tuple[str, ...] = ()
    expires: str | None = None
    co_located_because: tuple[str, ...] = ()
    measures: tuple[MeasuredAttribute, ...] = ()
    embedded: tuple[Embedded, ...] = ()

    @property
    def stream(self) -> str:
        """What its items are made from: the rows of the source table, or groups of them under its own name."""
        return self.name if self.kind == "aggregate" else self.source_table

    def measure(self, function: str, column: str | None = None) -> MeasuredAttribute | None:
        """The attribute that holds this figure."""
        wanted = (function, column)
        return next((measure for measure in self.measures if (measure.function, measure.column) == wanted), None)

    def slot(self, slot: str) -> SlotKeys | None:
        return next((keys for keys in self.keys if keys.slot == slot), None)

    def attribute(self, name: str) -> Attribute:
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(f"{self.name}.{name}")


@dataclass(frozen=True, slots=True)
class SortCondition:
    """A condition on the slot's sort key: op = < <= > >= begins_with between; values are request templates."""

    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A DynamoDB request with placeholders: `{:name}` a parameter, `{0.attribute}` an attribute of each item
    that request 0 gave (which then stands in `after`). `limit` is None, a number or a placeholder.
    A sharded partition holds `{shard}`, which runs over 0 .. shards-1. A write's `actions` say it formally, a
    single one too. `each`: it is sent once for each item that this request gave, apart from the others. `expect`
    some or none, or "some other" or "no other" than the items at hand that are written: where a read that could be
    asked gives otherwise, nothing is written. `where`: the program checks
    these on each item that the read gave, and drops those that fail. `may_fail`: a failed condition means that there
    was nothing to do. `added_up`: entities of which several actions may change the figures of one item; they are
    sent as one update, for DynamoDB takes one action an item."""

    operation: str
    entities: tuple[str, ...]
    index: str | None = None
    partition: str | None = None
    sort: SortCondition | None = None
    filter: tuple[str, ...] = ()
    forward: bool = True
    limit: str | None = None
    consistent: bool = False
    shards: int | None = None
    after: tuple[int, ...] = ()
    keys: tuple[KeyPair, ...] = ()
    condition: str | None = None
    update: str | None = None
    actions: tuple[Action, ...] = ()
    each: int | None = None
    expect: str | None = None
    where: tuple[Predicate, ...] = ()
    may_fail: bool = False
    added_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where the columns of a joined alias come from: `copy` (attributes on the driver's item) or `item`
    (items of `entity` among the answers of `requests`)."""

    alias: str
    how: str
    entity: str
    requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One SELECT of a pattern: its normal form, its own SQL, the driver's entity, the requests whose items
    are the driver's rows, and where joined aliases come from. `complete`: the requests give every row that
    the predicates accept, so order and limit are applied here; otherwise the request's own order and limit
    already are the statement's. `inner`: nobody declared it; it tells which rows of other parts count. `united`: its
    rows go to those of the part before, "all" of them or the "distinct" ones."""

    sql: str
    select: Select
    entity: str
    requests: tuple[int, ...]
    resolutions: tuple[Resolution, ...] = ()
    complete: bool = True
    inner: bool = False
    united: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedPath:
    """An access path that was not taken. Dollars a month; None when it cannot be priced."""

    path: str
    why: str
    monthly_usd: float | None = None
    round_trips: int | None = None


@dataclass(frozen=True, slots=True)
class PatternParameter:
    """A parameter of a declared query: the column it meets says how text is read as a value."""

    use: ParameterUse
    kind: Kind


@dataclass(frozen=True, slots=True)
class PlannedPattern:
    """A declared query with its verdict. Units are a call's; dollars a month at the declared rate."""

    name: str
    sql: str
    kind: str
    rate: float
    peak: float
    status: str
    reason: str | None = None
    way_out: str | None = None
    accepted: str | None = None
    consistency: str = "eventual"
    requests: tuple[Request, ...] = ()
    parts: tuple[Part, ...] = ()
    parameters: tuple[PatternParameter, ...] = ()
    assemble: str = ""
    round_trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    monthly_usd: float = 0.0
    rejected: tuple[RejectedPath, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something a reviewer should know. `approve_with` is the name that `[accept]` takes; when it is not None
    and not accepted, apply stops. `accepted` is the reason given in migrate.toml."""

    code: str
    entity: str
    message: str
    approve_with: str | None = None
    accepted: str | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """What the busiest value of one kind of partition takes at the peak, in units a second: `partition` as its first
    entity writes it, shared by `entities`; `busiest` is the share of rows under that value, `patterns` the queries that
    heat it most. One value has 3,000 read units and 1,000 write units a second."""

    slot: str
    partition: str
    entities: tuple[str, ...]
    busiest: float
    shards: int
    read_units: float
    write_units: float
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars a month by what they pay for, dollars once for the load, and what was assumed. `apart_usd`: what the same
    queries cost more in a month, waiting included, with a table for each entity; the entities `as_well_apart` cost the
    same in a table of their own."""

    monthly_usd: float
    reads: float
    writes: float
    storage: float
    load_usd: float
    load_write_units: int
    apart_usd: float = 0.0
    as_well_apart: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The best design found with that many indexes. `refused` counts reads it cannot serve."""

    indexes: int
    monthly_usd: float
    round_trips: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Optimality:
    """What is claimed for the design. `bound` and `gap` are None when nothing was proven."""

    objective: float
    bound: float | None
    gap: float | None
    candidates: int
    solver: str
    alternatives: tuple[FrontierPoint, ...] = ()
    claim: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A point of the production checklist: `done` says it is set by the plan; `where` says where, or why not."""

    name: str
    done: bool
    where: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply, verify, query and the documents need. `type_attribute` names each item's entity."""

    format: int
    source: Source
    table: TableSettings
    indexes: tuple[IndexSettings, ...]
    entities: tuple[Entity, ...]
    access_patterns: tuple[PlannedPattern, ...]
    hazards: tuple[Hazard, ...]
    cost: Cost
    optimality: Optimality
    checklist: tuple[ChecklistItem, ...] = ()
    heat: tuple[Heat, ...] = ()
    type_attribute: str = "type"
    assumptions: tuple[str, ...] = field(default=())

    def entity(self, name: str) -> Entity:
        for entity in self.entities:
            if entity.name == name:
                return entity
        held = next((one for _, one in self.embedded() if one.name == name), None)
        if held is None:
            raise KeyError(name)
        return held.as_entity()

    def embedded(self) -> Iterator[tuple[Entity, Embedded]]:
        """The rows that live within others' items, each with the entity that holds them."""
        return ((entity, held) for entity in self.entities for held in entity.embedded)

    def holder(self, table: str) -> tuple[Entity, Embedded] | None:
        """Where the rows of a source table live, when they have no items."""
        return next((pair for pair in self.embedded() if pair[1].source_table == table), None)

    def entities_of(self, stream: str) -> tuple[Entity, ...]:
        """The entities made from one stream: a source table's rows, their own entity first, or an aggregate's
        groups."""
        made = [entity for entity in self.entities if entity.stream == stream]
        made += [held.as_entity() for _, held in self.embedded() if held.source_table == stream]
        return tuple(sorted(made, key=lambda entity: (entity.kind != "row", entity.name)))

    def source_keys(self) -> dict[str, tuple[str, ...]]:
        """The columns that name the rows of each source table."""
        return {table.name: self.entities_of(table.name)[0].source_key for table in self.source.tables}

    def tables(self) -> tuple[str, ...]:
        """What is loaded, in order: the source tables but those whose rows live within others' items, then each
        aggregate's groups by the aggregate's name."""
        aggregates = (entity.name for entity in self.entities if entity.kind == "aggregate")
        held = {held.source_table for _, held in self.embedded()}
        return (*(table.name for table in self.source.tables if table.name not in held), *aggregates)

    def streamed(self) -> int:
        """Rows of the source that are read one by one: those within others come with these."""
        return sum(table.rows for table in self.source.tables if table.name in self.tables())

    def aggregates_of(self, table: str) -> tuple[Entity, ...]:
        """The aggregates that are kept of a source table's rows."""
        return tuple(entity for entity in self.entities if entity.kind == "aggregate" and entity.source_table == table)

    def pattern(self, name: str) -> PlannedPattern:
        for pattern in self.access_patterns:
            if pattern.name == name:
                return pattern
        raise KeyError(name)
