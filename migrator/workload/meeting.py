"""Which column each value of a statement meets, and what a statement asks for, as far as names and notes need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from migrator.model.schema import Schema, Table
from migrator.workload.mistakes import Mistake, Refused
from migrator.workload.names import find, find_table
from migrator.workload.parse import parse
from migrator.workload.shapes import Piece, printed

_SLOT = "param_slot_"
_ROLES: dict[type[exp.Expr], str] = {
    exp.EQ: "",
    exp.NEQ: "not",
    exp.NullSafeEQ: "",
    exp.GT: "from",
    exp.GTE: "from",
    exp.LT: "to",
    exp.LTE: "to",
    exp.In: "list",
    exp.Like: "like",
    exp.ILike: "like",
}


@dataclass(frozen=True, slots=True)
class Met:
    """What the value of a slot meets. `column`: its name, None when it meets none. `role`: how: "" for equality and
    assignment; from, to, list, like, not; limit, offset; argument within a function. `place`: where, insert, set."""

    column: str | None = None
    role: str = "argument"
    place: str = "where"


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of WHERE: a column, and how it is compared ("" for equality)."""

    column: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a statement is about. `verb`: select, insert, upsert, update or delete; `tables` in their order; `order`:
    the columns of ORDER BY; `whole`: whether the select list is each column of the only table, in order."""

    verb: str
    tables: tuple[str, ...]
    conditions: tuple[Asked, ...] = ()
    changed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    counts: bool = False
    whole: bool = False
    met: tuple[Met, ...] = ()


def facts_of(pieces: Sequence[Piece], schema: Schema, dialect: str) -> Facts:
    """Mistake or Refused when the statement cannot be parsed or names no table of the schema."""
    tree = parse(_numbered(pieces), dialect)
    tables = tuple(_tables(tree, schema, dialect))
    count = sum(piece.slot is not None for piece in pieces)
    nodes = {node.name: node for node in tree.find_all(exp.Placeholder)}
    met = tuple(_met(nodes.get(f"{_SLOT}{n}"), schema, dialect) for n in range(1, count + 1))
    where, order = tree.args.get("where"), tree.args.get("order")
    return Facts(
        _verb(tree),
        tables,
        tuple(dict.fromkeys(_conditions(where.this))) if where is not None else (),
        tuple(item.this.name for item in tree.args.get("expressions") or () if isinstance(item, exp.EQ))
        if isinstance(tree, exp.Update)
        else (),
        tuple(_column_of(item) or "" for item in order.expressions) if order is not None else (),
        isinstance(tree, exp.Select) and any(isinstance(item.unalias(), exp.AggFunc) for item in tree.expressions),
        _is_whole(tree, schema, dialect),
        met,
    )


def _numbered(pieces: Sequence[Piece]) -> str:
    texts: list[Piece] = []
    for piece in pieces:
        number = 1 + sum(text.slot is not None for text in texts)
        text = f":{_SLOT}{number}" if piece.slot is not None else piece.text
        texts.append(Piece(text, piece.kind, piece.gap, piece.slot))
    return printed(texts)


def _verb(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Insert):
        return "upsert" if tree.args.get("conflict") or tree.args.get("alternative") == "REPLACE" else "insert"
    if isinstance(tree, exp.Update):
        return "update"
    return "delete" if isinstance(tree, exp.Delete) else "select"


def _tables(tree: exp.Expr, schema: Schema, dialect: str) -> Iterator[str]:
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    seen: set[str] = set()
    for node in sorted(tree.find_all(exp.Table), key=_position):
        if node.name.lower() in defined or node.arg_key in ("indexed", "tables"):
            continue
        try:
            name = find_table(exp.Table(this=node.this.copy(), db=node.args.get("db")), schema, dialect).name
        except Refused:
            name = node.name  # a view, or what is not migrated: `plan` will say so
        if name not in seen:
            seen.add(name)
            yield name


def _position(node: exp.Table) -> int:
    start = node.this.meta.get("start") if isinstance(node.this, exp.Expr) else None
    return start if isinstance(start, int) else 0


def _conditions(node: exp.Expr) -> Iterator[Asked]:
    if isinstance(node, exp.And):
        yield from _conditions(node.left)
        yield from _conditions(node.right)
    elif isinstance(node, exp.Paren):
        yield from _conditions(node.this)
    elif isinstance(node, exp.Between):
        yield Asked(_column_of(node.this) or "expression", "range")
    elif isinstance(node, exp.Is):
        yield Asked(_column_of(node) or "expression", "null")
    elif isinstance(node, exp.Not):
        yield from (Asked(asked.column, f"not_{asked.role}".rstrip("_")) for asked in _conditions(node.this))
    elif isinstance(node, exp.EQ) and isinstance(node.left, exp.Column) and isinstance(node.right, exp.Column):
        return  # a join
    elif isinstance(node, exp.Or):
        yield Asked(
            "_or_".join(dict.fromkeys(asked.column for side in node.flatten() for asked in _conditions(side))), "any"
        )
    else:
        role = next((role for kind, role in _ROLES.items() if isinstance(node, kind)), "other")
        inner = node.find(exp.Select)
        if isinstance(node, exp.Exists | exp.In) and inner is not None:
            table = inner.find(exp.Table)
            yield Asked(table.name if table is not None else "expression", "exists")
        else:
            yield Asked(_column_of(node) or "expression", "range" if role in ("from", "to") else role)


def _column_of(node: exp.Expr) -> str | None:
    found = node if isinstance(node, exp.Column) else node.find(exp.Column)
    return found.name if found is not None else None


def _is_whole(tree: exp.Expr, schema: Schema, dialect: str) -> bool:
    if not isinstance(tree, exp.Select) or tree.args.get("joins") or tree.args.get("distinct"):
        return False
    source = tree.args.get("from_")
    if source is None or not isinstance(source.this, exp.Table):
        return False
    try:
        table = find_table(exp.Table(this=source.this.this.copy(), db=source.this.args.get("db")), schema, dialect)
    except (Refused, Mistake):
        return False
    shown = [item.unalias() for item in tree.expressions]
    if not all(isinstance(item, exp.Column) and isinstance(item.this, exp.Identifier) for item in shown):
        return False
    named = [find(item.this, [column.name for column in table.columns], dialect) for item in shown]
    return len(named) > 1 and named == [column.name for column in table.starred]


def _met(node: exp.Expr | None, schema: Schema, dialect: str) -> Met:
    """Climbs from the value to what says its column."""
    within, child = "", node
    parent = node.parent if node is not None else None
    while parent is not None and child is not None:
        if isinstance(parent, exp.Limit | exp.Offset):
            return Met(role="limit" if isinstance(parent, exp.Limit) else "offset", place=_place(parent))
        if isinstance(parent, exp.Between):
            role = "from" if child is parent.args.get("low") else "to"
            return Met(_column_of(parent.this), within or role, _place(parent))
        if isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Values):
            return Met(_inserted(parent, child, schema, dialect), within, "insert")
        role_of = next((role for kind, role in _ROLES.items() if isinstance(parent, kind)), None)
        if role_of is not None and (column := _beside(parent, child)) is not None:
            return Met(column, within or role_of, _place(parent))
        if isinstance(parent, exp.Func | exp.Binary) and not isinstance(parent, exp.Connector):
            within = "argument"
        if isinstance(parent, exp.Query | exp.Insert):
            break
        child, parent = parent, parent.parent
    return Met()


def _beside(parent: exp.Expr, child: exp.Expr) -> str | None:
    """The column on the other side of a comparison; within a row of columns the one of the same place."""
    other = parent.args.get("expression") if child is parent.this else parent.this
    if not isinstance(other, exp.Expr):
        return None
    return _column_of(other) or _column_of(child)


def _place(node: exp.Expr) -> str:
    parent: exp.Expr | None = node
    while parent is not None:
        if isinstance(parent, exp.Where | exp.Having | exp.Join):
            return "where"
        if isinstance(parent, exp.OnConflict):
            return "set"
        if isinstance(parent, exp.Update):
            return "set"
        parent = parent.parent
    return "where"


def _inserted(row: exp.Tuple, value: exp.Expr, schema: Schema, dialect: str) -> str | None:
    insert = row.find_ancestor(exp.Insert)
    if insert is None:
        return None
    place = next(at for at, item in enumerate(row.expressions) if item is value)
    target = insert.this
    if isinstance(target, exp.Schema):
        names = [name.name for name in target.expressions]
    else:
        names = [column.name for column in _table_named(target, schema, dialect).starred]
    return names[place] if place < len(names) else None


def _table_named(node: exp.Expr, schema: Schema, dialect: str) -> Table:
    return find_table(exp.Table(this=node.this.copy(), db=node.args.get("db")), schema, dialect)
