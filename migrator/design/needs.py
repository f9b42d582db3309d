"""What one SELECT needs of a key: equalities, one range, an order, a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.design.attributes import Attr, attribute, column_of
from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Like,
    Literal,
    Membership,
    NullTest,
    OrderTerm,
    Predicate,
    Related,
    Select,
    Value,
)
from migrator.model.schema import Kind, Schema

TEXTS = (Kind.TEXT, Kind.ENUM, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP)
"""Kinds whose keys begin as their text does, so that a prefix of the text is one of the key."""


@dataclass(frozen=True, slots=True)
class Equality:
    """The attribute is one of `values` (several for an IN list), or NULL when `null`."""

    attr: Attr
    values: tuple[Value, ...]
    null: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """`attr op value`, op one of < <= > >=, or "prefix" with case folded when `fold`, or "present": not NULL,
    whatever the value. No bound lets NULL through."""

    attr: Attr
    op: str
    value: Value
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One SELECT of a pattern, seen from its driver. `order` is empty when the statement asks for none or a
    single row; `sorted_here` says that its order cannot be a key's (an aggregate, mixed directions).
    `rest`: predicates that no key condition can carry. `apart`: attributes of joined rows that no key can hold,
    so that conditions on them and their order are seen to after the join. `thins`: rows may be dropped as late as
    that, so that a request cannot know when it has enough. `table` is the driver's. `copied`: the same need where
    the row carries copies of joined columns that declared writes change."""

    pattern: str
    number: int
    select: Select
    table: str
    rate: float
    peak: float
    strong: bool
    equalities: tuple[Equality, ...]
    bounds: tuple[Bound, ...]
    order: tuple[tuple[Attr, bool], ...]
    sorted_here: bool
    rest: tuple[Predicate, ...]
    apart: frozenset[Attr] = frozenset()
    thins: bool = False
    copied: Need | None = None

    @property
    def limit(self) -> Value | None:
        return self.select.limit

    @property
    def finds(self) -> bool:
        """A write looks for its rows: nothing is selected, and all of each row is wanted."""
        return not self.select.outputs

    @property
    def gathers(self) -> bool:
        """The answer is computed from all matching rows: aggregates, DISTINCT, or children that stand for one row."""
        select = self.select
        return select.distinct or bool(select.distinct_on) or select.grouped

    @property
    def offset(self) -> Value | None:
        return self.select.offset

    def equality(self, attr: Attr) -> Equality | None:
        return next((equality for equality in self.equalities if equality.attr == attr), None)


def read_need(
    schema: Schema, pattern: str, number: int, select: Select, rate: float, peak: float, strong: bool
) -> Need:
    """The need of a SELECT in normal form."""
    equalities: dict[Attr, Equality] = {}
    bounds: list[Bound] = []
    rest: list[Predicate] = []
    for predicate in select.predicates:
        part = read_condition(schema, select, predicate)
        if isinstance(part, Equality) and part.attr not in equalities:
            equalities[part.attr] = part
        elif isinstance(part, Bound):
            bounds.append(part)
        else:
            rest.append(predicate)
    free = [bound for bound in bounds if bound.attr not in equalities]
    order, sorted_here = _order(schema, select, set(_single(equalities)), {bound.attr for bound in bounds})
    return Need(
        pattern,
        number,
        select,
        select.table(select.driver),
        rate,
        peak,
        strong,
        tuple(equalities.values()),
        tuple(free),
        order,
        sorted_here,
        tuple(rest),
    )


def keep_apart(schema: Schema, need: Need, apart: frozenset[Attr], drops: bool) -> Need:
    """The need when `apart` cannot stand on the driver's items, and when the join `drops` rows by itself."""
    after = tuple(p for p in need.select.predicates if predicate_attrs(schema, need.select, p) & apart)
    late = any(attr in apart for attr, _ in need.order)
    return replace(
        need,
        equalities=tuple(equality for equality in need.equalities if equality.attr not in apart),
        bounds=tuple(bound for bound in need.bounds if bound.attr not in apart),
        order=() if late else need.order,
        sorted_here=need.sorted_here or late,
        rest=tuple(dict.fromkeys((*need.rest, *after))),
        apart=apart,
        thins=bool(after) or drops or any(isinstance(p, Related) for p in need.rest),
    )


def _single(equalities: dict[Attr, Equality]) -> list[Attr]:
    return [attr for attr, equality in equalities.items() if equality.null or len(equality.values) == 1]


def read_condition(schema: Schema, select: Select, predicate: Predicate) -> Equality | Bound | None:
    """The predicate as a key condition could carry it; None when none could."""
    match predicate:
        case Comparison(field, "=", value):
            return Equality(attribute(schema, select, field), (value,))
        case Comparison(field, ("<" | "<=" | ">" | ">=") as op, value):
            return Bound(attribute(schema, select, field), op, value)
        case Membership(field, values, False):
            return Equality(attribute(schema, select, field), values)
        case NullTest(field, False):
            return Equality(attribute(schema, select, field), (Literal(None),), null=True)
        case NullTest(field, True):
            return Bound(attribute(schema, select, field), "present", Literal(None))
        case Like(field=field, prefix=prefix, negated=False) as like if prefix is not None:
            attr = attribute(schema, select, field)
            if column_of(schema, select.table(select.driver), attr).kind in TEXTS:
                return Bound(attr, "prefix", prefix, fold=like.ignore_case)
    return None


def predicate_attrs(schema: Schema, select: Select, predicate: Predicate) -> set[Attr]:
    """Every attribute that a predicate looks at."""
    match predicate:
        case Either(branches):
            inner = [p for branch in branches for p in branch]
            return set().union(*(predicate_attrs(schema, select, p) for p in inner))
        case FieldComparison(left, _, right):
            return {attribute(schema, select, left), attribute(schema, select, right)}
        case Related(fields=fields):
            return {attribute(schema, select, field) for field in fields}
        case _:
            return {attribute(schema, select, predicate.field)}


def _order(
    schema: Schema, select: Select, fixed: set[Attr], present: set[Attr]
) -> tuple[tuple[tuple[Attr, bool], ...], bool]:
    """The order that a key would have to give. Where NULLs stand in it does not matter for `present` attributes."""
    order: list[tuple[Attr, bool]] = []
    for term in select.order:
        field = _ordered_field(select, term)
        if field is None:
            return (), True
        attr = attribute(schema, select, field)
        if attr in fixed or any(attr == seen for seen, _ in order):
            continue
        if term.nulls_first == term.descending and attr not in present and _nullable(schema, select, attr):
            return (), True
        order.append((attr, term.descending))
    mixed = len({descending for _, descending in order}) > 1
    return ((), True) if mixed else (tuple(order), False)


def _nullable(schema: Schema, select: Select, attr: Attr) -> bool:
    """Whether it may be NULL. A copy is NULL for a row without a parent, which a server keeps from being and SQLite,
    where foreign keys are switched off by default, does not."""
    table = schema.table(select.table(select.driver))
    for name in attr.path:
        key = table.foreign_key(name)
        if schema.dialect == "sqlite" or any(table.column(column).nullable for column in key.columns):
            return True
        table = schema.table(key.referred_table)
    return table.column(attr.column).nullable


def _ordered_field(select: Select, term: OrderTerm) -> Field | None:
    if term.output is None:
        return term.field
    output = select.outputs[term.output]
    return None if output.function else output.field
