"""Second items of rows in the table: put, changed and deleted with their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.data import ITEM_EXTRA
from migrator.design.design import TABLE
from migrator.design.price import units_of
from migrator.model.schema import Table
from migrator.plan.action import THERE, Action, Assignment, ItemValue, KeyPair
from migrator.plan.drafts import Desk, Due


def put_edges(desk: Desk, table: Table, row: Action) -> Iterator[Due]:
    """The second items of a row that is put."""
    for slot, _ in desk.kept(table).edges:
        yield _due(
            desk,
            table,
            slot,
            Action("Put", _name(desk, table, slot), desk.made_key(table, slot), missing=row.missing,
                   assignments=contents(desk, table, slot, row)),
            1.0,
        )  # fmt: skip


def contents(desk: Desk, table: Table, slot: str, row: Action) -> tuple[Assignment, ...]:
    """What a second item holds of what the row is given: none of the keys of indexes, and all else or its part."""
    held = {desk.attribute(table, attr) for attr in attributes(desk, table, slot)}
    return tuple(one for one in row.assignments if one.how == "seconds" or one.attribute in held)


def touched(desk: Desk, table: Table, slot: str, changed: set[Attr]) -> bool:
    """Whether a second item holds any of the attributes that change."""
    return bool(changed & set(attributes(desk, table, slot)))


def delete_edges(
    desk: Desk,
    table: Table,
    each: int,
    rows: float,
    over: Action | None = None,
    unless: tuple[tuple[KeyPair, KeyPair], ...] = (),
) -> Iterator[Due]:
    """Deletes the second items of rows that were read; `over`: the row that is put in their place."""
    for slot, _ in desk.kept(table).edges:
        old = desk.item_key(table, each, slot)
        same = ((old, desk.made_key(table, slot)),) if over is not None else ()
        told = contents(desk, table, slot, over) if over is not None else ()
        action = Action("Delete", _name(desk, table, slot), old, each=each, unless=(*unless, *same), assignments=told)
        yield _due(desk, table, slot, action, rows)


def moves(desk: Desk, table: Table, changed: set[Attr]) -> bool:
    """Whether the key of a second item changes."""
    return any(changed & set(template.attrs()) for _, template in desk.kept(table).edges)


def change_edges(desk: Desk, table: Table, each: int, rows: float, row: Action, changed: set[Attr]) -> Iterator[Due]:
    """Changes second items as the row changes: where their key does, they are put anew with all that they hold."""
    for slot, template in desk.kept(table).edges:
        name, old, new = _name(desk, table, slot), desk.item_key(table, each, slot), desk.made_key(table, slot)
        if not touched(desk, table, slot, changed):
            continue
        told = contents(desk, table, slot, row)
        if not changed & set(template.attrs()):
            update = Action("Update", name, old, require=THERE, each=each, assignments=told)
            yield _due(desk, table, slot, update, rows)
            continue
        whole = _whole(desk, table, slot, each, {one.attribute: one for one in told})
        gone = Action("Delete", name, old, each=each, unless=((old, new),), assignments=whole)
        yield _due(desk, table, slot, gone, rows)
        yield _due(desk, table, slot, replace(gone, operation="Put", keys=new, unless=()), rows)


def attributes(desk: Desk, table: Table, slot: str = TABLE) -> tuple[Attr, ...]:
    """All that a row's item, or its second item, holds of its row."""
    whole = (*(Attr((), column.name) for column in table.columns), *desk.kept(table).copies)
    only = desk.kept(table).only(slot)
    return whole if only is None else tuple(attr for attr in whole if attr in only)


def _whole(desk: Desk, table: Table, slot: str, each: int, changed: Mapping[str, Assignment]) -> tuple[Assignment, ...]:
    names = [desk.attribute(table, attr) for attr in attributes(desk, table, slot)]
    made = [changed.get(name) or Assignment(name, "set", ItemValue(each, name)) for name in names]
    expiry = desk.expiry(table)
    return (*made, expiry) if expiry is not None else tuple(made)


def _due(desk: Desk, table: Table, slot: str, action: Action, times: float) -> Due:
    """An action on a second item, which is smaller where it does not hold all of its row."""
    due = desk.due(table, action, times)
    return (
        due
        if desk.kept(table).only(slot) is None
        else replace(due, table_units=units_of(edge_bytes(desk, table, slot)))
    )


def edge_bytes(desk: Desk, table: Table, slot: str) -> float:
    """Mean bytes of a second item."""
    return ITEM_EXTRA + sum(desk.data.attribute_bytes(table.name, attr) for attr in attributes(desk, table, slot))


def _name(desk: Desk, table: Table, slot: str) -> str:
    return desk.writer.names.edges[(table.name, slot)]
