"""An entity of the plan: a kind of item, its attributes and its key templates in each slot."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.schema import Kind
from migrator.plan.action import KeyCondition

TABLE_SLOT = "table"


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
    (one item a row whose unique `guards` columns are not NULL), edge (a row's second item), copy (one item a pair of
    rows of two tables, whose name is `source_table`) or aggregate (one item for the rows that share
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
