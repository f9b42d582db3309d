"""Which items an UPDATE or DELETE means: named by their keys, or found by a Query first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import prod

from migrator.design.attributes import Attr
from migrator.model.query import (
    Comparison,
    Either,
    Literal,
    Membership,
    NullTest,
    Predicate,
    Value,
    compared_fields,
)
from migrator.model.schema import Kind, Table
from migrator.plan.action import KeyPair
from migrator.plan.drafts import Desk, Draft, Getter, Given, Unwritable
from migrator.plan.finders import best_finder, find
from migrator.plan.plan import Request

LISTED = 100
"""Keys that one BatchGetItem takes."""
_PLAIN = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.TEXT, Kind.UUID, Kind.ENUM)
_OPERATORS = ("=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Target:
    """The key of the items, the conditions that remain, about how many rows and how many at most, and the request
    that read them (None: the key names the one row). `values`: what the statement says its columns are."""

    key: KeyPair
    where: tuple[Predicate, ...]
    values: Given
    rows: float = 1.0
    most: float = 1.0
    each: int | None = None
    by_key: bool = True

    def getter(self, desk: Desk, table: Table) -> Getter:
        """What the columns hold: on the item when it was read, else as the statement says."""
        if self.each is not None:
            return desk.on_item(table, self.each)
        return lambda column: self.values[Attr((), column)]

    def asked(self) -> set[str]:
        """Columns that its conditions speak of."""
        return {field.column for predicate in self.where for field in compared_fields(predicate)}


def find_targets(desk: Desk, draft: Draft, table: Table, predicates: tuple[Predicate, ...]) -> tuple[Target, ...]:
    """Where the rows of a statement are. Unwritable when nothing leads to them."""
    fixed = _fixed(predicates)
    wanted = {Attr((), column) for column in desk.base_columns(table)}
    if wanted <= set(fixed):
        return (_named(desk, draft, table, {attr: fixed[attr] for attr in wanted}, predicates),)
    if table.name in draft.written:
        raise Unwritable(
            f"it searches rows of {table.name}, which an earlier statement of the pattern writes",
            "name the rows by their key, or declare the statements apart",
        )
    return _searched(desk, draft, table, fixed, predicates)


_Fixing = Comparison | NullTest | Membership


def _fixed(predicates: tuple[Predicate, ...]) -> dict[Attr, _Fixing]:
    """The first equality on each column; a list only where there is no single value."""
    fixed: dict[Attr, _Fixing] = {}
    for predicate in predicates:
        match predicate:
            case Comparison(field, "=", _) | NullTest(field, False):
                attr = Attr((), field.column)
                if not isinstance(fixed.get(attr), Comparison | NullTest):
                    fixed[attr] = predicate
            case Membership(field, _, False):
                fixed.setdefault(Attr((), field.column), predicate)
    return fixed


def _values(predicate: _Fixing) -> tuple[Value, ...]:
    match predicate:
        case Comparison(_, _, value):
            return (value,)
        case Membership(_, values):
            return tuple(dict.fromkeys(values))
        case _:
            return (Literal(None),)


def _combined(fixed: Mapping[Attr, _Fixing]) -> list[dict[Attr, Value]]:
    attrs = sorted(fixed)
    if prod(len(_values(fixed[attr])) for attr in attrs) > LISTED:
        raise Unwritable(f"its lists make more than {LISTED} combinations", "list fewer values in one statement")
    return [dict(zip(attrs, chosen, strict=True)) for chosen in product(*(_values(fixed[attr]) for attr in attrs))]


def _named(
    desk: Desk, draft: Draft, table: Table, fixed: Mapping[Attr, _Fixing], predicates: tuple[Predicate, ...]
) -> Target:
    rest = tuple(p for p in predicates if p not in fixed.values())
    listed = _combined(fixed)
    keys = tuple(dict.fromkeys(desk.row_key(table, values) for values in listed))
    if len(keys) == 1:
        return Target(keys[0], rest, dict(listed[0]))
    request = Request("BatchGetItem", (desk.tag(table),), keys=keys, consistent=True, where=rest)
    number = draft.read(request, float(len(keys)))
    draft.note("the listed rows are read first; each that is there is written")
    return Target(desk.item_key(table, number), rest, {}, len(keys), len(keys), number, by_key=False)


def _searched(
    desk: Desk, draft: Draft, table: Table, fixed: Mapping[Attr, _Fixing], predicates: tuple[Predicate, ...]
) -> tuple[Target, ...]:
    one = {attr: _values(predicate)[0] for attr, predicate in fixed.items()}
    finder, unique = best_finder(desk, table, one), _guarded(desk, table, fixed)
    if unique is not None and (finder is None or finder.mean > 1):
        return _through_guard(desk, draft, table, unique, fixed, predicates)
    if finder is None:
        raise Unwritable(
            f"it changes rows of {table.name} that no key or index of the design finds",
            "say an equality that bounds the rows to change, or change them by key",
        )
    used = {attr: fixed[attr] for attr in finder.used}
    rest = tuple(desk.expression(table, p) for p in predicates if p not in used.values())
    found = []
    for values in _combined(used):
        number = find(desk, draft, table, finder, values, predicates, rest)
        key = desk.item_key(table, number)
        found.append(Target(key, predicates, dict(values), finder.mean, finder.maximum, number, by_key=False))
    draft.note(
        f"the rows are found by a Query first, about {finder.mean * len(found):,.0f} of them; "
        "the statement's conditions are checked on each"
    )
    return tuple(found)


def _guarded(desk: Desk, table: Table, fixed: Mapping[Attr, _Fixing]) -> tuple[str, ...] | None:
    """Unique columns with a guard that the statement says values of."""
    said = {attr.column for attr, predicate in fixed.items() if Literal(None) not in _values(predicate)}
    return next((columns for columns in desk.kept(table).guards if set(columns) <= said), None)


def _through_guard(
    desk: Desk,
    draft: Draft,
    table: Table,
    columns: tuple[str, ...],
    fixed: Mapping[Attr, _Fixing],
    predicates: tuple[Predicate, ...],
) -> tuple[Target, ...]:
    """Rows by unique values: each one's guard item names it, then it is read."""
    rest = tuple(desk.expression(table, predicate) for predicate in predicates)
    guard = desk.guard_name(table, columns)
    found = []
    for values in _combined({Attr((), column): fixed[Attr((), column)] for column in columns}):
        getter: Getter = partial(_value, values)
        request = Request("GetItem", (guard,), keys=(desk.guard_of(table, columns, getter),), consistent=True)
        row = desk.get(table, desk.item_key(table, draft.read(request, 1.0)))
        number = draft.read(replace(row, filter=rest, where=predicates), desk.read_units(table, 1.0, consistent=True))
        key = desk.item_key(table, number)
        found.append(Target(key, predicates, dict(values), each=number, by_key=False))
    draft.note(
        f"the guard item of {', '.join(columns)} names the row, which is read then; its conditions are checked on it"
    )
    return tuple(found)


def _value(values: Mapping[Attr, Value], column: str) -> Value:
    return values[Attr((), column)]


def read_first(desk: Desk, draft: Draft, table: Table, target: Target, expect: str | None = None) -> Target:
    """The target, read before it is written; what the statement asks of it is checked then."""
    if target.each is not None:
        return target
    rest = tuple(desk.expression(table, predicate) for predicate in target.where)
    request = replace(desk.get(table, target.key, expect), where=target.where, filter=rest)
    return replace(target, each=draft.read(request, 1.0))


def sayable(table: Table, predicates: Sequence[Predicate]) -> bool:
    """Whether a condition expression says just what these predicates say."""
    return all(_sayable(table, predicate) for predicate in predicates)


def _sayable(table: Table, predicate: Predicate) -> bool:
    match predicate:
        case NullTest():
            return True
        case Comparison(field, op, value):
            return op in _OPERATORS and _plain(table, field.column) and value != Literal(None)
        case Membership(field, values, False):
            return _plain(table, field.column) and Literal(None) not in values
        case Either(branches):
            return all(_sayable(table, inner) for branch in branches for inner in branch)
        case _:
            return False


def _plain(table: Table, column: str) -> bool:
    """Values compare as DynamoDB compares them: by value, text by its bytes."""
    found = table.column(column)
    return found.kind in _PLAIN and found.collation is None
