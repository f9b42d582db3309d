"""LIKE: the pieces of a pattern, and whether together they ask for a prefix."""

from __future__ import annotations

from sqlglot import exp

from migrator.model.query import Like, Literal, Parameter, Value
from migrator.workload.dialects import like_escape, likes_ignore_case
from migrator.workload.guard import only
from migrator.workload.names import Scope
from migrator.workload.refusals import STORE_IT, refuse, refuse_expression
from migrator.workload.values import bare, constant


def read_like(node: exp.Expr, scope: Scope, negated: bool) -> Like:
    """`column [NOT] [I]LIKE pattern [ESCAPE character]`."""
    escape = like_escape(scope.dialect)
    if isinstance(node, exp.Escape):
        only(node, "this", "expression")
        escape = _escape(node.expression, scope.dialect)
        node = bare(node.this)
    if not isinstance(node, exp.Like | exp.ILike):
        raise refuse_expression(node, "WHERE", STORE_IT)
    only(node, "this", "expression", "negate")
    column = bare(node.this)
    if not isinstance(column, exp.Column):
        raise refuse_expression(column, "LIKE", STORE_IT)
    field = scope.field(column)
    pattern = _merge(_pieces(node.expression, scope.dialect))
    exact = isinstance(node, exp.Like) and not likes_ignore_case(scope.dialect, scope.column(field))
    negated ^= bool(node.args.get("negate"))
    return Like(field, pattern, _prefix(pattern, escape), negated, not exact, escape)


def _escape(node: exp.Expr, dialect: str) -> str | None:
    found = constant(node, dialect)
    if not isinstance(found, Literal) or not isinstance(found.value, str) or len(found.value) > 1:
        raise refuse("ESCAPE with anything but one character", "the pattern is not known", "Write ESCAPE '!'.")
    return found.value or None


def _pieces(node: exp.Expr, dialect: str) -> list[Value]:
    node = bare(node)
    if isinstance(node, exp.DPipe):
        only(node, "this", "expression", "safe")
        return _pieces(node.this, dialect) + _pieces(node.expression, dialect)
    if isinstance(node, exp.Concat):
        only(node, "expressions", "safe", "coalesce")
        return [piece for part in node.expressions for piece in _pieces(part, dialect)]
    found = constant(node, dialect)
    if found is None or (isinstance(found, Literal) and not isinstance(found.value, str)):
        way_out = "Build the pattern from parameters and literals: :prefix || '%'."
        raise refuse_expression(node, "a LIKE pattern", way_out)
    return [found]


def _merge(pieces: list[Value]) -> tuple[Value, ...]:
    """Neighbouring literals become one."""
    merged: list[Value] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, Literal) and isinstance(last, Literal):
            merged[-1] = Literal(f"{last.value!s}{piece.value!s}")
        else:
            merged.append(piece)
    return tuple(merged)


def _prefix(pattern: tuple[Value, ...], escape: str | None) -> Value | None:
    match pattern:
        case (Literal(value=str() as text),):
            plain = _literal_prefix(text, escape)
            return Literal(plain) if plain else None
        case (Parameter() as parameter, Literal(value="%")) if escape != "%":
            return parameter
        case _:
            return None


def _literal_prefix(pattern: str, escape: str | None) -> str | None:
    """The text before the one `%` that ends a pattern, unescaped; None for any other pattern."""
    plain: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == escape and position + 1 < len(pattern):
            position += 1
            plain.append(pattern[position])
        elif character == "%":
            return "".join(plain) if position == len(pattern) - 1 else None
        elif character == "_" or character == escape:
            return None
        else:
            plain.append(character)
        position += 1
    return None
