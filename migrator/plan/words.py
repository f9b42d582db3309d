"""Conditions in words and as expression templates.

In an expression template `{status}` is an attribute and `{:status}` a parameter, as in key templates; around
them stands DynamoDB's own expression language, as far as it can say the condition.
"""

from __future__ import annotations

from collections.abc import Callable

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Like,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Related,
    Value,
)
from migrator.plan.action import KeyCondition
from migrator.plan.templates import Placeholder, quote_literal, write_template

NameOf = Callable[[Field], str]


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


def condition_words(condition: KeyCondition) -> str:
    """The state of the rows that an index holds.

    >>> from migrator.model.query import Literal
    >>> condition_words(KeyCondition("state", (Literal("OPEN"), Literal(None))))
    "state = 'OPEN' or state is absent"
    """
    name = condition.attribute
    said = (f"{name} is absent" if one.value is None else f"{name} = {value_words(one)}" for one in condition.values)
    return " or ".join(said)


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
        case Related(statement, fields, negated=negated):
            told = f"a row of statement {statement + 1}"
            names = ", ".join(field.column for field in fields)
            return f"{'NOT ' if negated else ''}EXISTS ({told}{f' with this {names}' if names else ''})"


def value_template(value: Value) -> str:
    """A parameter as a placeholder, a literal as SQL would write it."""
    if isinstance(value, Parameter):
        return write_template((Placeholder("parameter", value.name),))
    return quote_literal(value_words(value))


def attribute_template(name: str) -> str:
    return write_template((Placeholder("attribute", name),))


def predicate_template(predicate: Predicate, name_of: NameOf) -> str:
    """A predicate as an expression template over an item's attributes. What DynamoDB's expressions cannot
    say (LIKE with inner wildcards) stays in SQL's words and is left to the assembly."""
    match predicate:
        case Comparison(field, op, value):
            return f"{attribute_template(name_of(field))} {op} {value_template(value)}"
        case FieldComparison(left, op, right):
            return f"{attribute_template(name_of(left))} {op} {attribute_template(name_of(right))}"
        case Membership(field, values, negated):
            listed = f"{attribute_template(name_of(field))} IN ({', '.join(map(value_template, values))})"
            return f"NOT {listed}" if negated else listed
        case NullTest(field, negated):
            return f"attribute_{'exists' if negated else 'not_exists'}({attribute_template(name_of(field))})"
        case Like(field=field, prefix=prefix, negated=False, ignore_case=False) if prefix is not None:
            return f"begins_with({attribute_template(name_of(field))}, {value_template(prefix)})"
        case Like():
            return quote_literal(predicate_words(predicate))
        case Related():
            return quote_literal(predicate_words(predicate))
        case Either(branches):
            inner = ["(" + " AND ".join(predicate_template(p, name_of) for p in branch) + ")" for branch in branches]
            return " OR ".join(inner)
