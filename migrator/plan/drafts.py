"""What the planning of writes shares: the draft of one pattern, and the keys of rows and guards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr
from migrator.design.data import Data
from migrator.design.design import TABLE, Design, EntityDesign
from migrator.design.price import units_of
from migrator.model.query import Change, Literal, Now, Parameter, Predicate, Refusal, Value
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.plan.entities import KeyWriter
from migrator.plan.naming import key_label
from migrator.plan.plan import Action, KeyPair, Request
from migrator.plan.requests import RequestWriter, literal_text
from migrator.plan.templates import Piece, Placeholder, write_template
from migrator.plan.words import attribute_template, predicate_template, value_template

NOT_THERE = "attribute_not_exists(PK)"
THERE = "attribute_exists(PK)"
CLOCK = "now"
"""The parameter that stands for CURRENT_TIMESTAMP: the writer's clock."""


class Unwritable(Exception):
    """A write that cannot be planned: reason and way out."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, way_out)


@dataclass(slots=True)
class Draft:
    """What one pattern needs so far. Units are a call's. `taken`: names of its parameters."""

    taken: set[str]
    reads: list[Request] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0
    notes: list[str] = field(default_factory=list)

    def fresh(self, name: str) -> Parameter:
        """A parameter of the application's own, under a name that the pattern does not use."""
        while name in self.taken:
            name = f"new_{name}"
        self.taken.add(name)
        return Parameter(name)

    def read(self, request: Request, units: float) -> int:
        """The number of the request, which is asked once."""
        if request not in self.reads:
            self.reads.append(request)
            self.read_units += units
        return self.reads.index(request)


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

    def tag(self, table: Table) -> str:
        return self.writer.names.tags[table.name]

    def name(self, table: Table, column: str) -> str:
        """The attribute of a column."""
        return self.writer.names.attributes[(table.name, Attr((), column))]

    def units(self, table: Table) -> int:
        """Write units of one item."""
        return units_of(self.data.item_bytes(table.name))

    def expression(self, table: Table, predicate: Predicate) -> str:
        return predicate_template(predicate, lambda found: self.name(table, found.column))

    def conjunction(self, table: Table, predicates: Iterable[Predicate]) -> str | None:
        texts = [self.expression(table, predicate) for predicate in predicates]
        return " AND ".join(f"({text})" if " OR " in text else text for text in texts) or None

    def get(self, table: Table, pair: KeyPair) -> Request:
        return Request("GetItem", (self.tag(table),), keys=(pair,), consistent=True)

    def guard_name(self, table: Table, columns: tuple[str, ...]) -> str:
        return self.writer.names.guards[(table.name, columns)]

    def guard_key(self, table: Table, columns: tuple[str, ...], piece_of: Callable[[str, str], Piece]) -> KeyPair:
        """The key of a guard item; `piece_of(column, encoding)` gives each value."""
        pieces: list[Piece] = [f"UNIQUE#{self.tag(table)}"]
        for column in columns:
            encoding = "fold" if table.column(column).collation == "NOCASE" else ""
            pieces += [f"#{key_label(table, column)}#", piece_of(column, encoding)]
        return KeyPair(write_template(tuple(pieces)), "UNIQUE#")

    def piece(self, table: Table, column: str, encoding: str, value: Value) -> Piece:
        if isinstance(value, Parameter):
            return Placeholder("parameter", value.name, encoding)
        return literal_text(table.column(column).kind, encoding, value)

    def old_piece(self, table: Table, column: str, encoding: str, request: int) -> Piece:
        """A column's value on the item that an earlier request read."""
        return Placeholder("item", self.name(table, column), encoding, request)

    def item_key(self, table: Table, kept: EntityDesign, request: int) -> KeyPair:
        """The key of each item that an earlier request gave."""
        template = kept.template(TABLE)
        texts = (self.writer.partition(table.name, template, 1), self.writer.sort(table.name, TABLE, template))
        partition, sort = (write_template(tuple(_of_item(piece, request) for piece in pieces)) for pieces in texts)
        return KeyPair(partition, sort)

    def assigned(self, draft: Draft, table: Table, value: Value | Change | Now) -> str:
        """The right side of an assignment in an update expression."""
        if isinstance(value, Now):
            draft.notes.append(f":{CLOCK} is the writer's clock, written as the column's values are")
            return value_template(Parameter(CLOCK))
        if isinstance(value, Change):
            if value.operator not in ("+", "-"):
                raise Unwritable(
                    f"it joins texts ({value.column} {value.operator} ...), which no update expression can",
                    "read the row, join in the application, and write the whole value under a condition",
                )
            name = attribute_template(self.name(table, value.column))
            return f"{name} {value.operator} {value_template(value.value)}"
        return value_template(value)


def _of_item(piece: Piece, request: int) -> Piece:
    return replace(piece, origin="item", request=request) if isinstance(piece, Placeholder) else piece


def is_null(value: object) -> bool:
    return isinstance(value, Literal) and value.value is None


def both(first: str, second: str | None) -> str:
    return f"{first} AND {second}" if second else first
