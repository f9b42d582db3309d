"""The plan as frozen values. `document.py` writes and reads it as plan.json; names here are names there.

Its parts stand in modules of their own (`source`, `entity`, `pattern`, `action`) and are known by this one too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.model.stored_join import StoredJoin
from migrator.plan.action import Action as Action
from migrator.plan.action import KeyCondition as KeyCondition
from migrator.plan.action import KeyPair as KeyPair
from migrator.plan.entity import TABLE_SLOT as TABLE_SLOT
from migrator.plan.entity import Attribute as Attribute
from migrator.plan.entity import CopySource as CopySource
from migrator.plan.entity import Embedded as Embedded
from migrator.plan.entity import Entity as Entity
from migrator.plan.entity import MeasuredAttribute as MeasuredAttribute
from migrator.plan.entity import SlotKeys as SlotKeys
from migrator.plan.pattern import Part as Part
from migrator.plan.pattern import PatternParameter as PatternParameter
from migrator.plan.pattern import PlannedPattern as PlannedPattern
from migrator.plan.pattern import RejectedPath as RejectedPath
from migrator.plan.pattern import Request as Request
from migrator.plan.pattern import Resolution as Resolution
from migrator.plan.pattern import SortCondition as SortCondition
from migrator.plan.source import NamedReason as NamedReason
from migrator.plan.source import Source as Source
from migrator.plan.source import SourceColumn as SourceColumn
from migrator.plan.source import SourceForeignKey as SourceForeignKey
from migrator.plan.source import SourceTable as SourceTable

FORMAT = 1


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

    @property
    def key_names(self) -> tuple[str, str]:
        """The attributes of the primary key: partition, then sort."""
        return self.partition_key, self.sort_key


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """A global secondary index. `attributes` are named only for INCLUDE."""

    name: str
    partition_key: str
    sort_key: str
    projection: str = "ALL"
    attributes: tuple[str, ...] = ()


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
class OffloadedColumn:
    """A column of a source table whose large values are kept in S3."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Offload:
    """Where large values of some columns are kept: an object of more than `inline_bytes` under
    `{prefix}/{table}/{SHA-256 in hexadecimal}`, and a pointer to it on the item."""

    bucket: str
    prefix: str
    inline_bytes: int
    columns: tuple[OffloadedColumn, ...]


@dataclass(frozen=True, slots=True)
class HeldReference:
    """A reference of a source table that its rows must keep to be loaded: `path` is the foreign key's name, by
    `columns` to `referred_column` (the first of its columns) of `referred_table`."""

    table: str
    path: str
    columns: tuple[str, ...]
    referred_table: str
    referred_column: str


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
    offload: Offload | None = None
    held_references: tuple[HeldReference, ...] = ()

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
        return tuple(sorted(made, key=lambda entity: (entity.kind not in ("row", "copy"), entity.name)))

    def references_of(self, table: str) -> tuple[HeldReference, ...]:
        """The references that a source table's rows must keep to be loaded."""
        return tuple(held for held in self.held_references if held.table == table)

    def source_keys(self) -> dict[str, tuple[str, ...]]:
        """The columns that name the rows of each source table."""
        return {table.name: self.entities_of(table.name)[0].source_key for table in self.source.tables}

    def tables(self) -> tuple[str, ...]:
        """What is loaded, in order: the source tables but those whose rows live within others' items, then each
        aggregate's groups by the aggregate's name."""
        aggregates = (entity.name for entity in self.entities if entity.kind == "aggregate")
        held = {held.source_table for _, held in self.embedded()}
        return (*(table.name for table in self.source.tables if table.name not in held), *aggregates)

    def joins(self) -> tuple[tuple[str, StoredJoin], ...]:
        """The stored joins, with what their pairs go by."""
        return tuple((table.name, table.joined) for table in self.source.tables if table.joined is not None)

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
