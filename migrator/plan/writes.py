"""Write patterns of the plan: the requests that perform each INSERT, UPDATE and DELETE, and their units.

A row's items (its own, and a guard for each unique constraint) change in one transaction. An item whose index
keys or guards depend on columns that the statement does not give is read first.
"""

from __future__ import annotations

from collections import Counter

from migrator.design.data import Data
from migrator.design.design import Design
from migrator.design.price import monthly_reads, monthly_writes, units_of
from migrator.model.query import AccessPattern, Delete, Insert, Update
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.plan.changes import plan_delete, plan_update
from migrator.plan.drafts import Desk, Draft, Unwritable
from migrator.plan.inserts import plan_insert
from migrator.plan.plan import Action, PlannedPattern, Request
from migrator.plan.reads import parameters, refused
from migrator.plan.requests import RequestWriter
from migrator.plan.sizes import MAX_ACTIONS


class WritePlanner:
    """Plans write patterns against one design."""

    def __init__(self, schema: Schema, data: Data, design: Design, settings: Settings, requests: RequestWriter) -> None:
        self._desk = Desk(schema, data, design, settings, requests)

    def plan(self, pattern: AccessPattern) -> PlannedPattern:
        """The plan's entry for a write pattern; refused when one of its statements cannot be planned."""
        desk = self._desk
        draft = Draft({use.name for statement in pattern.statements for use in statement.parameters})
        for statement in pattern.statements:
            if statement.refusal is not None:
                return refused(desk.schema, desk.settings, pattern, statement.refusal)
            try:
                match statement.form:
                    case Insert() as insert:
                        plan_insert(desk, draft, insert)
                    case Update() as update:
                        plan_update(desk, draft, update)
                    case Delete() as delete:
                        plan_delete(desk, draft, delete)
                _check_transaction(draft.actions)
            except Unwritable as error:
                return refused(desk.schema, desk.settings, pattern, error.refusal)
        return self._finish(pattern, draft)

    def _finish(self, pattern: AccessPattern, draft: Draft) -> PlannedPattern:
        requests = (*draft.reads, *_as_requests(draft.actions, tuple(range(len(draft.reads)))))
        several = len(draft.actions) > 1
        units = draft.write_units + (self._base_units(draft.actions) if several else 0)
        prices = self._desk.settings.prices
        usd = monthly_writes(prices, pattern.rate, units) + monthly_reads(prices, pattern.rate, draft.read_units)
        return PlannedPattern(
            pattern.name,
            pattern.sql,
            "write",
            pattern.rate,
            pattern.peak,
            "served",
            consistency=pattern.consistency,
            requests=requests,
            parameters=parameters(self._desk.schema, pattern),
            assemble="one transaction: all of it or nothing." if several else "one request.",
            round_trips=2 if draft.reads else 1,
            read_units=draft.read_units,
            write_units=float(units),
            monthly_usd=round(usd, 4),
            notes=(*pattern.assumptions, *dict.fromkeys(draft.notes)),
        )

    def _base_units(self, actions: list[Action]) -> int:
        """What a transaction adds: the table's writes (not the indexes') count twice."""
        by_tag = {tag: name for name, tag in self._desk.writer.names.tags.items()}
        sizes = {tag: units_of(self._desk.data.item_bytes(name)) for tag, name in by_tag.items()}
        return sum(sizes.get(action.entity, 1) for action in actions)


def _check_transaction(actions: list[Action]) -> None:
    """TransactWriteItems takes at most 100 actions, and one on an item."""
    if len(actions) > MAX_ACTIONS:
        raise Unwritable(
            f"it takes {len(actions)} actions, and a transaction has at most {MAX_ACTIONS}",
            "write fewer rows in one statement",
        )
    twice = [action for action in actions if Counter(a.keys for a in actions)[action.keys] > 1]
    if twice:
        raise Unwritable(
            f"it writes one item of {twice[0].entity} twice, which no transaction can",
            "say in one statement all that happens to the row",
        )


def _as_requests(actions: list[Action], after: tuple[int, ...]) -> tuple[Request, ...]:
    if not actions:
        return ()
    if len(actions) > 1:
        entities = tuple(dict.fromkeys(action.entity for action in actions))
        return (Request("TransactWriteItems", entities, after=after, actions=tuple(actions)),)
    (action,) = actions
    return (
        Request(
            f"{action.operation}Item",
            (action.entity,),
            after=after,
            keys=(action.keys,),
            condition=action.condition,
            update=action.update,
        ),
    )
