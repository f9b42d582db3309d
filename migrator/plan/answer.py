"""From the items that a pattern's requests gave to the rows that its SQL gives.

Everything the statement says is evaluated again here, so requests may give too much but never too little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    GroupTest,
    Join,
    Like,
    Membership,
    NullTest,
    OrderTerm,
    Output,
    Parameter,
    Predicate,
    Related,
    Value,
    compared_fields,
)
from migrator.model.schema import Kind
from migrator.plan.compare import compare, like, sort_key
from migrator.plan.figures import compute, group_row, is_empty
from migrator.plan.items import entity_name
from migrator.plan.plan import Entity, Part, Plan, Request
from migrator.plan.sums import add_up
from migrator.plan.values import Unstorable, from_wire, read_parameter, to_wire

Item = Mapping[str, Mapping[str, Any]]
Row = Mapping[str, Any]
Joined = dict[str, Row | None]

_MISSING: Row = {}
FIGURES = "\x00figures"
"""Stands among a row's aliases for what an aggregate's item holds of its group."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of one statement. Values are text, Decimal, bool, bytes, list, dict or None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Assembler:
    """Evaluates one part. `parameters` are values as given; each is read as the column it meets has them. `parts` are
    all of its pattern: a part may test its rows by what another one gives. `left_out`: attributes that the items do
    not show though they may have them, which is no sign that a joined row is missing."""

    def __init__(
        self,
        plan: Plan,
        part: Part,
        parameters: Mapping[str, Any],
        parts: tuple[Part, ...] = (),
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        self._plan = plan
        self._parts = parts
        self._given: dict[int, frozenset[tuple[Any, ...]]] = {}
        self._part = part
        self._select = part.select
        self._parameters = parameters
        self._entity = plan.entity(part.entity)
        self._rows_of = {table: _row_entity(plan, table) for table in {r.table for r in part.select.tables}}
        self._joins = _in_order(part.select.driver, part.select.joins)
        self._how = {resolution.alias: resolution for resolution in part.resolutions}
        self._filled = _never_null(plan, part)
        self._left_out = left_out

    def wanted(self) -> int | None:
        """Rows that a limit and the offset before it take together; None for all."""
        limit = self._number(self._select.limit)
        return None if limit is None else limit + self._skipped()

    def _skipped(self) -> int:
        return self._number(self._select.offset) or 0

    def _number(self, value: Value | None) -> int | None:
        """A limit or an offset; None when there is none, or less than nothing."""
        given = self._parameters[value.name] if isinstance(value, Parameter) else value.value if value else None
        return None if given is None or int(given) < 0 else int(given)

    def fits(self, item: Item) -> bool:
        """Whether an item is a row of the answer as far as it tells by itself: counted towards a limit."""
        if entity_name(self._plan, item) != self._entity.name:
            return False
        joined = self._joined(item, {}, lone=True)
        told = (p for p in self._select.predicates if not isinstance(p, Related))
        known = [p for p in told if aliases_of(p) <= set(joined or ())]
        return joined is not None and all(self._holds(p, joined) for p in known)

    def answer(self, items: Sequence[Sequence[Item]]) -> Answer:
        """The statement's rows, from the items of each request of the pattern."""
        found = self._lookups(items)
        for related in (p for p in self._select.predicates if isinstance(p, Related)):
            self._given[related.statement] = self._rows_given(related.statement, items)
        rows: list[Joined] = []
        for item in self._driving(items):
            joined = self._joined(item, found, lone=False)
            if joined is not None and all(self._holds(p, joined) for p in self._select.predicates):
                rows.append(joined)
        return self._finish(rows)

    def _rows_given(self, statement: int, items: Sequence[Sequence[Item]]) -> frozenset[tuple[Any, ...]]:
        """The rows of another statement of the pattern, as far as they can equal anything; an empty row when there is
        any at all."""
        other = Assembler(self._plan, self._parts[statement], self._parameters, self._parts).answer(items)
        rows = [tuple(map(_hashable, row)) for row in other.rows]
        return frozenset([*(row for row in rows if None not in row), *([()] if rows else [])])

    def _driving(self, items: Sequence[Sequence[Item]]) -> Iterable[Item]:
        keys = (self._plan.table.partition_key, self._plan.table.sort_key)
        seen = set()
        for request in self._part.requests:
            for item in items[request]:
                identity = tuple(item[name]["S"] for name in keys)
                if entity_name(self._plan, item) == self._entity.name and identity not in seen:
                    seen.add(identity)
                    if not (self._entity.measures and is_empty(self._entity, item)):
                        yield item

    def _lookups(self, items: Sequence[Sequence[Item]]) -> dict[str, dict[tuple[Any, ...], Row]]:
        found: dict[str, dict[tuple[Any, ...], Row]] = {}
        for join in self._joins:
            resolution = self._how[join.parent]
            if resolution.how != "item":
                continue
            entity = self._plan.entity(resolution.entity)
            rows = [
                _own_row(entity, item)
                for request in resolution.requests
                for item in items[request]
                if entity_name(self._plan, item) == entity.name
            ]
            found[join.parent] = {tuple(_hashable(row.get(b)) for _, b in join.pairs): row for row in rows}
        return found

    def _joined(self, item: Item, found: Mapping[str, Mapping[tuple[Any, ...], Row]], lone: bool) -> Joined | None:
        """The driver's row with its joined rows; None when an inner join drops it. `lone`: aliases whose items
        are not there yet are passed over."""
        joined: Joined = {self._select.driver: _own_row(self._entity, item)}
        if self._entity.measures:
            joined[FIGURES] = group_row(self._entity, item)
        paths: dict[str, tuple[str, ...]] = {self._select.driver: ()}
        for join in self._joins:
            paths[join.parent] = (*paths[join.child], join.foreign_key)
            if lone and join.child not in joined:
                continue
            child = joined[join.child]
            key = tuple((child or _MISSING).get(column) for column, _ in join.pairs)
            row = self._parent(join, item, paths[join.parent], key, found, lone)
            if row is None and not join.outer:
                return None
            if not (lone and self._how[join.parent].how == "item"):
                joined[join.parent] = row
        return joined

    def _parent(
        self,
        join: Join,
        item: Item,
        path: tuple[str, ...],
        key: tuple[Any, ...],
        found: Mapping[str, Mapping[tuple[Any, ...], Row]],
        lone: bool,
    ) -> Row | None:
        if any(value is None for value in key):
            return None
        if self._how[join.parent].how == "item":
            return _MISSING if lone else found[join.parent].get(tuple(map(_hashable, key)))
        copied = {
            attribute.column: from_wire(item.get(attribute.name))
            for attribute in self._entity.attributes
            if attribute.copied_from is not None
            and attribute.copied_from.path == path
            and attribute.name not in self._left_out
        }
        if any(value is None and (join.parent, column) in self._filled for column, value in copied.items()):
            return None
        return copied | {parent: value for (_, parent), value in zip(join.pairs, key, strict=True)}

    def _attribute_kind(self, field: Field) -> tuple[Kind, str | None]:
        entity = self._rows_of[self._select.table(field.alias)]
        for attribute in entity.attributes:
            if attribute.copied_from is None and attribute.column == field.column:
                return attribute.kind, attribute.collation
        raise KeyError(f"{field.alias}.{field.column}")

    def _value(self, value: Value, kind: Kind) -> Any:
        raw = self._parameters[value.name] if isinstance(value, Parameter) else value.value
        try:
            return from_wire(read_parameter(kind, raw))
        except Unstorable:
            return from_wire(to_wire(Kind.UNKNOWN, raw))

    def _holds(self, predicate: Predicate, joined: Joined) -> bool:
        return self._truth(predicate, joined) is True

    def _truth(self, predicate: Predicate, joined: Joined) -> bool | None:
        match predicate:
            case Comparison(field, op, value):
                kind, collation = self._attribute_kind(field)
                return compare(_at(joined, field), op, self._value(value, kind), collation)
            case FieldComparison(left, op, right):
                return compare(_at(joined, left), op, _at(joined, right), self._attribute_kind(left)[1])
            case NullTest(field, negated):
                return (_at(joined, field) is None) != negated
            case Membership(field, values, negated):
                return self._member(_at(joined, field), field, values, negated)
            case Like() as test:
                return self._like(test, joined)
            case Related(statement, fields, negated=negated):
                wanted = tuple(_hashable(_at(joined, field)) for field in fields)
                return (wanted in self._given[statement]) != negated
            case Either(branches):
                return self._either(branches, joined)

    def _member(self, here: Any, field: Field, values: tuple[Value, ...], negated: bool) -> bool | None:
        kind, collation = self._attribute_kind(field)
        truths = [compare(here, "=", self._value(value, kind), collation) for value in values]
        truth = True if True in truths else (None if None in truths else False)
        return truth if truth is None or not negated else not truth

    def _like(self, test: Like, joined: Joined) -> bool | None:
        pieces = [self._value(piece, Kind.TEXT) for piece in test.pattern]
        if any(piece is None for piece in pieces):
            return None
        truth = like(_at(joined, test.field), "".join(map(str, pieces)), test.ignore_case, test.escape)
        return truth if truth is None or not test.negated else not truth

    def _either(self, branches: tuple[tuple[Predicate, ...], ...], joined: Joined) -> bool | None:
        truths = []
        for branch in branches:
            inner = [self._truth(predicate, joined) for predicate in branch]
            truths.append(False if False in inner else (None if None in inner else True))
        return True if True in truths else (None if None in truths else False)

    def _finish(self, rows: list[Joined]) -> Answer:
        outputs = self._select.outputs
        rows = self._once(rows) if self._select.distinct_on else rows
        shown = self._grouped(rows) if self._select.grouped else [(self._project(row), row) for row in rows]
        if self._select.distinct:
            shown = self._distinct(shown)
        if self._select.order:
            shown.sort(key=cmp_to_key(self._ordering))
        wanted = self.wanted()
        kept = shown[self._skipped() : wanted]
        return Answer(tuple(output.name for output in outputs), tuple(values for values, _ in kept))

    def _once(self, rows: list[Joined]) -> list[Joined]:
        """One of the rows that agree in the fields which tell apart what the answer is about."""
        first: dict[tuple[Any, ...], Joined] = {}
        for row in rows:
            first.setdefault(tuple(self._group_value(row, field) for field in self._select.distinct_on), row)
        return list(first.values())

    def _distinct(self, shown: list[tuple[tuple[Any, ...], Joined]]) -> list[tuple[tuple[Any, ...], Joined]]:
        collations = [self._collation(output.field) for output in self._select.outputs]
        first: dict[tuple[Any, ...], tuple[tuple[Any, ...], Joined]] = {}
        for values, row in shown:
            key = tuple(_hashable(value, collation) for value, collation in zip(values, collations, strict=True))
            first.setdefault(key, (values, row))
        return list(first.values())

    def _collation(self, field: Field | None) -> str | None:
        return self._attribute_kind(field)[1] if field is not None else None

    def _project(self, row: Joined) -> tuple[Any, ...]:
        return tuple(self._output(output, [row]) for output in self._select.outputs)

    def _grouped(self, rows: list[Joined]) -> list[tuple[tuple[Any, ...], Joined]]:
        groups: dict[tuple[Any, ...], list[Joined]] = {}
        for row in rows:
            key = tuple(self._group_value(row, field) for field in self._select.group_by)
            groups.setdefault(key, []).append(row)
        if not self._select.group_by and not groups:
            groups[()] = []
        return [
            (tuple(self._output(output, group) for output in self._select.outputs), group[0] if group else {})
            for group in groups.values()
            if all(self._passes(test, group) for test in self._select.having)
        ]

    def _passes(self, test: GroupTest, group: list[Joined]) -> bool:
        """Whether a group meets one condition of HAVING."""
        output = test.output
        counts = output.field is None or output.function == "count"
        kind = Kind.DECIMAL if output.function in ("sum", "avg") else Kind.INTEGER
        if output.field is not None and output.function in ("min", "max"):
            kind = self._attribute_kind(output.field)[0]
        collation = None if counts else self._collation(output.field)
        return compare(self._output(output, group), test.op, self._value(test.value, kind), collation) is True

    def _group_value(self, row: Joined, field: Field) -> Any:
        value = _at(row, field)
        return _hashable(value, self._collation(field))

    def _output(self, output: Output, rows: list[Joined]) -> Any:
        if output.literal is not None:
            return from_wire(to_wire(Kind.UNKNOWN, output.literal.value))
        if output.function is None:
            return _at(rows[0], output.field) if rows and output.field else None
        if self._entity.measures:
            column = output.field.column if output.field else None
            groups = [(row[self._select.driver] or _MISSING, row[FIGURES] or _MISSING) for row in rows]
            return compute(self._entity, output.function, column, output.distinct, groups)
        if output.field is None:
            return Decimal(len(rows))
        values = [value for row in rows if (value := _at(row, output.field)) is not None]
        collation = self._collation(output.field)
        if output.distinct:
            values = list({sort_key(value, collation): value for value in values}.values())
        if output.function in ("min", "max"):
            choose = min if output.function == "min" else max
            return choose(values, key=lambda value: sort_key(value, collation), default=None)
        return _AGGREGATES[output.function](values)

    def _ordering(self, left: tuple[tuple[Any, ...], Joined], right: tuple[tuple[Any, ...], Joined]) -> int:
        for term in self._select.order:
            a, b = self._ordered(term, left), self._ordered(term, right)
            if (a is None) != (b is None):
                return -1 if (a is None) == term.nulls_first else 1
            if a is not None and b is not None and a != b:
                return (-1 if a < b else 1) * (-1 if term.descending else 1)
        return 0

    def _ordered(self, term: OrderTerm, row: tuple[tuple[Any, ...], Joined]) -> tuple[int, Any] | None:
        field = term.field if term.output is None else self._select.outputs[term.output].field
        value = row[0][term.output] if term.output is not None else _at(row[1], field)
        return None if value is None else sort_key(value, self._collation(field))


def _row_entity(plan: Plan, table: str) -> Entity:
    return plan.entities_of(table)[0]


def _never_null(plan: Plan, part: Part) -> frozenset[tuple[str, str]]:
    """(alias, column) that every row fills: a copy without it tells that the reference is to no row."""
    columns = {table.name: [c.name for c in table.columns if not c.nullable] for table in plan.source.tables}
    return frozenset((ref.alias, name) for ref in part.select.tables for name in columns.get(ref.table, ()))


def left_out(plan: Plan, requests: Sequence[Request], part: Part) -> frozenset[str]:
    """Attributes that an index which gives the part's items does not hold."""
    asked = {requests[number].index for number in part.requests}
    narrow = [index for index in plan.indexes if index.name in asked and index.projection != "ALL"]
    names = {attribute.name for attribute in plan.entity(part.entity).attributes}
    return frozenset(name for index in narrow for name in names - set(index.attributes))


def _in_order(driver: str, joins: tuple[Join, ...]) -> tuple[Join, ...]:
    """Joins so that each one's child is known before it."""
    known, ordered, waiting = {driver}, [], list(joins)
    while waiting:
        ready = [join for join in waiting if join.child in known]
        if not ready:
            raise ValueError("joins that do not start at the driver")
        ordered += ready
        known |= {join.parent for join in ready}
        waiting = [join for join in waiting if join not in ready]
    return tuple(ordered)


def _own_row(entity: Entity, item: Item) -> Row:
    return {a.column: from_wire(item.get(a.name)) for a in entity.attributes if a.copied_from is None}


def _at(joined: Joined, field: Field | None) -> Any:
    if field is None:
        return None
    row = joined.get(field.alias)
    return None if row is None else row.get(field.column)


def aliases_of(predicate: Predicate) -> set[str]:
    """The aliases whose columns a predicate is about."""
    return {field.alias for field in compared_fields(predicate)}


def _hashable(value: Any, collation: str | None = None) -> Any:
    return None if value is None else sort_key(value, collation)


def _sum(values: list[Any]) -> Any:
    return add_up(values) if values else None


_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "count": lambda values: Decimal(len(values)),
    "sum": _sum,
    "avg": lambda values: _sum(values) / len(values) if values else None,
}
