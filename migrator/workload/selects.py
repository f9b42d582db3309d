"""SELECT in normal form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from migrator.model.query import Field, Select, TableRef
from migrator.model.schema import Schema
from migrator.workload.guard import only
from migrator.workload.having import read_having
from migrator.workload.joins import read_pairs, read_tree
from migrator.workload.orders import read_limit, read_offset, read_order
from migrator.workload.outputs import Item, determined, read_groups, read_items
from migrator.workload.predicates import read_condition
from migrator.workload.scan import Token
from migrator.workload.sources import read_sources

_CLAUSES = ("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct")


def read_select(select: exp.Select, schema: Schema, dialect: str, texts: Sequence[str], pairs: bool = False) -> Select:
    """The normal form. `texts`: the select list's items as written. `pairs`: of two lists that columns of both join,
    as if they were one table. Refused or Mistake when there is none."""
    only(select, *_CLAUSES)
    scope, links = read_sources(select, schema, dialect)
    where = select.args.get("where")
    if where is not None:
        only(where, "this")
    read = read_pairs if pairs else read_tree
    tree = read(scope, links, read_condition(where.this, scope) if where is not None else ())
    items = read_items(select, scope, texts)
    groups = read_groups(select, scope, items)
    if groups or any(item.output.function for item in items):
        groups = determined(groups, items, tree.joins, scope)
    having, of_groups = read_having(select, scope, items, groups)
    distinct = _distinct(select)
    return Select(
        tables=tuple(TableRef(source.alias, source.table.name) for source in scope.sources),
        driver=tree.driver,
        joins=tree.joins,
        predicates=tuple(dict.fromkeys((*tree.predicates, *of_groups))),
        outputs=tuple(item.output for item in items),
        order=read_order(select, scope, items, _visible(items, groups, distinct)),
        limit=read_limit(select, scope),
        distinct=distinct,
        group_by=groups,
        having=having,
        offset=read_offset(select, scope),
    )


def _distinct(select: exp.Select) -> bool:
    clause = select.args.get("distinct")
    if clause is not None:
        only(clause)
    return clause is not None


def _visible(items: tuple[Item, ...], groups: tuple[Field, ...], distinct: bool) -> tuple[Field, ...] | None:
    """The columns by which the answer's rows can be ordered; None: any."""
    outputs = [item.output for item in items]
    if distinct:
        return tuple(output.field for output in outputs if output.field and not output.function)
    return groups if groups or any(output.function for output in outputs) else None


def item_texts(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The items of the first select list as written; empty when they cannot be told apart."""
    return tuple(text.strip() for text in _split(tokens))


def _split(tokens: Sequence[Token]) -> Iterator[str]:
    depth, text, started = 0, "", False
    for token in tokens:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]")) if token.kind == "symbol" else 0
        if not started:
            started = depth == 0 and token.is_word("select")
            continue
        if depth == 0 and token.is_word("from"):
            break
        if depth == 0 and token.text == "," and token.kind == "symbol":
            yield text
            text = ""
        elif text.strip() or not token.is_word("distinct", "all"):
            text += token.text if token.kind != "comment" else " "
    if started:
        yield text
