"""Queries within queries that say no more than a plain SELECT: filtered tables by name, and conditions on a parent.

`WITH mine AS (SELECT * FROM offer WHERE state = 'a') SELECT ... FROM mine` is the table with its condition.
`EXISTS (SELECT 1 FROM seller s WHERE s.id = o.seller_id AND s.country = :c)` is an inner join when each row has at
most one such parent, which the reader of joins finds out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from migrator.model.schema import Schema


@dataclass(frozen=True, slots=True)
class Inlined:
    """A SELECT without its inner ones. `joined`: aliases that only conditions brought in: they must not become the
    rows of the answer."""

    select: exp.Select
    joined: frozenset[str]


class _Stays(Exception):
    """The inner query says more than a plain SELECT could."""


def inline(select: exp.Select, schema: Schema) -> Inlined | None:
    """The statement with its inner queries taken in; None when there are none, or one that stays."""
    copy = select.copy()
    try:
        named = _named(copy)
        done = [_take_in(copy, node, inner, alias) for node, inner, alias in _sources(copy, named)]
        if len(done) < len(named):
            return None
        joined = frozenset(_semi_join(copy, condition, schema) for condition in _conditions(copy))
    except _Stays:
        return None
    return Inlined(copy, joined) if done or joined else None


def _named(select: exp.Select) -> dict[str, exp.Select]:
    """What WITH names, which is taken off the statement."""
    clause = select.args.get("with_")
    if clause is None:
        return {}
    if clause.args.get("recursive"):
        raise _Stays
    select.set("with_", None)
    named: dict[str, exp.Select] = {}
    for cte in clause.expressions:
        if not isinstance(cte.this, exp.Select) or cte.args["alias"].args.get("columns") or cte.alias.lower() in named:
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
        if outer:
            raise _Stays
        yield node, inner, node.alias_or_name


def _take_in(select: exp.Select, node: exp.Expr, inner: exp.Select, alias: str) -> bool:
    """Puts the inner query's table in its place, and its condition beside the statement's own."""
    table = _plain_table(inner)
    columns = inner.expressions
    if not (len(columns) == 1 and isinstance(columns[0], exp.Star)):
        if not all(isinstance(column, exp.Column) and not isinstance(column.this, exp.Star) for column in columns):
            raise _Stays
        if any(
            isinstance(star, exp.Star) and not isinstance(star.parent, exp.Count) for star in select.find_all(exp.Star)
        ):
            raise _Stays
    where = inner.args.get("where")
    condition = _renamed(where.this, table, alias, None) if where is not None else None
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
    return table


def _renamed(condition: exp.Expr, table: exp.Table, alias: str, own: frozenset[str] | None) -> exp.Expr:
    """The inner query's condition with its columns under the alias. `own`: its table's columns; None when every
    column that is not said to be another's is the table's."""
    copy = condition.copy()
    if copy.find(exp.Select) is not None:
        raise _Stays
    for column in copy.find_all(exp.Column):
        mine = column.table.lower() == table.alias_or_name.lower()
        unsaid = not column.table and (own is None or column.name.lower() in own)
        if mine or unsaid:
            column.set("table", exp.to_identifier(alias, quoted=True))
        elif own is None:
            raise _Stays
    return copy


def _conditions(select: exp.Select) -> list[exp.Expr]:
    """EXISTS and IN (SELECT ...) that the statement demands as they stand."""
    where = select.args.get("where")
    if where is None:
        return []
    terms = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    return [
        term for term in terms if isinstance(term, exp.Exists) or (isinstance(term, exp.In) and term.args.get("query"))
    ]


def _semi_join(select: exp.Select, condition: exp.Expr, schema: Schema) -> str:
    """Makes the condition an inner join; its alias."""
    inner = condition.this if isinstance(condition, exp.Exists) else condition.args["query"].this
    if not isinstance(inner, exp.Select):
        raise _Stays
    table = _plain_table(inner)
    alias = table.alias_or_name
    outer = _tables(select)
    if alias.lower() in {name.lower() for name in outer}:
        raise _Stays
    links: list[exp.Expr] = []
    where = inner.args.get("where")
    own = _columns(table, schema)
    if isinstance(condition, exp.In):
        if len(inner.expressions) != 1 or not isinstance(inner.expressions[0], exp.Column):
            raise _Stays
        links.append(exp.EQ(this=condition.this.copy(), expression=_renamed(inner.expressions[0], table, alias, own)))
    if where is not None:
        links.append(_renamed(where.this, table, alias, own))
    if not links:
        raise _Stays
    condition.replace(exp.and_(*links))
    _qualify(select, outer, schema)
    parent = exp.Table(this=table.this.copy(), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    select.append("joins", exp.Join(this=parent, kind="CROSS"))
    return alias


def _tables(select: exp.Select) -> dict[str, exp.Table]:
    holders = (select.args["from_"], *(select.args.get("joins") or ()))
    if not all(isinstance(holder.this, exp.Table) for holder in holders):
        raise _Stays
    return {holder.this.alias_or_name: holder.this for holder in holders}


def _columns(table: exp.Table, schema: Schema) -> frozenset[str]:
    found = next((known for known in schema.tables if known.name.lower() == table.name.lower()), None)
    if found is None:
        raise _Stays
    return frozenset(column.name.lower() for column in found.columns)


def _qualify(select: exp.Select, outer: dict[str, exp.Table], schema: Schema) -> None:
    """Says of every column and star of the statement whose it is, now that there is one table more."""
    columns = {alias: _columns(table, schema) for alias, table in outer.items()}
    for column in list(select.find_all(exp.Column)):
        if not column.table:
            owners = [alias for alias, names in columns.items() if column.name.lower() in names]
            if len(owners) != 1:
                raise _Stays
            column.set("table", exp.to_identifier(owners[0], quoted=True))
    for star in [item for item in select.expressions if isinstance(item, exp.Star)]:
        if len(outer) > 1:
            raise _Stays
        star.replace(exp.Column(this=exp.Star(), table=exp.to_identifier(next(iter(outer)), quoted=True)))
