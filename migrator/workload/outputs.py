"""The select list and GROUP BY: plain columns, literals and five aggregates, named as the database names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from migrator.model.query import Field, Join, Literal, Output
from migrator.model.schema import Column, Table
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake, line_of
from migrator.workload.names import Scope, find
from migrator.workload.refusals import COMPUTE_LATER, COUNTER, refuse, refuse_expression, show
from migrator.workload.values import bare, constant

_AGGREGATES = {exp.Count: "count", exp.Sum: "sum", exp.Min: "min", exp.Max: "max", exp.Avg: "avg"}


@dataclass(frozen=True, slots=True)
class Item:
    """An output, and whether the statement names it with AS."""

    output: Output
    aliased: bool


def read_items(select: exp.Select, scope: Scope, texts: Sequence[str]) -> tuple[Item, ...]:
    """The select list. `texts` are its items as written, of which SQLite and MySQL make names."""
    nodes = select.expressions
    written = texts if len(texts) == len(nodes) else [show(node) for node in nodes]
    return tuple(item for node, text in zip(nodes, written, strict=True) for item in _items(node, scope, text))


def _items(node: exp.Expr, scope: Scope, text: str) -> tuple[Item, ...]:
    if isinstance(node, exp.Star):
        only(node)
        return tuple(Item(output, False) for output in _star(scope))
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        only(node, "this", "table")
        only(node.this)
        source = scope.source(node.args["table"])
        return tuple(
            Item(Output(column.name, Field(source.alias, column.name)), False) for column in _all_of(source.table)
        )
    if isinstance(node, exp.Alias):
        only(node, "this", "alias")
        return (Item(replace(_output(node.this, scope, text), name=_spelled(node.args["alias"], scope)), True),)
    return (Item(_output(node, scope, text), False),)


def _star(scope: Scope) -> list[Output]:
    """All columns, those that USING merges once: SQLite leaves them in their place, the standard puts them first."""
    shown: list[Output] = []
    for source in scope.sources:
        if scope.dialect != "sqlite":
            first = [output for name in source.merged for output in shown if output.name.lower() == name.lower()]
            shown = [*first, *(output for output in shown if output not in first)]
        own = (column.name for column in _all_of(source.table) if column.name not in source.merged)
        shown += [Output(name, Field(source.alias, name)) for name in own]
    return shown


def _all_of(table: Table) -> tuple[Column, ...]:
    """What an asterisk gives; refused where the source gives more than is migrated."""
    if table.left_out:
        raise refuse(
            f"all columns of {table.name}",
            f"{', '.join(table.left_out)} is left out in migrate.toml, and the source would give it",
            "Name the columns that you need.",
        )
    return table.starred


def _spelled(alias: exp.Identifier, scope: Scope) -> str:
    folds = scope.dialect == "postgres" and not alias.args.get("quoted")
    return alias.name.lower() if folds else alias.name


def _output(node: exp.Expr, scope: Scope, text: str) -> Output:
    node = bare(node)
    if isinstance(node, exp.Column):
        field = scope.field(node)
        return Output(field.column, field)
    if type(node) in _AGGREGATES:
        return read_aggregate(node, scope, text)
    value = constant(node, scope.dialect)
    if isinstance(value, Literal):
        return Output("?column?" if scope.dialect == "postgres" else text, literal=value)
    raise refuse_expression(node, "the select list", COMPUTE_LATER)


def read_aggregate(node: exp.Expr, scope: Scope, text: str) -> Output:
    """COUNT, SUM, MIN, MAX or AVG over a column, COUNT over rows."""
    only(node, "this", "big_int")
    function = _AGGREGATES[type(node)]  # type: ignore[index]
    name = function if scope.dialect == "postgres" else text
    argument, distinct = node.args.get("this"), False
    if isinstance(argument, exp.Distinct):
        only(argument, "expressions")
        argument, distinct = _single(argument.expressions), True
    if function == "count" and not distinct and _counts_rows(argument, scope):
        return Output(name, function=function)
    column = bare(argument) if argument is not None else None
    if not isinstance(column, exp.Column):
        raise refuse(f"the aggregate {function} over anything but one column", "DynamoDB computes nothing", COUNTER)
    return Output(name, scope.field(column), function, distinct)


def _single(nodes: list[exp.Expr]) -> exp.Expr | None:
    return nodes[0] if len(nodes) == 1 else None


def _counts_rows(node: exp.Expr | None, scope: Scope) -> bool:
    if node is None or isinstance(node, exp.Star):
        return node is None or not any(node.args.values())
    value = constant(node, scope.dialect)
    return isinstance(value, Literal) and value.value is not None


def is_aggregate(node: exp.Expr) -> bool:
    """Whether `read_aggregate` reads it."""
    return type(node) in _AGGREGATES


def read_groups(select: exp.Select, scope: Scope, items: tuple[Item, ...]) -> tuple[Field, ...]:
    """GROUP BY columns, also by their number in the select list or their alias there."""
    clause = select.args.get("group")
    if clause is None:
        return ()
    only(clause, "expressions")
    return tuple(dict.fromkeys(_group(bare(node), scope, items) for node in clause.expressions))


def _group(node: exp.Expr, scope: Scope, items: tuple[Item, ...]) -> Field:
    output = by_number(node, items)
    if output is None and isinstance(node, exp.Column):
        output = _alias_only(node, scope, items)
        if output is None:
            return scope.field(node)
    if output is not None and output.field is not None and output.function is None:
        return output.field
    raise refuse_expression(node, "GROUP BY", "Group by plain columns; store a computed value in a column.")


def _alias_only(node: exp.Column, scope: Scope, items: tuple[Item, ...]) -> Output | None:
    """An alias of the select list that is no column's name: columns come first in GROUP BY."""
    try:
        scope.field(node)
    except Mistake:
        named = by_alias(node, scope, items)
        return items[named].output if named is not None else None
    return None


def by_number(node: exp.Expr, items: tuple[Item, ...]) -> Output | None:
    """The output that an ordinal such as `ORDER BY 2` means; None when it is no ordinal."""
    if not isinstance(node, exp.Literal) or node.is_string:
        return None
    if node.this not in map(str, range(1, len(items) + 1)):
        what = f"there is no column number {node.this} in the select list"
        raise Mistake(what, f"Use 1 to {len(items)}.", line_of(node))
    return items[int(node.this) - 1].output


def by_alias(node: exp.Column, scope: Scope, items: tuple[Item, ...]) -> int | None:
    """The number of the output whose AS name an unqualified name is."""
    if node.args.get("table") is not None or not isinstance(node.this, exp.Identifier):
        return None
    only(node, "this")
    for number, item in enumerate(items):
        if item.aliased and find(node.this, (item.output.name,), scope.dialect) is not None:
            return number
    return None


def determined(
    groups: tuple[Field, ...], items: tuple[Item, ...], joins: tuple[Join, ...], scope: Scope
) -> tuple[Field, ...]:
    """The groups, with the selected columns that they determine. Refused for a column that they do not."""
    known = _determined_aliases(groups, joins, scope)
    extra = [item.output.field for item in items if item.output.field and item.output.function is None]
    for field in extra:
        if field not in groups and field.alias not in known:
            raise refuse(
                f"the column {field.column} beside an aggregate",
                "it is not in GROUP BY, so which row's value is meant is not said",
                "Add it to GROUP BY.",
            )
    return tuple(dict.fromkeys((*groups, *extra)))


def _determined_aliases(groups: tuple[Field, ...], joins: tuple[Join, ...], scope: Scope) -> set[str]:
    known = {
        source.alias
        for source in scope.sources
        if any(all(Field(source.alias, name) in groups for name in key) for key in source.table.row_keys())
    }
    while added := {join.parent for join in joins if join.child in known} - known:
        known |= added
    return known
