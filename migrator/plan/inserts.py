"""INSERT, with its upserts, as actions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from migrator.design.attributes import Attr, canonical
from migrator.design.design import TABLE, EntityDesign
from migrator.model.query import Change, Insert, Literal, Now, Parameter, Value
from migrator.model.schema import Table
from migrator.plan.drafts import CLOCK, NOT_THERE, Desk, Draft, Unwritable, is_null
from migrator.plan.plan import Action, KeyPair, Request
from migrator.plan.words import attribute_template, value_template

Given = Mapping[str, Value | Now]


def plan_insert(desk: Desk, draft: Draft, insert: Insert) -> None:
    """Adds the actions of every row. Unwritable when one request cannot say what the statement does."""
    for row in insert.rows:
        given = dict(zip(insert.columns, row, strict=True))
        if insert.on_conflict == "update":
            _upsert(desk, draft, insert, given)
        else:
            _put(desk, draft, insert, given)


def _put(desk: Desk, draft: Draft, insert: Insert, given: Given) -> None:
    table, kept = desk.schema.table(insert.table), desk.design.entity(insert.table)
    replaces = insert.on_conflict == "replace"
    values = _completed(draft, table, kept, given)
    read_ancestors(desk, draft, kept, values, sorted({attr.path for attr in kept.copies}))
    if insert.on_conflict == "ignore":
        draft.notes.append("a failed condition means that the row was there already: nothing to do")
    pair = desk.requests.base_key(table.name, kept, values)
    draft.actions.append(Action("Put", desk.tag(table), pair, None if replaces else NOT_THERE))
    draft.write_units += desk.units(table) * len(kept.views)
    old = draft.read(desk.get(table, pair), 1.0) if replaces and kept.guards else None
    for columns in kept.guards:
        _guard(desk, draft, table, kept, columns, values, old)


def _completed(draft: Draft, table: Table, kept: EntityDesign, given: Given) -> dict[Attr, Value]:
    """The given values, with a parameter for each key column that the database used to fill in, and NULL for
    guarded columns that are left out."""
    values: dict[Attr, Value] = {}
    for name, value in given.items():
        values[Attr((), name)] = Parameter(CLOCK) if isinstance(value, Now) else value
    for attr in sorted(set(kept.template(TABLE).attrs()) - set(values)):
        values[attr] = draft.fresh(attr.column)
        draft.notes.append(f"{attr.column} is made by the application now (a ULID or a counter item)")
    for attr in sorted({Attr((), column) for columns in kept.guards for column in columns} - set(values)):
        default = table.column(attr.column).default
        values[attr] = Literal(None) if default is None else draft.fresh(attr.column)
        if default is not None:
            draft.notes.append(f"{attr.column} is given by the application now (its default was {default})")
    return values


def _guard(
    desk: Desk,
    draft: Draft,
    table: Table,
    kept: EntityDesign,
    columns: tuple[str, ...],
    values: Mapping[Attr, Value],
    old: int | None,
) -> None:
    """Takes the unique value; `old` is the request that read the row which is replaced."""
    name = desk.guard_name(table, columns)
    if old is not None:
        gone = desk.guard_key(table, columns, lambda column, encoding: desk.old_piece(table, column, encoding, old))
        draft.actions.append(Action("Delete", name, gone))
        draft.write_units += 1
        draft.notes.append(f"where {', '.join(columns)} stays as it is, both actions on {name} are left out")
    if any(is_null(values[Attr((), column)]) for column in columns):
        return
    note_null(draft, table, columns, name)
    key = desk.guard_key(
        table, columns, lambda column, encoding: desk.piece(table, column, encoding, values[Attr((), column)])
    )
    draft.actions.append(Action("Put", name, key, NOT_THERE))
    draft.write_units += 1


def note_null(draft: Draft, table: Table, columns: tuple[str, ...], name: str) -> None:
    nullable = [column for column in columns if table.column(column).nullable]
    if nullable:
        draft.notes.append(f"where {' or '.join(nullable)} is NULL, there is no item {name}")


def read_ancestors(
    desk: Desk, draft: Draft, kept: EntityDesign, values: Mapping[Attr, Value], paths: list[tuple[str, ...]]
) -> None:
    """Reads the rows whose columns the item carries as copies."""
    for path in paths:
        names = ", ".join(attr.column for attr in kept.copies if attr.path == path)
        draft.notes.append(f"{names} of {' / '.join(path)} is read first, to be copied onto the item")
        request = _ancestor_get(desk, kept.table, path, values)
        if request is None:
            draft.read_units += 1.0
        else:
            draft.read(request, 1.0)


def _ancestor_get(desk: Desk, table: str, path: tuple[str, ...], values: Mapping[Attr, Value]) -> Request | None:
    if len(path) != 1:
        return None
    key = desk.schema.table(table).foreign_key(path[0])
    parent = desk.design.entity(key.referred_table)
    known = {
        Attr((), column): values[attr]
        for column in key.referred_columns
        if (attr := canonical(desk.schema, table, Attr(path, column))) in values
    }
    if not set(parent.template(TABLE).attrs()) <= set(known) or any(map(is_null, known.values())):
        return None
    pair = desk.requests.base_key(parent.table, parent, known)
    return desk.get(desk.schema.table(parent.table), pair)


def _upsert(desk: Desk, draft: Draft, insert: Insert, given: Given) -> None:
    """One UpdateItem that makes the row or changes it, where its expression can say both."""
    table, kept = desk.schema.table(insert.table), desk.design.entity(insert.table)
    values = _completed(draft, table, kept, given)
    identity = {attr.column for attr in kept.template(TABLE).attrs()}
    assigned = dict(insert.assignments)
    _check_upsert(desk, table, kept, assigned, given, identity)
    pair: KeyPair = desk.requests.base_key(table.name, kept, values)
    words = [
        f"{attribute_template(desk.name(table, column))} = {_upserted(desk, table, column, value, assigned)}"
        for column, value in given.items()
        if not is_null(value) or column in assigned
    ]
    read_ancestors(desk, draft, kept, values, sorted({attr.path for attr in kept.copies}))
    moved = [slot for slot, _ in kept.views if slot != TABLE]
    for slot in moved:
        names = (f"{slot}PK", f"{slot}SK")
        words += [f"{attribute_template(name)} = {value_template(Parameter(name))}" for name in names]
        draft.notes.append(f":{slot}PK and :{slot}SK are the keys of {slot} that the row's values make")
    if kept.expires in given:
        ttl = desk.writer.names.ttl_attribute
        words.append(f"{attribute_template(ttl)} = {value_template(Parameter(ttl))}")
        draft.notes.append(f":{ttl} is the Unix time of {kept.expires}, which TTL goes by")
    draft.notes.append(f"a row that was not there also gets {desk.writer.names.type_attribute} = {desk.tag(table)}")
    draft.actions.append(Action("Update", desk.tag(table), pair, None, "SET " + ", ".join(words)))
    draft.write_units += desk.units(table) * len(kept.views)


def _check_upsert(
    desk: Desk,
    table: Table,
    kept: EntityDesign,
    assigned: Mapping[str, Value | Change | Now],
    given: Given,
    identity: set[str],
) -> None:
    indexed = {attr.column for slot, view in kept.views if slot != TABLE for attr in view.attrs() if not attr.path}
    guarded = {column for columns in kept.guards for column in columns}
    kept_back = sorted((indexed | guarded) - identity - {c for c in assigned if assigned[c] == given.get(c)})
    if set(assigned) & identity:
        raise _two_meanings(table, f"it changes {', '.join(sorted(set(assigned) & identity))}, part of the row's key")
    if kept_back or kept.guards:
        named = ", ".join(kept_back or sorted(guarded))
        raise _two_meanings(table, f"{named} (in keys or unique) would depend on whether the row is there")
    for column, value in assigned.items():
        if column not in given or not _sayable(given[column], value, column):
            raise _two_meanings(table, f"{column} gets one value in a new row and another in one that is there")


def _two_meanings(table: Table, why: str) -> Unwritable:
    return Unwritable(
        f"one request cannot say this upsert of {table.name}: {why}",
        "declare the INSERT and the UPDATE apart: the application puts the item under attribute_not_exists(PK), and "
        "updates it when that fails",
    )


def _sayable(inserted: Value | Now, value: Value | Change | Now, column: str) -> bool:
    return value == inserted or _start(inserted, value, column) is not None


def _start(inserted: Value | Now, value: Value | Change | Now, column: str) -> Literal | None:
    """The number to count from so that a new row gets `inserted`: :n + :n counts from 0."""
    if not isinstance(value, Change) or value.operator != "+" or value.column != column:
        return None
    if value.value == inserted:
        return Literal(0)
    match inserted, value.value:
        case Literal(int() | Decimal() as first), Literal(int() | Decimal() as step):
            return Literal(Decimal(first) - Decimal(step))
    return None


def _upserted(
    desk: Desk, table: Table, column: str, value: Value | Now, assigned: Mapping[str, Value | Change | Now]
) -> str:
    name = attribute_template(desk.name(table, column))
    text = value_template(Parameter(CLOCK) if isinstance(value, Now) else value)
    if column not in assigned:
        return f"if_not_exists({name}, {text})"
    change = assigned[column]
    start = _start(value, change, column)
    if start is not None and isinstance(change, Change):
        return f"if_not_exists({name}, {value_template(start)}) + {value_template(change.value)}"
    return text
