"""Second items of rows in the table: put, changed and deleted with their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.model.schema import Table
from migrator.plan.action import THERE, Action, Assignment, ItemValue, KeyPair
from migrator.plan.drafts import Desk, Due


def put_edges(desk: Desk, table: Table, row: Action) -> Iterator[Due]:
    """The second items of a row that is put."""
    for slot, _ in desk.kept(table).edges:
        yield desk.due(
            table,
            Action("Put", _name(desk, table, slot), desk.made_key(table, slot), missing=row.missing,
                   assignments=contents(row)),
            1.0,
        )  # fmt: skip


def contents(row: Action) -> tuple[Assignment, ...]:
    """What a second item holds: all of the row's but the keys of indexes."""
    return tuple(one for one in row.assignments if one.how != "key")


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
        told = contents(over) if over is not None else ()
        action = Action("Delete", _name(desk, table, slot), old, each=each, unless=(*unless, *same), assignments=told)
        yield desk.due(table, action, rows)


def moves(desk: Desk, table: Table, changed: set[Attr]) -> bool:
    """Whether the key of a second item changes."""
    return any(changed & set(template.attrs()) for _, template in desk.kept(table).edges)


def change_edges(desk: Desk, table: Table, each: int, rows: float, row: Action, changed: set[Attr]) -> Iterator[Due]:
    """Changes second items as the row changes: where their key does, they are put anew with all that they hold."""
    for slot, template in desk.kept(table).edges:
        name, old, new = _name(desk, table, slot), desk.item_key(table, each, slot), desk.made_key(table, slot)
        if not changed & set(template.attrs()):
            action = Action("Update", name, old, require=THERE, each=each, assignments=contents(row))
            yield desk.due(table, action, rows)
            continue
        whole = _whole(desk, table, each, {one.attribute: one for one in contents(row)})
        gone = Action("Delete", name, old, each=each, unless=((old, new),), assignments=whole)
        yield desk.due(table, gone, rows)
        yield desk.due(table, replace(gone, operation="Put", keys=new, unless=()), rows)


def attributes(desk: Desk, table: Table) -> tuple[Attr, ...]:
    """All that a row's item holds of its row."""
    return (*(Attr((), column.name) for column in table.columns), *desk.kept(table).copies)


def _whole(desk: Desk, table: Table, each: int, changed: Mapping[str, Assignment]) -> tuple[Assignment, ...]:
    names = [desk.attribute(table, attr) for attr in attributes(desk, table)]
    made = [changed.get(name) or Assignment(name, "set", ItemValue(each, name)) for name in names]
    expiry = desk.expiry(table)
    return (*made, expiry) if expiry is not None else tuple(made)


def _name(desk: Desk, table: Table, slot: str) -> str:
    return desk.writer.names.edges[(table.name, slot)]
