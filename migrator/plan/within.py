"""Writes of embedded rows: an entry of a map on the item of the row that holds them, put, changed or removed by one
update of that item, or put with it when the same query makes both.

The design offers to embed only tables whose declared writes these are; what else is asked is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.design import Embedding
from migrator.model.query import Change, Comparison, Delete, Now, Predicate, Update, Value
from migrator.model.schema import Table
from migrator.plan.action import THERE, Action, Assignment, Entry, KeyPair, Operand
from migrator.plan.drafts import Desk, Draft, Due, Getter, Unwritable, is_null
from migrator.plan.entities import held_key
from migrator.plan.phrases import entry_key, phrased
from migrator.plan.templates import write_template


def start_maps(desk: Desk, table: Table) -> list[Assignment]:
    """What a new item starts with: a map without entries for the rows that it is to hold."""
    made = desk.design.held_by(table.name)
    return [] if made is None else [Assignment(desk.writer.names.held[made.table], "map")]


def put_within(
    desk: Desk, draft: Draft, table: Table, made: Embedding, own: Getter, values: Mapping[str, Operand]
) -> None:
    """Adds a new row: to the item that the same query puts or changes, or as an update of the one that is there."""
    assignments = tuple(
        Assignment(desk.name(table, column), "set", value, demanded=not table.column(column).nullable)
        for column, value in values.items()
        if not (is_null(value) and table.column(column).nullable)
    )
    _add(desk, draft, table, made, own, Entry("put", *_named(desk, table, made, own), assignments))


def update_within(desk: Desk, draft: Draft, table: Table, made: Embedding, update: Update) -> None:
    """Adds the change of the row that the statement names."""
    own = _fixed(table, made, desk, update.predicates)
    assignments = tuple(_assignment(desk, draft, table, made, name, value) for name, value in update.assignments)
    _add(desk, draft, table, made, own, Entry("change", *_named(desk, table, made, own), assignments))


def delete_within(desk: Desk, draft: Draft, table: Table, made: Embedding, delete: Delete) -> None:
    """Adds the removal of the row that the statement names."""
    own = _fixed(table, made, desk, delete.predicates)
    _add(desk, draft, table, made, own, Entry("remove", *_named(desk, table, made, own)))


def _named(desk: Desk, table: Table, made: Embedding, own: Getter) -> tuple[str, str, str]:
    """The map, the entity and the text of the entry's key."""
    pieces = held_key(table, made, lambda column: desk.piece(table, column, "", own(column)))
    return desk.writer.names.held[table.name], desk.tag(table), write_template(tuple(pieces))


def _fixed(table: Table, made: Embedding, desk: Desk, predicates: tuple[Predicate, ...]) -> Getter:
    """The key's values that the conditions name, which must be all that they say."""
    named = {p.field.column: p.value for p in predicates if isinstance(p, Comparison) and p.op == "="}
    if set(named) != set(desk.kept(table).key) or len(predicates) != len(named):
        raise Unwritable(
            f"rows of {table.name} live within those of {made.parent}, and only one that its whole key names can be "
            "written there",
            f'name the row by {", ".join(desk.kept(table).key)}, or say embed = false under [tables."{table.name}"]',
        )
    return lambda column: named[column]


def _assignment(
    desk: Desk, draft: Draft, table: Table, made: Embedding, name: str, value: Value | Change | Now
) -> Assignment:
    column, needed = table.column(name), not table.column(name).nullable
    if name in desk.kept(table).key:
        raise Unwritable(
            f"it changes {name}, part of the key of a row that lives within one of {made.parent}",
            "delete the row and insert it under the new key",
        )
    if isinstance(value, Now):
        return Assignment(desk.name(table, name), "set", draft.clock())
    if not isinstance(value, Change):
        return Assignment(desk.name(table, name), "set", value, demanded=needed)
    if value.operator == "||" or column.nullable:
        raise Unwritable(
            f"{name} {value.operator} ... of a row within another cannot be said exactly",
            "read the row, compute in the application, and write the whole value",
        )
    how = {"+": "add", "-": "subtract"}[value.operator]
    return Assignment(desk.name(table, name), how, value.value, demanded=needed)


def _add(desk: Desk, draft: Draft, table: Table, made: Embedding, own: Getter, entry: Entry) -> None:
    parent = desk.schema.table(made.parent)
    pair = _holder(desk, table, parent, made, own)
    for place, due in enumerate(draft.due):
        action = due.action
        if action.keys == pair and action.entity == desk.tag(parent) and (action.operation == "Put" or action.entries):
            _demand_free(table, action, entry)
            whole = replace(action, entries=(*action.entries, entry))
            draft.due[place] = replace(due, action=phrased(whole, lambda column: desk.name(parent, column)))
            _note(draft, table, entry, len(whole.entries))
            return
    action = Action("Update", desk.tag(parent), pair, require=THERE, entries=(entry,))
    draft.due.append(_due(desk, parent, action))
    _note(draft, table, entry, 1)
    draft.written.add(table.name)


def _due(desk: Desk, parent: Table, action: Action) -> Due:
    """The update writes the whole item, and each index entry that holds all of it."""
    whole = [slot for slot in desk.indexes(parent) if desk.kept(parent).only(slot) is None]
    return desk.due(parent, action, 1.0, len(whole))


def _demand_free(table: Table, action: Action, entry: Entry) -> None:
    if entry.operation != "put" or any(other.operation != "put" for other in action.entries):
        raise Unwritable(
            f"it writes rows of {table.name} within one item several times",
            "declare the statements apart",
        )


def _note(draft: Draft, table: Table, entry: Entry, number: int) -> None:
    draft.note(
        f"#{entry_key(entry, number)} is the text {entry.key}, under which the row of {table.name} stands in "
        f"{entry.attribute}" + (f"; :{entry_key(entry, number, 'row')} is the row" if entry.operation == "put" else "")
    )


def _holder(desk: Desk, table: Table, parent: Table, made: Embedding, own: Getter) -> KeyPair:
    """The key of the item that holds the row."""
    key = table.foreign_key(made.reference)
    pairs = zip(key.columns, key.referred_columns, strict=True)
    return desk.row_key(parent, {Attr((), above): own(column) for column, above in pairs})
