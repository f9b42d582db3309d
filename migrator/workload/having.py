"""HAVING: conditions on aggregates of groups, and on the groups' own columns, which WHERE could say as well."""

from __future__ import annotations

from sqlglot import exp

from migrator.model.query import Field, GroupTest, Literal, Output, Predicate, Value
from migrator.model.schema import Kind
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake
from migrator.workload.names import Scope
from migrator.workload.options import flatten
from migrator.workload.outputs import Item, by_alias, is_aggregate, read_aggregate
from migrator.workload.predicates import FLIPPED, NEGATED, OPERATORS, read_condition
from migrator.workload.refusals import COUNTER, refuse, show
from migrator.workload.values import bare, constant

Having = tuple[tuple[GroupTest, ...], tuple[Predicate, ...]]
_WHY = "only comparisons of aggregates with values, joined by AND, are computed here"


def read_having(select: exp.Select, scope: Scope, items: tuple[Item, ...], groups: tuple[Field, ...]) -> Having:
    """The tests of groups, and the conditions that hold for a whole group or for none of it."""
    clause = select.args.get("having")
    if clause is None:
        return (), ()
    only(clause, "this")
    if not groups and not any(item.output.function for item in items):
        raise refuse("HAVING without groups", "it filters groups", "Write WHERE, or add GROUP BY.")
    tests: list[GroupTest] = []
    predicates: list[Predicate] = []
    for term in _terms(_without_aliases(clause.this.copy(), select, scope, items)):
        if term.find(exp.AggFunc) is None:
            predicates += _of_group(term, scope, groups)
        else:
            tests += _tests(term, scope, False)
    return tuple(dict.fromkeys(tests)), tuple(predicates)


def _terms(node: exp.Expr) -> list[exp.Expr]:
    node = bare(node)
    return [term for part in flatten(node) for term in _terms(part)] if isinstance(node, exp.And) else [node]


def _without_aliases(node: exp.Expr, select: exp.Select, scope: Scope, items: tuple[Item, ...]) -> exp.Expr:
    """Aliases of the select list that are no columns' names replaced by what they stand for."""
    if len(items) != len(select.expressions):
        return node

    def meant(part: exp.Expr) -> exp.Expr:
        if not isinstance(part, exp.Column):
            return part
        try:
            scope.field(part)
        except Mistake:
            number = by_alias(part, scope, items)
            return part if number is None else select.expressions[number].this.copy()
        return part

    return node.transform(meant)


def _of_group(term: exp.Expr, scope: Scope, groups: tuple[Field, ...]) -> tuple[Predicate, ...]:
    for column in term.find_all(exp.Column):
        if scope.field(column) not in groups:
            what = f"HAVING {show(term)}"
            raise refuse(what, f"{column.name} is neither grouped by nor aggregated", "Write it in WHERE.")
    return read_condition(term, scope)


def _tests(node: exp.Expr, scope: Scope, negated: bool) -> list[GroupTest]:
    node = bare(node)
    if isinstance(node, exp.Not):
        only(node, "this")
        return _tests(node.this, scope, not negated)
    if isinstance(node, exp.Between) and not negated:
        only(node, "this", "low", "high")
        low, high = node.args["low"], node.args["high"]
        return [_test(node.this, ">=", low, scope), _test(node.this, "<=", high, scope)]
    operator = OPERATORS.get(type(node))
    if operator is None:
        raise refuse(f"HAVING {show(node)}", _WHY, COUNTER)
    only(node, "this", "expression")
    return [_test(node.this, NEGATED[operator] if negated else operator, node.expression, scope)]


def _test(left: exp.Expr, operator: str, right: exp.Expr, scope: Scope) -> GroupTest:
    left, right = bare(left), bare(right)
    if not is_aggregate(left):
        left, operator, right = right, FLIPPED[operator], left
    value = constant(right, scope.dialect)
    if not is_aggregate(left) or value is None:
        raise refuse(f"HAVING {show(left)} {operator} {show(right)}", _WHY, COUNTER)
    aggregate = read_aggregate(left, scope, "")
    _require_exact(aggregate, value, scope)
    return GroupTest(Output("", aggregate.field, aggregate.function, aggregate.distinct), operator, value)


def _require_exact(aggregate: Output, value: Value, scope: Scope) -> None:
    """The source adds binary floating point numbers, whose last digits depend on the order; and NULL compares with
    nothing."""
    if isinstance(value, Literal) and value.value is None:
        raise refuse("HAVING with NULL", "it is never true", "Remove it.")
    field = aggregate.field
    if field is not None and aggregate.function in ("sum", "avg") and scope.column(field).kind is Kind.FLOAT:
        why = "its last digits depend on the order of adding"
        raise refuse(f"HAVING over the {aggregate.function} of {field.column}, a floating-point column", why, COUNTER)
