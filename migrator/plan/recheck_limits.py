"""Requests that stop at a statement's limit, checked from the plan alone: do they stop where it does, in its order?"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.query import Literal, Parameter, Related, Select
from migrator.model.schema import Kind
from migrator.plan.pinned import Laid, common, lay, tokens
from migrator.plan.plan import TABLE_SLOT, Entity, Request
from migrator.plan.recheck_conditions import Conditions
from migrator.plan.templates import Placeholder, parse_template

ORDERED_AS_THEY_ARE = (Kind.BOOLEAN, Kind.UUID, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP)
"""Kinds whose plain text may already be in order."""


def stop_faults(conditions: Conditions, entity: Entity, request: Request, laid: tuple[Laid, ...]) -> Iterator[str]:
    """A request that stops at the statement's limit must give its rows in the statement's order."""
    select, beside = conditions.select, len(request.entities) - 1
    computes = any(output.function for output in select.outputs) or select.distinct or select.group_by
    if computes or select.having or select.distinct_on:
        yield "computes from its rows, and its requests stop early"
    if any(isinstance(predicate, Related) for predicate in select.predicates):
        yield "tests its rows by another statement's, and its requests stop early"
    if request.operation == "Query" and _counted(request.limit) != _wanted(select, beside):
        yield f"has the limit {request.limit}, and wants {select.limit}, {select.offset} and {beside}"
    keys = entity.slot(request.index or TABLE_SLOT)
    if keys is None or request.operation != "Query":
        return
    single = set(tokens(lay(keys.partition, request.partition or "", True).pins))
    whole = request.sort is not None and request.sort.op == "="
    single |= set(tokens(laid[0].pins if whole else common(laid))) if laid else set()
    left = [p for p in parse_template(keys.sort) if isinstance(p, Placeholder) and p.name not in single]
    yield from _disorder(conditions, entity, request, left, single)


def _disorder(
    conditions: Conditions, entity: Entity, request: Request, left: list[Placeholder], fixed: set[str]
) -> Iterator[str]:
    waiting = [piece for piece in left if not conditions.is_one(entity.attribute(piece.name))]
    for term in conditions.select.order:
        field = term.field if term.output is None else conditions.select.outputs[term.output].field
        names = {a.name for a in entity.attributes if field is not None and field in conditions.fields(a)}
        if names & fixed or not waiting or any(conditions.is_one(entity.attribute(name)) for name in names):
            continue
        piece = waiting.pop(0)
        if piece.name not in names:
            yield f"wants another order than {piece.name} next"
            return
        if not piece.encoding and entity.attribute(piece.name).kind not in ORDERED_AS_THEY_ARE:
            yield f"wants the order of {piece.name}, whose text keeps none"
        if term.descending == request.forward:
            yield f"wants {piece.name} in the other direction"
        fixed = fixed | names


def _counted(limit: str | None) -> tuple[tuple[str, ...], int] | None:
    """A request's limit: its placeholders, the first of which is a number when the limit itself is one, and the sum of
    its numbers."""
    if limit is None:
        return None
    terms = limit.split("+")
    named = tuple(term for term in terms if not term.isdecimal())
    lead = ("",) if named and terms[0].isdecimal() else ()
    return (*lead, *named), sum(int(term) for term in terms if term.isdecimal())


def _wanted(select: Select, beside: int) -> tuple[tuple[str, ...], int] | None:
    """What a limit has to count: the statement's own, what OFFSET leaves out, and the items beside its own."""
    if select.limit is None:
        return None
    values = [value for value in (select.limit, select.offset) if value is not None]
    named = [f"{{:{value.name}}}" if isinstance(value, Parameter) else "" for value in values]
    while named and not named[-1]:
        named.pop()
    total = sum(int(value.value or 0) for value in values if isinstance(value, Literal))
    return tuple(named), total + beside
