"""Performs a planned write: its reads in order, then its actions, bound to what was read and sent as planned.

It knows rows only by the plan's requests: no footprint of a row is worked out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from migrator.model.counted import plural
from migrator.plan.action import ABSENT
from migrator.plan.plan import Plan, PlannedPattern, Request
from migrator.plan.sizes import MAX_ACTIONS
from migrator.ports import ItemReader, ItemWriter, TransactionCancelled
from migrator.verify.bind_actions import Bound, BoundActions
from migrator.verify.binding import Binder, Blocked, Nothing
from migrator.verify.entries import Taken
from migrator.verify.gather import Gathered


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of a call. `outcome`:

    - done: `items` items were written.
    - nothing: no row fits; nothing was written.
    - taken: the row, or one of its unique values, is there already; nothing was written.
    - changed: a row is no longer as it was read: perform it again.
    - blocked: something else forbids it, which `told` says (a reference that leads nowhere, NULL where none may be).

    Of a pattern in several steps the steps before stay written.
    """

    outcome: str
    items: int = 0
    told: str = ""


def perform(
    plan: Plan, pattern: PlannedPattern, parameters: Mapping[str, Any], reader: ItemReader, writer: ItemWriter
) -> Performed:
    """Performs a served write with these parameters, by name, as values or as text. Unstorable when a value has
    no place in the table; faults of the service are StoreFaults."""
    return _Performance(plan, pattern, parameters, reader, writer).run()


class _Performance:
    """One call of a pattern."""

    def __init__(
        self,
        plan: Plan,
        pattern: PlannedPattern,
        parameters: Mapping[str, Any],
        reader: ItemReader,
        writer: ItemWriter,
    ) -> None:
        bind = Binder(plan, pattern, parameters)
        self._gathered = Gathered(plan, pattern, parameters, reader, bind)
        self._actions = BoundActions(plan, pattern, self._gathered, bind)
        self._writer = writer
        self._items = 0

    def run(self) -> Performed:
        try:
            self._gathered.gather()
            return self._all(list(self._actions.writes()))
        except Blocked as error:
            return Performed("blocked", self._items, str(error))
        except Taken as error:
            return Performed("taken", self._items, str(error))
        except Nothing:
            return Performed("nothing", self._items)

    def _all(self, writes: list[tuple[Request, list[Bound]]]) -> Performed:
        """Sends everything in order, as long as nothing fails."""
        once = {id(one) for one in _each_once([b for request, bound in writes if not request.may_fail for b in bound])}
        writes = [(request, [b for b in bound if request.may_fail or id(b) in once]) for request, bound in writes]
        certain = [one for request, bound in writes if not request.may_fail for one in bound]
        failed = _clash([one for one in certain if one.action.require == ABSENT and one.action.each is not None])
        for request, bound in writes if failed is None else ():
            failed = failed or self._send(request, bound)
        return failed or Performed("done" if self._items else "nothing", self._items)

    def _send(self, request: Request, bound: list[Bound]) -> Performed | None:
        """Sends one request; what stopped it, or None."""
        if not bound:
            return None
        clash = _clash(bound)
        if clash is not None:
            return replace(clash, items=self._items)
        if len(bound) > MAX_ACTIONS:
            actions = plural(len(bound), "action")
            told = f"{actions}, and a transaction has at most {MAX_ACTIONS}: change fewer rows at a time"
            return Performed("blocked", self._items, told)
        try:
            if request.operation == "TransactWriteItems":
                self._writer.transact([one.write for one in bound])
            else:
                for one in bound:
                    self._writer.write(one.write)
        except TransactionCancelled as error:
            return None if request.may_fail else self._failure(bound, error)
        self._items += len(bound)
        return None

    def _failure(self, bound: list[Bound], error: TransactionCancelled) -> Performed:
        failed = [
            one.action
            for one, reason in zip(bound, error.reasons, strict=True)
            if reason.code == "ConditionalCheckFailed"
        ]
        if not failed:
            raise error
        told = f"the condition on {failed[0].entity} failed: {failed[0].condition}"
        puts = (entry.operation == "put" for action in failed for entry in action.entries)
        if any(action.require == ABSENT for action in failed) or any(puts):
            return Performed("taken", self._items, told)
        return Performed("changed" if any(a.as_read for a in failed) else "nothing", self._items, told)


def _each_once(bound: list[Bound]) -> list[Bound]:
    """Without what says the same again of what was read, and without updates of what is deleted."""
    kept: list[Bound] = []
    deleted = {one.key for one in bound if one.write.operation == "Delete"}
    for one in bound:
        moot = one.write.operation == "Update" and one.key in deleted
        again = one.action.each is not None and any(one.write == other.write for other in kept)
        if one.action.tallies or not (moot or again):
            kept.append(one)
    return kept


def _clash(bound: list[Bound]) -> Performed | None:
    """Two actions on one item, which no transaction takes."""
    keys = Counter(one.key for one in bound)
    twice = [one.action for one in bound if keys[one.key] > 1]
    if not twice:
        return None
    if all(action.require == ABSENT for action in twice):
        return Performed("taken", told=f"one item of {twice[0].entity} would be put twice")
    return Performed("blocked", told=f"one item of {twice[0].entity} would be written twice")
