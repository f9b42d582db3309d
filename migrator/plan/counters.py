"""Aggregates kept right by the writes: a row's coming, going or change is added to its group's figures in the same
transaction. Groups are made when their first row comes; they stay, with a count of 0, when the last one goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from migrator.model.query import Literal
from migrator.model.schema import Table
from migrator.plan.action import Action, Assignment, KeyPair, Operand
from migrator.plan.aggregates import aggregate_entity
from migrator.plan.drafts import Desk, Due, Getter
from migrator.plan.plan import TABLE_SLOT, Entity
from migrator.plan.templates import Placeholder, parse_template, write_template

Outcome = Callable[[str], Assignment]
"""What a column holds, as an assignment whose attribute does not matter."""


def kept_of(desk: Desk, table: Table) -> tuple[Entity, ...]:
    """The aggregates of a table's rows."""
    found = (kept for kept in desk.design.aggregates if kept.aggregate.table == table.name)
    return tuple(aggregate_entity(desk.schema, kept, desk.writer.names, desk.writer) for kept in found)


def looked_at(entity: Entity) -> frozenset[str]:
    """The columns of a row that its group and its part in the figures depend on."""
    return frozenset((*entity.source_key, *(m.column for m in entity.measures if m.column is not None)))


def touched(desk: Desk, table: Table, changed: Iterable[str]) -> frozenset[str]:
    """Columns whose old and new values must be known, for the aggregates that a change of these columns concerns."""
    names = frozenset(changed)
    concerned = (looked_at(entity) for entity in kept_of(desk, table) if looked_at(entity) & names)
    return frozenset[str]().union(*concerned)


def gain(desk: Desk, table: Table, own: Getter, missing: tuple[int, ...] = ()) -> Iterator[Due]:
    """Counts a new row in."""
    for entity in kept_of(desk, table):
        yield _due(desk, table, entity, _plain(own), "gain", 1.0, None, missing)


def lose(desk: Desk, table: Table, each: int, rows: float) -> Iterator[Due]:
    """Counts rows that were read off."""
    for entity in kept_of(desk, table):
        yield _due(desk, table, entity, _plain(desk.on_item(table, each)), "lose", rows, each)


def move(desk: Desk, table: Table, each: int, rows: float, changed: Mapping[str, Assignment]) -> Iterator[Due]:
    """Counts rows that were read off as they were, and in as they become."""
    before = _plain(desk.on_item(table, each))
    for entity in kept_of(desk, table):
        if not looked_at(entity) & set(changed):
            continue
        yield _due(desk, table, entity, before, "lose", rows, each)
        after = _changed(changed, before)
        moves = bool(set(entity.source_key) & set(changed))
        yield _due(desk, table, entity, after, "gain", rows if moves else 0.0, each)


def _changed(changed: Mapping[str, Assignment], before: Outcome) -> Outcome:
    return lambda column: changed[column] if column in changed else before(column)


def _plain(getter: Getter) -> Outcome:
    return lambda column: Assignment("", "set", getter(column))


def _due(
    desk: Desk,
    table: Table,
    entity: Entity,
    outcome: Outcome,
    tally: str,
    times: float,
    each: int | None,
    missing: tuple[int, ...] = (),
) -> Due:
    assignments = [
        Assignment(desk.writer.names.type_attribute, "set", Literal(entity.name)),
        *(replace(outcome(a.column), attribute=a.name, demanded=False) for a in entity.attributes),
    ]
    for measure in entity.measures:
        counted = outcome(measure.column) if measure.column else Assignment("", "set", Literal(1))
        how = f"{tally} one" if measure.function == "count" else tally
        assignments.append(replace(counted, attribute=measure.name, tally=how, demanded=False))
    key = _key(desk, table, entity, outcome)
    action = Action("Update", entity.name, key, each=each, missing=missing, assignments=tuple(assignments))
    return desk.guard_due(table, action, times)


def _key(desk: Desk, table: Table, entity: Entity, outcome: Outcome) -> KeyPair:
    """The group's key: of values where they are known, of the item's own attributes where they are worked out."""
    slot = entity.slot(TABLE_SLOT)
    if slot is None:
        raise ValueError(f"{entity.name} has no key in the table")

    def filled(template: str) -> str:
        return write_template(
            tuple(
                _piece(desk, table, entity, outcome, piece) if isinstance(piece, Placeholder) else piece
                for piece in parse_template(template)
            )
        )

    return KeyPair(filled(slot.partition), filled(slot.sort))


def _piece(desk: Desk, table: Table, entity: Entity, outcome: Outcome, piece: Placeholder) -> str | Placeholder:
    column = entity.attribute(piece.name).column
    told = outcome(column)
    known: Operand | None = told.value if told.how == "set" else None
    return piece if known is None else desk.piece(table, column, piece.encoding, known)
