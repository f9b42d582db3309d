"""A normal form as SQL of its dialect: for the statements that were made of inner queries, which no one wrote."""

from __future__ import annotations

from decimal import Decimal

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Join,
    Like,
    Membership,
    NullTest,
    Parameter,
    Predicate,
    Related,
    Select,
    Value,
)
from migrator.workload.dialects import like_escape


def write_select(form: Select, dialect: str) -> str:
    """A SELECT of plain columns with conditions; parameters as `:name`."""
    return _Writer(form, dialect).text()


class _Writer:
    def __init__(self, form: Select, dialect: str) -> None:
        self._form = form
        self._dialect = dialect

    def text(self) -> str:
        form = self._form
        shown = ", ".join(self._field(output.field) for output in form.outputs if output.field)
        joins = "".join(map(self._join, form.joins))
        said = [self._predicate(predicate) for predicate in form.predicates]
        where = f" WHERE {' AND '.join(said)}" if said else ""
        return f"SELECT {shown} FROM {self._table(form.driver)}{joins}{where}"  # noqa: S608 - names are quoted

    def _table(self, alias: str) -> str:
        table = self._form.table(alias)
        return self._name(table) if table == alias else f"{self._name(table)} AS {self._name(alias)}"

    def _join(self, join: Join) -> str:
        pairs = (
            f"{self._field(Field(join.parent, parent))} = {self._field(Field(join.child, child))}"
            for child, parent in join.pairs
        )
        kind = "LEFT JOIN" if join.outer else "JOIN"
        return f" {kind} {self._table(join.parent)} ON {' AND '.join(pairs)}"

    def _name(self, name: str) -> str:
        quote = "`" if self._dialect == "mysql" else '"'
        return f"{quote}{name.replace(quote, quote * 2)}{quote}"

    def _field(self, field: Field) -> str:
        return f"{self._name(field.alias)}.{self._name(field.column)}"

    def _predicate(self, predicate: Predicate) -> str:
        match predicate:
            case Comparison(field, op, value):
                return f"{self._field(field)} {op} {self._value(value)}"
            case FieldComparison(left, op, right):
                return f"{self._field(left)} {op} {self._field(right)}"
            case Membership(field, values, negated):
                listed = ", ".join(map(self._value, values))
                return f"{self._field(field)} {'NOT ' if negated else ''}IN ({listed})"
            case NullTest(field, negated):
                return f"{self._field(field)} IS {'NOT ' if negated else ''}NULL"
            case Like():
                return self._like(predicate)
            case Either(branches):
                told = (" AND ".join(map(self._predicate, branch)) for branch in branches)
                return f"({' OR '.join(f'({branch})' for branch in told)})"
            case Related():
                raise TypeError("a test within a statement that was made of a test")

    def _like(self, test: Like) -> str:
        pieces = [self._value(piece) for piece in test.pattern]
        pattern = f"CONCAT({', '.join(pieces)})" if self._dialect == "mysql" else " || ".join(pieces)
        word = "ILIKE" if test.ignore_case and self._dialect == "postgres" else "LIKE"
        escape = "" if test.escape == like_escape(self._dialect) else f" ESCAPE {self._text(test.escape or '')}"
        return f"{self._field(test.field)} {'NOT ' if test.negated else ''}{word} {pattern}{escape}"

    def _value(self, value: Value) -> str:
        if isinstance(value, Parameter):
            return f":{value.name}"
        match value.value:
            case None:
                return "NULL"
            case bool(truth):
                return str(truth).upper()
            case bytes(content):
                return f"'\\x{content.hex()}'::bytea" if self._dialect == "postgres" else f"X'{content.hex()}'"
            case int() | Decimal():
                return format(value.value, "f") if isinstance(value.value, Decimal) else str(value.value)
            case str(text):
                return self._text(text)
        raise TypeError(repr(value))

    def _text(self, text: str) -> str:
        doubled = text.replace("\\", "\\\\") if self._dialect == "mysql" else text
        return "'" + doubled.replace("'", "''") + "'"
