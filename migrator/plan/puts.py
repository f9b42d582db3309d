"""A new row as actions: the item with its index keys and its copies, and the guards of its unique values."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Attr
from migrator.model.schema import Table
from migrator.plan import counters, guards
from migrator.plan.action import ABSENT, Action, Assignment, Operand
from migrator.plan.ancestors import copied_values
from migrator.plan.drafts import Desk, Draft, Due, Getter, is_null
from migrator.plan.edges import put_edges
from migrator.plan.within import start_maps

Columns = Mapping[str, Operand]


def as_attributes(values: Columns) -> dict[Attr, Operand]:
    """The values of columns as those of the row's own attributes."""
    return {Attr((), column): value for column, value in values.items()}


def new_row(
    desk: Desk,
    draft: Draft,
    table: Table,
    own: Getter,
    values: Columns,
    missing: tuple[int, ...] = (),
    require: str | None = ABSENT,
) -> list[Due]:
    """The actions that put a row and take its unique values."""
    action = put_row(desk, draft, table, own, values, missing, require)
    return [
        desk.due(table, action, 1.0, desk.indexes(table)),
        *put_edges(desk, table, action),
        *guards.take(desk, draft, table, own, missing),
        *counters.gain(desk, table, own, missing),
    ]


def put_row(
    desk: Desk,
    draft: Draft,
    table: Table,
    own: Getter,
    values: Columns,
    missing: tuple[int, ...],
    require: str | None,
) -> Action:
    """The Put of a row's own item."""
    copies = copied_values(desk, draft, table, desk.kept(table).copies, own)
    pair = desk.row_key(table, as_attributes(values))
    draft.puts[pair] = as_attributes(values)
    assignments = [
        Assignment(desk.name(table, column), "set", value, demanded=not table.column(column).nullable)
        for column, value in values.items()
        if not (is_null(value) and table.column(column).nullable)
    ]
    assignments += [Assignment(desk.attribute(table, attr), "set", copies[attr]) for attr in sorted(copies)
                    if not is_null(copies[attr])]  # fmt: skip
    assignments += [*computed(desk, table), *start_maps(desk, table)]
    return Action("Put", desk.tag(table), pair, require=require, missing=missing, assignments=tuple(assignments))


def computed(desk: Desk, table: Table) -> list[Assignment]:
    """The keys of all indexes, and the time to live."""
    made = [keys for slot in desk.indexes(table) for keys in desk.slot_keys(table, slot)]
    expiry = desk.expiry(table)
    return [*made, expiry] if expiry is not None else made
