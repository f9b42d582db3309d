"""From the items that a pattern's requests gave to the rows that its SQL gives.

Everything the statement says is evaluated again here, so requests may give too much but never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.model.query import Related
from migrator.plan.columns import Columns
from migrator.plan.figures import is_empty
from migrator.plan.items import entity_name
from migrator.plan.joined import Joined, hashable
from migrator.plan.joining import Joining
from migrator.plan.plan import Part, Plan, Request
from migrator.plan.shaping import Shape
from migrator.plan.truth import Truth, aliases_of
from migrator.plan.values import Item


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of one statement. Values are text, Decimal, bool, bytes, list, dict or None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Assembler:
    """Evaluates one part. `parameters` are values as given; each is read as the column it meets has them. `parts` are
    all of its pattern: a part may test its rows by what another one gives. `left_out`: attributes that the items do
    not show though they may have them, which is no sign that a joined row is missing."""

    def __init__(
        self,
        plan: Plan,
        part: Part,
        parameters: Mapping[str, Any],
        parts: tuple[Part, ...] = (),
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        self._plan = plan
        self._part = part
        self._parts = parts
        self._parameters = parameters
        self._select = part.select
        self._entity = plan.entity(part.entity)
        self._columns = Columns.of(plan, part.select, parameters)
        self._joining = Joining.of(plan, part, left_out)
        self._shape = Shape(self._columns, self._entity)

    def wanted(self) -> int | None:
        """Rows that a limit and the offset before it take together; None for all."""
        limit = self._columns.number(self._select.limit)
        return None if limit is None else limit + self._skipped()

    def _skipped(self) -> int:
        return self._columns.number(self._select.offset) or 0

    def fits(self, item: Item) -> bool:
        """Whether an item is a row of the answer as far as it tells by itself: counted towards a limit."""
        if entity_name(self._plan, item) != self._entity.name:
            return False
        joined = self._joining.joined(item, {}, lone=True)
        told = (p for p in self._select.predicates if not isinstance(p, Related))
        known = [p for p in told if aliases_of(p) <= set(joined or ())]
        truth = Truth(self._columns, {})
        return joined is not None and all(truth.holds(p, joined) for p in known)

    def answer(self, items: Sequence[Sequence[Item]]) -> Answer:
        """The statement's rows, from the items of each request of the pattern."""
        found = self._joining.lookups(items)
        related = {p.statement for p in self._select.predicates if isinstance(p, Related)}
        truth = Truth(self._columns, {statement: self._rows_given(statement, items) for statement in related})
        rows: list[Joined] = []
        for item in self._driving(items):
            joined = self._joining.joined(item, found, lone=False)
            if joined is not None and all(truth.holds(p, joined) for p in self._select.predicates):
                rows.append(joined)
        kept = self._shape.shown(rows)[self._skipped() : self.wanted()]
        return Answer(tuple(output.name for output in self._select.outputs), tuple(values for values, _ in kept))

    def _rows_given(self, statement: int, items: Sequence[Sequence[Item]]) -> frozenset[tuple[Any, ...]]:
        """The rows of another statement of the pattern, as far as they can equal anything; an empty row when there is
        any at all."""
        other = Assembler(self._plan, self._parts[statement], self._parameters, self._parts).answer(items)
        rows = [tuple(map(hashable, row)) for row in other.rows]
        return frozenset([*(row for row in rows if None not in row), *([()] if rows else [])])

    def _driving(self, items: Sequence[Sequence[Item]]) -> Iterable[Item]:
        keys = self._plan.table.key_names
        seen = set()
        for request in self._part.requests:
            for item in items[request]:
                identity = tuple(item[name]["S"] for name in keys)
                if entity_name(self._plan, item) == self._entity.name and identity not in seen:
                    seen.add(identity)
                    if not (self._entity.measures and is_empty(self._entity, item)):
                        yield item


def left_out(plan: Plan, requests: Sequence[Request], part: Part) -> frozenset[str]:
    """Attributes that an index which gives the part's items does not hold."""
    asked = {requests[number].index for number in part.requests}
    narrow = [index for index in plan.indexes if index.name in asked and index.projection != "ALL"]
    names = {attribute.name for attribute in plan.entity(part.entity).attributes}
    return frozenset(name for index in narrow for name in names - set(index.attributes))
