"""Rows with the rows that belong to them, from one stream that repeats a row for each of these."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from migrator.model.unit import RowValue, Unit, UnitShape

Row = tuple[RowValue, ...]


def with_held(shape: UnitShape, rows: Iterator[Row]) -> Iterator[Unit]:
    """One unit for the rows of each key, which follow each other; memory holds what belongs to one.

    >>> from migrator.model.unit import Held
    >>> shape = UnitShape("o", ("id",), ("id",), holds=Held("l", ("n",), ("n",), (("o", "id"),)))
    >>> [(unit.values, unit.held) for unit in with_held(shape, iter([(1, 1, 1), (1, 2, 2), (2, None, None)]))]
    [((1,), ((1,), (2,))), ((2,), ())]
    """
    if shape.holds is None:
        raise ValueError("the shape holds no rows")
    width, named = len(shape.columns) + len(shape.ancestors), len(shape.holds.key)
    places = [shape.columns.index(name) for name in shape.key]
    for _, repeated in groupby(rows, key=lambda row: tuple(row[place] for place in places)):
        first = next(repeated)
        held = (row[width + named :] for row in (first, *repeated) if row[width] is not None)
        yield Unit(first[:width], tuple(held))
