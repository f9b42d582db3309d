"""What a pattern asks for, told which joined columns can stand on the row's own item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeGuard

from migrator.design.attributes import Attr, alias_paths, steps, table_at
from migrator.design.comparable import incomparable
from migrator.design.data import Data
from migrator.design.joins import alias_attrs, judged_aliases, needed_copies
from migrator.design.needs import Need, keep_apart, read_need
from migrator.design.price import WriteRates
from migrator.model.query import (
    AccessPattern,
    Comparison,
    Delete,
    Field,
    Join,
    Membership,
    Parameter,
    Predicate,
    Refusal,
    Select,
    TableRef,
    Update,
)
from migrator.model.schema import ForeignKey, Table


def copyable(
    data: Data, rates: Mapping[str, WriteRates], table: str, attrs: Iterable[Attr], changing: bool = False
) -> frozenset[Attr]:
    """Those of the ancestors' attributes that no declared write changes, over references that all hold. Only
    the row's own reference may change: whoever changes it writes the copies anew. With `changing` also columns of
    the parent that declared writes change, who then write the copies on all its rows."""

    def steady(attr: Attr) -> bool:
        beyond = steps(data.schema, table, attr.path)[1:]
        kept = not any(set(key.columns) & rates[owner.name].columns for owner, key in beyond)
        return kept and ((changing and len(attr.path) == 1) or not changes(data, rates, table, attr))

    if not rates[table].carries:
        return frozenset()
    return frozenset(attr for attr in attrs if steady(attr) and not data.orphans(table, attr.path))


def changes(data: Data, rates: Mapping[str, WriteRates], table: str, attr: Attr) -> bool:
    """Whether declared writes change the column that an attribute is copied from."""
    return bool(attr.path) and attr.column in rates[table_at(data.schema, table, attr.path)].columns


def pattern_needs(data: Data, rates: Mapping[str, WriteRates], pattern: AccessPattern) -> tuple[Need, ...] | Refusal:
    """What each SELECT of a pattern needs, or why one of them cannot be served whatever the keys."""
    needs = []
    for number, statement in enumerate(pattern.statements):
        if statement.refusal is not None:
            return statement.refusal
        if isinstance(statement.form, Select):
            strong = pattern.consistency == "strong"
            need = read_need(data.schema, pattern.name, number, statement.form, pattern.rate, pattern.peak, strong)
            refusal = incomparable(data.schema, need)
            if refusal is not None:
                return refusal
            needs.append(_with_joins(data, rates, need))
    return tuple(needs)


def finder_needs(
    data: Data, keys: Mapping[str, tuple[tuple[str, ...], ...]], pattern: AccessPattern
) -> tuple[Need, ...]:
    """What the UPDATEs and DELETEs of a pattern need of an index to find their rows: those that say equalities,
    and not all of a row's key. `keys`: those that may name a table's rows."""
    found = []
    for number, statement in enumerate(pattern.statements):
        if isinstance(statement.form, Update | Delete):
            table = statement.form.table
            equal = tuple(p for p in statement.form.predicates if _fixes(p))
            named = any(set(key) <= {p.field.column for p in equal} for key in keys[table])
            if equal and not named:
                select = Select((TableRef(table, table),), table, (), equal, ())
                found.append(read_need(data.schema, pattern.name, number, select, pattern.rate, pattern.peak, False))
        if isinstance(statement.form, Delete):
            found += _below(data, keys, pattern, statement.form.table)
    unique = dict.fromkeys(need for need in found if incomparable(data.schema, need) is None)
    return tuple(unique)


def _fixes(predicate: Predicate) -> TypeGuard[Comparison | Membership]:
    match predicate:
        case Comparison(_, "=", _) | Membership(_, _, False):
            return True
    return False


def _below(
    data: Data, keys: Mapping[str, tuple[tuple[str, ...], ...]], pattern: AccessPattern, table: str
) -> list[Need]:
    """What finds the rows that ON DELETE acts on when rows of a table are deleted, and those below them."""
    found: list[Need] = []
    waiting, seen = [table], {table}
    while waiting:
        parent = waiting.pop()
        for child, key in _acted_on(data, parent):
            equal = tuple(Comparison(Field(child.name, column), "=", Parameter(column)) for column in key.columns)
            if not any(set(named) <= set(key.columns) for named in keys[child.name]):
                select = Select((TableRef(child.name, child.name),), child.name, (), equal, ())
                number = len(pattern.statements) + len(found)
                need = read_need(data.schema, pattern.name, number, select, pattern.rate, pattern.peak, False)
                found.append(need)
            if key.on_delete == "cascade" and child.name not in seen:
                seen.add(child.name)
                waiting.append(child.name)
    return found


def _acted_on(data: Data, parent: str) -> list[tuple[Table, ForeignKey]]:
    return [(t, k) for t in data.schema.tables for k in t.foreign_keys if k.referred_table == parent and k.on_delete]


def _with_joins(data: Data, rates: Mapping[str, WriteRates], need: Need) -> Need:
    """The need, told which of its joined rows' columns no key can hold, and whether its joins drop rows."""
    steady = _judged(data, rates, need, changing=False)
    aliases = [alias for alias in alias_paths(need.select) if alias != need.select.driver]
    attrs = {attr for alias in aliases for attr in alias_attrs(data, need, alias)}
    if not any(changes(data, rates, need.table, attr) for attr in attrs):
        return steady
    return replace(steady, copied=_judged(data, rates, need, changing=True))


def _judged(data: Data, rates: Mapping[str, WriteRates], need: Need, changing: bool) -> Need:
    wanted = needed_copies(data, need) | {attr for attr, _ in need.order if attr.path}
    apart = frozenset(wanted) - copyable(data, rates, need.table, wanted, changing)
    judged = {attr for alias in judged_aliases(data, need) for attr in alias_attrs(data, need, alias)}
    late = judged != copyable(data, rates, need.table, judged, changing)
    drops = any(_drops(data, need, join) for join in need.select.joins)
    return keep_apart(data.schema, need, apart, late or drops)


def _drops(data: Data, need: Need, join: Join) -> bool:
    """Whether an inner join may drop rows for reasons that the driver's own row does not tell."""
    path = alias_paths(need.select)[join.parent]
    if join.outer:
        return False
    walked = steps(data.schema, need.table, path)
    told = walked[:1] if len(path) == 1 or not _is_outer(need, path[:1]) else ()
    untold = walked[len(told) :]
    nullable = any(owner.column(name).nullable for owner, key in untold for name in key.columns)
    return nullable or data.orphans(need.table, path) > 0


def _is_outer(need: Need, path: tuple[str, ...]) -> bool:
    paths = alias_paths(need.select)
    return any(join.outer and paths[join.parent] == path for join in need.select.joins)
