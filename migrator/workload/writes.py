"""UPDATE and DELETE in normal form."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from migrator.model.query import Change, Delete, Now, Predicate, Update, Value
from migrator.model.schema import Schema
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake, line_of
from migrator.workload.names import Scope, Source, source_of
from migrator.workload.predicates import read_condition
from migrator.workload.refusals import refuse_expression
from migrator.workload.values import bare, constant, now

Assigned = Value | Change | Now
Assignments = tuple[tuple[str, Assigned], ...]
_OPERATORS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.DPipe: "||"}
_READ_FIRST = "Read the row, compute in the application, and write the value with a condition."


def read_update(node: exp.Update, schema: Schema, dialect: str) -> Update:
    """`UPDATE table SET column = value ... WHERE ...`."""
    only(node, "this", "expressions", "where", "returning")
    scope = write_scope(node.this, schema, dialect)
    check_returning(node, scope)
    table = scope.sources[0].table
    return Update(table.name, once(read_assignments(node.expressions, scope), node), _where(node, scope))


def read_delete(node: exp.Delete, schema: Schema, dialect: str) -> Delete:
    """`DELETE FROM table WHERE ...`."""
    only(node, "this", "where", "returning")
    scope = write_scope(node.this, schema, dialect)
    check_returning(node, scope)
    return Delete(scope.sources[0].table.name, _where(node, scope))


def check_returning(node: exp.Expr, scope: Scope) -> None:
    """Refuses a RETURNING of anything but plain columns: those the application knows, or ReturnValues gives."""
    clause = node.args.get("returning")
    if clause is None:
        return
    only(clause, "expressions")
    for item in clause.expressions:
        shown = bare(item.this) if isinstance(item, exp.Alias) else bare(item)
        if isinstance(shown, exp.Star):
            only(shown)
        elif isinstance(shown, exp.Column) and isinstance(shown.this, exp.Identifier):
            scope.field(shown)
        else:
            raise refuse_expression(shown, "RETURNING", "Return plain columns.")


def write_scope(node: exp.Expr, schema: Schema, dialect: str) -> Scope:
    """The one table that a statement writes. Fields carry its own name: an alias is the statement's affair."""
    if not isinstance(node, exp.Table):
        raise refuse_expression(node, "the target of a write", "Write to one table.")
    source = source_of(node, schema, dialect)
    return Scope(dialect, (Source(source.table.name, source.table, written=source.alias),))


def _where(node: exp.Expr, scope: Scope) -> tuple[Predicate, ...]:
    clause = node.args.get("where")
    if clause is None:
        return ()
    only(clause, "this")
    return tuple(dict.fromkeys(read_condition(clause.this, scope)))


def _assignments(node: exp.Expr, scope: Scope) -> list[tuple[str, Assigned]]:
    if not isinstance(node, exp.EQ):
        raise refuse_expression(node, "SET", _READ_FIRST)
    only(node, "this", "expression")
    left, right = bare(node.this), bare(node.expression)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        if len(left.expressions) != len(right.expressions):
            raise Mistake("SET names more or fewer columns than values", "Give each column a value.", line_of(node))
        return [_assign(a, b, scope) for a, b in zip(left.expressions, right.expressions, strict=True)]
    return [_assign(left, right, scope)]


def _assign(left: exp.Expr, right: exp.Expr, scope: Scope) -> tuple[str, Assigned]:
    if not isinstance(left, exp.Column):
        raise refuse_expression(left, "SET", "Assign to plain columns.")
    column = scope.field(left).column
    return column, assigned(column, bare(right), scope)


def assigned(column: str, node: exp.Expr, scope: Scope) -> Assigned:
    """The right side of `column = ...`: a value, the clock, or the column changed by a value."""
    found = constant(node, scope.dialect) or now(node)
    if found is not None:
        return found
    operator = _OPERATORS.get(type(node))
    if operator is None:
        raise refuse_expression(node, "SET", _READ_FIRST)
    only(node, "this", "expression", "safe")
    left, right = bare(node.this), bare(node.expression)
    if not isinstance(left, exp.Column) and operator == "+":
        left, right = right, left
    value = constant(right, scope.dialect)
    if not isinstance(left, exp.Column) or value is None or scope.field(left).column != column:
        raise refuse_expression(node, "SET", _READ_FIRST)
    return Change(column, operator, value)


def once(assignments: Sequence[tuple[str, Assigned]], node: exp.Expr) -> Assignments:
    """The assignments, of which no two are to one column."""
    columns = [column for column, _ in assignments]
    for column in columns:
        if columns.count(column) > 1:
            raise Mistake(f"the column {column} is assigned twice", "Keep one of the assignments.", line_of(node))
    return tuple(assignments)


def read_assignments(nodes: Sequence[exp.Expr], scope: Scope) -> list[tuple[str, Assigned]]:
    """The list after SET."""
    return [assign for node in nodes for assign in _assignments(node, scope)]
