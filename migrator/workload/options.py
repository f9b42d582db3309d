"""OR: branches of conjunctions, in their simplest form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """OR of conjunctions: nested ORs are merged, equalities of one column become a membership. An OR of rows of values
    is followed by the memberships that it implies."""
    merged: list[tuple[Predicate, ...]] = []
    for branch in branches:
        merged.extend(branch[0].branches if len(branch) == 1 and isinstance(branch[0], Either) else (branch,))
    if () in merged:  # a branch that is always true
        return ()
    distinct = tuple(dict.fromkeys(merged))
    if len(distinct) == 1:
        return distinct[0]
    member = _membership(distinct)
    return (member,) if member else (Either(distinct), *_implied(distinct))


def _implied(branches: Sequence[tuple[Predicate, ...]]) -> Iterator[Membership]:
    """`(a, b) IN ((1, 2), (3, 4))`, and the OR that it stands for, say `a IN (1, 3) AND b IN (2, 4)` too, by which keys
    are found; which values belong together is tested on the rows."""
    rows = [{p.field: p.value for p in branch if isinstance(p, Comparison) and p.op == "="} for branch in branches]
    alike = all(row.keys() == rows[0].keys() and len(row) == len(b) for row, b in zip(rows, branches, strict=True))
    for field in rows[0] if alike else ():
        values = {repr(row[field]): row[field] for row in rows}
        yield Membership(field, tuple(values.values()))


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
