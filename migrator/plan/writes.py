"""Write patterns of the plan: the requests that perform each INSERT, UPDATE and DELETE, and their units.

A row's items (its own, and a guard for each unique constraint) change in one transaction. An item whose index
keys or guards depend on columns that the statement does not give is read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from migrator.design.attributes import Attr, canonical
from migrator.design.data import Data
from migrator.design.design import TABLE, Design, EntityDesign
from migrator.design.price import monthly_reads, monthly_writes, units_of
from migrator.model.query import (
    AccessPattern,
    Change,
    Comparison,
    Delete,
    Insert,
    Literal,
    Now,
    NullTest,
    Parameter,
    Predicate,
    Refusal,
    Update,
    Value,
)
from migrator.model.schema import Schema, Table
from migrator.model.settings import Settings
from migrator.plan.entities import KeyWriter
from migrator.plan.naming import key_label
from migrator.plan.plan import Action, KeyPair, PlannedPattern, Request
from migrator.plan.reads import parameters, refused
from migrator.plan.requests import RequestWriter, literal_text
from migrator.plan.templates import Piece, Placeholder, parse_template, write_template
from migrator.plan.words import attribute_template, predicate_template, value_template

NOT_THERE = "attribute_not_exists(PK)"
THERE = "attribute_exists(PK)"


class Unwritable(Exception):
    """A write that cannot be planned: reason and way out."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, way_out)


@dataclass(slots=True)
class _Draft:
    """What one pattern needs so far. Units are a call's."""

    reads: list[Request] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WritePlanner:
    """Plans write patterns against one design."""

    schema: Schema
    data: Data
    design: Design
    settings: Settings
    requests: RequestWriter

    @property
    def writer(self) -> KeyWriter:
        return self.requests.writer

    def plan(self, pattern: AccessPattern) -> PlannedPattern:
        """The plan's entry for a write pattern; refused when one of its statements cannot be planned."""
        draft = _Draft()
        for statement in pattern.statements:
            if statement.refusal is not None:
                return refused(self.schema, self.settings, pattern, statement.refusal)
            try:
                match statement.form:
                    case Insert() as insert:
                        self._insert(draft, insert)
                    case Update() as update:
                        self._update(draft, update)
                    case Delete() as delete:
                        self._delete(draft, delete)
            except Unwritable as error:
                return refused(self.schema, self.settings, pattern, error.refusal)
        return self._finish(pattern, draft)

    def _finish(self, pattern: AccessPattern, draft: _Draft) -> PlannedPattern:
        requests = (*draft.reads, *_as_requests(draft.actions, tuple(range(len(draft.reads)))))
        several = len(draft.actions) > 1
        units = draft.write_units + (self._base_units(draft.actions) if several else 0)
        prices = self.settings.prices
        usd = monthly_writes(prices, pattern.rate, units) + monthly_reads(prices, pattern.rate, draft.read_units)
        return PlannedPattern(
            pattern.name,
            pattern.sql,
            "write",
            pattern.rate,
            pattern.peak,
            "served",
            consistency=pattern.consistency,
            requests=requests,
            parameters=parameters(self.schema, pattern),
            assemble="one transaction: all of it or nothing." if several else "one request.",
            round_trips=2 if draft.reads else 1,
            read_units=draft.read_units,
            write_units=float(units),
            monthly_usd=round(usd, 4),
            notes=(*pattern.assumptions, *dict.fromkeys(draft.notes)),
        )

    def _base_units(self, actions: list[Action]) -> int:
        """What a transaction adds: the table's writes (not the indexes') count twice."""
        by_tag = {tag: name for name, tag in self.writer.names.tags.items()}
        return sum(units_of(self.data.item_bytes(by_tag[a.entity])) if a.entity in by_tag else 1 for a in actions)

    def _insert(self, draft: _Draft, insert: Insert) -> None:
        for row in insert.rows:
            given = {Attr((), name): value for name, value in zip(insert.columns, row, strict=True)}
            self._put(draft, insert, given)

    def _put(self, draft: _Draft, insert: Insert, given: Mapping[Attr, Value | Now]) -> None:
        table, kept = self.schema.table(insert.table), self.design.entity(insert.table)
        values = self._completed(draft, table, kept, given)
        self._read_ancestors(draft, kept, values)
        condition = None if insert.on_conflict in ("replace", "update") else NOT_THERE
        if insert.on_conflict == "ignore":
            draft.notes.append("a failed condition means that the row was there already: nothing to do")
        pair = self.requests.base_key(table.name, kept, values)
        tag = self.writer.names.tags[table.name]
        draft.actions.append(Action("Put", tag, pair, condition))
        units = units_of(self.data.item_bytes(table.name))
        draft.write_units += units * len(kept.views)
        if kept.guards and condition is None:
            draft.notes.append("a replaced row's unique values change guards: read it first and move them")
        for columns in kept.guards:
            draft.actions.append(
                Action("Put", self._guard_name(table, columns), self._guard_key(table, columns, values), NOT_THERE)
            )
            draft.write_units += 1

    def _completed(
        self, draft: _Draft, table: Table, kept: EntityDesign, given: Mapping[Attr, Value | Now]
    ) -> dict[Attr, Value]:
        """The given values, with a parameter for each key column that the database used to fill in."""
        values: dict[Attr, Value] = {a: v for a, v in given.items() if not isinstance(v, Now)}
        wanted = {part.attr for part in (*kept.template(TABLE).partition, *kept.template(TABLE).sort)}
        for attr in sorted(wanted):
            if attr not in values:
                values[attr] = Parameter(attr.column)
                draft.notes.append(f"{attr.column} is made by the application now (a ULID or a counter item)")
        for columns in kept.guards:
            for column in columns:
                values.setdefault(Attr((), column), Literal(None))
        return values

    def _read_ancestors(self, draft: _Draft, kept: EntityDesign, values: Mapping[Attr, Value]) -> None:
        paths = sorted({attr.path for attr in kept.copies})
        for path in paths:
            names = ", ".join(attr.column for attr in kept.copies if attr.path == path)
            draft.notes.append(f"{names} of {' / '.join(path)} is read first, to be copied onto the item")
            draft.read_units += 1.0
            request = self._ancestor_get(kept.table, path, values)
            if request is not None:
                draft.reads.append(request)

    def _ancestor_get(self, table: str, path: tuple[str, ...], values: Mapping[Attr, Value]) -> Request | None:
        if len(path) != 1:
            return None
        key = self.schema.table(table).foreign_key(path[0])
        parent = self.design.entity(key.referred_table)
        known = {
            Attr((), column): values[attr]
            for column in key.referred_columns
            if (attr := canonical(self.schema, table, Attr(path, column))) in values
        }
        wanted = {part.attr for part in (*parent.template(TABLE).partition, *parent.template(TABLE).sort)}
        if not wanted <= set(known):
            return None
        pair = self.requests.base_key(parent.table, parent, known)
        return Request("GetItem", (self.writer.names.tags[parent.table],), keys=(pair,), consistent=True)

    def _guard_key(self, table: Table, columns: tuple[str, ...], values: Mapping[Attr, Value]) -> KeyPair:
        pieces: list[Piece] = [f"UNIQUE#{self.writer.names.tags[table.name]}"]
        for column in columns:
            encoding = "fold" if table.column(column).collation == "NOCASE" else ""
            value = values[Attr((), column)]
            piece = (
                Placeholder("parameter", value.name, encoding)
                if isinstance(value, Parameter)
                else literal_text(table.column(column).kind, encoding, value)
            )
            pieces += [f"#{key_label(table, column)}#", piece]
        return KeyPair(write_template(tuple(pieces)), "UNIQUE#")

    def _old_guard(self, table: Table, columns: tuple[str, ...], request: int) -> KeyPair:
        names = self.writer.names.attributes
        pieces: list[Piece] = [f"UNIQUE#{self.writer.names.tags[table.name]}"]
        for column in columns:
            encoding = "fold" if table.column(column).collation == "NOCASE" else ""
            name = names[(table.name, Attr((), column))]
            pieces += [f"#{key_label(table, column)}#", Placeholder("item", name, encoding, request)]
        return KeyPair(write_template(tuple(pieces)), "UNIQUE#")

    def _target(
        self, draft: _Draft, table: Table, predicates: tuple[Predicate, ...]
    ) -> tuple[KeyPair, str | None, float]:
        """The key of the rows a statement changes, the condition that remains, and how many rows it means.
        Rows that its key does not name are found by a Query first."""
        kept = self.design.entity(table.name)
        fixed = _fixed(predicates)
        wanted = {part.attr for part in (*kept.template(TABLE).partition, *kept.template(TABLE).sort)}
        if wanted <= set(fixed):
            rest = [p for p in predicates if _attr(p) not in wanted]
            words = " AND ".join(self._expression(table, predicate) for predicate in rest)
            return self.requests.base_key(table.name, kept, fixed), words or None, 1.0
        return self._found(draft, table, kept, fixed, predicates)

    def _found(
        self,
        draft: _Draft,
        table: Table,
        kept: EntityDesign,
        fixed: Mapping[Attr, Value],
        predicates: tuple[Predicate, ...],
    ) -> tuple[KeyPair, str | None, float]:
        for slot, template in kept.views:
            attrs = [part.attr for part in template.partition]
            if attrs and set(attrs) <= set(fixed):
                group = self.data.group(table.name, attrs)
                if group.maximum > self.settings.limits.bounded_items:
                    continue
                number = len(draft.reads)
                draft.reads.append(self._finder(table, slot, kept, fixed, predicates))
                draft.read_units += max(0.5, group.mean * self.data.item_bytes(table.name) / 4096 * 0.5)
                draft.notes.append(
                    f"the rows are found by a Query first, about {group.mean:,.0f} of them; each is one write"
                )
                return (
                    self._item_key(table, kept, number),
                    " AND ".join(self._expression(table, p) for p in predicates),
                    group.mean,
                )
        raise Unwritable(
            f"it changes rows of {table.name} that no key or index of the design finds",
            "declare a read with the same condition, so that the design has a way to the rows, or change them by key",
        )

    def _finder(
        self,
        table: Table,
        slot: str,
        kept: EntityDesign,
        fixed: Mapping[Attr, Value],
        predicates: tuple[Predicate, ...],
    ) -> Request:
        return Request(
            "Query",
            (self.writer.names.tags[table.name],),
            index=None if slot == TABLE else slot,
            partition=self.requests.partition_text(table.name, kept, slot, fixed),
            filter=tuple(self._expression(table, predicate) for predicate in predicates),
        )

    def _item_key(self, table: Table, kept: EntityDesign, request: int) -> KeyPair:
        template = kept.template(TABLE)
        pieces = (
            self.writer.partition(table.name, template, 1),
            self.writer.sort(table.name, TABLE, template),
        )
        partition, sort = (
            write_template(
                tuple(
                    replace(piece, origin="item", request=request) if isinstance(piece, Placeholder) else piece
                    for piece in some
                )
            )
            for some in pieces
        )
        return KeyPair(partition, sort)

    def _update(self, draft: _Draft, update: Update) -> None:
        table, kept = self.schema.table(update.table), self.design.entity(update.table)
        changed = {column for column, _ in update.assignments}
        pair, condition, rows = self._target(draft, table, update.predicates)
        moved = [
            slot
            for slot, template in kept.views
            if changed & {attr.column for attr in template.attrs() if not attr.path}
        ]
        if TABLE in moved:
            raise Unwritable(
                f"it changes {', '.join(sorted(changed))}, part of the table's key of {table.name}",
                "a key never changes in place: delete the row and insert it under the new key in one transaction",
            )
        guards = [columns for columns in kept.guards if changed & set(columns)]
        number = self._read_first(draft, table, pair) if (moved or guards) else None
        words = [
            f"{attribute_template(self._name(table, column))} = {self._assigned(table, column, value)}"
            for column, value in update.assignments
        ]
        words += [f"{slot}PK, {slot}SK written anew" for slot in moved]
        tag = self.writer.names.tags[table.name]
        draft.actions.append(Action("Update", tag, pair, _both(THERE, condition), "SET " + ", ".join(words)))
        units = units_of(self.data.item_bytes(table.name))
        draft.write_units += rows * units * (len(kept.views) + len(moved))
        for columns in guards:
            self._move_guard(draft, table, columns, dict(update.assignments), number or 0)

    def _move_guard(
        self,
        draft: _Draft,
        table: Table,
        columns: tuple[str, ...],
        assigned: Mapping[str, Value | Change | Now],
        number: int,
    ) -> None:
        name = self._guard_name(table, columns)
        old = self._old_guard(table, columns, number)
        new_values: dict[Attr, Value] = {}
        for column in columns:
            value = assigned.get(column, Parameter(column))
            new_values[Attr((), column)] = value if isinstance(value, (Parameter, Literal)) else Parameter(column)
        draft.actions.append(Action("Delete", name, old))
        draft.actions.append(Action("Put", name, self._guard_key(table, columns, new_values), NOT_THERE))
        draft.write_units += 2

    def _read_first(self, draft: _Draft, table: Table, pair: KeyPair) -> int:
        """Reads the row, so that keys made of its other columns can be written; the request's number."""
        if any(isinstance(p, Placeholder) and p.origin == "item" for p in parse_template(pair.partition + pair.sort)):
            return len(draft.reads) - 1
        draft.reads.append(Request("GetItem", (self.writer.names.tags[table.name],), keys=(pair,), consistent=True))
        draft.read_units += 1.0
        return len(draft.reads) - 1

    def _delete(self, draft: _Draft, delete: Delete) -> None:
        table, kept = self.schema.table(delete.table), self.design.entity(delete.table)
        pair, condition, rows = self._target(draft, table, delete.predicates)
        number = self._read_first(draft, table, pair) if kept.guards else 0
        tag = self.writer.names.tags[table.name]
        draft.actions.append(Action("Delete", tag, pair, condition))
        draft.write_units += rows * units_of(self.data.item_bytes(table.name)) * len(kept.views)
        for columns in kept.guards:
            draft.actions.append(
                Action("Delete", self._guard_name(table, columns), self._old_guard(table, columns, number))
            )
            draft.write_units += rows
        children = [t.name for t in self.schema.tables for key in t.foreign_keys if key.referred_table == table.name]
        if children:
            listed = ", ".join(sorted(set(children)))
            draft.notes.append(f"rows of {listed} that refer to it stay: no foreign key is enforced in the table")

    def _expression(self, table: Table, predicate: Predicate) -> str:
        return predicate_template(predicate, lambda field: self._name(table, field.column))

    def _assigned(self, table: Table, column: str, value: Value | Change | Now) -> str:
        if isinstance(value, Now):
            return "the writer's clock"
        if isinstance(value, Change):
            name = attribute_template(self._name(table, value.column))
            return f"{name} {value.operator} {value_template(value.value)}"
        return value_template(value)

    def _guard_name(self, table: Table, columns: tuple[str, ...]) -> str:
        return self.writer.names.guards[(table.name, columns)]

    def _name(self, table: Table, column: str) -> str:
        return self.writer.names.attributes[(table.name, Attr((), column))]


def _fixed(predicates: Iterable[Predicate]) -> dict[Attr, Value]:
    fixed: dict[Attr, Value] = {}
    for predicate in predicates:
        match predicate:
            case Comparison(column, "=", value):
                fixed[Attr((), column.column)] = value
            case NullTest(column, False):
                fixed[Attr((), column.column)] = Literal(None)
    return fixed


def _attr(predicate: Predicate) -> Attr | None:
    return Attr((), predicate.field.column) if isinstance(predicate, Comparison) and predicate.op == "=" else None


def _both(first: str, second: str | None) -> str:
    return f"{first} AND {second}" if second else first


def _as_requests(actions: list[Action], after: tuple[int, ...]) -> tuple[Request, ...]:
    if not actions:
        return ()
    if len(actions) > 1:
        entities = tuple(dict.fromkeys(action.entity for action in actions))
        return (Request("TransactWriteItems", entities, after=after, actions=tuple(actions)),)
    (action,) = actions
    return (
        Request(
            f"{action.operation}Item",
            (action.entity,),
            after=after,
            keys=(action.keys,),
            condition=action.condition,
            update=action.update,
        ),
    )
