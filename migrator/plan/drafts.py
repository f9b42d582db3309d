"""What the planning of writes shares: the draft of one pattern, and the desk with all that it is planned from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr
from migrator.design.data import ITEM_EXTRA, Data
from migrator.design.design import TABLE, Design, EntityDesign, KeyPart
from migrator.design.price import units_of
from migrator.model.query import Literal, Parameter, ParameterUse, Predicate, Refusal
from migrator.model.schema import Kind, Schema, Table
from migrator.model.settings import Settings
from migrator.plan.action import Action, Assignment, ItemValue, KeyPair, Operand
from migrator.plan.entities import KeyWriter, key_conditions, null_partitions, required_attrs
from migrator.plan.naming import key_label
from migrator.plan.phrases import phrased
from migrator.plan.plan import PatternParameter, Request
from migrator.plan.requests import RequestWriter, literal_text
from migrator.plan.templates import Piece, Placeholder, parse_template, write_template
from migrator.plan.words import predicate_template

NULL = Literal(None)
Given = Mapping[Attr, Operand]
"""Values of a row's attributes, as far as the statement or what was read tells them."""
Getter = Callable[[str], Operand]
"""What a column of some row holds."""


class Unwritable(Exception):
    """A write that cannot be planned: reason and way out."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, way_out)


@dataclass(frozen=True, slots=True)
class Due:
    """An action with about how often it is taken, and the write units of its item in the table and of its entries
    in all indexes."""

    action: Action
    times: float
    table_units: int
    index_units: float = 0

    def units(self, transactional: bool) -> float:
        """A transaction counts the table's writes twice, and not the indexes'."""
        return self.times * (self.table_units * (2 if transactional else 1) + self.index_units)


@dataclass(frozen=True, slots=True)
class Step:
    """Actions that are one request: once, or once for each item of a read."""

    due: tuple[Due, ...]
    each: int | None = None
    may_fail: bool = False


@dataclass(slots=True)
class Draft:
    """What one pattern needs so far. Units are a call's. `taken`: names of its parameters. `several`: statements.
    `puts`: rows that it puts, by key. `written`: tables that its statements wrote so far."""

    taken: set[str]
    several: bool = False
    reads: list[Request] = field(default_factory=list)
    before: list[Step] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)
    read_units: float = 0.0
    notes: list[str] = field(default_factory=list)
    made_up: list[PatternParameter] = field(default_factory=list)
    puts: dict[KeyPair, Given] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    _clock: Parameter | None = None

    def fresh(self, name: str, table: Table | None = None, column: str | None = None) -> Parameter:
        """A parameter of the application's own, under a name that the pattern does not use."""
        while name in self.taken:
            name = f"new_{name}"
        self.taken.add(name)
        kind = Kind.TEXT if table is None or column is None else table.column(column).kind
        use = ParameterUse(name, "value", table.name if table else None, column)
        self.made_up.append(PatternParameter(use, kind))
        return Parameter(name)

    def clock(self) -> Parameter:
        """The parameter that stands for CURRENT_TIMESTAMP: the writer's clock."""
        if self._clock is None:
            self._clock = self.fresh("now")
            self.notes.append(f":{self._clock.name} is the writer's clock, written as the column's values are")
        return self._clock

    def read(self, request: Request, units: float) -> int:
        """The number of the request, which is asked once."""
        if request not in self.reads:
            self.reads.append(request)
            self.read_units += units
        return self.reads.index(request)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that writes of one design are planned with."""

    schema: Schema
    data: Data
    design: Design
    settings: Settings
    requests: RequestWriter

    @property
    def writer(self) -> KeyWriter:
        return self.requests.writer

    def kept(self, table: Table) -> EntityDesign:
        return self.design.entity(table.name)

    def tag(self, table: Table) -> str:
        return self.writer.names.tags[table.name]

    @property
    def table_key(self) -> str:
        """The attribute that is the table's partition key."""
        return self.writer.names.table_key[0]

    def name(self, table: Table, column: str) -> str:
        """The attribute of a column."""
        return self.attribute(table, Attr((), column))

    def attribute(self, table: Table, attr: Attr) -> str:
        return self.writer.names.attributes[(table.name, attr)]

    def units(self, table: Table) -> int:
        """Write units of one item."""
        return units_of(self.data.item_bytes(table.name))

    def read_units(self, table: Table, rows: float, consistent: bool) -> float:
        units = rows * self.data.item_bytes(table.name) / 4096
        return max(1.0, units) if consistent else max(0.5, units * 0.5)

    def expression(self, table: Table, predicate: Predicate) -> str:
        return predicate_template(predicate, lambda found: self.name(table, found.column))

    def due(self, table: Table, action: Action, times: float, entries: Mapping[str, float] | None = None) -> Due:
        """An action on a row's item, with which entries are written: how often, by index; one that moves is deleted
        and put."""
        index_units = sum(self._entry_units(table, slot) * writes for slot, writes in (entries or {}).items())
        return Due(self._phrased(table, action), times, self.units(table), index_units)

    def _entry_units(self, table: Table, slot: str) -> int:
        """Write units of one entry: a narrow index's is smaller than the item."""
        only = self.kept(table).only(slot)
        if only is None:
            return self.units(table)
        return units_of(ITEM_EXTRA + sum(self.data.attribute_bytes(table.name, attr) for attr in only))

    def guard_due(self, table: Table, action: Action, times: float) -> Due:
        return Due(self._phrased(table, action), times, 1)

    def _phrased(self, table: Table, action: Action) -> Action:
        return phrased(action, lambda column: self.name(table, column), self.table_key)

    def get(self, table: Table, pair: KeyPair, expect: str | None = None) -> Request:
        return Request(
            "GetItem", (self.tag(table),), keys=(pair,), consistent=True, after=requests_in(pair), expect=expect
        )

    def guard_name(self, table: Table, columns: tuple[str, ...]) -> str:
        return self.writer.names.guards[(table.name, columns)]

    def guard_key(self, table: Table, columns: tuple[str, ...], piece_of: Callable[[str, str], Piece]) -> KeyPair:
        """The key of a guard item; `piece_of(column, encoding)` gives each value."""
        pieces: list[Piece] = [f"UNIQUE#{self.tag(table)}"]
        for column in columns:
            encoding = "fold" if table.column(column).collation == "NOCASE" else ""
            pieces += [f"#{key_label(table, column)}#", piece_of(column, encoding)]
        return KeyPair(write_template(tuple(pieces)), "UNIQUE#")

    def guard_of(self, table: Table, columns: tuple[str, ...], getter: Getter) -> KeyPair:
        """The key of the guard item of a row whose columns the getter knows."""
        return self.guard_key(table, columns, lambda c, encoding: self.piece(table, c, encoding, getter(c)))

    def piece(self, table: Table, column: str, encoding: str, value: Operand) -> Piece:
        match value:
            case Parameter(name):
                return Placeholder("parameter", name, encoding)
            case ItemValue(request, attribute):
                return Placeholder("item", attribute, encoding, request)
            case _:
                return literal_text(table.column(column).kind, encoding, value)

    def row_key(self, table: Table, values: Given) -> KeyPair:
        """A row's key in the table, from values of all its parts."""
        template = self.kept(table).template(TABLE)
        return KeyPair(self.partition_text(table, TABLE, values), self.sort_text(table, TABLE, template.sort, values))

    def partition_text(self, table: Table, slot: str, values: Given) -> str:
        kept = self.kept(table)
        template = kept.template(slot)
        if not template.partition:
            return write_template(self.writer.partition(table.name, template, kept.shard_count(slot)))
        pieces: list[Piece] = []
        for label, part in self.writer.labelled(table.name, template):
            pieces += [label, self.piece(table, part.attr.column, "fold" if part.fold else "", values[part.attr])]
        return write_template(tuple(pieces))

    def sort_text(self, table: Table, slot: str, parts: tuple[KeyPart, ...], values: Given) -> str:
        """What sort keys of a slot begin with whose first parts have these values: all of the key for all parts."""
        template = self.kept(table).template(slot)

        def piece_of(part: KeyPart, encoding: str) -> Piece:
            return self.piece(table, part.attr.column, encoding, values[part.attr])

        count = len(parts) if len(parts) < len(template.sort) else None
        return write_template(self.writer.sort_pieces(table.name, slot, template, piece_of, count))

    def item_key(self, table: Table, request: int, slot: str = TABLE) -> KeyPair:
        """The key of the row of each item that an earlier request gave, or of the row's second item."""
        partition, sort = (
            write_template(tuple(_of_item(piece, request) for piece in pieces)) for pieces in self._pieces(table, slot)
        )
        return KeyPair(partition, sort)

    def made_key(self, table: Table, slot: str) -> KeyPair:
        """The key of an item by the attributes that an action gives it."""
        partition, sort = (write_template(pieces) for pieces in self._pieces(table, slot))
        return KeyPair(partition, sort)

    def _pieces(self, table: Table, slot: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        template = self.kept(table).template(slot)
        shards = self.kept(table).shard_count(slot)
        return self.writer.partition(table.name, template, shards), self.writer.sort(table.name, slot, template)

    def on_item(self, table: Table, request: int) -> Getter:
        """What the columns hold on the item that a request gave."""
        return lambda column: ItemValue(request, self.name(table, column))

    def slot_keys(self, table: Table, slot: str) -> tuple[Assignment, Assignment]:
        """The keys of an index, as assignments."""
        kept = self.kept(table)
        template, shards = kept.template(slot), kept.shard_count(slot)
        nulls = null_partitions(self.design, table.name, template)
        required = tuple(self.attribute(table, attr) for attr in required_attrs(template, nulls))
        where = key_conditions(self.writer.names, table.name, template)
        partition = write_template(self.writer.partition(table.name, template, shards))
        sort = write_template(self.writer.sort(table.name, slot, template))
        first, second = self.writer.names.keys[slot]
        made = Assignment(second, "key", template=sort, requires=required, where=where)
        spread = shards if shards > 1 else None
        return replace(made, attribute=first, template=partition, shards=spread), made

    def key_parameters(self, slot: str) -> str:
        """The keys of an index as an update's text names them."""
        first, second = self.writer.names.keys[slot]
        return f":{first} and :{second}"

    def expiry(self, table: Table) -> Assignment | None:
        """The time to live, as an assignment."""
        expires = self.kept(table).expires
        if expires is None:
            return None
        template = write_template((Placeholder("attribute", self.name(table, expires)),))
        return Assignment(self.writer.names.ttl_attribute, "seconds", template=template)

    def indexes(self, table: Table) -> tuple[str, ...]:
        return tuple(slot for slot, _ in self.kept(table).views if slot != TABLE)

    def base_columns(self, table: Table) -> frozenset[str]:
        """The columns of the table's own key, which never change in place."""
        if self.kept(table).within is not None:
            return frozenset(self.kept(table).key)
        return frozenset(attr.column for attr in self.kept(table).template(TABLE).attrs())


def requests_in(pair: KeyPair) -> tuple[int, ...]:
    """Requests whose items a key is made of."""
    return requests_of(pair.partition, pair.sort)


def requests_of(*templates: str) -> tuple[int, ...]:
    pieces = (piece for text in templates for piece in parse_template(text))
    return tuple(sorted({p.request for p in pieces if isinstance(p, Placeholder) and p.origin == "item"}))


def _of_item(piece: Piece, request: int) -> Piece:
    return replace(piece, origin="item", request=request) if isinstance(piece, Placeholder) else piece


def is_null(value: object) -> bool:
    return isinstance(value, Literal) and value.value is None


def total(due: Iterable[Due], transactional: bool) -> float:
    return sum(one.units(transactional) for one in due)
