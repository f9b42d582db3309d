"""The literals of a workload: what its queries compare columns with by themselves, not by parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.model.query import Comparison, Delete, Field, Literal, Membership, Select, Update, Workload


def compared_literals(workload: Workload) -> Mapping[tuple[str, str], tuple[Literal, ...]]:
    """By table and column, in a fixed order: the literals that some statement wants the column to equal."""
    found: dict[tuple[str, str], set[Literal]] = {}
    for pattern in workload.patterns:
        for statement in pattern.statements:
            match statement.form:
                case Select() as select:
                    said = _said(select.predicates, {ref.alias: ref.table for ref in select.tables})
                case Update(table=table, predicates=predicates) | Delete(table=table, predicates=predicates):
                    said = _said(predicates, {table: table})
                case _:
                    continue
            for place, literal in said:
                found.setdefault(place, set()).add(literal)
    return {place: tuple(sorted(found[place], key=repr)) for place in sorted(found)}


def _said(predicates: tuple[object, ...], tables: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], Literal]]:
    for predicate in predicates:
        match predicate:
            case Comparison(Field(alias, column), "=", Literal() as literal):
                yield (tables[alias], column), literal
            case Membership(Field(alias, column), values, False):
                yield from (((tables[alias], column), value) for value in values if isinstance(value, Literal))
