"""Conditions in words, for documents: the statement's own columns and parameters."""

from __future__ import annotations

from migrator.model.query import (
    Comparison,
    Either,
    FieldComparison,
    Like,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Value,
)


def value_words(value: Value) -> str:
    """A parameter as `:name`, a literal as SQL would write it."""
    if isinstance(value, Parameter):
        return f":{value.name}"
    if value.value is None:
        return "NULL"
    if isinstance(value.value, str):
        escaped = value.value.replace("'", "''")
        return f"'{escaped}'"
    return str(value.value)


def predicate_words(predicate: Predicate) -> str:
    """A predicate much as it was declared."""
    match predicate:
        case Comparison(field, op, value):
            return f"{field.column} {op} {value_words(value)}"
        case FieldComparison(left, op, right):
            return f"{left.column} {op} {right.column}"
        case Membership(field, values, negated):
            listed = ", ".join(map(value_words, values))
            return f"{field.column} {'NOT IN' if negated else 'IN'} ({listed})"
        case NullTest(field, negated):
            return f"{field.column} IS {'NOT NULL' if negated else 'NULL'}"
        case Like() as like:
            pattern = " || ".join(map(value_words, like.pattern))
            return f"{like.field.column} {'NOT LIKE' if like.negated else 'LIKE'} {pattern}"
        case Either(branches):
            return " OR ".join("(" + " AND ".join(map(predicate_words, branch)) + ")" for branch in branches)
