"""OR: branches of conjunctions, in their simplest form."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from migrator.model.query import Comparison, Either, Field, Literal, Membership, Predicate, Value
from migrator.workload.guard import only


def flatten(node: exp.Connector) -> list[exp.Expr]:
    """The operands of a chain of ANDs, or of ORs, in order; long chains do not deepen the stack."""
    operands: list[exp.Expr] = []
    stack: list[exp.Expr] = [node]
    while stack:
        current = stack.pop()
        if type(current) is type(node):
            only(current, "this", "expression")
            stack += (current.args["expression"], current.args["this"])
        else:
            operands.append(current)
    return operands


def either(branches: Sequence[tuple[Predicate, ...]]) -> tuple[Predicate, ...]:
    """OR of conjunctions: nested ORs are merged, equalities of one column become a membership."""
    merged: list[tuple[Predicate, ...]] = []
    for branch in branches:
        merged.extend(branch[0].branches if len(branch) == 1 and isinstance(branch[0], Either) else (branch,))
    if () in merged:  # a branch that is always true
        return ()
    distinct = tuple(dict.fromkeys(merged))
    return distinct[0] if len(distinct) == 1 else (_membership(distinct) or Either(distinct),)


def _membership(branches: tuple[tuple[Predicate, ...], ...]) -> Membership | None:
    found = [_values(branch) for branch in branches]
    fields = {field for field, _ in found}
    if len(fields) != 1 or None in fields:
        return None
    field = found[0][0]
    values = dict.fromkeys((repr(value), value) for _, listed in found for value in listed)
    return Membership(field, tuple(value for _, value in values)) if field else None


def _values(branch: tuple[Predicate, ...]) -> tuple[Field | None, tuple[Value, ...]]:
    match branch:
        case (Comparison(field, "=", value),):
            return field, (value,)
        case (Membership(field, values, False),):
            return field, values
        case _:
            return None, ()


def evaluate(left: Value | None, operator: str, right: Value | None) -> bool | None:
    """The truth of a comparison of two literal numbers or two texts (`1 = 1`); None when it is not known."""
    if not isinstance(left, Literal) or not isinstance(right, Literal):
        return None
    a, b = left.value, right.value
    if isinstance(a, str) and isinstance(b, str):
        return a == b if operator == "=" else a != b if operator == "<>" else None
    if not isinstance(a, int | Decimal) or not isinstance(b, int | Decimal):
        return None
    order = (a > b) - (a < b)
    return {"=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0}.get(
        operator, order >= 0
    )
