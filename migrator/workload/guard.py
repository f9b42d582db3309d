"""Nothing that the parser understood is ever ignored."""

from __future__ import annotations

from sqlglot import exp

from migrator.workload.refusals import refuse_clause


def only(node: exp.Expr, *known: str) -> None:
    """Refuse, by name, any argument of `node` that is set and not among `known`: those its reader uses."""
    for argument, value in node.args.items():
        if argument not in known and _is_set(value):
            raise refuse_clause(node, argument)


def _is_set(value: object) -> bool:
    return not (value is None or value is False or value == "" or (isinstance(value, list) and not value))
