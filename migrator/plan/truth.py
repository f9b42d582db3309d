"""Whether a joined row meets a statement's conditions, as SQL has it: true, false or unknown (None)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    FieldComparison,
    Like,
    Membership,
    NullTest,
    Predicate,
    Related,
    Value,
    compared_fields,
)
from migrator.model.schema import Kind
from migrator.plan.columns import Columns
from migrator.plan.compare import compare, like
from migrator.plan.joined import Joined, at, hashable


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of one statement's conditions. `given`: the rows that other statements of its pattern gave, by number,
    as they equal others."""

    columns: Columns
    given: Mapping[int, frozenset[tuple[Any, ...]]]

    def holds(self, predicate: Predicate, joined: Joined) -> bool:
        return self._truth(predicate, joined) is True

    def _truth(self, predicate: Predicate, joined: Joined) -> bool | None:
        match predicate:
            case Comparison(field, op, value):
                kind, collation = self.columns.kind(field)
                return compare(at(joined, field), op, self.columns.value(value, kind), collation)
            case FieldComparison(left, op, right):
                return compare(at(joined, left), op, at(joined, right), self.columns.kind(left)[1])
            case NullTest(field, negated):
                return (at(joined, field) is None) != negated
            case Membership(field, values, negated):
                return self._member(at(joined, field), field, values, negated)
            case Like() as test:
                return self._like(test, joined)
            case Related(statement, fields, negated=negated):
                wanted = tuple(hashable(at(joined, field)) for field in fields)
                return (wanted in self.given[statement]) != negated
            case Either(branches):
                return self._either(branches, joined)

    def _member(self, here: Any, field: Field, values: tuple[Value, ...], negated: bool) -> bool | None:
        kind, collation = self.columns.kind(field)
        truths = [compare(here, "=", self.columns.value(value, kind), collation) for value in values]
        truth = True if True in truths else (None if None in truths else False)
        return truth if truth is None or not negated else not truth

    def _like(self, test: Like, joined: Joined) -> bool | None:
        pieces = [self.columns.value(piece, Kind.TEXT) for piece in test.pattern]
        if any(piece is None for piece in pieces):
            return None
        truth = like(at(joined, test.field), "".join(map(str, pieces)), test.ignore_case, test.escape)
        return truth if truth is None or not test.negated else not truth

    def _either(self, branches: tuple[tuple[Predicate, ...], ...], joined: Joined) -> bool | None:
        truths = []
        for branch in branches:
            inner = [self._truth(predicate, joined) for predicate in branch]
            truths.append(False if False in inner else (None if None in inner else True))
        return True if True in truths else (None if None in truths else False)


def aliases_of(predicate: Predicate) -> set[str]:
    """The aliases whose columns a predicate is about."""
    return {field.alias for field in compared_fields(predicate)}
