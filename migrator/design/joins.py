"""Where the columns of a joined parent come from: copied onto the row, read beside it, or read after it."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Attr, alias_paths, canonical, steps, table_at
from migrator.design.data import Data
from migrator.design.design import JoinStep, Path
from migrator.design.needs import Need, predicate_attrs
from migrator.design.price import monthly_reads, monthly_storage, monthly_trips
from migrator.model.query import Field, Related, Select
from migrator.model.schema import Schema
from migrator.model.settings import Prices


class Unjoined(Exception):
    """Why a joined table's columns cannot be had."""


def used_fields(select: Select) -> set[Field]:
    """Fields that the answer shows, sorts or groups by."""
    fields = {output.field for output in select.outputs if output.field}
    fields |= {term.field for term in select.order if term.field}
    fields |= {test.output.field for test in select.having if test.output.field}
    fields |= {field for p in select.predicates if isinstance(p, Related) for field in p.fields}
    return fields | set(select.group_by) | set(select.distinct_on)


def needed_copies(data: Data, need: Need) -> set[Attr]:
    """Ancestors' attributes that predicates look at."""
    found: set[Attr] = set()
    for predicate in need.select.predicates:
        found |= {attr for attr in predicate_attrs(data.schema, need.select, predicate) if attr.path}
    return found


def judged_aliases(data: Data, need: Need) -> set[str]:
    """Joined aliases whose rows the conditions look at, with those between them and the driver: a request that
    stops at the statement's limit must have all their columns on the driver's items."""
    paths = {attr.path for attr in needed_copies(data, need)}
    taken = alias_paths(need.select)
    return {alias for alias, path in taken.items() if path and any(looked[: len(path)] == path for looked in paths)}


def alias_attrs(data: Data, need: Need, alias: str) -> set[Attr]:
    """Canonical attributes of one joined alias that the statement uses and the row does not hold itself, and
    the reference to the alias, which tells whether there is such a row."""
    path = alias_paths(need.select)[alias]
    reference = {attr for attr in held_reference(data.schema, need, path) if attr.path}
    own = {field for field in used_fields(need.select) if field.alias == alias}
    attrs = {canonical(data.schema, need.table, Attr(path, field.column)) for field in own}
    looked_at = {attr for attr in needed_copies(data, need) if attr.path == path}
    return reference | looked_at | {attr for attr in attrs if attr.path}


def held_reference(schema: Schema, need: Need, path: tuple[str, ...]) -> set[Attr]:
    """Canonical attributes of the driver that hold the reference which `path` ends with."""
    key = schema.table(table_at(schema, need.table, path[:-1])).foreign_key(path[-1])
    return {canonical(schema, need.table, Attr(path[:-1], column)) for column in key.columns}


def plan_joins(
    data: Data,
    prices: Prices,
    need: Need,
    path: Path,
    copyable: frozenset[Attr],
    base_key: Mapping[str, frozenset[str]],
) -> tuple[tuple[JoinStep, ...], float, int]:
    """The steps for every joined alias in order, the read units they add, and the round trips in all.

    `copyable`: attributes of the driver's ancestors that may be copied. `base_key`: each table's base-key
    columns. Unjoined when an alias can be had in no way.
    """
    steps_taken: list[JoinStep] = []
    units, trips = 0.0, path.round_trips
    depth = {need.select.driver: path.round_trips}
    for alias, taken in sorted(alias_paths(need.select).items(), key=lambda pair: (len(pair[1]), pair[0])):
        if alias == need.select.driver:
            continue
        step, added = join_step(data, prices, need, path, alias, taken, copyable, base_key, steps_taken)
        depth[alias] = {"copy": depth[need.select.driver], "known": 1}.get(
            step.how, depth.get(step.after or need.select.driver, 1) + 1
        )
        units += added
        trips = max(trips, depth[alias])
        steps_taken.append(step)
    return tuple(steps_taken), units, trips


def join_step(
    data: Data,
    prices: Prices,
    need: Need,
    path: Path,
    alias: str,
    taken: tuple[str, ...],
    copyable: frozenset[Attr],
    base_key: Mapping[str, frozenset[str]],
    before: list[JoinStep],
) -> tuple[JoinStep, float]:
    """The step to one joined alias, after those `before`, and the read units that it adds. Unjoined when there is
    none."""
    _, key = steps(data.schema, need.table, taken)[-1]
    table = key.referred_table
    attrs = alias_attrs(data, need, alias)
    reachable = base_key[table] <= set(key.referred_columns)
    can_copy = attrs <= copyable and data.orphans(need.table, taken) == 0
    each = 1.0 if need.strong else 0.5
    if can_copy and not attrs:
        return JoinStep(alias, "copy", taken, table, why="the row's own reference says all that is asked"), 0.0
    if can_copy and path.limited and alias in judged_aliases(data, need):
        return JoinStep(alias, "copy", taken, table, why="the conditions are judged before the limit"), 0.0
    if reachable and key_is_given(data, need, taken):
        return JoinStep(alias, "known", taken, table, why="its key is among the parameters"), each
    if can_copy and (not reachable or _copy_is_cheaper(data, prices, need, path, attrs)):
        names = ", ".join(sorted(attr.column for attr in attrs))
        return JoinStep(alias, "copy", taken, table, why=f"{names} on the row: one read in place of two"), 0.0
    if not reachable:
        raise Unjoined(f"{table} is not stored under the key that the join gives")
    after = _holder(data, need, taken, copyable, before)
    holder = next((step for step in before if step.alias == after), None)
    parents = 1.0 if holder and holder.how == "known" else max(1.0, min(path.items, data.rows(table)))
    return JoinStep(alias, "follow", taken, table, after, "read by key after the rows"), each * parents


def key_is_given(data: Data, need: Need, taken: tuple[str, ...]) -> bool:
    """Whether the parameters fix the parent's key, so that it can be read at once."""
    _, key = steps(data.schema, need.table, taken)[-1]
    attrs = [canonical(data.schema, need.table, Attr(taken, column)) for column in key.referred_columns]
    equalities = [need.equality(attr) for attr in attrs]
    return all(e is not None and len(e.values) == 1 and not e.null for e in equalities)


def _copy_is_cheaper(data: Data, prices: Prices, need: Need, path: Path, attrs: set[Attr]) -> bool:
    """Storage and wider reads of copies against a second round trip for every call."""
    extra = sum(data.attribute_bytes(need.table, attr) for attr in attrs)
    copies = monthly_storage(prices, data.rows(need.table), extra) - monthly_storage(prices, data.rows(need.table), 0)
    wider = monthly_reads(prices, need.rate, path.items * extra / 4096 * 0.5)
    follow = monthly_reads(prices, need.rate, 0.5 * max(1.0, path.items)) + monthly_trips(prices, need.rate, 2)
    return copies + wider <= follow


def _holder(
    data: Data, need: Need, taken: tuple[str, ...], copyable: frozenset[Attr], before: list[JoinStep]
) -> str | None:
    """The alias whose item holds the reference to follow; None for the driver's own item."""
    if len(taken) == 1:
        return None
    held = held_reference(data.schema, need, taken)
    if all(not attr.path for attr in held):
        return None
    parent = next((step for step in before if step.path == taken[:-1]), None)
    if parent is not None and parent.how != "copy":
        return parent.alias
    if held <= copyable:
        return None
    raise Unjoined("the join goes through a row that is not read")
