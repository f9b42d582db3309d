"""Writes of embedded rows: an entry of a map on the item of the row that holds them, put, changed or removed by one
update of that item, or put with it when the same query makes both.

The design offers to embed only tables whose declared writes these are; what else is asked is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.design import Embedding
from migrator.design.embedding import is_replacing
from migrator.model.query import Change, Comparison, Delete, Insert, Now, Predicate, Update, Value
from migrator.model.schema import Table
from migrator.plan.action import THERE, Action, Assignment, Entry, KeyPair, Operand
from migrator.plan.drafts import Desk, Draft, Due, Getter, Step, Unwritable, is_null
from migrator.plan.entities import held_key
from migrator.plan.phrases import entry_key, phrased
from migrator.plan.templates import write_template


def start_maps(desk: Desk, table: Table) -> list[Assignment]:
    """What a new item starts with: a map without entries for the rows that it is to hold."""
    made = desk.design.held_by(table.name)
    return [] if made is None else [Assignment(desk.writer.names.held[made.table], "map")]


def put_within(
    desk: Desk, draft: Draft, table: Table, made: Embedding, insert: Insert, own: Getter, values: Mapping[str, Operand]
) -> None:
    """Adds a new row: to the item that the same query puts or changes, or as an update of the one that is there."""
    assignments = tuple(
        Assignment(desk.name(table, column), "set", value, demanded=not table.column(column).nullable)
        for column, value in values.items()
        if not (is_null(value) and table.column(column).nullable)
    )
    over = insert.on_conflict in ("replace", "update")
    if insert.on_conflict == "update" and not is_replacing(table, desk.kept(table).key, insert):
        raise Unwritable(
            f"an upsert of {table.name}, whose rows live within those of {made.parent}, keeps part of the row there",
            "set every column to what is inserted, or read the row and write the whole of it",
        )
    entry = Entry("replace" if over else "put", *_named(desk, table, made, own), assignments)
    if insert.on_conflict == "ignore":
        _ignore(desk, draft, table, made, own, entry)
    else:
        _add(desk, draft, table, made, own, entry)


def _ignore(desk: Desk, draft: Draft, table: Table, made: Embedding, own: Getter, entry: Entry) -> None:
    """Alone, a failed condition says that the row was there."""
    if draft.several:
        raise Unwritable(
            f"rows of {table.name} within others are ignored beside other statements", "declare them apart"
        )
    draft.before.append(Step((_due(desk, table, made, own, entry),), may_fail=True))
    draft.note("a failed condition means that the row was there already: nothing to do")
    _note(draft, table, entry, 1)


def update_within(desk: Desk, draft: Draft, table: Table, made: Embedding, update: Update) -> None:
    """Adds the change of the row that the statement names."""
    own = _fixed(table, made, desk, update.predicates)
    assignments = tuple(_assignment(desk, draft, table, made, name, value) for name, value in update.assignments)
    _add(desk, draft, table, made, own, Entry("change", *_named(desk, table, made, own), assignments))


def delete_within(desk: Desk, draft: Draft, table: Table, made: Embedding, delete: Delete) -> None:
    """Adds the removal of the row that the statement names."""
    columns = table.foreign_key(made.reference).columns
    told = [p.field.column for p in delete.predicates if isinstance(p, Comparison) and p.op == "="]
    if sorted(told) == sorted(columns) and len(told) == len(delete.predicates):
        named = {p.field.column: p.value for p in delete.predicates if isinstance(p, Comparison)}
        entry = Entry("clear", desk.writer.names.held[table.name], desk.tag(table), "")
        draft.note(":empty_map is a map without entries")
        _add(desk, draft, table, made, lambda column: named[column], entry)
        return
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
    draft.due.append(_due(desk, table, made, own, entry))
    draft.written.add(table.name)


def joined(desk: Desk, draft: Draft) -> None:
    """Makes one action of what one query does to an item and to the rows within it. Unwritable when it does two things
    to these."""
    for table in desk.schema.tables:
        made = desk.design.held_by(table.name)
        if made is not None:
            _join(desk, draft, table, desk.schema.table(made.table))


def _join(desk: Desk, draft: Draft, parent: Table, table: Table) -> None:
    kept: list[Due] = []
    for due in sorted(draft.due, key=lambda one: bool(one.action.entries)):
        action = due.action
        place = next((n for n, one in enumerate(kept) if action.entries and _is_one(one.action, action)), None)
        if place is None:
            kept.append(due)
            continue
        whole = replace(kept[place].action, entries=(*kept[place].action.entries, *action.entries))
        kept[place] = replace(
            kept[place], action=phrased(whole, lambda column: desk.name(parent, column), desk.table_key)
        )
    draft.due = kept
    for entries in (due.action.entries for due in kept if due.action.entity == desk.tag(parent)):
        if len(entries) > 1 and any(entry.operation not in ("put", "replace") for entry in entries):
            raise Unwritable(
                f"it writes rows of {table.name} within one item several times", "declare the statements apart"
            )
        for number, entry in enumerate(entries, 1):
            _note(draft, table, entry, number)


def _is_one(action: Action, inner: Action) -> bool:
    """Whether both write one item, the second of them only rows within it."""
    return (action.entity, action.keys) == (inner.entity, inner.keys) and action.operation in ("Put", "Update")


def _due(desk: Desk, table: Table, made: Embedding, own: Getter, entry: Entry) -> Due:
    """The update writes the whole item, and each index entry that holds all of it."""
    parent = desk.schema.table(made.parent)
    keys = _holder(desk, table, parent, made, own)
    action = Action("Update", desk.tag(parent), keys, require=THERE, entries=(entry,))
    whole = [slot for slot in desk.indexes(parent) if desk.kept(parent).only(slot) is None]
    return desk.due(parent, action, 1.0, whole)


def _note(draft: Draft, table: Table, entry: Entry, number: int) -> None:
    if entry.operation == "clear":
        return
    told = f"#{entry_key(entry, number)} is the text {entry.key}, under which the row of {table.name} stands in "
    row = f"; :{entry_key(entry, number, 'row')} is the row" if entry.operation in ("put", "replace") else ""
    draft.note(f"{told}{entry.attribute}{row}")


def _holder(desk: Desk, table: Table, parent: Table, made: Embedding, own: Getter) -> KeyPair:
    """The key of the item that holds the row."""
    key = table.foreign_key(made.reference)
    pairs = zip(key.columns, key.referred_columns, strict=True)
    return desk.row_key(parent, {Attr((), above): own(column) for column, above in pairs})
