"""What the indexes hold: everything, or the attributes that their queries look at, or keys alone."""

from __future__ import annotations

from migrator.design.attributes import Attr
from migrator.design.design import Design, EntityDesign
from migrator.model.schema import Schema
from migrator.plan.naming import Names
from migrator.plan.plan import IndexSettings


def project(schema: Schema, design: Design, names: Names) -> tuple[IndexSettings, ...]:
    """The settings of every index. One projection serves all entities of an index: it names what any of them wants
    there, and the type attribute, by which entities are told apart."""
    return tuple(_settings(schema, design, names, slot) for slot in names.slots)


def _settings(schema: Schema, design: Design, names: Names, slot: str) -> IndexSettings:
    keys = names.keys[slot]
    there = [entity for entity in design.entities if slot in dict(entity.views)]
    if not any(entity.only(slot) is not None for entity in there):
        return IndexSettings(slot, *keys)
    wanted = {names.attributes[(entity.table, attr)] for entity in there for attr in _held(schema, entity, slot)}
    if not wanted:
        return IndexSettings(slot, *keys, "KEYS_ONLY")
    return IndexSettings(slot, *keys, "INCLUDE", tuple(sorted({*wanted, names.type_attribute})))


def _held(schema: Schema, entity: EntityDesign, slot: str) -> tuple[Attr, ...]:
    only = entity.only(slot)
    if only is not None:
        return tuple(attr for attr in only if not attr.path or attr in entity.copies)
    return (*(Attr((), column.name) for column in schema.table(entity.table).columns), *entity.copies)
