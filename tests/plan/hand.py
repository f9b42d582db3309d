"""Plans made by hand: a table, its copies, guards, indexes, shards and expiry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.model.schema import Kind
from migrator.model.unit import Unit
from migrator.plan.items import unit_shape
from migrator.plan.plan import (
    FORMAT,
    Attribute,
    CopySource,
    Cost,
    Entity,
    IndexSettings,
    Optimality,
    Plan,
    SlotKeys,
    Source,
    SourceColumn,
    SourceTable,
    TableSettings,
)
from migrator.plan.templates import Piece, Placeholder, write_template
from migrator.plan.values import dynamodb_type


def attribute(
    name: str,
    kind: Kind = Kind.TEXT,
    column: str | None = None,
    copied: CopySource | None = None,
    collation: str | None = None,
) -> Attribute:
    return Attribute(name, column or name, kind.value, kind, dynamodb_type(kind), copied, collation)


def template(*pieces: Piece) -> str:
    return write_template(pieces)


def slot(name: str, encoding: str = "") -> Placeholder:
    return Placeholder("attribute", name, encoding)


def row_entity(
    name: str,
    table: str,
    attributes: tuple[Attribute, ...],
    keys: tuple[SlotKeys, ...],
    source_key: tuple[str, ...] = ("id",),
    expires: str | None = None,
) -> Entity:
    return Entity(name, "row", table, source_key, keys, attributes, expires=expires)


def source_table(name: str, nullable: Mapping[str, bool]) -> SourceTable:
    columns = tuple(SourceColumn(column, "", null, 0, 0.0, 0.0, 0) for column, null in nullable.items())
    return SourceTable(name, 0, 0, 0, False, ("id",), columns)


def plan_of(
    *entities: Entity, ttl: str | None = None, indexes: tuple[str, ...] = (), tables: tuple[SourceTable, ...] = ()
) -> Plan:
    return Plan(
        FORMAT,
        Source("sqlite", "0" * 64, tables),
        TableSettings("app", ttl_attribute=ttl),
        tuple(IndexSettings(name, f"{name}PK", f"{name}SK") for name in indexes),
        entities,
        (),
        (),
        Cost(0.0, 0.0, 0.0, 0.0, 0.0, 0),
        Optimality(0.0, None, None, 0, "none"),
    )


def unit_of(plan: Plan, table: str, values: Mapping[str, Any], ancestors: tuple[Any, ...] = ()) -> Unit:
    """A unit from columns by name, then ancestors' columns in the shape's order."""
    return Unit((*(values.get(column) for column in unit_shape(plan, table).columns), *ancestors))
