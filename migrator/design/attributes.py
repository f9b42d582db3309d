"""Attributes of an entity: its own columns, and those of its N:1 ancestors, which can be copied onto it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.query import Field, Select
from migrator.model.schema import Column, ForeignKey, Schema, Table


@dataclass(frozen=True, slots=True, order=True)
class Attr:
    """A column reached from a row by following foreign keys (`path`, by name); an empty path is its own."""

    path: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Domain:
    """What an attribute's values identify: the column that its chain of references ends in."""

    table: str
    column: str


def steps(schema: Schema, table: str, path: tuple[str, ...]) -> tuple[tuple[Table, ForeignKey], ...]:
    """The (owning table, foreign key) of each step of a path."""
    walked = []
    for name in path:
        owner = schema.table(table)
        key = owner.foreign_key(name)
        walked.append((owner, key))
        table = key.referred_table
    return tuple(walked)


def table_at(schema: Schema, table: str, path: tuple[str, ...]) -> str:
    """The table that a path ends in."""
    walked = steps(schema, table, path)
    return walked[-1][1].referred_table if walked else table


def column_of(schema: Schema, table: str, attr: Attr) -> Column:
    return schema.table(table_at(schema, table, attr.path)).column(attr.column)


def canonical(schema: Schema, table: str, attr: Attr) -> Attr:
    """The nearest column that holds the same value: a referred column is the local foreign-key column, so that
    the customer's id of an order is the order's own customer_id."""
    while attr.path:
        _, key = steps(schema, table, attr.path)[-1]
        if attr.column not in key.referred_columns:
            return attr
        attr = Attr(attr.path[:-1], key.columns[key.referred_columns.index(attr.column)])
    return attr


def domain(schema: Schema, table: str, attr: Attr) -> Domain:
    """Follows references from an attribute to the column where its values are at home. Cycles end where they
    began."""
    here, column = table_at(schema, table, attr.path), attr.column
    seen = set()
    while (here, column) not in seen:
        seen.add((here, column))
        key = _reference(schema.table(here), column)
        if key is None or not schema.has_table(key.referred_table):
            break
        here, column = key.referred_table, key.referred_columns[key.columns.index(column)]
    return Domain(here, column)


def _reference(table: Table, column: str) -> ForeignKey | None:
    """The narrowest foreign key that holds the column, by name when there are several."""
    holding = [key for key in table.foreign_keys if column in key.columns]
    return min(holding, key=lambda key: (len(key.columns), key.name), default=None)


def alias_paths(select: Select) -> dict[str, tuple[str, ...]]:
    """The path from the driver to each alias of a statement."""
    paths: dict[str, tuple[str, ...]] = {select.driver: ()}
    waiting = list(select.joins)
    while waiting:
        ready = [join for join in waiting if join.child in paths]
        if not ready:
            raise ValueError("joins that do not start at the driver")
        for join in ready:
            paths[join.parent] = (*paths[join.child], join.foreign_key)
            waiting.remove(join)
    return paths


def attribute(schema: Schema, select: Select, field: Field) -> Attr:
    """The canonical attribute of the driver's entity that a field of a statement means."""
    path = alias_paths(select)[field.alias]
    return canonical(schema, select.table(select.driver), Attr(path, field.column))
