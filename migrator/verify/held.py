"""The rows that live within the items of another table, compared one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.plan.plan import Embedded
from migrator.plan.values import canonical
from migrator.ports import Item
from migrator.verify.report import RowDifference, TableRows
from migrator.verify.showing import Show

NO_ROW = "(not a row)"
"""Stands for the attributes of what should have been a row."""


class HeldRows:
    """The rows of one table within the items of a chunk. `add` takes each difference."""

    def __init__(self, held: Embedded, add: Callable[[RowDifference], None], show: Show) -> None:
        self.attribute = held.attribute
        self.rejected = 0
        self._held = held
        self._entity = held.as_entity()
        self._add = add
        self._show = show
        self._rows = self._missing = self._different = 0

    def tally(self) -> TableRows:
        rows = self._rows + self.rejected
        return TableRows(self._held.source_table, rows, 0, self._missing, self._different, self.rejected)

    def lose(self, expected: Item) -> None:
        """Counts the rows of an item that is not there."""
        self._rows += len(self._entries(expected))
        self._missing += len(self._entries(expected))

    def compare(self, holder: str, expected: Item, found: Item) -> None:
        """Row by row; one that the source does not have is a difference of its table."""
        wanted, there = self._entries(expected), self._entries(found)
        self._rows += len(wanted)
        if "M" not in found.get(self.attribute, {}):
            self._told("missing", holder, "", self.attribute)
        for text in sorted(wanted.keys() | there.keys()):
            row = wanted.get(text, there.get(text, {}))
            if text not in wanted:
                self._different += 1
                self._told("extra", holder, text)
            elif text not in there:
                self._missing += 1
                self._told("missing", holder, self._key(row))
            elif names := differing(row, there[text]):
                self._different += 1
                for name in names:
                    before, after = (self._show(self._entity, name, item) for item in (row, there[text]))
                    self._told("different", holder, self._key(row), name, before, after)

    def _entries(self, item: Item) -> Mapping[str, Item]:
        """The rows by their keys' text; something that is no row differs in everything."""
        held = item.get(self.attribute, {}).get("M", {})
        return {text: row.get("M", {NO_ROW: row}) for text, row in held.items()}

    def _key(self, row: Item) -> str:
        names = {a.column: a.name for a in self._held.attributes}
        shown = ((column, self._show(self._entity, names[column], row)) for column in self._held.source_key)
        return ", ".join(f"{column}={text}" for column, text in shown)

    def _told(
        self,
        kind: str,
        holder: str,
        row: str,
        attribute: str | None = None,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        named = f"{row} within {holder}" if row else f"within {holder}"
        self._different += kind == "missing" and not row
        self._add(RowDifference(kind, self._held.source_table, named, self._held.name, attribute, expected, found))


def differing(expected: Item, found: Item) -> list[str]:
    """Names of attributes whose typed values differ, or that only one side has."""
    return sorted(
        name
        for name in expected.keys() | found.keys()
        if name not in expected or name not in found or canonical(expected[name]) != canonical(found[name])
    )
