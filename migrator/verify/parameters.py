"""Draws parameters for a declared query from the source's own rows: common, rare, boundary, absent, odd."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from migrator.model.query import (
    Comparison,
    Either,
    Field,
    Like,
    Membership,
    Parameter,
    ParameterUse,
    Predicate,
    Select,
)
from migrator.model.unit import Ancestor, RowValue, UnitShape
from migrator.plan.compare import sort_key
from migrator.plan.items import unit_shape
from migrator.plan.plan import Part, Plan, PlannedPattern
from migrator.ports import RowSource

DRAWN = 200
"""Rows of the source that parameters are drawn from."""
LIMITS = (1, 3, 20, 1000)
COUNTS = (0, 1, 2, 5)
"""What is drawn for an OFFSET, and for a number that HAVING compares a count with."""

Drawn = Mapping[str, RowValue]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter meets a column: `role` equality, low, high, prefix, pattern."""

    name: str
    field: Field
    role: str


def draw_parameters(
    plan: Plan, pattern: PlannedPattern, source: RowSource, samples: int, seed: int
) -> tuple[dict[str, RowValue], ...]:
    """At least one set of parameters, none of them twice; `samples` are drawn when the query has any. The same seed,
    the same sets."""
    names = list(dict.fromkeys(parameter.use.name for parameter in pattern.parameters))
    if not names:
        return ({},)
    chance = random.Random(f"{seed}:{pattern.name}")  # noqa: S311 - a repeatable draw, no secret
    rows = [_drawn_rows(plan, part, source) for part in pattern.parts]
    numbers = {p.use.name: COUNTS for p in pattern.parameters if p.use.role == "offset" or _counts(p.use)}
    numbers |= {p.use.name: LIMITS for p in pattern.parameters if p.use.role == "limit"}
    roles = {place.name: place.role for part in pattern.parts for place in _places(part.select)}
    kinds = _Sets(names, numbers, roles, rows, chance)
    drawn: dict[str, dict[str, RowValue]] = {}
    for one in kinds.take(samples):
        drawn.setdefault(repr(sorted(one.items())), one)
    return tuple(drawn.values())


def empty_tables(plan: Plan, pattern: PlannedPattern, source: RowSource) -> tuple[str, ...]:
    """The tables without a row that parameters should have been drawn from."""
    asked = (part.select for part in pattern.parts if any(True for _ in _places(part.select)))
    tables = dict.fromkeys(select.table(select.driver) for select in asked)
    pairs = dict(plan.joins())
    return tuple(
        table
        for table in tables
        if not (source.sample(unit_shape(plan, table), 1) if table in pairs else source.count(table))
    )


def _places(select: Select) -> Iterator[_Place]:
    for predicate in select.predicates:
        yield from _predicate_places(predicate)
    for test in select.having:
        if isinstance(test.value, Parameter) and test.output.field and test.output.function != "count":
            yield _Place(test.value.name, test.output.field, "equality")


def _counts(use: ParameterUse) -> bool:
    return use.role == "figure" and use.column is None


def _predicate_places(predicate: Predicate) -> Iterator[_Place]:
    match predicate:
        case Comparison(field, op, Parameter(name)):
            role = {">": "low", ">=": "low", "<": "high", "<=": "high"}.get(op, "equality")
            yield _Place(name, field, role)
        case Membership(field, values):
            yield from (_Place(v.name, field, "equality") for v in values if isinstance(v, Parameter))
        case Like(field=field, pattern=pattern, prefix=prefix):
            role = "prefix" if prefix is not None else "pattern"
            yield from (_Place(piece.name, field, role) for piece in pattern if isinstance(piece, Parameter))
        case Either(branches):
            for branch in branches:
                for inner in branch:
                    yield from _predicate_places(inner)


def _drawn_rows(plan: Plan, part: Part, source: RowSource) -> list[Drawn]:
    """Rows of the part's driver, each as the value every parameter would have to hit it."""
    places = list(_places(part.select))
    if not places:
        return []
    paths = _paths(part.select)
    base = unit_shape(plan, part.select.table(part.select.driver))
    own = tuple(dict.fromkeys((*base.key, *(p.field.column for p in places if not paths[p.field.alias]))))
    joined = tuple(
        dict.fromkeys(Ancestor(paths[p.field.alias], p.field.column) for p in places if paths[p.field.alias])
    )
    units = source.sample(UnitShape(base.table, base.key, own, joined, joined=base.joined), DRAWN)
    found: list[Drawn] = []
    for unit in units:
        row: dict[str, RowValue] = {}
        for place in places:
            path = paths[place.field.alias]
            at = len(own) + joined.index(Ancestor(path, place.field.column)) if path else own.index(place.field.column)
            row.setdefault(place.name, unit.values[at])
        found.append(row)
    return found


def _paths(select: Select) -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {select.driver: ()}
    while len(paths) <= len(select.joins):
        for join in select.joins:
            if join.child in paths:
                paths[join.parent] = (*paths[join.child], join.foreign_key)
    return paths


class _Sets:
    """Makes sets of parameters, one kind of set after another."""

    def __init__(
        self,
        names: Sequence[str],
        numbers: Mapping[str, tuple[int, ...]],
        roles: Mapping[str, str],
        rows: Sequence[Sequence[Drawn]],
        chance: random.Random,
    ) -> None:
        self._names = names
        self._numbers = numbers
        self._roles = roles
        self._rows = rows
        self._chance = chance

    def take(self, count: int) -> Iterator[dict[str, RowValue]]:
        """`count` sets: rows by chance between the special ones."""
        ends = [self._end(0), self._end(-1)]
        special = [
            *(self._common(), self._rare(), self._absent(), self._null(), self._first(), self._last()),
            *(*ends, self._foreign(), self._empty(), self._partly_absent()),
        ]
        for number in range(count):
            drawn = special[number] if number < len(special) else self._by_chance()
            yield self._widened(drawn, number, any(drawn is end for end in ends))

    def _merge(self, chosen: Sequence[Drawn]) -> dict[str, RowValue]:
        merged: dict[str, RowValue] = {}
        for row in chosen:
            for name, value in row.items():
                merged.setdefault(name, value)
        return merged

    def _by_chance(self) -> dict[str, RowValue]:
        return self._merge([self._chance.choice(rows) for rows in self._rows if rows])

    def _common(self) -> dict[str, RowValue]:
        return self._merge([_by_frequency(rows)[0] for rows in self._rows if rows])

    def _rare(self) -> dict[str, RowValue]:
        return self._merge([_by_frequency(rows)[-1] for rows in self._rows if rows])

    def _first(self) -> dict[str, RowValue]:
        return self._merge([rows[0] for rows in self._rows if rows])

    def _last(self) -> dict[str, RowValue]:
        return self._merge([rows[-1] for rows in self._rows if rows])

    def _end(self, place: int) -> dict[str, RowValue]:
        """Each parameter's least or greatest value, of whatever rows."""
        columns = {name: [row[name] for rows in self._rows for row in rows if name in row] for name in self._names}
        known = {name: [value for value in values if value is not None] for name, values in columns.items()}
        return {name: sorted(values, key=sort_key)[place] for name, values in known.items() if values}

    def _foreign(self) -> dict[str, RowValue]:
        """A row with text beyond ASCII; without one, a row's text with such a character behind it."""
        odd = [[row for row in rows if any(map(_beyond_ascii, row.values()))] for rows in self._rows]
        if any(odd):
            return self._merge(
                [self._chance.choice(found or rows) for found, rows in zip(odd, self._rows, strict=True) if rows]
            )
        return {n: f"{value}\u00e9" if isinstance(value, str) else value for n, value in self._by_chance().items()}

    def _empty(self) -> dict[str, RowValue]:
        """A row with its texts emptied."""
        return {n: "" if isinstance(value, str) else value for n, value in self._by_chance().items()}

    def _partly_absent(self) -> dict[str, RowValue]:
        """A row with one value that no row has."""
        drawn = self._by_chance()
        if not drawn:
            return drawn
        name = self._chance.choice(sorted(drawn))
        return {**drawn, name: _nowhere(drawn[name])}

    def _absent(self) -> dict[str, RowValue]:
        return {name: _nowhere(value) for name, value in self._by_chance().items()}

    def _null(self) -> dict[str, RowValue]:
        return dict.fromkeys(self._names)

    def _widened(self, drawn: dict[str, RowValue], number: int, keep_bounds: bool) -> dict[str, RowValue]:
        """Ranges opened around the row that was drawn (unless `keep_bounds`), prefixes and patterns cut from its
        text, IN lists spread over several rows, limits chosen."""
        wide: dict[str, RowValue] = {}
        for name in self._names:
            value = drawn.get(name)
            role = self._roles.get(name, "equality")
            if name in self._numbers:
                value = self._numbers[name][number % 4]
            elif role in ("low", "high") and not keep_bounds:
                value = self._bound(name, role, value)
            elif role == "prefix" and isinstance(value, str):
                value = value[: 1 + number % 4]
            elif role == "pattern" and isinstance(value, str):
                value = value[1 : 3 + number % 4]
            wide[name] = value
        return self._spread_lists(wide, number)

    def _bound(self, name: str, role: str, value: RowValue) -> RowValue:
        """Another row's value on the right side of this one, as often as not."""
        others = [row[name] for rows in self._rows for row in rows if name in row]
        same = [other for other in others if type(other) is type(value) and other is not None]
        if value is None or not same or self._chance.random() < 0.3:
            return value
        wanted = [other for other in same if (_key(other) <= _key(value)) == (role == "low")]
        return self._chance.choice(wanted or same)

    def _spread_lists(self, wide: dict[str, RowValue], number: int) -> dict[str, RowValue]:
        """Equalities on one column by several parameters get several rows' values."""
        if number % 2 or len(self._names) < 2:
            return wide
        groups: dict[tuple[RowValue, ...], list[str]] = {}
        for name in self._names:
            if self._roles.get(name) == "equality" and name not in self._numbers:
                column = tuple(row[name] for rows in self._rows for row in rows if name in row)[:20]
                groups.setdefault(column, []).append(name)
        for names in groups.values():
            for name in names[1:]:
                wide[name] = self._by_chance().get(name, wide[name])
        return wide


def _beyond_ascii(value: RowValue) -> bool:
    return isinstance(value, str) and not value.isascii()


def _key(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) else value


def _by_frequency(rows: Sequence[Drawn]) -> list[Drawn]:
    """Distinct rows of values, the commonest first; the earliest drawn first among equals."""
    counts = Counter(tuple(sorted((name, repr(value)) for name, value in row.items())) for row in rows)
    first = {tuple(sorted((name, repr(value)) for name, value in row.items())): row for row in reversed(rows)}
    return [first[key] for key, _ in counts.most_common()]


def _nowhere(value: RowValue) -> RowValue:
    """A value of the same type that no row is likely to hold."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return -987_654_321
    if isinstance(value, str):
        return "zz-\u2603-absent"
    return b"\x00absent" if isinstance(value, bytes) else value
