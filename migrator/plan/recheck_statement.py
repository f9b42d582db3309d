"""One statement's requests checked from the plan alone: they may cut off no row that its conditions let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from migrator.model.query import Membership, Parameter, Select
from migrator.plan.hydrate import choosing, second_item
from migrator.plan.keys import AFTER_NULL
from migrator.plan.pinned import MARK, Laid, Mismatch, Token, from_item, parameter, pins_of, placeholders, shown
from migrator.plan.plan import TABLE_SLOT, Embedded, Entity, Part, Plan, PlannedPattern, Request
from migrator.plan.recheck_conditions import Conditions, said
from migrator.plan.recheck_limits import stop_faults


def statement_faults(plan: Plan, pattern: PlannedPattern, part: Part) -> Iterator[str]:
    """What is wrong with the requests that give a statement's rows."""
    held = next((pair for pair in plan.embedded() if pair[1].name == part.entity), None)
    return _Statement(plan, pattern, part, held, Conditions(part.select, held[1] if held else None)).faults()


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement of a pattern, with the requests that give its rows. `held`: the entity within whose items the rows
    live, when they have none of their own."""

    plan: Plan
    pattern: PlannedPattern
    part: Part
    held: tuple[Entity, Embedded] | None
    conditions: Conditions

    @property
    def select(self) -> Select:
        return self.part.select

    def faults(self) -> Iterator[str]:
        entity = self.plan.entity(self.part.entity) if self.held is None else self.held[0]
        if self.held is not None and not self.part.complete:
            yield f"stops before it has all rows within {entity.name}"
        combinations: list[Mapping[str, Token]] = []
        for number in choosing(self.plan, self.pattern.requests, self.part):
            request = self.pattern.requests[number]
            asked = second_item(self.plan, entity, request)
            try:
                pinned = list(pins_of(asked, request))
            except Mismatch as error:
                yield f"reads keys that {asked.name} does not have: {error}"
                return
            combinations += [pins for pins, _ in pinned]
            for pins, laid in pinned:
                yield from self._unsaid(asked, pins)
                yield from self._cut(asked, request, pins, laid)
            if not self.part.complete:
                yield from stop_faults(self.conditions, asked, request, pinned[0][1])
        yield from self._uncovered(entity, combinations)
        yield from self._unheld(entity)
        yield from self._absent(entity)

    def _absent(self, entity: Entity) -> Iterator[str]:
        """Attributes without which a row does not stand in the index that is read, though it may be wanted."""
        for number in choosing(self.plan, self.pattern.requests, self.part):
            request = self.pattern.requests[number]
            keys = second_item(self.plan, entity, request).slot(request.index or TABLE_SLOT)
            if keys is None:
                continue
            partition = {piece.name for piece in placeholders(keys.partition)}
            for name in keys.requires:
                if name not in partition and not self.conditions.present(entity.attribute(name)):
                    yield f"reads {keys.slot}, which has no rows without {name}; its conditions do not say so"
            for state in keys.where:
                if not self.conditions.only(entity.attribute(state.attribute), state.values):
                    yield (
                        f"reads {keys.slot}, which has only some rows by {state.attribute}; its conditions do not say "
                        "so"
                    )

    def _unheld(self, entity: Entity) -> Iterator[str]:
        """Attributes that the answer needs, and an index that gives the rows does not hold."""
        aliases = {self.select.driver, *(r.alias for r in self.part.resolutions if r.how == "copy")}
        fields = {field for field in self.select.fields() if field.alias in aliases}
        if entity.kind == "edge":
            for field in sorted(fields, key=lambda field: (field.alias, field.column)):
                if not any(field in self.conditions.fields(attribute) for attribute in entity.attributes):
                    yield f"looks at {field.alias}.{field.column}, which {entity.name} does not hold"
        for number in self.part.requests:
            index = next((i for i in self.plan.indexes if i.name == self.pattern.requests[number].index), None)
            if index is None or index.projection == "ALL":
                continue
            held = {a.name for a in entity.attributes if a.name in index.attributes}
            for field in sorted(fields, key=lambda field: (field.alias, field.column)):
                if not any(field in self.conditions.fields(entity.attribute(name)) for name in held):
                    yield f"looks at {field.alias}.{field.column}, which {index.name} does not hold"

    def _unsaid(self, entity: Entity, pins: Mapping[str, Token]) -> Iterator[str]:
        """Attributes that the keys pin down, and the statement's equalities do not."""
        for name, token in pins.items():
            if from_item(token) is not None and self._from_guard(token):
                continue
            if said(token) not in self.conditions.allowed(entity.attribute(name)):
                yield f"pins {name} to {shown(token)}, which its conditions do not say"

    def _from_guard(self, token: Token) -> bool:
        number, name = from_item(token) or (0, "")
        request = self.pattern.requests[number]
        guard = self.plan.entity(request.entities[0])
        if guard.kind != "guard" or not any(attribute.name == name for attribute in guard.attributes):
            return False
        pins, _ = next(pins_of(guard, request))
        return not list(self._unsaid(guard, pins))

    def _cut(
        self, entity: Entity, request: Request, pins: Mapping[str, Token], laid: tuple[Laid, ...]
    ) -> Iterator[str]:
        """Ranges of the sort key that the statement's own ranges do not say."""
        sort = request.sort
        if not laid or sort is None or sort.op == "=":
            return
        sides: list[tuple[Laid, tuple[str, ...]]] = [(laid[0], (">", ">=")), (laid[-1], ("<", "<="))]
        if sort.op == "begins_with":
            sides = [(laid[0], ("prefix",))]
        elif sort.op != "between":
            sides = [(laid[0], (">", ">=") if sort.op.startswith(">") else ("<", "<="))]
        for side, operators in sides:
            for piece, token, closed in side.pins:
                if piece.name in pins or (sort.op == "begins_with" and closed):
                    continue
                if token == AFTER_NULL and not self.conditions.present(entity.attribute(piece.name)):
                    yield f"leaves out rows without {piece.name}, which its conditions do not say"
                if len(token) > 1 and said(token) not in self.conditions.allowed(
                    entity.attribute(piece.name), operators
                ):
                    yield f"cuts {piece.name} at {shown(token)}, which its conditions do not say"

    def _uncovered(self, entity: Entity, combinations: list[Mapping[str, Token]]) -> Iterator[str]:
        """Values of a list that no request asks for."""
        names = {name for pins in combinations for name in pins}
        seen = {name: {pins[name] for pins in combinations if name in pins} for name in names}
        for name in sorted(names):
            lists = [p for p in self.select.predicates if isinstance(p, Membership) and not p.negated]
            for membership in lists:
                if membership.field in self.conditions.fields(entity.attribute(name)):
                    asked = {token for token in seen[name] if token.startswith(MARK)}
                    wanted = {parameter(value.name) for value in membership.values if isinstance(value, Parameter)}
                    others = self.conditions.allowed(entity.attribute(name), besides=membership)
                    looked_up = any(from_item(token) is not None for token in seen[name])
                    if not looked_up and not wanted <= asked and not set(map(said, seen[name])) & others:
                        yield f"leaves out {', '.join(map(shown, sorted(wanted - asked)))} of the list on {name}"
        distinct = {tuple(sorted(pins.items())) for pins in combinations}
        if names and len(distinct) < prod(len(seen[name]) for name in names):
            yield "does not ask for every combination of its lists"
