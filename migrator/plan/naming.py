"""Names in the table: tags of entities, attributes of items, never two things under one name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrator.design.attributes import Attr, steps, table_at
from migrator.design.design import Design
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.plan.plan import Attribute, CopySource
from migrator.plan.values import dynamodb_type

RESERVED_TAGS = ("MIGRATE", "UNIQUE")
_ODD = re.compile(r"\W+")
_ID = re.compile(r"(_?[iI][dD]|_?ID)$")


@dataclass(frozen=True, slots=True)
class Names:
    """All names that a design's items use. `attributes`: (table, attribute) to its name on the item."""

    tags: Mapping[str, str]
    attributes: Mapping[tuple[str, Attr], str]
    type_attribute: str
    ttl_attribute: str
    slots: tuple[str, ...]


def name_things(schema: Schema, design: Design, settings: Settings) -> Names:
    """Chooses every name, deterministically."""
    slots = tuple(sorted({slot for entity in design.entities for slot, _ in entity.views} - {"table"}))
    keys = {"PK", "SK", *(f"{slot}{part}" for slot in slots for part in ("PK", "SK"))}
    columns = {column.name for table in schema.tables for column in table.columns}
    type_attribute = _first_free(("type", "entity_type", "_type", "_entity_type"), columns | keys)
    ttl_attribute = _first_free(("ttl", "_ttl", "ttl_epoch", "_ttl_epoch"), columns | keys)
    reserved = keys | {type_attribute, ttl_attribute}
    return Names(
        _tags(schema, settings),
        _attributes(schema, design, reserved),
        type_attribute,
        ttl_attribute,
        slots,
    )


def _first_free(names: Iterable[str], taken: set[str]) -> str:
    for name in names:
        if name not in taken:
            return name
    name = "_"
    while name in taken:
        name += "_"
    return name


def _tags(schema: Schema, settings: Settings) -> dict[str, str]:
    tags: dict[str, str] = {}
    for table in schema.tables:
        wanted = settings.override(table.name).tag or _ODD.sub("_", table.name).strip("_").upper() or "T"
        tag, number = wanted, 2
        while tag in tags.values() or tag in RESERVED_TAGS:
            tag, number = f"{wanted}_{number}", number + 1
        tags[table.name] = tag
    return tags


def _attributes(schema: Schema, design: Design, reserved: set[str]) -> dict[tuple[str, Attr], str]:
    names: dict[tuple[str, Attr], str] = {}
    for table in schema.tables:
        used = set(reserved)
        for attr in (*(Attr((), column.name) for column in table.columns), *design.entity(table.name).copies):
            name = _copy_name(schema, table.name, attr) if attr.path else attr.column
            while name in used:
                name += "_"
            used.add(name)
            names[(table.name, attr)] = name
    return names


def _copy_name(schema: Schema, table: str, attr: Attr) -> str:
    """`customer_name` for the name of the row that customer_id refers to."""
    parts = [_ID.sub("", key.columns[0]) or key.referred_table for _, key in steps(schema, table, attr.path)]
    return "_".join([*parts, attr.column])


def describe_attribute(schema: Schema, names: Names, table: str, attr: Attr) -> Attribute:
    """The plan's entry for an attribute of a table's items."""
    owner = table_at(schema, table, attr.path)
    column = schema.table(owner).column(attr.column)
    source = CopySource(owner, attr.column, attr.path) if attr.path else None
    return Attribute(
        names.attributes[(table, attr)],
        attr.column,
        column.sql_type,
        column.kind,
        dynamodb_type(column.kind),
        source,
        column.collation,
    )
