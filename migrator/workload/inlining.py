"""Queries in WITH and FROM that say no more than a plain SELECT: filtered tables by name.

`WITH mine AS (SELECT * FROM offer WHERE state = 'a') SELECT ... FROM mine` is the table with its condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from migrator.workload.guard import only
from migrator.workload.mistakes import Refused


class _Stays(Exception):
    """The inner query says more than a plain SELECT could."""


def flatten_sources(select: exp.Select) -> exp.Select | None:
    """The statement with the inner queries of its WITH and FROM taken in; None when there are none, or one that
    stays."""
    copy = select.copy()
    try:
        named = _named(copy)
        done = [_take_in(copy, node, inner, alias) for node, inner, alias in _sources(copy, named)]
    except (_Stays, Refused):
        return None
    return copy if done and len(done) >= len(named) else None


def _named(select: exp.Select) -> dict[str, exp.Select]:
    """What WITH names, which is taken off the statement."""
    clause = select.args.get("with_")
    if clause is None:
        return {}
    only(clause, "expressions")
    select.set("with_", None)
    named: dict[str, exp.Select] = {}
    for cte in clause.expressions:
        only(cte, "this", "alias", "materialized")  # a hint, which says nothing about the answer
        only(cte.args["alias"], "this")
        if not isinstance(cte.this, exp.Select) or cte.alias.lower() in named:
            raise _Stays
        named[cte.alias.lower()] = cte.this
    return named


def _sources(select: exp.Select, named: dict[str, exp.Select]) -> Iterator[tuple[exp.Expr, exp.Select, str]]:
    """The places in FROM where an inner query stands, by itself or by its name; each name once."""
    joins = list(select.args.get("joins") or ())
    clause = select.args.get("from_")
    if clause is None:
        raise _Stays
    waiting = dict(named)
    for holder in (clause, *joins):
        node = holder.this
        outer = isinstance(holder, exp.Join) and bool(holder.args.get("side"))
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and node.alias:
            inner = node.this
        elif isinstance(node, exp.Table) and not node.args.get("db") and node.name.lower() in waiting:
            inner = waiting.pop(node.name.lower())
        else:
            continue
        only(node, "this", "alias")
        if node.args.get("alias") is not None:
            only(node.args["alias"], "this")
        if outer:
            raise _Stays
        yield node, inner, node.alias_or_name


def _take_in(select: exp.Select, node: exp.Expr, inner: exp.Select, alias: str) -> bool:
    """Puts the inner query's table in its place, and its condition beside the statement's own."""
    table = _plain_table(inner)
    columns = inner.expressions
    if len(columns) == 1 and isinstance(columns[0], exp.Star):
        only(columns[0])
    else:
        for column in columns:
            only(column, "this", "table")
            own = column.args.get("table") is None or column.table.lower() == table.alias_or_name.lower()
            if not (isinstance(column, exp.Column) and isinstance(column.this, exp.Identifier) and own):
                raise _Stays
        if any(
            isinstance(star, exp.Star) and not isinstance(star.parent, exp.Count) for star in select.find_all(exp.Star)
        ):
            raise _Stays
    where = inner.args.get("where")
    condition = _renamed(where.this, table, alias) if where is not None else None
    quoted = exp.to_identifier(alias, quoted=True)
    node.replace(exp.Table(this=table.this.copy(), alias=exp.TableAlias(this=quoted)))
    if condition is not None:
        select.where(condition, copy=False)
    return True


def _plain_table(inner: exp.Select) -> exp.Table:
    """The one table of a SELECT that filters it and does nothing else."""
    others = {name for name, value in inner.args.items() if value and name not in ("expressions", "from_", "where")}
    clause = inner.args.get("from_")
    if others or clause is None or not isinstance(clause.this, exp.Table) or clause.this.args.get("db"):
        raise _Stays
    table: exp.Table = clause.this
    only(clause, "this")
    only(table, "this", "alias")
    if table.args.get("alias") is not None:
        only(table.args["alias"], "this")
    if inner.args.get("where") is not None:
        only(inner.args["where"], "this")
    return table


def _renamed(condition: exp.Expr, table: exp.Table, alias: str) -> exp.Expr:
    """The inner query's condition with its columns under the alias."""
    copy = condition.copy()
    if copy.find(exp.Select) is not None:
        raise _Stays
    for column in copy.find_all(exp.Column):
        if column.table and column.table.lower() != table.alias_or_name.lower():
            raise _Stays
        column.set("table", exp.to_identifier(alias, quoted=True))
    return copy
