"""Conditions on rows of other tables: `[NOT] EXISTS`, `[NOT] IN (SELECT ...)`, and `LEFT JOIN ... IS NULL`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from migrator.model.query import Field, Predicate
from migrator.model.schema import Schema
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake
from migrator.workload.names import Scope, Source
from migrator.workload.options import flatten
from migrator.workload.predicates import read_condition
from migrator.workload.refusals import SPLIT, clause_name, refuse, show
from migrator.workload.sources import Link, read_sources, source_at
from migrator.workload.values import bare, constant, positive

Pair = tuple[Field, Field]
"""A column of the outer row and the inner one that equals it."""


@dataclass(frozen=True, slots=True)
class Test:
    """Rows of other tables of which there must be one, or (`negated`) none: those of `scope`, joined by `links`, that
    meet `predicates` and whose columns equal the outer row's (`pairs`). `what`: how the statement says it."""

    what: str
    negated: bool
    scope: Scope
    links: tuple[Link, ...]
    predicates: tuple[Predicate, ...]
    pairs: tuple[Pair, ...]


def terms_of(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that all have to hold."""
    node = bare(node)
    if isinstance(node, exp.And):
        for operand in flatten(node):
            yield from terms_of(operand)
    else:
        yield node


def is_test(term: exp.Expr) -> bool:
    """Whether a condition asks about rows of another query."""
    inner = bare(term.this) if isinstance(term, exp.Not) else term
    return isinstance(inner, exp.Exists) or (isinstance(inner, exp.In) and inner.args.get("query") is not None)


def read_test(term: exp.Expr, outer: Scope, schema: Schema) -> Test:
    """What a condition of WHERE asks of another query. Refused when it is more than rows that equal the outer one."""
    negated = isinstance(term, exp.Not)
    if negated:
        only(term, "this")
    node = bare(term.this) if negated else term
    what = f"{'NOT ' if negated else ''}{'EXISTS' if isinstance(node, exp.Exists) else 'IN'} (SELECT ...)"
    inner = _inner(node, what)
    own, links = read_sources(inner, schema, outer.dialect)
    scope = _apart(own, outer)
    _check_list(node, inner, scope, what)
    listed = _listed(node, inner, what)
    pairs = [(outer.field(left), scope.field(right)) for left, right in listed]
    if negated and listed:
        _require_filled(outer, scope, pairs, what)
    where = inner.args.get("where")
    conditions = list(terms_of(where.this)) if where is not None else []
    if where is not None:
        only(where, "this")
    return _related(what, negated, scope, _moved(links, own, scope), conditions, pairs, outer)


def absent_join(join: exp.Join, outer: Scope, schema: Schema) -> Test:
    """`LEFT JOIN other ON ...`, of whose rows there must be none."""
    only(join, "this", "on", "side")
    source = source_at(join.this, schema, outer.dialect)
    what = f"LEFT JOIN {source.alias} ... IS NULL"
    on = join.args.get("on")
    if on is None:
        raise refuse(what, "it does not say ON what", "Write ON with the foreign key's columns.")
    scope = Scope(outer.dialect, (source,))
    return _related(what, True, scope, (), list(terms_of(on)), [], outer)


def _inner(node: exp.Expr, what: str) -> exp.Select:
    """The inner SELECT, when its clauses change nothing about whether there are rows."""
    if isinstance(node, exp.Exists):
        only(node, "this")
        inner = node.this
    else:
        only(node, "this", "query")
        only(node.args["query"], "this")
        inner = node.args["query"].this
    if not isinstance(inner, exp.Select):
        raise refuse(what, "the inner query is not a plain SELECT", SPLIT)
    if inner.args.get("from_") is None:
        raise refuse(f"{what} without a table", "it is a query within a query", "Write the values.")
    harmless = ["expressions", "from_", "joins", "where", "distinct"]
    if inner.args.get("distinct") is not None:
        only(inner.args["distinct"])
    limit = inner.args.get("limit")
    if isinstance(node, exp.Exists) and isinstance(limit, exp.Limit) and positive(limit.expression):
        only(limit, "expression")
        harmless.append("limit")
    for argument, value in inner.args.items():
        if value and argument not in harmless:
            why = "the inner query says more than which rows there are"
            raise refuse(f"{what} with {clause_name(inner, argument)} inside", why, SPLIT)
    return inner


def _check_list(node: exp.Expr, inner: exp.Select, scope: Scope, what: str) -> None:
    """The select list of EXISTS says nothing, as long as it computes nothing of all rows."""
    for item in inner.expressions if isinstance(node, exp.Exists) else ():
        item = bare(item)
        if isinstance(item, exp.Column) and not isinstance(item.this, exp.Star):
            scope.field(item)
        elif isinstance(item, exp.Star | exp.Column):
            only(item, "this", "table")
            only(item.this if isinstance(item, exp.Column) else item)
        elif constant(item, scope.dialect) is None:
            raise refuse(f"{what} over a computed value", "it is a query within a query", SPLIT)


def _listed(node: exp.Expr, inner: exp.Select, what: str) -> list[tuple[exp.Column, exp.Column]]:
    """The columns that IN compares with those of the inner select list."""
    if isinstance(node, exp.Exists):
        return []
    subject = bare(node.this)
    if isinstance(subject, exp.Tuple):
        only(subject, "expressions")
    left = [bare(one) for one in subject.expressions] if isinstance(subject, exp.Tuple) else [subject]
    right = [bare(one) for one in inner.expressions]
    listed = [(a, b) for a, b in zip(left, right, strict=False) if _is_column(a) and _is_column(b)]
    if len(left) != len(right) or len(listed) != len(left):
        raise refuse(f"{what} over anything but plain columns", "it is a query within a query", SPLIT)
    return listed  # type: ignore[return-value]


def _is_column(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and not isinstance(node.this, exp.Star)


def _require_filled(outer: Scope, scope: Scope, pairs: list[Pair], what: str) -> None:
    """NOT IN is never true where a NULL is among the values: then it is no anti-join."""
    for own, field in ((own, field) for pair in pairs for own, field in zip((outer, scope), pair, strict=True)):
        table = own.table(field.alias)
        if own.column(field).nullable and field.column not in table.primary_key:
            why = f"{table.name}.{field.column} may be NULL, and with a NULL among the values it is never true"
            raise refuse(what, why, "Write NOT EXISTS (SELECT 1 ... WHERE ...), which means what is meant.")


def _apart(own: Scope, outer: Scope) -> Scope:
    """The inner tables under aliases that the outer statement does not use."""
    taken = {source.alias.lower() for source in (*outer.sources, *own.sources)}
    sources: list[Source] = []
    for source in own.sources:
        alias, number = source.alias, 2
        if alias.lower() in {other.alias.lower() for other in outer.sources}:
            while alias.lower() in taken:
                alias, number = f"{source.alias}_{number}", number + 1
            taken.add(alias.lower())
        sources.append(replace(source, alias=alias, written=source.called))
    return Scope(own.dialect, tuple(sources))


def _moved(links: tuple[Link, ...], own: Scope, scope: Scope) -> tuple[Link, ...]:
    if own.sources and all(a.alias == b.alias for a, b in zip(own.sources, scope.sources, strict=True)):
        return links
    if links:
        raise refuse(
            "an inner query that joins tables of the outer one",
            "it is a query within a query",
            "Give them other aliases.",
        )
    return ()


def _related(
    what: str,
    negated: bool,
    scope: Scope,
    links: tuple[Link, ...],
    conditions: list[exp.Expr],
    pairs: list[Pair],
    outer: Scope,
) -> Test:
    predicates: list[Predicate] = []
    for term in conditions:
        if term.find(exp.Query) is not None:
            raise refuse(f"{what} with another query inside", "it is a query within a query", SPLIT)
        sides = [_side(column, scope, outer) for column in term.find_all(exp.Column)]
        if all(inside for inside, _ in sides):
            predicates += read_condition(term, scope)
            continue
        pair = _pair(term, scope, outer)
        if pair is None:
            why = "only equalities of plain columns relate the outer row to others"
            raise refuse(f"{what} with {show(term)} inside", why, SPLIT)
        pairs.append(pair)
    return Test(what, negated, scope, links, tuple(dict.fromkeys(predicates)), tuple(dict.fromkeys(pairs)))


def _side(column: exp.Column, scope: Scope, outer: Scope) -> tuple[bool, Field]:
    """Whether a column is the inner query's own, which comes first, and which it is."""
    try:
        return True, scope.field(column)
    except Mistake as mistake:
        if column.table.lower() in {source.called.lower() for source in scope.sources}:
            raise
        try:
            return False, outer.field(column)
        except Mistake as other:
            raise (other if column.table else mistake) from None


def _pair(term: exp.Expr, scope: Scope, outer: Scope) -> Pair | None:
    if not isinstance(term, exp.EQ):
        return None
    only(term, "this", "expression")
    left, right = bare(term.this), bare(term.expression)
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    (here, one), (there, other) = _side(left, scope, outer), _side(right, scope, outer)
    if here == there:
        return None
    return (other, one) if here else (one, other)
