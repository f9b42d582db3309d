"""INSERT ... ON CONFLICT DO UPDATE: one UpdateItem where its expression can say both, else read first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from migrator.model.query import Change, Insert, Literal, Now, Value
from migrator.model.schema import Table
from migrator.plan.action import Action, Assignment, Operand
from migrator.plan.ancestors import copied_values
from migrator.plan.changes import change_carriers
from migrator.plan.counters import kept_of
from migrator.plan.drafts import Desk, Draft, Due, Getter, Unwritable, is_null, total
from migrator.plan.entries import put_entries
from migrator.plan.fanout import watched
from migrator.plan.placing import Block, place
from migrator.plan.puts import as_attributes, computed, new_row
from migrator.plan.rows import Assigned, RowChange
from migrator.plan.targets import Target


def upsert(desk: Desk, draft: Draft, table: Table, insert: Insert, own: Getter, values: Mapping[str, Operand]) -> None:
    """Adds the actions that make the row, or change it where it is there."""
    assigned: Assigned = dict(insert.assignments)
    base = desk.base_columns(table)
    if set(assigned) & base:
        raise _two_meanings(table, f"it changes {', '.join(sorted(set(assigned) & base))}, part of the row's key")
    if base != set(next(iter(table.row_keys()), ())):
        raise _two_meanings(table, f"the table's key is ({', '.join(sorted(base))}), not the one that conflicts")
    if _is_one_update(desk, table, values, assigned):
        draft.due.append(_one_update(desk, draft, table, own, values, assigned))
    else:
        _read_and_write(desk, draft, table, own, values, assigned)


def _two_meanings(table: Table, why: str) -> Unwritable:
    return Unwritable(
        f"this upsert of {table.name} is not planned: {why}",
        "declare the INSERT and the UPDATE apart: the application puts the item where there is none, "
        "and updates it when that fails",
    )


def _is_one_update(desk: Desk, table: Table, values: Mapping[str, Operand], assigned: Assigned) -> bool:
    """Whether the row's item, made or changed, is what one update expression makes of it."""
    kept, base = desk.kept(table), desk.base_columns(table)
    settled = base | {column for column, value in values.items() if assigned.get(column) == value}
    keyed = {attr for slot in desk.indexes(table) for attr in kept.template(slot).attrs()}
    local = {attr.column for attr in keyed if not attr.path} | ({kept.expires} if kept.expires else set())
    followed = {name for attr in kept.copies for name in table.foreign_key(attr.path[0]).columns}
    return (
        not (kept.guards or kept.edges or kept_of(desk, table))
        and local | followed <= settled
        and not watched(desk, table, assigned)
        and all(column in settled or _sayable(table, column, values[column], assigned) for column in values)
        and set(assigned) <= set(values)
    )


def _sayable(table: Table, column: str, inserted: Operand, assigned: Assigned) -> bool:
    """A column that may be NULL in the row that is there cannot be told from one that is not there."""
    if column not in assigned:
        return not table.column(column).nullable or is_null(inserted)
    return not table.column(column).nullable and _start(inserted, assigned[column], column) is not None


def _start(inserted: Operand, value: Value | Change | Now, column: str) -> Literal | None:
    """The number to count from so that a new row gets `inserted`: :n + :n counts from 0."""
    if not isinstance(value, Change) or value.operator != "+" or value.column != column:
        return None
    if value.value == inserted:
        return Literal(0)
    match inserted, value.value:
        case Literal(int() | Decimal() as first), Literal(int() | Decimal() as step):
            return Literal(Decimal(first) - Decimal(step))
    return None


def _one_update(
    desk: Desk, draft: Draft, table: Table, own: Getter, values: Mapping[str, Operand], assigned: Assigned
) -> Due:
    made = [Assignment(desk.writer.names.type_attribute, "set", Literal(desk.tag(table)))]
    made += [_assignment(desk, table, column, value, assigned) for column, value in values.items()]
    copies = copied_values(desk, draft, table, desk.kept(table).copies, own)
    made += [Assignment(desk.attribute(table, attr), "set", copies[attr]) for attr in sorted(copies)]
    made += computed(desk, table)
    for slot in desk.indexes(table):
        draft.note(f"{desk.key_parameters(slot)} are the keys of {slot} that the row's values make")
    pair = desk.row_key(table, as_attributes(values))
    action = Action("Update", desk.tag(table), pair, assignments=tuple(made))
    return desk.due(table, action, 1.0, put_entries(desk, table, values))


def _assignment(desk: Desk, table: Table, column: str, inserted: Operand, assigned: Assigned) -> Assignment:
    name, demanded = desk.name(table, column), not table.column(column).nullable
    if column in desk.base_columns(table):
        return Assignment(name, "keep", inserted, demanded=demanded)
    if column not in assigned:
        return Assignment(name, "keep", inserted, demanded=demanded)
    change = assigned[column]
    start = _start(inserted, change, column)
    if start is not None and isinstance(change, Change):
        return Assignment(name, "add", change.value, start=start, demanded=demanded)
    return Assignment(name, "set", inserted, demanded=demanded)


def _read_and_write(
    desk: Desk, draft: Draft, table: Table, own: Getter, values: Mapping[str, Operand], assigned: Assigned
) -> None:
    """Reads the row, then puts it where there was none, or changes it as it was read."""
    pair = desk.row_key(table, as_attributes(values))
    number = draft.read(desk.get(table, pair), 1.0)
    draft.note("the row is read first, and put or changed as it was found; when the condition fails, do both again")
    puts = new_row(desk, draft, table, own, values, (number,))
    target = Target(pair, (), {}, 1.0, 1.0, number)
    change = RowChange(desk, draft, table, target, assigned, watched=watched(desk, table, assigned))
    changes = change.due()
    dearer = total(changes, True) >= total(puts, True)
    puts = [replace(due, times=0.0) for due in puts] if dearer else puts
    changes = changes if dearer else [replace(due, times=0.0) for due in changes]
    draft.due += puts
    place(draft, Block(change.target, tuple(changes)), after=change_carriers(desk, draft, table, change))
