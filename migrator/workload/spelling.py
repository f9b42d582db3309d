"""Names are checked even where a statement is refused: a misspelling is a mistake, whatever surrounds it."""

from __future__ import annotations

from sqlglot import exp

from migrator.model.schema import Schema
from migrator.workload.mistakes import Refused
from migrator.workload.names import Scope, Source, alias_of, find_table

_OWN_SCOPE = (exp.Subquery, exp.With, exp.SetOperation, exp.Lateral, exp.Unnest, exp.Values, exp.Pivot)


def check_names(tree: exp.Expr, schema: Schema, dialect: str) -> None:
    """Mistake for a table that is unknown, and for a column where one scope holds all names."""
    if not isinstance(tree, exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Merge):
        return
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    sources = [_source(node, schema, dialect) for node in tree.find_all(exp.Table) if _is_base(node, defined)]
    if isinstance(tree, exp.Select) and _is_flat(tree) and None not in sources:
        _check_columns(tree, Scope(dialect, tuple(source for source in sources if source)))


def _is_base(node: exp.Table, defined: set[str]) -> bool:
    names_no_table = node.arg_key in ("indexed", "tables")  # an index; an alias in MySQL's DELETE of several
    return isinstance(node.this, exp.Identifier) and node.name.lower() not in defined and not names_no_table


def _source(node: exp.Table, schema: Schema, dialect: str) -> Source | None:
    plain = exp.Table(this=node.this.copy(), db=node.args.get("db"))
    try:
        table = find_table(plain, schema, dialect)
        alias = node.args.get("alias")
        if alias is None or not isinstance(alias.this, exp.Identifier):
            return Source(table.name, table)
        return Source(alias_of(alias.this, dialect), table)
    except Refused:
        return None


def _is_flat(tree: exp.Select) -> bool:
    return len(list(tree.find_all(exp.Select))) == 1 and tree.find(*_OWN_SCOPE) is None


def _check_columns(tree: exp.Select, scope: Scope) -> None:
    aliases = {item.alias.lower() for item in tree.expressions if isinstance(item, exp.Alias)}
    joins = list(tree.find_all(exp.Join))
    if any(str(join.args.get("method")).upper() == "NATURAL" for join in joins):
        return  # columns of one name are one column there, and ambiguous nowhere; it is refused later
    merged = {name.name.lower() for join in joins for name in join.args.get("using") or ()}
    for column in tree.find_all(exp.Column):
        if column.name.lower() in merged and not column.table:
            continue
        if not isinstance(column.this, exp.Identifier) or column.args.get("db") or column.arg_key == "field":
            continue
        if column.name.lower() in aliases and not column.table:
            continue
        try:
            scope.field(column)
        except Refused:
            continue
