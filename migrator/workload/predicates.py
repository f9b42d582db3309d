"""Conditions, as a conjunction of predicates over plain columns.

Negation is pushed down to the comparisons, which SQL's three-valued logic allows: a condition and its normal
form are true for the same rows.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from migrator.model.query import (
    Comparison,
    Field,
    FieldComparison,
    Literal,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Value,
)
from migrator.model.schema import Kind
from migrator.workload.guard import only
from migrator.workload.mistakes import Refused
from migrator.workload.names import Scope
from migrator.workload.options import either, evaluate, flatten
from migrator.workload.patterns import read_like
from migrator.workload.refusals import SPLIT, STORE_IT, refuse, refuse_expression, show
from migrator.workload.values import bare, constant

Conjunction = tuple[Predicate, ...]

OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
FLIPPED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


_TRUTHS = (Kind.BOOLEAN, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.UNKNOWN)


def read_condition(node: exp.Expr, scope: Scope, negated: bool = False) -> Conjunction:
    """The predicates that all hold where the condition does (or, `negated`, where its NOT does)."""
    node = bare(node)
    if isinstance(node, exp.Not):
        only(node, "this")
        return read_condition(node.this, scope, not negated)
    if isinstance(node, exp.And | exp.Or):
        branches = [read_condition(operand, scope, negated) for operand in flatten(node)]
        conjunctive = isinstance(node, exp.And) != negated
        return tuple(predicate for branch in branches for predicate in branch) if conjunctive else either(branches)
    if type(node) in OPERATORS:
        only(node, "this", "expression")
        operator = OPERATORS[type(node)]
        return _compare(node.this, NEGATED[operator] if negated else operator, node.expression, scope)
    reader = _READERS.get(type(node))
    if reader is not None:
        return reader(node, scope, negated)
    return _bare_value(node, scope, negated)


def _compare(left: exp.Expr, operator: str, right: exp.Expr, scope: Scope) -> Conjunction:
    left, right = bare(left), bare(right)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        return _compare_rows(left, operator, right, scope)
    if isinstance(left, exp.Column) and isinstance(right, exp.Column):
        return _compare_columns(scope.field(left), operator, scope.field(right))
    if isinstance(left, exp.Column):
        return (_comparison(scope.field(left), operator, _constant(right, scope)),)
    if isinstance(right, exp.Column):
        return (_comparison(scope.field(right), FLIPPED[operator], _constant(left, scope)),)
    return _compare_constants(left, operator, right, scope)


def _compare_columns(left: Field, operator: str, right: Field) -> Conjunction:
    if left == right and operator in ("=", "<=", ">="):
        return (NullTest(left, negated=True),)
    return (FieldComparison(left, operator, right),)


def _constant(node: exp.Expr, scope: Scope) -> Value:
    found = constant(node, scope.dialect)
    if found is None:
        raise refuse_expression(node, "WHERE", "Compute the value in the application and pass a parameter.")
    return found


def _comparison(field: Field, operator: str, value: Value) -> Comparison:
    if isinstance(value, Literal) and value.value is None:
        what = f"the comparison {field.column} {operator} NULL"
        raise refuse(what, "it is never true", f"Write {field.column} IS [NOT] NULL.")
    return Comparison(field, operator, value)


def _compare_constants(left: exp.Expr, operator: str, right: exp.Expr, scope: Scope) -> Conjunction:
    for side in (left, right):
        if constant(side, scope.dialect) is None:
            raise refuse_expression(side, "WHERE", STORE_IT)
    truth = evaluate(constant(left, scope.dialect), operator, constant(right, scope.dialect))
    if truth is None:
        way_out = "Declare a query for each case; the application chooses."
        raise refuse("a condition on parameters alone", "it switches parts of the query on and off", way_out)
    return _require_true(truth)


def _require_true(truth: bool) -> Conjunction:
    if not truth:
        raise refuse("a condition that is always false", "it asks for nothing", "Remove it.")
    return ()


def _compare_rows(left: exp.Tuple, operator: str, right: exp.Tuple, scope: Scope) -> Conjunction:
    """`(a, b) < (x, y)` is a < x OR (a = x AND b < y)."""
    pairs = list(zip(left.expressions, right.expressions, strict=False))
    if not pairs or len(left.expressions) != len(right.expressions):
        raise refuse("a comparison of rows of different length", "it has no meaning", "Compare equally many columns.")
    if operator == "=":
        return tuple(predicate for a, x in pairs for predicate in _compare(a, "=", x, scope))
    if operator == "<>":
        return either([_compare(a, "<>", x, scope) for a, x in pairs])
    branches = []
    for last, (a, x) in enumerate(pairs):
        equal = [predicate for b, y in pairs[:last] for predicate in _compare(b, "=", y, scope)]
        strict = operator if last == len(pairs) - 1 else operator[0]
        branches.append((*equal, *_compare(a, strict, x, scope)))
    return either(branches)


def _between(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    only(node, "this", "low", "high")
    low, high = node.args["low"], node.args["high"]
    if negated:
        return either([_compare(node.this, "<", low, scope), _compare(node.this, ">", high, scope)])
    return _compare(node.this, ">=", low, scope) + _compare(node.this, "<=", high, scope)


def _in(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    only(node, "this", "expressions")
    subject, listed = bare(node.this), [bare(item) for item in node.expressions]
    if not listed:
        raise refuse("IN with an empty list", "it asks for nothing", "List at least one value.")
    values = [constant(item, scope.dialect) for item in listed]
    if isinstance(subject, exp.Column) and None not in values:
        return (_membership(scope.field(subject), values, negated),)
    branches = [_compare(subject, "<>" if negated else "=", item, scope) for item in listed]
    return tuple(predicate for branch in branches for predicate in branch) if negated else either(branches)


def _membership(field: Field, values: list[Value | None], negated: bool) -> Membership:
    if any(isinstance(value, Literal) and value.value is None for value in values):
        raise refuse("NULL in a list of IN", "nothing equals NULL", f"Write OR {field.column} IS NULL.")
    return Membership(field, tuple(value for value in values if value is not None), negated)


def _is(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    """IS [NOT] NULL, TRUE, FALSE or a literal: never unknown, so NOT is the exact complement."""
    only(node, "this", "expression", "negate")
    negated ^= bool(node.args.get("negate")) ^ isinstance(node, exp.NullSafeNEQ)
    subject, right = bare(node.this), bare(node.expression)
    if not isinstance(subject, exp.Column):
        subject, right = right, subject
    if not isinstance(subject, exp.Column):
        raise _optional_filter(subject, right, scope)
    field = scope.field(subject)
    if isinstance(right, exp.Null):
        return (NullTest(field, negated),)
    if isinstance(right, exp.Boolean) and type(node) is exp.Is:
        true = _truth(field, bool(right.this) != negated, scope)
        return either([(true,), (NullTest(field),)]) if negated else (true,)
    value = constant(right, scope.dialect)
    if not isinstance(value, Literal):
        raise _null_safe(right, value)
    if negated:
        return either([(Comparison(field, "<>", value),), (NullTest(field),)])
    return (Comparison(field, "=", value),)


def _optional_filter(left: exp.Expr, right: exp.Expr, scope: Scope) -> Refused:
    if isinstance(constant(left, scope.dialect), Parameter) or isinstance(constant(right, scope.dialect), Parameter):
        why = "it makes a filter optional, so that one statement stands for several access patterns"
        return refuse("a NULL test of a parameter", why, "Declare one query for each combination of filters in use.")
    return refuse_expression(left, "WHERE", STORE_IT)


def _null_safe(node: exp.Expr, value: Value | None) -> Refused:
    if value is None:
        return refuse_expression(node, "WHERE", STORE_IT)
    why = "it means = or IS NULL, depending on the parameter"
    return refuse("a null-safe comparison with a parameter", why, "Declare a query with = and one with IS NULL.")


def _like(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    return (read_like(node, scope, negated),)


def _column(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    assert isinstance(node, exp.Column)  # noqa: S101 - the table of readers says so
    return (_truth(scope.field(node), not negated, scope),)


def _truth(field: Field, positive: bool, scope: Scope) -> Comparison:
    """Whether a column counts as true: PostgreSQL has booleans, elsewhere it is any number but 0."""
    column = scope.column(field)
    if column.kind not in _TRUTHS:
        why = f"its values are {column.kind.value}, of which some count as true"
        raise refuse(f"the column {field.column} as a condition", why, "Compare it with a value.")
    if scope.dialect == "postgres":
        return Comparison(field, "=", Literal(positive))
    return Comparison(field, "<>" if positive else "=", Literal(0))


def _bare_value(node: exp.Expr, scope: Scope, negated: bool) -> Conjunction:
    """`WHERE TRUE` and `WHERE 1` say nothing."""
    value = constant(node, scope.dialect)
    if isinstance(value, Literal) and isinstance(value.value, bool | int):
        return _require_true(bool(value.value) != negated)
    if isinstance(value, Literal):
        what = f"the bare value {show(node)} as a condition"
        way_out = "Compare it with a column; in MySQL || means OR, and CONCAT joins texts."
        raise refuse(what, "it compares nothing", way_out)
    if isinstance(node, exp.Subquery | exp.Select):
        raise refuse("a subquery in WHERE", "it is a query within a query", SPLIT)
    raise refuse_expression(node, "WHERE", STORE_IT)


_READERS: dict[type[exp.Expr], Callable[[exp.Expr, Scope, bool], Conjunction]] = {
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.NullSafeEQ: _is,
    exp.NullSafeNEQ: _is,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Escape: _like,
    exp.Column: _column,
}
