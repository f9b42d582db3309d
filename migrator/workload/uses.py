"""Where the values of a statement's parameters come from."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.query import (
    Change,
    Comparison,
    Delete,
    Either,
    Field,
    GroupTest,
    Insert,
    Like,
    Membership,
    Now,
    Parameter,
    ParameterUse,
    Predicate,
    Select,
    Update,
    Value,
    Write,
)

_EQUALITIES = ("=", "<>")


def parameter_uses(form: Select | Write) -> tuple[ParameterUse, ...]:
    """Each distinct use of each parameter, in the order of the normal form."""
    return tuple(dict.fromkeys(_uses(form)))


def _uses(form: Select | Write) -> Iterator[ParameterUse]:
    match form:
        case Select():
            tables = {ref.alias: ref.table for ref in form.tables}
            yield from _predicate_uses(form.predicates, tables)
            for test in form.having:
                yield from _figure_use(test, tables)
            yield from _use(form.limit, "limit", None, None)
            yield from _use(form.offset, "offset", None, None)
        case Insert():
            for row in form.rows:
                for column, cell in zip(form.columns, row, strict=True):
                    yield from _use(cell, "value", form.table, column)
            yield from _assignment_uses(form.table, form.assignments)
        case Update():
            yield from _assignment_uses(form.table, form.assignments)
            yield from _predicate_uses(form.predicates, {form.table: form.table})
        case Delete():
            yield from _predicate_uses(form.predicates, {form.table: form.table})


def _assignment_uses(table: str, assignments: tuple[tuple[str, Value | Change | Now], ...]) -> Iterator[ParameterUse]:
    for column, assigned in assignments:
        value = assigned.value if isinstance(assigned, Change) else assigned
        yield from _use(value, "value", table, column)


def _predicate_uses(predicates: tuple[Predicate, ...], tables: dict[str, str]) -> Iterator[ParameterUse]:
    for predicate in predicates:
        match predicate:
            case Comparison(field, op, value):
                yield from _field_use(value, "equality" if op in _EQUALITIES else "range", field, tables)
            case Membership(field, values):
                for value in values:
                    yield from _field_use(value, "equality", field, tables)
            case Like(field, pattern, prefix):
                role = "pattern" if prefix is None else "prefix"
                for value in pattern:
                    yield from _field_use(value, role, field, tables)
            case Either(branches):
                for branch in branches:
                    yield from _predicate_uses(branch, tables)
            case _:
                pass


def _field_use(value: Value, role: str, field: Field, tables: dict[str, str]) -> Iterator[ParameterUse]:
    yield from _use(value, role, tables[field.alias], field.column)


def _figure_use(test: GroupTest, tables: dict[str, str]) -> Iterator[ParameterUse]:
    field = test.output.field
    if field is None or test.output.function == "count":
        yield from _use(test.value, "figure", None, None)
    else:
        yield from _field_use(test.value, "figure", field, tables)


def _use(value: object, role: str, table: str | None, column: str | None) -> Iterator[ParameterUse]:
    if isinstance(value, Parameter):
        yield ParameterUse(value.name, role, table, column)
