"""A row of a statement's answer before it is shown: one row for each alias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.model.query import Field
from migrator.plan.compare import sort_key
from migrator.plan.plan import Entity
from migrator.plan.values import Item, from_wire

Row = Mapping[str, Any]
Joined = dict[str, Row | None]

MISSING: Row = {}
FIGURES = "\x00figures"
"""Stands among a row's aliases for what an aggregate's item holds of its group."""


def own_row(entity: Entity, item: Item) -> Row:
    """The row that an item is of, by its own columns: without what was copied to it."""
    return {a.column: from_wire(item.get(a.name)) for a in entity.attributes if a.copied_from is None}


def at(joined: Joined, field: Field | None) -> Any:
    """A field's value; None where its alias has no row."""
    if field is None:
        return None
    row = joined.get(field.alias)
    return None if row is None else row.get(field.column)


def hashable(value: Any, collation: str | None = None) -> Any:
    """The value as it compares with others under the collation; None for NULL."""
    return None if value is None else sort_key(value, collation)
