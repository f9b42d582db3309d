"""INSERT: the row's item with its index keys, its copies and its guards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from migrator.model.query import Insert, Literal, Now, Value
from migrator.model.schema import Column, Table
from migrator.plan import guards, pairs
from migrator.plan.action import Operand
from migrator.plan.drafts import NULL, Desk, Draft, Getter, Step, is_null
from migrator.plan.placing import Block, place
from migrator.plan.puts import as_attributes, new_row
from migrator.plan.replaces import replace_row
from migrator.plan.sizes import MAX_ACTIONS
from migrator.plan.targets import Target
from migrator.plan.upserts import upsert
from migrator.plan.within import put_within

Given = Mapping[str, Value | Now]

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TEXT = re.compile(r"'((?:[^']|'')*)'(?:::[\w ]+)?")
_CLOCK = re.compile(r"\(?\s*(CURRENT_TIMESTAMP|now\(\)|CURRENT_TIMESTAMP\(\d*\))\s*\)?", re.IGNORECASE)


UNPAIRED = (
    "stopped in between, the row is there and some of its pairs are missing until these requests are sent again, which "
    "does no harm to those that are there"
)


def plan_insert(desk: Desk, draft: Draft, insert: Insert) -> None:
    """Adds the actions of every row. Unwritable when requests cannot do what the statement does."""
    table = desk.schema.table(insert.table)
    for row in insert.rows:
        given = dict(zip(insert.columns, row, strict=True))
        _insert_row(desk, draft, table, insert, given)
    if len(insert.rows) > 1 and insert.on_conflict == "ignore" and not draft.several:
        draft.note("each row is put, or found to be there already, by itself")
    draft.written.add(table.name)


def _insert_row(desk: Desk, draft: Draft, table: Table, insert: Insert, given: Given) -> None:
    values = completed(desk, draft, table, given)

    def own(column: str) -> Operand:
        return values.get(column, NULL)

    within = desk.kept(table).within
    if within is not None:
        put_within(desk, draft, table, within, insert, own, values)
        return
    match insert.on_conflict:
        case "update":
            upsert(desk, draft, table, insert, own, values)
        case "replace":
            draft.due += replace_row(desk, draft, table, own, values)
        case "ignore":
            _ignore(desk, draft, table, own, values)
        case _:
            _insert_new(desk, draft, table, own, values)


def _insert_new(desk: Desk, draft: Draft, table: Table, own: Getter, values: Mapping[str, Operand]) -> None:
    """The row, and its pairs in stored joins: first the row, where one transaction cannot hold them."""
    target = Target(desk.row_key(table, as_attributes(values)), (), {})
    row, paired = tuple(new_row(desk, draft, table, own, values)), pairs.gain(desk, draft, table, own, target)
    if paired and len(draft.due) + len(row) <= MAX_ACTIONS:
        place(draft, Block(target, row), after=paired, stopped=UNPAIRED)
        return
    draft.due += row  # more than a transaction takes is refused when the draft is finished


def _ignore(desk: Desk, draft: Draft, table: Table, own: Getter, values: Mapping[str, Operand]) -> None:
    """Alone, a failed condition says that the row was there; beside other statements that must be read first."""
    if not draft.several:
        draft.note("a failed condition means that the row was there already: nothing to do")
        draft.before.append(Step(tuple(new_row(desk, draft, table, own, values)), may_fail=True))
        return
    there = [draft.read(desk.get(table, desk.row_key(table, as_attributes(values))), 1.0)]
    for columns in desk.kept(table).guards:
        if not any(is_null(own(column)) for column in columns):
            pair = desk.guard_of(table, columns, own)
            there.append(draft.read(guards.guard_get(desk, table, columns, pair), 1.0))
    draft.note("where the row, or one of its unique values, is there already, it is left as it is")
    draft.due += new_row(desk, draft, table, own, values, tuple(there))


def completed(desk: Desk, draft: Draft, table: Table, given: Given) -> dict[str, Operand]:
    """A value for each column: what is given, its default, or a parameter for what the database used to make.
    Left out where it is NULL."""
    values: dict[str, Operand] = {}
    named = desk.base_columns(table) | set(desk.kept(table).key)
    for column in table.columns:
        if column.name in given:
            value = given[column.name]
            values[column.name] = draft.clock() if isinstance(value, Now) else value
        elif column.generated:
            values[column.name] = draft.fresh(column.name, table, column.name)
            draft.note(f"{column.name} is computed by the application now")
        elif column.default is not None:
            values[column.name] = _default(draft, table, column)
        elif column.name in named:
            values[column.name] = draft.fresh(column.name, table, column.name)
            draft.note(f"{column.name} is made by the application now (a ULID or a counter item)")
        elif not column.nullable:
            values[column.name] = NULL
        if not column.nullable and column.name not in named and is_null(values.get(column.name)):
            draft.note(
                f"{column.name} is NOT NULL and has no value here: the source refuses the row, DynamoDB takes it"
            )
    return values


def _default(draft: Draft, table: Table, column: Column) -> Operand:
    text = (column.default or "").strip()
    if _NUMBER.fullmatch(text):
        return Literal(int(text) if text.lstrip("+-").isdecimal() else Decimal(text))
    if found := _TEXT.fullmatch(text):
        return Literal(found[1].replace("''", "'"))
    if text.upper() in ("NULL", "TRUE", "FALSE"):
        return Literal({"NULL": None, "TRUE": True, "FALSE": False}[text.upper()])
    if _CLOCK.fullmatch(text):
        return draft.clock()
    draft.note(f"{column.name} is given by the application now (its default was {column.default})")
    return draft.fresh(column.name, table, column.name)
