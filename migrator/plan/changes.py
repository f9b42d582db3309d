"""UPDATE and DELETE: the rows, what others carry of them, and the rows that refer to them."""

from __future__ import annotations

from migrator.model.query import Delete, Literal, Update
from migrator.model.schema import ForeignKey, Table
from migrator.plan import counters, guards, pairs
from migrator.plan.action import THERE, Action
from migrator.plan.children import children_of
from migrator.plan.drafts import Desk, Draft, Due, Unwritable
from migrator.plan.edges import delete_edges
from migrator.plan.entries import deleted_entries
from migrator.plan.fanout import carriers, spread, watched
from migrator.plan.placing import Block, place
from migrator.plan.rows import RowChange
from migrator.plan.targets import Target, find_targets, read_first, sayable
from migrator.plan.within import delete_within, update_within


def plan_update(desk: Desk, draft: Draft, update: Update) -> None:
    """Adds the actions of an UPDATE. Unwritable when it changes the table's key, or nothing leads to its rows."""
    table = desk.schema.table(update.table)
    within = desk.kept(table).within
    if within is not None:
        update_within(desk, draft, table, within, update)
        return
    assigned = dict(update.assignments)
    if set(assigned) & desk.base_columns(table):
        raise Unwritable(
            f"it changes {', '.join(sorted(assigned))}, part of the table's key of {table.name}",
            "a key never changes in place: delete the row and insert it under the new key in one transaction",
        )
    seen = watched(desk, table, assigned) | pairs.touched(desk, table, assigned) & set(assigned)
    for target in find_targets(desk, draft, table, update.predicates):
        change = RowChange(desk, draft, table, target, assigned, watched=seen)
        block = Block(change.target, tuple(change.due()))
        paired = pairs.move(desk, draft, table, change.target, change.columns, change.new())
        place(draft, block, paired.before, (*change_carriers(desk, draft, table, change), *paired.after))
    draft.written.add(table.name)


def change_carriers(desk: Desk, draft: Draft, table: Table, change: RowChange) -> tuple[Block, ...]:
    """The blocks that write anew what other rows carry of the changed columns."""
    blocks = []
    for carrier in carriers(desk, table, change.columns):
        target, due = spread(desk, draft, table, change, carrier)
        copied = ", ".join(attr.column for attr in carrier.copies)
        draft.note(f"{copied} is carried by rows of {carrier.table}: they are found and written too")
        blocks.append(Block(target, tuple(due)))
    return tuple(blocks)


def plan_delete(desk: Desk, draft: Draft, delete: Delete) -> None:
    """Adds the actions of a DELETE. Unwritable when nothing leads to its rows, or to those that go with them."""
    table = desk.schema.table(delete.table)
    within = desk.kept(table).within
    if within is not None:
        delete_within(desk, draft, table, within, delete)
        return
    for target in find_targets(desk, draft, table, delete.predicates):
        own, below = _deletion(desk, draft, table, target, (table.name,))
        place(draft, own, before=below)
    draft.written.add(table.name)


def _deletion(
    desk: Desk, draft: Draft, table: Table, target: Target, trail: tuple[str, ...]
) -> tuple[Block, tuple[Block, ...]]:
    """What deletes the target's rows, and what happens to the rows below them first, the lowest first."""
    acting = [(child, key) for child, key in _referring(desk, draft, table) if key.on_delete]
    if target.most > 1:
        _demand_one_order(acting)
    needed = {there for _, key in acting for there in key.referred_columns}
    kept, counted = desk.kept(table), counters.kept_of(desk, table)
    paired = pairs.kept_of(desk, table)
    if counted or paired or kept.guards or kept.edges or acting or not sayable(table, target.where):
        target = read_first(desk, draft, table, target, "some" if draft.several and target.where else None)
    below: list[Block] = []
    for child, key in sorted(acting, key=lambda pair: pair[1].on_delete != "set null"):
        below += _follow(desk, draft, table, target, child, key, trail)
    below += pairs.lose(desk, draft, table, target)
    return Block(target, tuple(_removal(desk, draft, table, target, needed))), tuple(below)


def _demand_one_order(acting: list[tuple[Table, ForeignKey]]) -> None:
    """Unwritable when it depends on which of several rows goes first whether the others may go."""
    restricted = {child.name for child, key in acting if key.on_delete == "restrict"}
    for child, key in acting:
        if key.on_delete != "restrict" and child.name in restricted:
            raise Unwritable(
                f"{child.name} refers to the rows by several keys, one with ON DELETE RESTRICT and one with "
                f"{(key.on_delete or '').upper()}: which row goes first decides whether the others may go",
                "delete the rows one by one, by key",
            )


def _removal(desk: Desk, draft: Draft, table: Table, target: Target, needed: set[str]) -> list[Due]:
    """The row's own deletion, and that of its guards."""
    each = target.each
    columns = {column for held in desk.kept(table).guards for column in held} | target.asked() | needed
    columns |= {attr.column for _, template in desk.kept(table).edges for attr in template.attrs() if not attr.path}
    columns |= counters.touched(desk, table, (column.name for column in table.columns))
    columns |= pairs.touched(desk, table, (column.name for column in table.columns))
    as_read = tuple(sorted(desk.name(table, column) for column in columns - desk.base_columns(table)))
    read = each is not None
    require = THERE if read or target.where else None
    where = () if read else target.where
    action = Action("Delete", desk.tag(table), target.key, require=require, where=where, each=each,
                    as_read=as_read if read else ())  # fmt: skip
    made = [desk.due(table, action, target.rows, deleted_entries(desk, table))]
    if each is None:
        return made
    return [
        *made,
        *delete_edges(desk, table, each, target.rows),
        *guards.give_up(desk, draft, table, each, target.rows),
        *counters.lose(desk, table, each, target.rows),
    ]


def _referring(desk: Desk, draft: Draft, table: Table) -> list[tuple[Table, ForeignKey]]:
    """Tables and their foreign keys that refer to a table."""
    found = [(t, key) for t in desk.schema.tables for key in t.foreign_keys if key.referred_table == table.name]
    inner = desk.design.held_by(table.name)
    if inner is not None:
        draft.note(f"the rows of {inner.table} that live within it go with it")
        found = [(t, key) for t, key in found if (t.name, key.name) != (inner.table, inner.reference)]
    staying = sorted({child.name for child, key in found if not key.on_delete})
    if staying:
        draft.note(f"rows of {', '.join(staying)} that refer to it stay: no foreign key is enforced in the table")
    return found


def _follow(
    desk: Desk, draft: Draft, table: Table, target: Target, child: Table, key: ForeignKey, trail: tuple[str, ...]
) -> list[Block]:
    """What ON DELETE says of the rows of one child."""
    getter = target.getter(desk, table)
    if key.on_delete == "restrict":
        itself = child.name == table.name
        children_of(desk, draft, child, key, getter, target, expect="no other" if itself else "none")
        which = "another row" if itself else "a row"
        draft.note(f"where {which} of {child.name} refers to it, nothing is deleted (ON DELETE RESTRICT)")
        return []
    if key.on_delete == "cascade":
        if child.name in trail:
            raise Unwritable(
                f"ON DELETE CASCADE leads from {child.name} to itself, to any depth",
                f"find its rows by {', '.join(key.columns)} (declare that SELECT), and delete them level by level, the "
                "lowest first",
            )
        found = children_of(desk, draft, child, key, getter, target)
        own, below = _deletion(desk, draft, child, found, (*trail, child.name))
        draft.note(
            f"rows of {child.name} that refer to it are deleted with it: the declared ON DELETE CASCADE is performed "
            "(SQLite does so only with PRAGMA foreign_keys=ON)"
        )
        return [*below, own]
    return _set_null(desk, draft, child, key, children_of(desk, draft, child, key, getter, target))


def _set_null(desk: Desk, draft: Draft, child: Table, key: ForeignKey, found: Target) -> list[Block]:
    given = [c for c in key.columns if (child.column(c).default or "NULL").strip("() ").upper() != "NULL"]
    if key.on_delete != "set null" and (key.on_delete != "set default" or given):
        raise Unwritable(
            f"{child.name} declares ON DELETE {(key.on_delete or '').upper()}, and whether the row that "
            f"{', '.join(given or key.columns)} would refer to then is there is not known to the table",
            f"point the rows of {child.name} elsewhere first, in a statement of its own: then none refers to the row",
        )
    fixed = [c for c in key.columns if not child.column(c).nullable or c in desk.base_columns(child)]
    if fixed:
        raise Unwritable(
            f"ON DELETE {key.on_delete.upper()} would set {', '.join(fixed)} of {child.name}, which cannot be NULL",
            f"delete the rows of {child.name} first",
        )
    assigned = {column: Literal(None) for column in key.columns}
    change = RowChange(desk, draft, child, found, assigned, watched=watched(desk, child, assigned))
    draft.note(
        f"in rows of {child.name} that refer to it {', '.join(key.columns)} becomes NULL: the declared ON DELETE "
        f"{key.on_delete.upper()} is performed (SQLite does so only with PRAGMA foreign_keys=ON)"
    )
    return [*change_carriers(desk, draft, child, change), Block(change.target, tuple(change.due()))]
