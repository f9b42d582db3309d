"""Names in the table: tags of entities, attributes of items, never two things under one name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migrator.design.attributes import Attr, steps, table_at
from migrator.design.design import TABLE, Aggregate, Design
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.plan.calling import RESERVED_TAGS, Keys, chosen_tags, demand_names, index_slots, key_names
from migrator.plan.keys import escape_plain
from migrator.plan.plan import Attribute, CopySource
from migrator.plan.values import dynamodb_type

_ODD = re.compile(r"\W+")
_ID = re.compile(r"(_?[iI][dD]|_?ID)$")


@dataclass(frozen=True, slots=True)
class Names:
    """All names that a design's items use. `attributes`: (table, attribute) to its name on the item; `keys`: by slot
    the names of its partition and sort key. `held`: tables whose rows live within others' items, to the attribute
    that is their map."""

    tags: Mapping[str, str]
    attributes: Mapping[tuple[str, Attr], str]
    type_attribute: str
    ttl_attribute: str
    keys: Keys
    guards: Mapping[tuple[str, tuple[str, ...]], str]
    edges: Mapping[tuple[str, str], str] = field(default_factory=dict)
    aggregates: Mapping[Aggregate, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)

    @property
    def reserved(self) -> set[str]:
        """Attributes of the table's own."""
        return {*_flat(self.keys), self.type_attribute, self.ttl_attribute}

    @property
    def slots(self) -> tuple[str, ...]:
        """The indexes."""
        return tuple(slot for slot in self.keys if slot != TABLE)

    @property
    def table_key(self) -> tuple[str, str]:
        """The attributes of the table's own key."""
        return self.keys[TABLE]

    def entity(self, table: str, slot: str) -> str:
        """The entity of a table's items in a slot: its tag, or the name of its second item."""
        return self.edges.get((table, slot), self.tags[table])


def name_things(schema: Schema, design: Design, settings: Settings) -> Names:
    """Chooses every name, deterministically, as far as migrate.toml does not. UsageError for what it cannot have."""
    keys = key_names(index_slots(design), settings)
    renamed = {name for table in schema.tables for _, name in settings.override(table.name).attributes}
    taken = {column.name for table in schema.tables for column in table.columns} | renamed | set(_flat(keys))
    chosen = settings.names
    type_attribute = chosen.type or _first_free(("type", "entity_type", "_type", "_entity_type"), taken)
    ttl_attribute = chosen.ttl or _first_free(("ttl", "_ttl", "ttl_epoch", "_ttl_epoch"), taken | {type_attribute})
    demand_names(schema, settings, keys, type_attribute, ttl_attribute)
    tags = _tags(schema, settings)
    guards = _guards(design, tags)
    edges = _edges(design, tags, {*tags.values(), *guards.values()})
    reserved = {*_flat(keys), type_attribute, ttl_attribute}
    attributes = _attributes(schema, design, settings, reserved)
    return Names(
        tags,
        attributes,
        type_attribute,
        ttl_attribute,
        keys,
        guards,
        edges,
        _aggregates(schema, design, tags, {*tags.values(), *guards.values(), *edges.values(), *keys}),
        _held(design, attributes, reserved),
    )


def _held(design: Design, attributes: Mapping[tuple[str, Attr], str], reserved: set[str]) -> dict[str, str]:
    """The attribute that is the map of each embedded table: the table's name, unless the holder has one of it."""
    named = {}
    for made in (entity.within for entity in design.entities if entity.within is not None):
        taken = reserved | {name for (table, _), name in attributes.items() if table == made.parent}
        named[made.table] = _numbered(made.table or "_", taken)
    return named


def _flat(keys: Keys) -> tuple[str, ...]:
    return tuple(name for pair in keys.values() for name in pair)


def _first_free(names: Iterable[str], taken: set[str]) -> str:
    for name in names:
        if name not in taken:
            return name
    name = "_"
    while name in taken:
        name += "_"
    return name


def _tags(schema: Schema, settings: Settings) -> dict[str, str]:
    """The chosen tags as they are; the others by their tables' names, numbered where that is taken."""
    natural = {table.name: _ODD.sub("_", table.name).strip("_").upper() or "T" for table in schema.tables}
    chosen = chosen_tags(schema, settings, natural)
    tags: dict[str, str] = {}
    for name, wanted in natural.items():
        taken = {*tags.values(), *chosen.values(), *RESERVED_TAGS}
        tags[name] = chosen.get(name) or _numbered(wanted, taken)
    return tags


def _guards(design: Design, tags: Mapping[str, str]) -> dict[tuple[str, tuple[str, ...]], str]:
    """A name for each guard: its table's tag and its columns, numbered when that is taken."""
    taken, guards = set(tags.values()), {}
    for entity in design.entities:
        for columns in entity.guards:
            name = _numbered(guard_name(tags[entity.table], columns), taken)
            taken.add(name)
            guards[(entity.table, columns)] = name
    return guards


def _edges(design: Design, tags: Mapping[str, str], taken: set[str]) -> dict[tuple[str, str], str]:
    """A name for each second item of a row: its table's tag and the columns of its partition."""
    edges = {}
    for entity in design.entities:
        for slot, template in entity.edges:
            columns = (part.attr.column.upper() for part in template.partition)
            edges[(entity.table, slot)] = name = _numbered("_".join([tags[entity.table], "BY", *columns]), taken)
            taken.add(name)
    return edges


def _aggregates(schema: Schema, design: Design, tags: Mapping[str, str], taken: set[str]) -> dict[Aggregate, str]:
    """A name for each aggregate, which is no table's either: both name what is loaded."""
    used, named = {*taken, *(table.name for table in schema.tables)}, {}
    for made in (kept.aggregate for kept in design.aggregates):
        by = "_".join(_ODD.sub("_", column).upper() for column in made.columns)
        named[made] = name = _numbered(f"{tags[made.table]}_TOTALS" + (f"_BY_{by}" if by else ""), used)
        used.add(name)
    return named


def _numbered(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def guard_name(tag: str, columns: tuple[str, ...]) -> str:
    return "_".join([tag, "UNIQUE", *(column.upper() for column in columns)])


def key_label(table: Table, column: str) -> str:
    """A column's name inside a key: in capitals unless another column would then look the same, escaped as
    values are."""
    twins = [other.name for other in table.columns if other.name.upper() == column.upper()]
    return escape_plain(column.upper() if len(twins) == 1 else column)


def _attributes(schema: Schema, design: Design, settings: Settings, reserved: set[str]) -> dict[tuple[str, Attr], str]:
    names: dict[tuple[str, Attr], str] = {}
    for table in schema.tables:
        chosen = dict(settings.override(table.name).attributes)
        names |= {(table.name, Attr((), column)): name for column, name in chosen.items()}
        used = {*reserved, *chosen.values()}
        others = (Attr((), column.name) for column in table.columns if column.name not in chosen)
        for attr in (*others, *design.entity(table.name).copies):
            name = (_copy_name(schema, settings, table.name, attr) if attr.path else attr.column) or "_"
            while name in used:
                name += "_"
            used.add(name)
            names[(table.name, attr)] = name
    return names


def _copy_name(schema: Schema, settings: Settings, table: str, attr: Attr) -> str:
    """`customer_name` for the name of the row that customer_id refers to."""
    parts = [_ID.sub("", key.columns[0]) or key.referred_table for _, key in steps(schema, table, attr.path)]
    chosen = dict(settings.override(table_at(schema, table, attr.path)).attributes)
    return "_".join([*parts, chosen.get(attr.column, attr.column)])


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
