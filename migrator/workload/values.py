"""Parameters and literals, exactly."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlglot import exp

from migrator.model.query import Literal, Now, Parameter, Value
from migrator.workload.guard import only
from migrator.workload.placeholders import parameter_name
from migrator.workload.refusals import refuse, refuse_expression

_NOW_TEXT = frozenset(("datetime", "current_timestamp"))
_NOW_NAMES = frozenset(("now", "current_timestamp", "utc_timestamp", "localtimestamp", "sysdate"))


def bare(node: exp.Expr) -> exp.Expr:
    """Without the parentheses around it."""
    while isinstance(node, exp.Paren):
        only(node, "this")
        node = node.this
    return node


def constant(node: exp.Expr, dialect: str) -> Value | None:
    """The parameter or literal that a node is; None when it is something else. Never rounds."""
    node = bare(node)
    if isinstance(node, exp.Placeholder):
        only(node, "this")
        return Parameter(parameter_name(node.name))
    if isinstance(node, exp.Neg):
        return _negated(bare(node.this))
    if isinstance(node, exp.Literal):
        return Literal(node.this) if node.is_string else Literal(_number(node.this))
    if isinstance(node, exp.Null):
        return Literal(None)
    if isinstance(node, exp.Boolean):
        return Literal(bool(node.this))
    return _special(node, dialect)


def value(node: exp.Expr, dialect: str, place: str) -> Value:
    """Like `constant`, and refuses what is neither parameter nor literal."""
    found = constant(node, dialect)
    if found is None:
        raise refuse_expression(bare(node), place, "Compute the value in the application and pass a parameter.")
    return found


def positive(node: exp.Expr) -> bool:
    """Whether a node is a whole number above 0."""
    return isinstance(node, exp.Literal) and not node.is_string and node.this.isdecimal() and int(node.this) > 0


def now(node: exp.Expr) -> Now | None:
    """The writer's clock, in any of its spellings."""
    node = bare(node)
    if isinstance(node, exp.CurrentTimestamp | exp.Localtimestamp):
        only(node)
        return Now()
    if not isinstance(node, exp.Anonymous):
        return None
    only(node, "this", "expressions")
    name, arguments = node.name.lower(), _arguments(node)
    if name in _NOW_NAMES and not arguments:
        return Now()
    return Now() if name in _NOW_TEXT and [_lower(argument) for argument in arguments] == ["now"] else None


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return [child for child in node.iter_expressions() if isinstance(child, exp.Expr)]


def _lower(node: exp.Expr) -> str | None:
    return str(node.this).lower() if isinstance(node, exp.Literal) and node.is_string else None


def _negated(node: exp.Expr) -> Literal | None:
    if isinstance(node, exp.Literal) and not node.is_string:
        return Literal(-_number(node.this))
    return None


def _number(text: str) -> int | Decimal:
    """A whole number stays an int; everything else is the exact decimal."""
    digits = text.replace("_", "")
    try:
        return int(digits) if digits.isdecimal() else Decimal(digits)
    except (InvalidOperation, ValueError):
        raise refuse(f"the number {text[:40]}", "it is not plain decimal notation", "Write digits.") from None


def _special(node: exp.Expr, dialect: str) -> Literal | None:
    if isinstance(node, exp.RawString | exp.National):
        only(node, "this")
        return Literal(str(node.this))
    if isinstance(node, exp.HexString) and dialect != "postgres":
        only(node, "this")
        return Literal(_bytes(str(node.this)))
    return None


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise refuse(f"the bytes x'{text[:40]}'", "they are not pairs of digits", "Pass a parameter.") from None
