"""A join that is stored: one item for each pair of rows of two tables whose columns are equal."""

from __future__ import annotations

from dataclasses import dataclass

SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class JoinedColumn:
    """A column of the pairs by its own `name`, and where its values come from: a column of the left or right row."""

    name: str
    side: str
    column: str


@dataclass(frozen=True, slots=True)
class StoredJoin:
    """Pairs of rows of `left` and `right`, two tables by name, that are equal in each of `pairs` (left column, right
    column). These columns and those of both rows' keys are never NULL. `columns` are what is kept of a pair; of columns
    that are equal the left one."""

    left: str
    right: str
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[JoinedColumn, ...]

    def table(self, side: str) -> str:
        return self.left if side == "left" else self.right

    def side(self, table: str) -> str | None:
        """Which side a table is; None when it is none."""
        return {self.left: "left", self.right: "right"}.get(table)

    def meeting(self, side: str) -> tuple[str, ...]:
        """The columns of one side that equal the other side's."""
        return tuple(pair[side == "right"] for pair in self.pairs)

    def named(self, side: str, column: str) -> str | None:
        """What a column of one side is called in the pairs, as far as it is kept."""
        if side == "right" and column in self.meeting(side):
            side, column = "left", self.meeting("left")[self.meeting("right").index(column)]
        found = (one.name for one in self.columns if (one.side, one.column) == (side, column))
        return next(found, None)


def other(side: str) -> str:
    """The other side.

    >>> other("left")
    'right'
    """
    return "right" if side == "left" else "left"
