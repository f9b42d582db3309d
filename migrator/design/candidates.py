"""Key templates worth weighing: grown from what each need asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, permutations

from migrator.design.attributes import Attr, column_of, domain
from migrator.design.design import KeyPart, Template
from migrator.design.needs import Need
from migrator.model.schema import Column, Kind, Schema

KEYLESS = (Kind.JSON, Kind.ARRAY)
"""Kinds whose values cannot stand in a key."""
UNORDERED = (Kind.UNKNOWN,)
"""Kinds whose values may be of several types: a key tells them apart and does not order them."""


def keyable(schema: Schema, table: str, attr: Attr) -> bool:
    """Whether the attribute's text can be compared as the source compares it."""
    column = column_of(schema, table, attr)
    return column.kind not in KEYLESS and column.collation in (None, "NOCASE")


def orderable(schema: Schema, table: str, attr: Attr) -> bool:
    """Whether keys can put the attribute's values in the source's order."""
    return keyable(schema, table, attr) and column_of(schema, table, attr).kind not in UNORDERED


def folds(column: Column) -> bool:
    """Whether the source compares this column without regard to ASCII case."""
    return column.collation == "NOCASE"


def part(schema: Schema, table: str, attr: Attr) -> KeyPart:
    return KeyPart(attr, folds(column_of(schema, table, attr)))


def at_home(schema: Schema, table: str, parts: Iterable[KeyPart]) -> tuple[KeyPart, ...]:
    """A partition's parts in an order that is the same for every entity: by what their values identify."""

    def place(kept: KeyPart) -> tuple[str, str, KeyPart]:
        home = domain(schema, table, kept.attr)
        return home.table, home.column, kept

    return tuple(sorted(parts, key=place))


def index_templates(schema: Schema, need: Need, key: tuple[str, ...]) -> Iterator[Template]:
    """Templates of an index that meet the need, its partition any part of the equalities."""
    table = need.table
    equal = tuple(e.attr for e in need.equalities if keyable(schema, table, e.attr))
    for chosen in _subsets(equal):
        left = [attr for attr in equal if attr not in chosen]
        for rest in permutations(left) if len(left) <= 2 else [tuple(left)]:
            for tail in _tails(schema, need):
                sort = (*(part(schema, table, attr) for attr in rest), *tail)
                yield with_identity(schema, table, chosen, sort, key)


def sparse_templates(need: Need, template: Template) -> Iterator[Template]:
    """The template once more for only the rows in which an attribute is not NULL that the need wants so."""
    fixed = {part.attr for part in template.partition}
    for attr in dict.fromkeys(bound.attr for bound in need.bounds):
        if not attr.path and attr not in fixed:
            yield replace(template, present=(attr,))


def base_templates(schema: Schema, table: str, keys: tuple[tuple[str, ...], ...]) -> Iterator[Template]:
    """Templates of the table itself: each splits one unique key into a partition and the rest."""
    for key in keys:
        attrs = tuple(Attr((), name) for name in key)
        if any(column_of(schema, table, attr).kind in KEYLESS for attr in attrs):
            continue
        for chosen in _subsets(attrs):
            left = [attr for attr in attrs if attr not in chosen]
            for rest in permutations(left) if len(left) <= 3 else [tuple(left)]:
                yield Template(
                    at_home(schema, table, (part(schema, table, attr) for attr in chosen)),
                    tuple(part(schema, table, attr) for attr in rest),
                )


def _subsets(attrs: tuple[Attr, ...]) -> list[tuple[Attr, ...]]:
    if not attrs:
        return [()]
    sizes = range(1, len(attrs) + 1) if len(attrs) <= 4 else (1, 2, len(attrs))
    return [chosen for size in sizes for chosen in combinations(attrs, size)]


def _tails(schema: Schema, need: Need) -> Iterator[tuple[KeyPart, ...]]:
    """What follows the equalities: the order, the range, or the range before the order."""
    table = need.table
    order = tuple(part(schema, table, attr) for attr, _ in need.order)
    usable = all(orderable(schema, table, attr) for attr, _ in need.order)
    ranges = [
        KeyPart(bound.attr, bound.fold or folds(column_of(schema, table, bound.attr)))
        for bound in need.bounds
        if orderable(schema, table, bound.attr)
    ]
    if usable:
        yield order
    for ranged in dict.fromkeys(ranges):
        if not (order and usable and order[0] == ranged):
            yield (ranged,)


def with_identity(
    schema: Schema, table: str, chosen: tuple[Attr, ...], sort: tuple[KeyPart, ...], key: tuple[str, ...]
) -> Template:
    """The template of a partition and a sort key, which what is missing of the row's own key ends, so that its order is
    total."""
    there = set(chosen) | {kept.attr for kept in sort if not kept.fold}
    tail = [Attr((), name) for name in key if Attr((), name) not in there]
    return Template(
        at_home(schema, table, (part(schema, table, attr) for attr in chosen)),
        (*sort, *(part(schema, table, attr) for attr in tail)),
    )
