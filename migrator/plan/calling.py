"""What migrate.toml calls things in the table: taken as it is, or refused by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from migrator.design.design import TABLE, Design, EntityDesign
from migrator.model.errors import UsageError
from migrator.model.schema import Schema
from migrator.model.settings import Settings

BOOKKEEPING = frozenset(
    {
        *("run", "nonce", "plan_digest", "fingerprint", "rows_per_chunk", "tables", "rejected", "state", "units"),
        *("table", "chunk", "position", "digest", "rows", "items", "done", "phase", "mode", "mark"),
    }
)
"""Attributes of the items that `apply` keeps its own record in: no key of theirs may be called so."""
MAX_BYTES = 255
"""The longest name of a key, and of an attribute that an index names (DynamoDB's "Quotas")."""
RESERVED_TAGS = ("MIGRATE", "UNIQUE")
"""What the keys of items begin with that are no rows."""
_TAG = re.compile(r"[\w.-]+")
_INDEX = re.compile(r"[A-Za-z0-9_.-]{3,255}")

Keys = Mapping[str, tuple[str, str]]
"""The names of a slot's partition and sort key, by slot."""


def call_indexes(design: Design, settings: Settings) -> Design:
    """The design with its indexes under the names that migrate.toml gives them. UsageError for a name that cannot
    be, and for an index that the design does not have."""
    there = index_slots(design)
    for named in settings.names.indexes:
        if named.index not in there:
            raise UsageError(
                f"[names.indexes.{named.index}] in migrate.toml names no index of the design",
                f"there are: {', '.join(there) or 'none'}",
            )
    called = {slot: settings.names.index(slot).name or slot for slot in there}
    _demand_indexes(design, called)
    return _renamed(design, called)


def index_slots(design: Design) -> tuple[str, ...]:
    """The indexes of a design, in the order of their names."""
    return tuple(sorted({slot for entity in design.entities for slot, _ in entity.views} - {TABLE}))


def _demand_indexes(design: Design, called: Mapping[str, str]) -> None:
    own = {TABLE, *(edge for entity in design.entities for edge, _ in entity.edges)}
    for slot, name in called.items():
        where = f"[names.indexes.{slot}] name = {name!r} in migrate.toml"
        if not _INDEX.fullmatch(name):
            raise UsageError(f"{where} is no name of an index", "use 3 to 255 of a-z, A-Z, 0-9, '_', '.', '-'")
        if name in own:
            raise UsageError(f"{where} is a name that the plan uses itself", "choose another name")
    _demand_apart({f"index {slot}": name for slot, name in called.items()})


def _renamed(design: Design, called: Mapping[str, str]) -> Design:
    def name(slot: str) -> str:
        return called.get(slot, slot)

    def entity(kept: EntityDesign) -> EntityDesign:
        return replace(
            kept,
            views=tuple((name(slot), template) for slot, template in kept.views),
            shards=tuple((name(slot), count) for slot, count in kept.shards),
            projected=tuple((name(slot), only) for slot, only in kept.projected),
        )

    reads = (
        replace(read, gathered=tuple(replace(one, slot=name(one.slot)) for one in read.gathered))
        for read in design.reads
    )
    return replace(
        design,
        entities=tuple(map(entity, design.entities)),
        reads=tuple(reads),
        neighbours=tuple(replace(one, slot=name(one.slot)) for one in design.neighbours),
    )


def key_names(slots: Iterable[str], settings: Settings) -> dict[str, tuple[str, str]]:
    """The key attributes of the table and of its indexes. `slots`: the indexes as they are called."""
    chosen = settings.names
    known = {named.name or named.index: named for named in chosen.indexes}
    keys = {TABLE: (chosen.partition_key or "PK", chosen.sort_key or "SK")}
    for slot in slots:
        named = known.get(slot)
        first, second = (named.partition_key, named.sort_key) if named else (None, None)
        keys[slot] = first or f"{slot}PK", second or f"{slot}SK"
    return keys


def demand_names(schema: Schema, settings: Settings, keys: Keys, type_attribute: str, ttl_attribute: str) -> None:
    """UsageError for the first chosen name that DynamoDB does not take, or that something else has."""
    own = _own(keys, type_attribute, ttl_attribute)
    _demand_apart(own)
    for what, name in own.items():
        _demand_legal(what, name)
        if name in _said(settings):
            _demand_free(schema, settings, what, name)
    _demand_attributes(schema, settings, {name: what for what, name in own.items()})


def _own(keys: Keys, type_attribute: str, ttl_attribute: str) -> dict[str, str]:
    """What each attribute of the table's own is, to its name."""
    own = {"the type attribute": type_attribute, "the TTL attribute": ttl_attribute}
    for slot, (first, second) in keys.items():
        where = "the table" if slot == TABLE else f"index {slot}"
        own |= {f"the partition key of {where}": first, f"the sort key of {where}": second}
    return own


def _said(settings: Settings) -> frozenset[str | None]:
    """The names that migrate.toml gives the table's own attributes; where the plan chose, columns give way."""
    chosen = settings.names
    keys = ((chosen.partition_key, chosen.sort_key), *((n.partition_key, n.sort_key) for n in chosen.indexes))
    return frozenset((chosen.type, chosen.ttl, *(name for pair in keys for name in pair)))


def _demand_free(schema: Schema, settings: Settings, what: str, name: str) -> None:
    if name in BOOKKEEPING:
        raise UsageError(f"{what} cannot be called {name!r}: `apply` keeps its own record under it", "choose another")
    for table, column, attribute in _columns(schema, settings):
        if attribute == name:
            raise UsageError(
                f"{what} cannot be called {name!r}: column {column} of {table} has that name on its items",
                f'choose another, or rename that one ([tables."{table}".attributes] "{column}" = ... in migrate.toml)',
            )


def _demand_apart(named: Mapping[str, str]) -> None:
    for name, count in Counter(named.values()).items():
        if count > 1:
            twice = " and ".join(what for what, called in named.items() if called == name)
            raise UsageError(f"{twice} cannot both be called {name!r}", "choose another name in migrate.toml")


def _demand_legal(what: str, name: str) -> None:
    if len(name.encode()) > MAX_BYTES or name.startswith("aws:"):
        raise UsageError(
            f"{what} cannot be called {name[:60]!r}",
            f'a name has at most {MAX_BYTES} bytes, and those that begin with "aws:" are kept for AWS',
        )


def _columns(schema: Schema, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every column with its table and what it is to be called on items."""
    for table in schema.tables:
        chosen = dict(settings.override(table.name).attributes)
        for column in table.columns:
            yield table.name, column.name, chosen.get(column.name, column.name)


def _demand_attributes(schema: Schema, settings: Settings, own: Mapping[str, str]) -> None:
    for table in schema.tables:
        chosen = settings.override(table.name).attributes
        called = {column: name for owner, column, name in _columns(schema, settings) if owner == table.name}
        for column, name in chosen:
            what = f"column {column} of {table.name}"
            _demand_legal(what, name)
            if name in own:
                raise UsageError(f"{what} cannot be called {name!r}: {own[name]} has that name", "choose another name")
            _demand_apart(
                {f"column {other} of {table.name}": called[other] for other in called if called[other] == name}
            )


def chosen_tags(schema: Schema, settings: Settings, natural: Mapping[str, str]) -> dict[str, str]:
    """The tags that migrate.toml gives, by table. `natural`: what tables are called otherwise. UsageError for one that
    cannot stand in a key or is taken, by another table's own too."""
    said = {table.name: settings.override(table.name).tag for table in schema.tables}
    chosen = {table: tag for table, tag in said.items() if tag is not None}
    for table, tag in chosen.items():
        where = f'([tables."{table}"] tag = ... in migrate.toml)'
        if not _TAG.fullmatch(tag):
            raise UsageError(
                f"the tag {tag!r} of table {table} cannot stand in a key",
                f'use letters, digits, "_", "-" and "." {where}',
            )
        if tag in RESERVED_TAGS:
            raise UsageError(
                f"the tag {tag!r} of table {table} begins keys of items that are no rows", f"choose another {where}"
            )
    own = {table: tag for table, tag in natural.items() if table not in chosen and tag in chosen.values()}
    _demand_apart({f"items of {table}": tag for table, tag in {**chosen, **own}.items()})
    return chosen
