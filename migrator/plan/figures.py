"""What a statement's outputs are over groups of rows, from the figures on their aggregate's items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from migrator.plan.compare import sort_key
from migrator.plan.plan import Entity
from migrator.plan.sums import add_up, times
from migrator.plan.values import Item, from_wire

Row = Mapping[str, Any]


class NotKept(Exception):
    """The aggregate does not keep what an output asks for; the text says what."""


def group_row(entity: Entity, item: Item) -> Row:
    """An item's columns, with its figures under their attributes' names."""
    return {measure.name: from_wire(item.get(measure.name)) for measure in entity.measures}


def is_empty(entity: Entity, item: Item) -> bool:
    """Whether no row is left in the item's group: it stays behind with a count of 0."""
    count = entity.measure("count")
    return count is not None and from_wire(item.get(count.name)) in (None, 0)


def compute(
    entity: Entity, function: str, column: str | None, distinct: bool, groups: Sequence[tuple[Row, Row]]
) -> Any:
    """An aggregate function over groups, each its columns' values and its figures. NotKept when the figures do
    not tell."""
    if column is not None and column in entity.source_key:
        return _of_the_groups(entity, function, column, distinct, groups)
    if distinct or function in ("min", "max"):
        raise NotKept(f"{function}{' distinct' if distinct else ''} of {column}")
    if function == "count":
        return _total(groups, _counted(entity, column))
    values = _total(groups, _counted(entity, column))
    if not values:
        return None
    total = _total(groups, _kept(entity, "sum", column))
    return total if function == "sum" else total / values


def _of_the_groups(
    entity: Entity, function: str, column: str, distinct: bool, groups: Sequence[tuple[Row, Row]]
) -> Any:
    """A function over a column that tells the groups apart: each value stands for all rows of its group."""
    rows = _kept(entity, "count", None)
    values = [(row[column], Decimal(figures[rows] or 0)) for row, figures in groups]
    if function in ("min", "max"):
        choose = min if function == "min" else max
        return choose((value for value, _ in values), key=sort_key, default=None)
    if distinct:
        values = list({sort_key(value): (value, Decimal(1)) for value, _ in values}.values())
    count = sum((weight for _, weight in values), Decimal(0))
    if function == "count":
        return count
    if not values:
        return None
    total = add_up(times(value, weight) for value, weight in values)
    return total if function == "sum" else total / count


def _counted(entity: Entity, column: str | None) -> str:
    """The attribute that counts a column's values: that of the rows where the column is never NULL."""
    own = entity.measure("count", column)
    return own.name if own is not None else _kept(entity, "count", None)


def _kept(entity: Entity, function: str, column: str | None) -> str:
    measure = entity.measure(function, column)
    if measure is None:
        raise NotKept(f"{function} of {column or 'rows'}")
    return measure.name


def _total(groups: Sequence[tuple[Row, Row]], name: str) -> Decimal:
    return add_up(figures[name] or Decimal(0) for _, figures in groups)
