"""Guard items, which keep unique values unique: taken with a row, moved with its values, given up with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from migrator.model.schema import Table
from migrator.plan.action import ABSENT, THERE, Action, Assignment, KeyPair
from migrator.plan.drafts import Desk, Draft, Due, Getter, is_null, requests_in
from migrator.plan.plan import Request
from migrator.plan.templates import Piece, Placeholder


def guard_get(desk: Desk, table: Table, columns: tuple[str, ...], pair: KeyPair) -> Request:
    """Reads the guard item of a unique value."""
    return Request(
        "GetItem", (desk.guard_name(table, columns),), keys=(pair,), consistent=True, after=requests_in(pair)
    )


def carried(desk: Desk, table: Table, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a guard's item holds: the unique ones, those that name the row, and its expiry."""
    kept = desk.kept(table)
    expiry = (kept.expires,) if kept.expires else ()
    return tuple(dict.fromkeys((*columns, *kept.key, *sorted(desk.base_columns(table)), *expiry)))


def contents(
    desk: Desk, table: Table, columns: tuple[str, ...], getter: Getter, changed: Mapping[str, Assignment] | None = None
) -> tuple[Assignment, ...]:
    """What a guard's item holds of a row; `changed` says of columns what they become."""
    made = [
        (changed or {}).get(column) or Assignment(desk.name(table, column), "set", getter(column))
        for column in carried(desk, table, columns)
    ]
    expiry = desk.expiry(table)
    return (*made, expiry) if expiry is not None else tuple(made)


def take(desk: Desk, draft: Draft, table: Table, getter: Getter, missing: tuple[int, ...] = ()) -> Iterable[Due]:
    """Takes the unique values of a new row."""
    for columns in desk.kept(table).guards:
        if any(is_null(getter(column)) for column in columns):
            continue
        note_null(draft, table, columns, desk.guard_name(table, columns))
        yield desk.guard_due(
            table,
            Action(
                "Put",
                desk.guard_name(table, columns),
                desk.guard_of(table, columns, getter),
                require=ABSENT,
                missing=missing,
                assignments=contents(desk, table, columns, getter),
            ),
            1.0,
        )


def give_up(
    desk: Desk,
    draft: Draft,
    table: Table,
    each: int,
    rows: float,
    unless: Mapping[tuple[str, ...], KeyPair] | None = None,
    row: tuple[tuple[KeyPair, KeyPair], ...] = (),
) -> Iterable[Due]:
    """Gives up the unique values of rows that were read. `unless`: keys that are taken anew, by their columns.
    `row`: pairs of keys of which none may be equal."""
    for columns in desk.kept(table).guards:
        name = desk.guard_name(table, columns)
        key = desk.guard_of(table, columns, desk.on_item(table, each))
        taken = ((key, unless[columns]),) if unless and columns in unless else ()
        note_null(draft, table, columns, name)
        yield desk.guard_due(
            table,
            Action("Delete", name, key, each=each, unless=(*row, *taken)),
            rows,
        )


def move(
    desk: Desk, draft: Draft, table: Table, each: int, rows: float, changed: Mapping[str, Assignment]
) -> Iterable[Due]:
    """Moves the guards of which a changed column is part; `changed` by column."""
    for columns in touched(desk, table, changed):
        yield from _move_one(desk, draft, table, columns, each, rows, changed)


def touched(desk: Desk, table: Table, changed: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Guards whose items hold one of the columns."""
    names = set(changed)
    return tuple(columns for columns in desk.kept(table).guards if names & set(carried(desk, table, columns)))


def _move_one(
    desk: Desk,
    draft: Draft,
    table: Table,
    columns: tuple[str, ...],
    each: int,
    rows: float,
    changed: Mapping[str, Assignment],
) -> Iterable[Due]:
    name, before = desk.guard_name(table, columns), desk.on_item(table, each)
    old = desk.guard_of(table, columns, before)
    note_null(draft, table, columns, name)
    held = contents(desk, table, columns, before, changed)
    if not set(columns) & set(changed):
        update = tuple(value for value in held if _changes(desk, table, value, changed))
        yield desk.guard_due(table, Action("Update", name, old, require=THERE, each=each, assignments=update), rows)
        return
    new = desk.guard_key(table, columns, lambda c, encoding: _new_piece(desk, table, c, encoding, changed, before))
    draft.note(f"where {', '.join(columns)} stays as it is, both actions on {name} are left out")
    pair = ((old, new),)
    told = held if any(value.how != "set" for value in held) else ()
    yield desk.guard_due(table, Action("Delete", name, old, each=each, unless=pair, assignments=told), rows)
    if any(_set_null(changed.get(column)) for column in columns):
        return
    put = Action("Put", name, new, require=ABSENT, each=each, unless=pair, assignments=held)
    yield desk.guard_due(table, put, rows)
    if any(_folds(table, column) for column in columns) or set(changed) & set(
        carried(desk, table, columns)[len(columns) :]
    ):
        yield desk.guard_due(table, replace(put, require=THERE, unless=(), only=pair), 0.0)


def _changes(desk: Desk, table: Table, value: Assignment, changed: Mapping[str, Assignment]) -> bool:
    return value.how == "seconds" or any(desk.name(table, column) == value.attribute for column in changed)


def _folds(table: Table, column: str) -> bool:
    """Whether a value may change while the key that it makes stays."""
    return table.column(column).collation is not None


def _new_piece(
    desk: Desk, table: Table, column: str, encoding: str, changed: Mapping[str, Assignment], before: Getter
) -> Piece:
    value = changed.get(column)
    if value is None:
        return desk.piece(table, column, encoding, before(column))
    if value.how == "set" and value.value is not None:
        return desk.piece(table, column, encoding, value.value)
    return Placeholder("attribute", value.attribute, encoding)


def _set_null(value: Assignment | None) -> bool:
    return value is not None and value.how == "set" and is_null(value.value)


def note_null(draft: Draft, table: Table, columns: tuple[str, ...], name: str) -> None:
    nullable = [column for column in columns if table.column(column).nullable]
    if nullable:
        draft.note(f"where {' or '.join(nullable)} is NULL, there is no item {name}")
