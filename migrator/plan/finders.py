"""Which slot of the design finds rows by equalities, and the Query that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from migrator.design.attributes import Attr
from migrator.design.design import TABLE, KeyPart, Template
from migrator.model.query import Predicate
from migrator.model.schema import Table
from migrator.plan.action import Operand
from migrator.plan.drafts import Desk, Draft, Given, is_null, requests_of
from migrator.plan.entities import null_partitions
from migrator.plan.plan import Request, SortCondition


@dataclass(frozen=True, slots=True)
class Finder:
    """A slot that finds the rows of some equalities: those on `used` stand in its keys. Rows by what was measured."""

    slot: str
    used: frozenset[Attr]
    begun: tuple[KeyPart, ...]
    mean: float
    maximum: float


def best_finder(desk: Desk, table: Table, fixed: Mapping[Attr, Operand], whole: bool = False) -> Finder | None:
    """The slot that reads the fewest rows. `whole`: all equalities must stand in its keys."""
    found: list[Finder] = []
    for slot, template in desk.kept(table).views:
        attrs = [part.attr for part in template.partition]
        if not attrs or not set(attrs) <= set(fixed) or not _holds(desk, table, slot, template, fixed):
            continue
        begun = tuple(takewhile(lambda part: part.attr in fixed and not is_null(fixed[part.attr]), template.sort))
        used = frozenset((*attrs, *(part.attr for part in begun)))
        group = desk.data.group(table.name, used)
        if group.maximum <= desk.settings.limits.bounded_items and not (whole and set(fixed) - used):
            found.append(Finder(slot, used, begun, group.mean, group.maximum))
    return min(found, key=lambda one: (one.mean, one.slot != TABLE, one.slot), default=None)


def _holds(desk: Desk, table: Table, slot: str, template: Template, values: Given) -> bool:
    """Whether the slot has the items of these values: a sparse index has none where its partition is NULL."""
    null = {part.attr for part in template.partition if is_null(values[part.attr])}
    return slot == TABLE or null <= null_partitions(desk.design, table.name, template)


def find(
    desk: Desk,
    draft: Draft,
    table: Table,
    finder: Finder,
    values: Given,
    where: tuple[Predicate, ...] = (),
    rest: tuple[str, ...] = (),
    expect: str | None = None,
) -> int:
    """The number of the Query that gives the rows; the program checks `where` on them, `rest` says of
    it in words what stands in no key."""
    base = finder.slot == TABLE
    partition = desk.partition_text(table, finder.slot, values)
    sort = desk.sort_text(table, finder.slot, finder.begun, values)
    request = Request(
        "Query",
        (desk.tag(table),),
        index=None if base else finder.slot,
        partition=partition,
        sort=SortCondition("begins_with", (sort,)),
        filter=rest,
        consistent=base,
        after=requests_of(partition, sort),
        expect=expect,
        where=where,
    )
    return draft.read(request, desk.read_units(table, finder.mean, base))
