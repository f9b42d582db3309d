"""Entities of the plan: key templates of every slot, attributes, guards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr, Domain, column_of, domain
from migrator.design.branches import Branching
from migrator.design.design import TABLE, Design, Embedding, EntityDesign, KeyPart, Served, Template
from migrator.model.schema import Kind, Schema, Table
from migrator.plan.keys import PLAIN_END, ordered_encoding, terminator
from migrator.plan.naming import Names, describe_attribute, key_label
from migrator.plan.plan import Attribute, Embedded, Entity, KeyCondition, SlotKeys
from migrator.plan.templates import Piece, Placeholder, write_template


@dataclass(frozen=True, slots=True)
class KeyWriter:
    """Writes key templates of a design. `ordered`: (table, slot, attribute) whose order some request uses.
    `labels`: (table, slot) to what stands in its sort keys where that is not its tag; `trunks`: to the text before each
    level of the path that stands there before."""

    schema: Schema
    names: Names
    ordered: frozenset[tuple[str, str, Attr]]
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    trunks: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def label(self, table: str, slot: str) -> str:
        """The entity's own text in each of its sort keys: its beginning, or what follows its path."""
        own = "TOTALS" if self.home(slot) else self.names.entity(table, slot)
        return self.labels.get((table, slot), own) + PLAIN_END

    def home(self, slot: str) -> tuple[Piece, ...]:
        """What partitions of an aggregate's items begin with; nothing for the slots of rows."""
        return (f"{slot}{PLAIN_END}",) if slot in self.names.aggregates.values() else ()

    def encoding(self, table: str, slot: str, part: KeyPart) -> str:
        """The encoding of a part of a slot's sort key."""
        if part.fold:
            return "fold"
        if (table, slot, part.attr) not in self.ordered:
            return ""
        return ordered_encoding(column_of(self.schema, table, part.attr), self.schema.dialect)

    def labelled(self, table: str, template: Template) -> tuple[tuple[str, KeyPart], ...]:
        """The partition's parts, each with the literal text before it."""
        homes = [(domain(self.schema, table, part.attr), part) for part in template.partition]
        whole = self._whole_key(homes)
        if whole:
            tag = self.names.tags[whole[0][0].table]
            return tuple((f"{tag}#" if place == 0 else "#", part) for place, (_, part) in enumerate(whole))
        labels = []
        for place, (home, part) in enumerate(homes):
            label = f"{'#' if place else ''}{self.names.tags[home.table]}#"
            if self.schema.table(home.table).primary_key != (home.column,):
                label += f"{key_label(self.schema.table(home.table), home.column)}#"
            labels.append((label, part))
        return tuple(labels)

    def _whole_key(self, homes: list[tuple[Domain, KeyPart]]) -> list[tuple[Domain, KeyPart]]:
        """The parts in the order of the primary key that they make up, or nothing."""
        tables = {home.table for home, _ in homes}
        if len(tables) != 1:
            return []
        key = self.schema.table(next(iter(tables))).primary_key
        by_column = {home.column: (home, part) for home, part in homes}
        complete = len(by_column) == len(homes) and set(by_column) == set(key)
        return [by_column[name] for name in key] if complete else []

    def partition(self, table: str, template: Template, shards: int) -> tuple[Piece, ...]:
        """Pieces of a partition key, placeholders being attributes."""
        if not template.partition:
            text = f"{self.names.tags[table]}#ALL"
            return (f"{text}#", Placeholder("shard", "shard")) if shards > 1 else (text,)
        pieces: list[Piece] = []
        for label, part in self.labelled(table, template):
            name = self.names.attributes[(table, part.attr)]
            pieces += [label, Placeholder("attribute", name, "fold" if part.fold else "")]
        return tuple(pieces)

    def labels_in(self, table: str, slot: str, template: Template) -> Mapping[int, str]:
        """The literal texts of a sort key by the number of parts that stand before them."""
        trunks = (f"{text}{PLAIN_END}" for text in self.trunks.get((table, slot), ()))
        return dict(zip((0, *template.cuts), (*trunks, self.label(table, slot)), strict=True))

    def sort(self, table: str, slot: str, template: Template) -> tuple[Piece, ...]:
        """Pieces of a sort key, placeholders being attributes."""

        def named(part: KeyPart, encoding: str) -> Piece:
            return Placeholder("attribute", self.names.attributes[(table, part.attr)], encoding)

        return self.sort_pieces(table, slot, template, named)

    def sort_pieces(
        self,
        table: str,
        slot: str,
        template: Template,
        piece_of: Callable[[KeyPart, str], Piece],
        count: int | None = None,
    ) -> tuple[Piece, ...]:
        """Pieces of a sort key: the tag, behind the path where there is one, and each part with what ends it. With a
        `count` what the keys begin with whose first parts are these, ended as the next one begins."""
        labels = self.labels_in(table, slot, template)
        pieces: list[Piece] = [labels[0]]
        for place, part in enumerate(template.sort[:count], start=1):
            encoding = self.encoding(table, slot, part)
            pieces.append(piece_of(part, encoding))
            if place in labels:
                pieces.append(terminator(encoding) + labels[place])
            elif count is not None or place < len(template.sort):
                pieces.append(terminator(encoding))
        return tuple(pieces)


def ordered_parts(schema: Schema, design: Design, names: Names) -> frozenset[tuple[str, str, Attr]]:
    """Attributes whose order in a slot (an aggregate's name for its items) some served request relies on."""
    found: set[tuple[str, str, Attr]] = set()
    for part in _served(design):
        table, path = part.asked.table, part.path
        made = path.view.aggregate
        slot = names.aggregates[made] if made else design.entity(table).slot_of(path.view)
        asked = {bound.attr for bound in path.bounds} | {attr for attr, _ in part.asked.order}
        found |= {(table, slot, kept.attr) for kept in path.view.template.sort if kept.attr in asked}
    return frozenset(found | set(_along_paths(schema, design, found)))


def _along_paths(
    schema: Schema, design: Design, ordered: set[tuple[str, str, Attr]]
) -> Iterator[tuple[str, str, Attr]]:
    """What stands in paths, too, is written alike by all entities there: ordered where it is for one of them."""
    there = {
        entity.table: (Branching.of(schema, entity.table, template), template)
        for entity in design.entities
        for slot, template in entity.views
        if slot == TABLE and template.cuts
    }
    for table, (mine, template) in there.items():
        path = template.sort[: template.cuts[-1]]
        for other, (its, beside) in there.items():
            for place, part in enumerate(path):
                depth = sum(cut <= place for cut in template.cuts)
                if mine.crosses(depth, its) and (other, TABLE, beside.sort[place].attr) in ordered:
                    yield table, TABLE, part.attr


def _served(design: Design) -> Iterable[Served]:
    return (part for read in design.reads for part in read.served)


def build_entities(schema: Schema, design: Design, names: Names, writer: KeyWriter) -> tuple[Entity, ...]:
    """Row entities, second items of rows, and guards for unique constraints, sorted by name."""
    reasons = co_location(design, names)
    made: list[Entity] = []
    for table in schema.tables:
        kept = design.entity(table.name)
        if kept.within is not None:
            continue
        made.append(_row_entity(schema, table, kept, design, names, writer, reasons))
        made += [_edge(made[-1], table.name, kept, slot, design, writer) for slot, _ in kept.edges]
        made += [_guard(schema, table, kept, names, columns) for columns in kept.guards]
    return tuple(sorted(made, key=lambda entity: entity.name))


def _row_entity(
    schema: Schema,
    table: Table,
    kept: EntityDesign,
    design: Design,
    names: Names,
    writer: KeyWriter,
    reasons: Mapping[str, tuple[str, ...]],
) -> Entity:
    attrs = (*(Attr((), column.name) for column in table.columns), *kept.copies)
    return Entity(
        names.tags[table.name],
        "copy" if table.joined is not None else "row",
        table.name,
        kept.key,
        tuple(_slot_keys(table.name, kept, slot, design, writer) for slot, _ in kept.views),
        tuple(describe_attribute(schema, names, table.name, attr) for attr in attrs),
        expires=names.attributes[(table.name, Attr((), kept.expires))] if kept.expires else None,
        co_located_because=reasons.get(table.name, ()),
        embedded=_embedded(schema, design, names, table),
    )


def _embedded(schema: Schema, design: Design, names: Names, table: Table) -> tuple[Embedded, ...]:
    """The rows of another table that live within the items."""
    made = design.held_by(table.name)
    if made is None:
        return ()
    own, key = schema.table(made.table), schema.table(made.table).foreign_key(made.reference)
    pieces = list(held_key(own, made, lambda c: Placeholder("attribute", names.attributes[(made.table, Attr((), c))])))
    return (
        Embedded(
            names.tags[made.table],
            made.table,
            design.entity(made.table).key,
            names.held[made.table],
            write_template(tuple(pieces)),
            made.reference,
            tuple(zip(key.columns, key.referred_columns, strict=True)),
            tuple(describe_attribute(schema, names, made.table, Attr((), column.name)) for column in own.columns),
        ),
    )


def held_key(table: Table, made: Embedding, piece_of: Callable[[str], Piece]) -> Iterator[Piece]:
    """Pieces of the text under which an embedded row stands in its map, which is never empty."""
    may_be_empty = len(made.key) == 1 and table.column(made.key[0]).kind in (Kind.TEXT, Kind.UNKNOWN, Kind.BYTES)
    for place, column in enumerate(made.key):
        if place or may_be_empty:
            yield "#"
        yield piece_of(column)


def _edge(row: Entity, table: str, kept: EntityDesign, slot: str, design: Design, writer: KeyWriter) -> Entity:
    """The row once more, or part of it, under another key of the table: where its partition's columns are set."""
    keys = replace(_slot_keys(table, kept, slot, design, writer), slot=TABLE)
    only = kept.only(slot)
    held = None if only is None else {writer.names.attributes.get((table, attr)) for attr in only}
    attributes = tuple(a for a in row.attributes if held is None or a.name in held)
    return replace(row, name=writer.names.edges[(table, slot)], kind="edge", keys=(keys,), attributes=attributes)


def _slot_keys(table: str, kept: EntityDesign, slot: str, design: Design, writer: KeyWriter) -> SlotKeys:
    template = kept.template(slot)
    shards = kept.shard_count(slot)
    nulls = set() if slot == TABLE else null_partitions(design, table, template)
    required = () if slot == TABLE else required_attrs(template, nulls)
    where = () if slot == TABLE else key_conditions(writer.names, table, template)
    return SlotKeys(
        slot,
        write_template(writer.partition(table, template, shards)),
        write_template(writer.sort(table, slot, template)),
        tuple(writer.names.attributes[(table, attr)] for attr in required),
        shards if shards > 1 else None,
        where,
    )


def required_attrs(template: Template, nulls: set[Attr]) -> tuple[Attr, ...]:
    """Attributes that must not be NULL for a row to stand in an index."""
    partition = tuple(part.attr for part in template.partition if part.attr not in nulls)
    present = (one.attr for one in template.where if not one.values)
    return (*partition, *(attr for attr in present if attr not in partition))


def key_conditions(names: Names, table: str, template: Template) -> tuple[KeyCondition, ...]:
    """The literal states that a row must be in to stand in an index."""
    stated = (one for one in template.where if one.values)
    return tuple(KeyCondition(names.attributes[(table, one.attr)], one.values) for one in stated)


def null_partitions(design: Design, table: str, template: Template) -> set[Attr]:
    """Partition attributes that some served query asks to be NULL."""
    return {
        equality.attr
        for part in _served(design)
        if part.asked.table == table and part.path.view.template == template
        for equality in part.asked.equalities
        if equality.null
    }


def _guard(schema: Schema, table: Table, kept: EntityDesign, names: Names, columns: tuple[str, ...]) -> Entity:
    """One item for each row whose unique columns are all set: its put fails when the value is taken."""
    base = [part.attr.column for part in (*kept.template(TABLE).partition, *kept.template(TABLE).sort)]
    expiry = (kept.expires,) if kept.expires else ()
    listed = tuple(dict.fromkeys((*columns, *kept.key, *base, *expiry)))
    attributes: tuple[Attribute, ...] = tuple(
        describe_attribute(schema, names, table.name, Attr((), column)) for column in listed
    )
    pieces: list[Piece] = [f"UNIQUE#{names.tags[table.name]}"]
    for column in columns:
        encoding = "fold" if table.column(column).collation == "NOCASE" else ""
        name = names.attributes[(table.name, Attr((), column))]
        pieces += [f"#{key_label(table, column)}#", Placeholder("attribute", name, encoding)]
    return Entity(
        names.guards[(table.name, columns)],
        "guard",
        table.name,
        kept.key,
        (SlotKeys(TABLE, write_template(tuple(pieces)), "UNIQUE#"),),
        attributes,
        guards=tuple(names.attributes[(table.name, Attr((), column))] for column in columns),
        expires=names.attributes[(table.name, Attr((), kept.expires))] if kept.expires else None,
    )


def co_location(design: Design, names: Names) -> dict[str, tuple[str, ...]]:
    """For each table: which other entity shares a partition with it, in which slot, for which query."""
    reasons: dict[str, set[str]] = {}
    for read in design.reads:
        selects = {part.need.number: part.need.select for part in read.served}
        for gathered in read.gathered:
            tables = {selects[number].table(alias) for number, alias in gathered.uses}
            for table in tables:
                for other in tables - {table}:
                    text = (
                        f"{read.pattern} reads it with {names.tags[other]} from one partition ({gathered.slot}); in "
                        f"tables of their own that takes more requests, ${gathered.saved_usd:,.2f} a month more"
                    )
                    reasons.setdefault(table, set()).add(text)
    return {table: tuple(sorted(found)) for table, found in reasons.items()}
