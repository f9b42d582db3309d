"""UPDATE and DELETE as actions: the item, its keys in the indexes, and the guards of its unique values."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Attr
from migrator.design.design import TABLE, EntityDesign
from migrator.model.query import Change, Delete, Now, Parameter, Update, Value
from migrator.model.schema import Table
from migrator.plan.drafts import CLOCK, NOT_THERE, THERE, Desk, Draft, Unwritable, both, is_null
from migrator.plan.inserts import note_null, read_ancestors
from migrator.plan.plan import Action, KeyPair
from migrator.plan.targets import Target, find_target
from migrator.plan.templates import Piece
from migrator.plan.words import attribute_template, value_template

Assigned = Mapping[str, Value | Change | Now]


def plan_update(desk: Desk, draft: Draft, update: Update) -> None:
    """Adds the actions of an UPDATE. Unwritable when it changes the table's key, or nothing leads to its rows."""
    table, kept = desk.schema.table(update.table), desk.design.entity(update.table)
    assigned = dict(update.assignments)
    if set(assigned) & {attr.column for attr in kept.template(TABLE).attrs()}:
        raise Unwritable(
            f"it changes {', '.join(sorted(assigned))}, part of the table's key of {table.name}",
            "a key never changes in place: delete the row and insert it under the new key in one transaction",
        )
    target = find_target(desk, draft, table, update.predicates)
    copied = _recopied(desk, draft, table, kept, assigned)
    moved = _moved(kept, set(assigned), copied)
    guards = [columns for columns in kept.guards if set(assigned) & set(columns)]
    number = _read_first(desk, draft, table, target) if moved or guards else None
    text = _expression(desk, draft, table, kept, assigned, copied, moved)
    draft.actions.append(Action("Update", desk.tag(table), target.key, both(THERE, target.condition), text))
    draft.write_units += target.rows * desk.units(table) * (len(kept.views) + len(moved))
    for columns in guards:
        _move_guard(desk, draft, table, columns, assigned, number or 0, target.rows)


def _moved(kept: EntityDesign, changed: set[str], copied: set[Attr]) -> list[str]:
    """Indexes in which the item's key changes."""

    def moves(attr: Attr) -> bool:
        return attr in copied or (not attr.path and attr.column in changed)

    return [slot for slot, template in kept.views if slot != TABLE and any(map(moves, template.attrs()))]


def _recopied(desk: Desk, draft: Draft, table: Table, kept: EntityDesign, assigned: Assigned) -> set[Attr]:
    """Copies to be written anew because the reference that they follow changes."""
    changed = {key.name for key in table.foreign_keys if set(key.columns) & set(assigned)}
    copied = {attr for attr in kept.copies if attr.path[0] in changed}
    values: dict[Attr, Value] = {
        Attr((), column): value for column, value in assigned.items() if not isinstance(value, (Change, Now))
    }
    read_ancestors(desk, draft, kept, values, sorted({attr.path for attr in copied}))
    return copied


def _expression(
    desk: Desk,
    draft: Draft,
    table: Table,
    kept: EntityDesign,
    assigned: Assigned,
    copied: set[Attr],
    moved: list[str],
) -> str:
    """SET for values, REMOVE for NULL; the keys of indexes as parameters that the notes explain."""
    settings, removed = [], []
    for column, value in assigned.items():
        name = attribute_template(desk.name(table, column))
        if is_null(value):
            removed.append(name)
            continue
        settings.append(f"{name} = {desk.assigned(draft, table, value)}")
        if table.column(column).nullable and isinstance(value, Parameter):
            draft.notes.append(f"where :{value.name} is NULL: REMOVE {desk.name(table, column)}, in place of SET")
    if kept.expires in assigned:
        ttl = desk.writer.names.ttl_attribute
        settings.append(f"{attribute_template(ttl)} = {value_template(Parameter(ttl))}")
        draft.notes.append(f":{ttl} is the Unix time of the new {kept.expires}, which TTL goes by")
    for attr in sorted(copied):
        name = desk.writer.names.attributes[(table.name, attr)]
        settings.append(f"{attribute_template(name)} = {value_template(Parameter(name))}")
    for slot in moved:
        for name in (f"{slot}PK", f"{slot}SK"):
            settings.append(f"{attribute_template(name)} = {value_template(Parameter(name))}")
        draft.notes.append(
            f":{slot}PK and :{slot}SK are the keys of {slot} that the row's new values make (REMOVE both where an "
            "attribute that the index requires is NULL)"
        )
    parts = [f"{word} {', '.join(texts)}" for word, texts in (("SET", settings), ("REMOVE", removed)) if texts]
    return " ".join(parts)


def _move_guard(
    desk: Desk, draft: Draft, table: Table, columns: tuple[str, ...], assigned: Assigned, number: int, rows: float
) -> None:
    name = desk.guard_name(table, columns)

    def old(column: str, encoding: str) -> Piece:
        return desk.old_piece(table, column, encoding, number)

    def new(column: str, encoding: str) -> Piece:
        value = assigned.get(column)
        if value is None:
            return old(column, encoding)
        if isinstance(value, Now):
            return desk.piece(table, column, encoding, Parameter(CLOCK))
        if isinstance(value, Change):
            fresh = draft.fresh(column)
            draft.notes.append(f":{fresh.name} is the new value of {column}")
            return desk.piece(table, column, encoding, fresh)
        return desk.piece(table, column, encoding, value)

    draft.actions.append(Action("Delete", name, desk.guard_key(table, columns, old)))
    draft.notes.append(f"where {', '.join(columns)} stays as it is, both actions on {name} are left out")
    draft.write_units += rows
    if any(is_null(assigned.get(column)) for column in columns):
        return
    note_null(draft, table, columns, name)
    draft.actions.append(Action("Put", name, desk.guard_key(table, columns, new), NOT_THERE))
    draft.write_units += rows


def _read_first(desk: Desk, draft: Draft, table: Table, target: Target) -> int:
    """Reads the row, so that keys made of its other columns can be written; the request's number."""
    return target.found_by if target.found_by is not None else draft.read(desk.get(table, target.key), 1.0)


def plan_delete(desk: Desk, draft: Draft, delete: Delete) -> None:
    """Adds the actions of a DELETE. Unwritable when nothing leads to its rows."""
    table, kept = desk.schema.table(delete.table), desk.design.entity(delete.table)
    target = find_target(desk, draft, table, delete.predicates)
    draft.actions.append(Action("Delete", desk.tag(table), target.key, target.condition))
    draft.write_units += target.rows * desk.units(table) * len(kept.views)
    if kept.guards:
        number = _read_first(desk, draft, table, target)
        for columns in kept.guards:
            _drop_guard(desk, draft, table, columns, number)
            draft.write_units += target.rows
    children = sorted({t.name for t in desk.schema.tables for k in t.foreign_keys if k.referred_table == table.name})
    if children:
        draft.notes.append(
            f"rows of {', '.join(children)} that refer to it stay: no foreign key is enforced in the table"
        )


def _drop_guard(desk: Desk, draft: Draft, table: Table, columns: tuple[str, ...], number: int) -> None:
    name = desk.guard_name(table, columns)
    key: KeyPair = desk.guard_key(table, columns, lambda c, encoding: desk.old_piece(table, c, encoding, number))
    draft.actions.append(Action("Delete", name, key))
    note_null(draft, table, columns, name)
