"""Which slot of the design finds rows by equalities, and the Query that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from migrator.design.attributes import Attr
from migrator.design.data import Group
from migrator.design.design import TABLE, KeyPart, Template
from migrator.model.query import Literal, Predicate
from migrator.model.schema import Table
from migrator.plan.action import KeyPair, Operand
from migrator.plan.drafts import Desk, Draft, Given, is_null, requests_of
from migrator.plan.entities import null_partitions
from migrator.plan.plan import Request, SortCondition
from migrator.plan.templates import Placeholder, write_template


@dataclass(frozen=True, slots=True)
class Finder:
    """A slot, or an edge, that finds the rows of some equalities: those on `used` stand in its keys. Rows by what was
    measured. `edge`: the second items of the rows stand there. `narrow`: it does not hold whole items."""

    slot: str
    used: frozenset[Attr]
    begun: tuple[KeyPart, ...]
    mean: float
    maximum: float
    edge: bool = False
    narrow: bool = False


def best_finder(desk: Desk, table: Table, fixed: Mapping[Attr, Operand], whole: bool = False) -> Finder | None:
    """The slot that reads the fewest rows. `whole`: all equalities must stand in its keys."""
    found: list[Finder] = []
    kept = desk.kept(table)
    edges = {slot for slot, _ in kept.edges}
    for slot, template in (*kept.views, *kept.edges):
        attrs = [part.attr for part in template.partition]
        if not attrs or not set(attrs) <= set(fixed) or not _holds(desk, table, slot, template, fixed):
            continue
        begun = tuple(takewhile(lambda part: part.attr in fixed and not is_null(fixed[part.attr]), template.sort))
        used = frozenset((*attrs, *(part.attr for part in begun)))
        group = _group(desk, table, used, template)
        if group.maximum <= desk.settings.limits.bounded_items and not (whole and set(fixed) - used):
            narrow = kept.only(slot) is not None
            found.append(Finder(slot, used, begun, group.mean, group.maximum, slot in edges, narrow))
    return min(found, key=lambda one: (one.mean, one.narrow, one.slot != TABLE, one.slot), default=None)


def _group(desk: Desk, table: Table, used: frozenset[Attr], template: Template) -> Group:
    """Rows that the equalities leave of the slot's."""
    group = desk.data.group(table.name, used)
    if not template.where:
        return group
    share = desk.data.share(table.name, template.where)
    most = max(1.0, min(group.maximum, share * desk.data.rows(table.name)))
    return Group(min(most, max(1.0, group.mean * share)), most)


def _holds(desk: Desk, table: Table, slot: str, template: Template, values: Given) -> bool:
    """Whether the slot has the items of these values: a sparse index has none where its partition is NULL, nor where
    one of its conditions fails."""
    for one in template.where:
        value = values.get(one.attr)
        fits = one.holds(value) if isinstance(value, Literal) else value is not None and not one.values
        if not fits:
            return False
    null = {part.attr for part in template.partition if is_null(values[part.attr])}
    return slot == TABLE or null <= null_partitions(desk.design, table.name, template)


def following(request: Request, number: int | None) -> Request:
    """The request as one that is asked for each item of another read, too."""
    return request if number is None else replace(request, after=tuple(sorted({*request.after, number})))


def find(
    desk: Desk,
    draft: Draft,
    table: Table,
    finder: Finder,
    values: Given,
    where: tuple[Predicate, ...] = (),
    rest: tuple[str, ...] = (),
    expect: str | None = None,
    after: int | None = None,
) -> int:
    """The number of the request that gives the rows: a Query, or the reads by key that follow it where an index does
    not hold whole items. The program checks `where` on them, `rest` says of it in words what stands in no key. `after`:
    a read whose items are at hand then, one by one."""
    base = finder.slot == TABLE or finder.edge
    told_by_row = finder.edge and expect == "no other"  # a second item does not have its row's key
    names = desk.writer.names
    partition = desk.partition_text(table, finder.slot, values)
    sort = desk.sort_text(table, finder.slot, finder.begun, values)
    request = Request(
        "Query",
        (names.edges[(table.name, finder.slot)] if finder.edge else desk.tag(table),),
        index=None if base else finder.slot,
        partition=partition,
        sort=SortCondition("begins_with", (sort,)),
        filter=() if finder.narrow else rest,
        consistent=base,
        after=requests_of(partition, sort),
        expect=None if told_by_row else expect,
        where=() if finder.narrow else where,
    )
    number = draft.read(following(request, after), desk.read_units(table, finder.mean, base))
    if not (finder.narrow or told_by_row):
        return number
    pair = KeyPair(*(write_template((Placeholder("item", name, request=number),)) for name in names.table_key))
    pair = desk.item_key(table, number) if finder.edge else pair
    request = desk.get(table, pair, expect if told_by_row else None)
    return draft.read(replace(request, filter=rest, where=where), finder.mean)
