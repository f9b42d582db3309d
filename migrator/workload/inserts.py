"""INSERT, REPLACE and their conflict clauses in normal form."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from migrator.model.counted import plural
from migrator.model.query import Insert, Now, Value
from migrator.model.schema import Schema, Table
from migrator.workload.guard import only
from migrator.workload.mistakes import Mistake, Refused, line_of
from migrator.workload.names import Scope, find
from migrator.workload.refusals import refuse, refuse_expression
from migrator.workload.values import bare, now, value
from migrator.workload.writes import Assignments, check_returning, once, read_assignments, write_scope

_READ_FIRST = "Read the rows first and insert them by value."
_ALTERNATIVES = {"REPLACE": "replace", "IGNORE": "ignore", "ABORT": "fail", "FAIL": "fail", "ROLLBACK": "fail"}
Row = tuple[Value | Now, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    scope: Scope
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    cells: tuple[tuple[exp.Expr, ...], ...]
    alias: str | None = None

    @property
    def table(self) -> Table:
        return self.scope.sources[0].table


def read_insert(node: exp.Insert, schema: Schema, dialect: str) -> Insert:
    """`INSERT [OR ...] INTO table (columns) VALUES (...), ... [ON CONFLICT ...]`."""
    only(node, "this", "expression", "conflict", "alternative", "ignore", "returning")
    rows = _rows(node, schema, dialect)
    check_returning(node, rows.scope)
    conflict = node.args.get("conflict")
    on_conflict = _alternative(node)
    assignments: Assignments = ()
    if conflict is not None:
        if on_conflict == "replace":
            raise refuse("OR REPLACE with ON CONFLICT", "they contradict each other", "Keep one of them.")
        on_conflict, assignments = _conflict(conflict, rows)
    return Insert(rows.table.name, rows.columns, rows.rows, on_conflict, assignments)


def _rows(node: exp.Insert, schema: Schema, dialect: str) -> _Rows:
    target, listed = node.this, None
    if isinstance(target, exp.Schema):
        only(target, "this", "expressions")
        target, listed = target.this, target.expressions
    scope = write_scope(target, schema, dialect)
    columns = _columns(listed, scope)
    body = node.expression
    if not isinstance(body, exp.Values):
        raise refuse("INSERT ... SELECT", "which rows it writes depends on other rows", _READ_FIRST)
    only(body, "expressions", "alias")
    alias = body.args.get("alias")
    if alias is not None:
        only(alias, "this")
    cells = tuple(_cells(row, columns) for row in body.expressions)
    rows = tuple(tuple(_cell(cell, scope) for cell in row) for row in cells)
    return _Rows(scope, columns, rows, cells, alias.this.name if alias is not None else None)


def _columns(listed: list[exp.Expr] | None, scope: Scope) -> tuple[str, ...]:
    """The named columns, by default all; SQLite's default leaves out generated ones."""
    table = scope.sources[0].table
    if listed is None:
        return tuple(c.name for c in table.columns if not (c.generated and scope.dialect == "sqlite"))
    columns = tuple(_column(name, scope) for name in listed)
    for name, column in zip(listed, columns, strict=True):
        if columns.count(column) > 1:
            raise Mistake(f"the column {column} is named twice", "Name it once.", line_of(name))
    return columns


def _column(name: exp.Expr, scope: Scope) -> str:
    if isinstance(name, exp.Identifier):
        name = exp.Column(this=name.copy())
    if not isinstance(name, exp.Column):
        raise refuse_expression(name, "the column list", "Name plain columns.")
    return scope.field(name).column


def _cells(node: exp.Expr, columns: tuple[str, ...]) -> tuple[exp.Expr, ...]:
    cells = node.expressions if isinstance(node, exp.Tuple) else [node]
    if len(cells) != len(columns):
        what = f"{plural(len(cells), 'value')} for {plural(len(columns), 'column')}"
        raise Mistake(what, f"The columns are {', '.join(columns)}.", line_of(node))
    return tuple(bare(cell) for cell in cells)


def _cell(node: exp.Expr, scope: Scope) -> Value | Now:
    if isinstance(node, exp.Var | exp.Column) and node.name.upper() == "DEFAULT":
        raise refuse("DEFAULT as a value", "the value is not in the statement", "Write the value.")
    return now(node) or value(node, scope.dialect, "VALUES")


def _alternative(node: exp.Insert) -> str:
    alternative = node.args.get("alternative")
    if node.args.get("ignore"):
        if alternative or node.args.get("conflict"):
            raise refuse("IGNORE with another conflict clause", "they contradict each other", "Keep one of them.")
        return "ignore"
    return _ALTERNATIVES[str(alternative).upper()] if alternative else "fail"


def _conflict(node: exp.OnConflict, rows: _Rows) -> tuple[str, Assignments]:
    only(node, "duplicate", "expressions", "action", "conflict_keys")
    action = str(node.args.get("action") or "").upper()
    keys = node.args.get("conflict_keys") or []
    _require_key([_conflict_column(key, rows.scope) for key in keys], rows.table, "NOTHING" in action)
    if "NOTHING" in action:
        return "ignore", ()
    if "UPDATE" not in action:
        raise refuse(f"ON CONFLICT {action}", "its meaning is not read", "Use DO NOTHING or DO UPDATE.")
    expressions = [_inserted(expression, rows) for expression in node.expressions]
    return "update", once(read_assignments(expressions, rows.scope), node)


def _conflict_column(node: exp.Expr, scope: Scope) -> str:
    if isinstance(node, exp.Ordered):
        only(node, "this", "nulls_first")
        node = node.this
    column = bare(node)
    return _column(column, scope)


def _require_key(columns: list[str], table: Table, ignored: bool) -> None:
    """An upsert finds its item by the row's key; a conflict on another unique key would be another item."""
    if not columns:
        return
    keys = [set(key) for key in table.row_keys()]
    allowed = [*keys, *(set(unique.columns) for unique in table.uniques)] if ignored else keys[:1]
    if set(columns) not in allowed:
        key = ", ".join(next(iter(table.row_keys()), ())) or "a key"
        what = f"ON CONFLICT ({', '.join(columns)})"
        raise refuse(what, "the row that is updated is not found by its key", f"Use ON CONFLICT ({key}).")


def _inserted(node: exp.Expr, rows: _Rows) -> exp.Expr:
    """The assignment with `excluded.x` (or MySQL's VALUES(x), new.x) replaced by the row's value of x."""
    copy = node.copy()
    if not isinstance(copy, exp.EQ):
        return copy
    copy.set("expression", copy.expression.transform(lambda part: _proposed(part, rows)))
    return copy


def _proposed(node: exp.Expr, rows: _Rows) -> exp.Expr:
    name = _proposed_name(node, rows)
    if name is None:
        return node
    column = _column(name, rows.scope)
    if column not in rows.columns:
        raise _not_given(column)
    position = rows.columns.index(column)
    if len({repr(row[position]) for row in rows.rows}) > 1:
        why = "each row would be updated differently"
        raise refuse("ON CONFLICT DO UPDATE of several rows", why, "Insert one row a statement.")
    return rows.cells[0][position].copy()


def _not_given(column: str) -> Refused:
    what = f"the proposed value of {column}"
    return refuse(what, "it is a default that the statement does not give", "Insert the column too.")


def _proposed_name(node: exp.Expr, rows: _Rows) -> exp.Identifier | None:
    qualifier = node.args.get("table") if isinstance(node, exp.Column) else None
    if qualifier is not None and isinstance(node.this, exp.Identifier):
        only(node, "this", "table")
        names = ("excluded",) if rows.alias is None else (rows.alias,)
        return node.this if find(qualifier, names, rows.scope.dialect) else None
    if isinstance(node, exp.Anonymous) and node.name.upper() == "VALUES" and len(node.expressions) == 1:
        inner = node.expressions[0]
        inner = inner.this if isinstance(inner, exp.Column) else inner
        return inner if isinstance(inner, exp.Identifier) else None
    return None
