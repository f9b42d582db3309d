"""INSERT OR REPLACE: the row, and every other row that holds one of its unique values, give way to the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.model.schema import Table
from migrator.plan import guards
from migrator.plan.action import ABSENT, THERE, Action, KeyPair, Operand
from migrator.plan.drafts import Desk, Draft, Due, Getter, Unwritable, is_null
from migrator.plan.edges import delete_edges, put_edges
from migrator.plan.puts import as_attributes, put_row


def replace_row(desk: Desk, draft: Draft, table: Table, own: Getter, values: Mapping[str, Operand]) -> Iterator[Due]:
    """The actions that put a row over whatever stands in its way."""
    _demand_childless(desk, table)
    kept = desk.kept(table)
    put = put_row(desk, draft, table, own, values, (), None)
    yield desk.due(table, put, 1.0, desk.indexes(table))
    yield from put_edges(desk, table, put)
    if not (kept.guards or kept.edges):
        return
    pair = desk.row_key(table, as_attributes(values))
    taken = {c: desk.guard_of(table, c, own) for c in kept.guards if not any(is_null(own(name)) for name in c)}
    old = draft.read(desk.get(table, pair), 1.0)
    for columns in kept.guards:
        draft.note(
            f"where {', '.join(columns)} stays as it is, {desk.guard_name(table, columns)} is put over the old one"
        )
    yield from delete_edges(desk, table, old, 1.0, put)
    yield from guards.give_up(desk, draft, table, old, 1.0, taken)
    for columns, key in taken.items():
        yield from _take(desk, draft, table, own, columns, key)
        yield from _oust(desk, draft, table, columns, key, pair, taken)


def _take(desk: Desk, draft: Draft, table: Table, own: Getter, columns: tuple[str, ...], key: KeyPair) -> Iterator[Due]:
    """The new guard: put where there was none, or over the one that was read."""
    held = draft.read(guards.guard_get(desk, table, columns, key), 1.0)
    contents = guards.contents(desk, table, columns, own)
    name = desk.guard_name(table, columns)
    named = tuple(sorted(desk.name(table, column) for column in guards.carried(desk, table, columns)))
    guards.note_null(draft, table, columns, name)
    yield desk.guard_due(table, Action("Put", name, key, require=ABSENT, missing=(held,), assignments=contents), 1.0)
    yield desk.guard_due(
        table, Action("Put", name, key, require=THERE, each=held, as_read=named, assignments=contents), 0.0
    )


def _oust(
    desk: Desk,
    draft: Draft,
    table: Table,
    columns: tuple[str, ...],
    key: KeyPair,
    pair: KeyPair,
    taken: Mapping[tuple[str, ...], KeyPair],
) -> Iterator[Due]:
    """Deletes another row that holds the unique value, with its guards."""
    held = draft.read(guards.guard_get(desk, table, columns, key), 0.0)
    other = draft.read(desk.get(table, desk.item_key(table, held)), 1.0)
    there = desk.item_key(table, other)
    own = ((there, pair),)
    draft.note(f"another row that holds its {', '.join(columns)} is deleted, as REPLACE does")
    delete = Action("Delete", desk.tag(table), there, require=THERE, each=other, unless=own)
    yield desk.due(table, delete, 0.0, desk.indexes(table))
    yield from delete_edges(desk, table, other, 0.0, unless=own)
    yield from guards.give_up(desk, draft, table, other, 0.0, taken, own)


def _demand_childless(desk: Desk, table: Table) -> None:
    acting = sorted(
        t.name for t in desk.schema.tables for k in t.foreign_keys if k.referred_table == table.name and k.on_delete
    )
    if acting:
        raise Unwritable(
            f"REPLACE deletes the row first, and ON DELETE of {', '.join(acting)} goes with it",
            "use INSERT ... ON CONFLICT DO UPDATE, which keeps the row",
        )
