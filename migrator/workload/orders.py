"""ORDER BY and LIMIT."""

from __future__ import annotations

from sqlglot import exp

from migrator.model.query import Field, Literal, OrderTerm, Output, Parameter, Value
from migrator.workload.guard import only
from migrator.workload.names import Scope
from migrator.workload.outputs import Item, by_alias, by_number, is_aggregate, read_aggregate
from migrator.workload.refusals import STORE_IT, refuse, refuse_expression, show
from migrator.workload.values import bare, constant


def read_order(
    select: exp.Select, scope: Scope, items: tuple[Item, ...], groups: tuple[Field, ...] | None
) -> tuple[OrderTerm, ...]:
    """The terms of ORDER BY. A plain column is always given as a field, whether it is named by itself, by its
    alias or by its number; only an aggregate is given by its number.

    `groups`: the columns that a grouped or DISTINCT answer has; None when every row stands for itself."""
    clause = select.args.get("order")
    if clause is None:
        return ()
    only(clause, "expressions")
    terms = (_term(ordered, scope, items) for ordered in clause.expressions)
    return tuple(_require_visible(term, groups) for term in dict.fromkeys(terms))


def _term(ordered: exp.Ordered, scope: Scope, items: tuple[Item, ...]) -> OrderTerm:
    only(ordered, "this", "desc", "nulls_first")
    descending, nulls_first = bool(ordered.args.get("desc")), bool(ordered.args.get("nulls_first"))
    output, field = _target(bare(ordered.this), scope, items)
    return OrderTerm(output, field, descending, nulls_first)


def _target(node: exp.Expr, scope: Scope, items: tuple[Item, ...]) -> tuple[int | None, Field | None]:
    if by_number(node, items) is not None:
        return _output(int(node.name) - 1, items)
    if isinstance(node, exp.Column):
        number = by_alias(node, scope, items)
        return (None, scope.field(node)) if number is None else _output(number, items)
    if is_aggregate(node):
        wanted = read_aggregate(node, scope, "")
        for number, item in enumerate(items):
            if _same(item.output, wanted):
                return number, None
        raise refuse(
            f"ORDER BY {show(node)}", "the aggregate is not selected", "Select it too and order by its number."
        )
    raise refuse_expression(node, "ORDER BY", STORE_IT)


def _output(number: int, items: tuple[Item, ...]) -> tuple[int | None, Field | None]:
    output = items[number].output
    if output.literal is not None:
        raise refuse("ORDER BY a constant", "it orders nothing", "Drop it.")
    return (number, None) if output.function else (None, output.field)


def _same(output: Output, wanted: Output) -> bool:
    return (output.function, output.field, output.distinct) == (wanted.function, wanted.field, wanted.distinct)


def _require_visible(term: OrderTerm, groups: tuple[Field, ...] | None) -> OrderTerm:
    if groups is None or term.field is None or term.field in groups:
        return term
    why = "rows that the answer merges may differ in it"
    raise refuse(f"ORDER BY {term.field.column}, which is not in the answer", why, "Select the column too.")


def read_limit(select: exp.Select, scope: Scope) -> Value | None:
    """LIMIT or FETCH FIRST as a parameter or a whole number."""
    clause = select.args.get("limit")
    if clause is None:
        return None
    if isinstance(clause, exp.Fetch):
        return _fetch(clause, scope)
    only(clause, "expression")
    return _count(clause.expression, scope)


def read_offset(select: exp.Select, scope: Scope) -> Value | None:
    """OFFSET as a parameter or a whole number; None when it leaves out nothing."""
    clause = select.args.get("offset")
    if clause is None:
        return None
    only(clause, "expression")
    value = constant(clause.expression, scope.dialect)
    if isinstance(value, Parameter):
        return value
    if isinstance(value, Literal) and type(value.value) is int and (value.value >= 0 or scope.dialect == "sqlite"):
        return value if value.value > 0 else None
    raise refuse_expression(bare(clause.expression), "OFFSET", "Write a whole number or a parameter.")


def _fetch(clause: exp.Fetch, scope: Scope) -> Value | None:
    only(clause, "direction", "count", "limit_options")
    options = clause.args.get("limit_options")
    if options is not None:
        only(options, "rows")
    count = clause.args.get("count")
    return Literal(1) if count is None else _count(count, scope)


def _count(node: exp.Expr, scope: Scope) -> Value | None:
    node = bare(node)
    if isinstance(node, exp.Var | exp.Column) and node.name.upper() == "ALL":
        return None
    value = constant(node, scope.dialect)
    if isinstance(value, Parameter):
        return value
    if isinstance(value, Literal) and type(value.value) is int:
        # SQLite reads a negative LIMIT as none.
        return None if value.value < 0 and scope.dialect == "sqlite" else value
    raise refuse_expression(node, "LIMIT", "Write a whole number or a parameter.")
