"""FROM and its joins: the tables in order, and what each join asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from migrator.model.query import Field, FieldComparison, Predicate
from migrator.model.schema import Schema
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake, line_of, nearest
from migrator.workload.names import Scope, Source, find, source_of
from migrator.workload.predicates import read_condition
from migrator.workload.refusals import SPLIT, refuse, refuse_expression

_PLAIN_KINDS = ("", "INNER", "CROSS", "OUTER", "STRAIGHT_JOIN", "STRAIGHT")


@dataclass(frozen=True, slots=True)
class Link:
    """How a table joins those before it: `outer` for LEFT JOIN, `on` all that ON or USING demands."""

    alias: str
    outer: bool
    on: tuple[Predicate, ...]


def read_sources(select: exp.Select, schema: Schema, dialect: str) -> tuple[Scope, tuple[Link, ...]]:
    """The tables of a SELECT, and the links of all but the first."""
    clause = select.args.get("from_")
    if clause is None and any(isinstance(item.unalias(), exp.Exists) for item in select.expressions):
        way_out = "Write SELECT 1 FROM ... WHERE ... LIMIT 1; the application sees whether there is a row."
        raise refuse("EXISTS in the select list", "it is a query within a query", way_out)
    if clause is None:
        raise refuse("a SELECT without FROM", "it reads no table", "Compute it in the application.")
    only(clause, "this")
    joins: list[exp.Join] = list(select.args.get("joins") or ())
    nodes = [clause.this, *(join.this for join in joins)]
    scope = Scope(dialect, _distinct([source_at(node, schema, dialect) for node in nodes]))
    merged: dict[str, tuple[Predicate, ...]] = {}
    for position, join in enumerate(joins, start=1):
        scope, merged[scope.sources[position].alias] = _merge(join, scope, position)
    links = (_link(join, scope, position, merged) for position, join in enumerate(joins, start=1))
    return scope, tuple(links)


def source_at(node: exp.Expr, schema: Schema, dialect: str) -> Source:
    """The table that stands in FROM or JOIN. Refused when something else does."""
    if isinstance(node, exp.Table):
        return source_of(node, schema, dialect)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        raise refuse("a join in parentheses", "its nesting is not read", "Write the joins one after another.")
    if isinstance(node, exp.Lateral):
        raise refuse("LATERAL", "it runs a query for each row", SPLIT)
    raise refuse_expression(node, "FROM", SPLIT)


def _distinct(sources: list[Source]) -> tuple[Source, ...]:
    seen: set[str] = set()
    for source in sources:
        if source.alias in seen:
            raise Mistake(f"two tables are called {source.alias}", "Give one of them an alias: orders AS o.")
        seen.add(source.alias)
    return tuple(sources)


def _merge(join: exp.Join, scope: Scope, position: int) -> tuple[Scope, tuple[Predicate, ...]]:
    """USING: equalities with the leftmost table that has the column; the right one's is hidden."""
    right = scope.sources[position]
    equalities: list[Predicate] = []
    for name in join.args.get("using") or ():
        left = next((source for source in scope.sources[:position] if _column(name, source, scope)), None)
        spelled = _column(name, right, scope)
        if left is None or spelled is None:
            known = [column.name for column in right.table.columns]
            what = f"USING ({name.name}) names no column of both sides"
            raise Mistake(what, nearest(name.name, known), line_of(name))
        other = _column(name, left, scope) or spelled
        equalities.append(FieldComparison(Field(right.alias, spelled), "=", Field(left.alias, other)))
        right = replace(right, merged=(*right.merged, spelled))
    sources = (*scope.sources[:position], right, *scope.sources[position + 1 :])
    return Scope(scope.dialect, sources), tuple(equalities)


def _column(name: exp.Identifier, source: Source, scope: Scope) -> str | None:
    return find(name, (column.name for column in source.table.columns), scope.dialect)


def _link(join: exp.Join, scope: Scope, position: int, merged: dict[str, tuple[Predicate, ...]]) -> Link:
    only(join, "this", "on", "using", "side", "kind", "method")
    side, kind = (join.side or "").upper(), (join.kind or "").upper()
    if join.args.get("method"):
        why = "which columns join depends on their names"
        raise refuse(f"{join.args['method']} JOIN", why, "Write ON with the foreign key's columns.")
    if side not in ("", "LEFT") or kind not in _PLAIN_KINDS:
        why = "rows that are missing on the left would have to appear"
        raise refuse(
            f"{side} {kind}".strip() + " JOIN", why, "Start from the table whose rows all appear, and LEFT JOIN."
        )
    alias = scope.sources[position].alias
    earlier = Scope(scope.dialect, scope.sources[: position + 1])
    on = read_condition(join.args["on"], earlier) if join.args.get("on") else ()
    return Link(alias, side == "LEFT", (*merged[alias], *on))
