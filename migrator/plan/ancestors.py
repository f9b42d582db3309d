"""Columns of the rows that a row refers to, which its item carries: read first, one reference after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.design import TABLE
from migrator.model.schema import ForeignKey, Table
from migrator.plan.action import Operand
from migrator.plan.drafts import NULL, Desk, Draft, Getter, Unwritable, is_null
from migrator.plan.guards import guard_get
from migrator.plan.plan import Request


def copied_values(
    desk: Desk, draft: Draft, table: Table, copies: Iterable[Attr], own: Getter, after: int | None = None
) -> Mapping[Attr, Operand]:
    """What the copies hold on the item of a row whose own columns `own` knows. `after`: the request that reads the
    row itself; what it refers to is read only where it is there. Unwritable when the row referred to cannot be read
    by its key."""
    levels: dict[tuple[str, ...], Getter] = {(): own}
    found: dict[Attr, Operand] = {}
    for attr in sorted(copies):
        found[attr] = _level(desk, draft, table, attr.path, levels, after)(attr.column)
        draft.note(f"{attr.column} of {' / '.join(attr.path)} is read first, to be copied onto the item")
    return found


def _level(
    desk: Desk,
    draft: Draft,
    table: Table,
    path: tuple[str, ...],
    levels: dict[tuple[str, ...], Getter],
    after: int | None,
) -> Getter:
    if path not in levels:
        below = _level(desk, draft, table, path[:-1], levels, after)
        child = table
        for name in path[:-1]:
            child = desk.schema.table(child.foreign_key(name).referred_table)
        levels[path] = _ascend(desk, draft, child.foreign_key(path[-1]), below, after)
    return levels[path]


def _ascend(desk: Desk, draft: Draft, key: ForeignKey, below: Getter, after: int | None) -> Getter:
    """The columns of the row that a foreign key leads to."""
    parent = desk.schema.table(key.referred_table)
    values = {Attr((), there): below(here) for here, there in zip(key.columns, key.referred_columns, strict=True)}
    if any(map(is_null, values.values())):
        return lambda column: NULL
    if desk.base_columns(parent) <= set(key.referred_columns):
        pair = desk.row_key(parent, values)
        if pair in draft.puts:
            made = draft.puts[pair]
            return lambda column: made.get(Attr((), column), NULL)
        _demand_unwritten(draft, parent)
        return desk.on_item(parent, draft.read(_following(desk.get(parent, pair, "some"), after), 1.0))
    _demand_unwritten(draft, parent)
    return desk.on_item(
        parent, _through_guard(desk, draft, parent, key, lambda column: values[Attr((), column)], after)
    )


def _through_guard(desk: Desk, draft: Draft, parent: Table, key: ForeignKey, getter: Getter, after: int | None) -> int:
    kept = desk.kept(parent)
    columns = next((guard for guard in kept.guards if set(guard) <= set(key.referred_columns)), None)
    if columns is None:
        raise Unwritable(
            f"it copies columns of {parent.name}, whose row ({', '.join(key.referred_columns)}) does not name by key",
            f"refer to {', '.join(sorted(a.column for a in kept.template(TABLE).attrs()))} of {parent.name}",
        )
    pair = desk.guard_of(parent, columns, getter)
    held = replace(guard_get(desk, parent, columns, pair), expect="some")
    number = draft.read(_following(held, after), 1.0)
    return draft.read(desk.get(parent, desk.item_key(parent, number), "some"), 1.0)


def _following(request: Request, after: int | None) -> Request:
    return request if after is None else replace(request, after=tuple(sorted({*request.after, after})))


def _demand_unwritten(draft: Draft, parent: Table) -> None:
    if parent.name in draft.written:
        raise Unwritable(
            f"it copies columns of {parent.name}, which an earlier statement of the pattern writes",
            "declare the statements apart: the second reads what the first wrote",
        )
