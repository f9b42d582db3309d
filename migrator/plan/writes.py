"""Write patterns of the plan: the requests that perform each INSERT, UPDATE and DELETE, and their units.

A row's items (its own, and a guard for each unique constraint) change in one transaction. An item whose index
keys or guards depend on columns that the statement does not give is read first.
"""

from __future__ import annotations

from collections import Counter

from migrator.design.data import Data
from migrator.design.design import Design
from migrator.design.price import monthly_reads, monthly_writes
from migrator.model.counted import plural
from migrator.model.query import AccessPattern, Delete, Insert, Statement, Update
from migrator.model.schema import Schema
from migrator.model.settings import Settings
from migrator.plan.action import Action
from migrator.plan.changes import plan_delete, plan_update
from migrator.plan.drafts import Desk, Draft, Step, Unwritable, total
from migrator.plan.inserts import plan_insert
from migrator.plan.plan import PlannedPattern, Request
from migrator.plan.reads import parameters, refused
from migrator.plan.requests import RequestWriter
from migrator.plan.sizes import MAX_ACTIONS
from migrator.plan.templates import Placeholder, parse_template
from migrator.plan.within import joined


class WritePlanner:
    """Plans write patterns against one design."""

    def __init__(self, schema: Schema, data: Data, design: Design, settings: Settings, requests: RequestWriter) -> None:
        self._desk = Desk(schema, data, design, settings, requests)

    def plan(self, pattern: AccessPattern) -> PlannedPattern:
        """The plan's entry for a write pattern; refused when one of its statements cannot be planned."""
        desk = self._desk
        taken = {use.name for statement in pattern.statements for use in statement.parameters}
        draft = Draft(taken, several=len(pattern.statements) > 1)
        for statement in pattern.statements:
            if statement.refusal is not None:
                return refused(desk.schema, desk.settings, pattern, statement.refusal)
            try:
                _plan(desk, draft, statement)
            except Unwritable as error:
                return refused(desk.schema, desk.settings, pattern, error.refusal)
        try:
            joined(desk, draft)
            _check_transaction([due.action for due in draft.due])
        except Unwritable as error:
            return refused(desk.schema, desk.settings, pattern, error.refusal)
        return self._finish(pattern, draft)

    def _finish(self, pattern: AccessPattern, draft: Draft) -> PlannedPattern:
        main = [Step(tuple(draft.due))] if draft.due else []
        steps = [*draft.before, *main, *draft.after]
        several = [_is_transaction(draft, step) for step in steps]
        units = sum(total(step.due, many) for step, many in zip(steps, several, strict=True))
        requests = [_as_request(draft, step, many) for step, many in zip(steps, several, strict=True)]
        for name in dict.fromkeys(name for request in requests for name in request.added_up):
            draft.note(
                f"changes of one item of {name} are added up into one update, for a transaction takes one action an "
                "item: NULL adds 0, and an update that changes nothing is left out"
            )
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
            requests=(*draft.reads, *requests),
            parameters=(*parameters(self._desk.schema, pattern), *draft.made_up),
            assemble=_assembly(steps, several),
            round_trips=_depth(draft.reads) + len(steps),
            read_units=round(draft.read_units, 4),
            write_units=round(units, 4),
            monthly_usd=round(usd, 4),
            notes=(*pattern.assumptions, *dict.fromkeys(draft.notes)),
        )


def _plan(desk: Desk, draft: Draft, statement: Statement) -> None:
    match statement.form:
        case Insert() as insert:
            plan_insert(desk, draft, insert)
        case Update() as update:
            plan_update(desk, draft, update)
        case Delete() as delete:
            plan_delete(desk, draft, delete)


def _check_transaction(actions: list[Action]) -> None:
    """TransactWriteItems takes at most 100 actions, and one on an item."""
    if len(actions) > MAX_ACTIONS:
        raise Unwritable(
            f"it takes {plural(len(actions), 'action')}, and a transaction has at most {MAX_ACTIONS}",
            "write fewer rows in one statement",
        )
    certain = [one for one in actions if not (one.missing or one.unless or one.only or one.tallies)]
    certain = [one for one in certain if not _is_of_its_own(one)]
    keys = Counter((action.keys, action.each) for action in certain)
    alone = Counter(action.keys for action in certain if action.each is None or action.keys.partition.count("{:"))
    twice = [a for a in certain if keys[a.keys, a.each] > 1 or (alone[a.keys] > 1 and not _is_held(a))]
    if twice:
        raise Unwritable(
            f"it writes one item of {twice[0].entity} twice, which no transaction can",
            "say in one statement all that happens to the row",
        )


def _is_of_its_own(action: Action) -> bool:
    """Whether the key is made of what the action puts, the row's own key among it: rows that differ make other keys,
    and the same row twice is found by its own item."""
    pieces = (piece for text in (action.keys.partition, action.keys.sort) for piece in parse_template(text))
    return any(isinstance(piece, Placeholder) and piece.origin == "attribute" for piece in pieces)


def _is_held(action: Action) -> bool:
    """A guard or row put over the one that was read."""
    return action.operation == "Put" and action.each is not None


def _is_transaction(draft: Draft, step: Step) -> bool:
    """Whether a step may be more than one action."""
    if len(step.due) > 1:
        return True
    (due,) = step.due
    each = due.action.each
    return step.each is None and each is not None and _gives_many(draft, each)


def _gives_many(draft: Draft, number: int) -> bool:
    """Whether a read may give more than one item."""
    request = draft.reads[number]
    return request.operation != "GetItem" or any(_gives_many(draft, before) for before in request.after)


def _as_request(draft: Draft, step: Step, several: bool) -> Request:
    actions = tuple(due.action for due in step.due)
    entities = tuple(dict.fromkeys(action.entity for action in actions))
    after = tuple(range(len(draft.reads)))
    if several:
        return Request(
            "TransactWriteItems",
            entities,
            after=after,
            actions=actions,
            each=step.each,
            may_fail=step.may_fail,
            added_up=_added_up(draft, actions),
        )
    (action,) = actions
    return Request(
        f"{action.operation}Item",
        entities,
        after=after,
        keys=(action.keys,),
        condition=action.condition,
        update=action.update,
        actions=actions,
        each=step.each,
        may_fail=step.may_fail,
    )


def _added_up(draft: Draft, actions: tuple[Action, ...]) -> tuple[str, ...]:
    """Entities of which the actions may change the figures of one item more than once."""
    tallies = [action for action in actions if action.tallies]
    times = Counter(action.entity for action in tallies)
    times.update(a.entity for a in tallies if a.each is not None and _gives_many(draft, a.each))
    return tuple(sorted(entity for entity, count in times.items() if count > 1))


def _depth(reads: list[Request]) -> int:
    """Sequential round trips of the reads."""
    depths: list[int] = []
    for request in reads:
        depths.append(1 + max((depths[number] for number in request.after), default=0))
    return max(depths, default=0)


def _assembly(steps: list[Step], several: list[bool]) -> str:
    if len(steps) > 1 or any(step.each is not None for step in steps):
        return "request after request: each is all or nothing by itself; the notes say what stands in between."
    return "one transaction: all of it or nothing." if any(several) else "one request."
