"""Fields that are equal in every row of an answer."""

from __future__ import annotations

from migrator.model.query import Field


class Classes:
    """Equivalence classes of fields."""

    def __init__(self) -> None:
        self._parent: dict[Field, Field] = {}

    def _root(self, field: Field) -> Field:
        while field in self._parent:
            field = self._parent[field]
        return field

    def unite(self, left: Field, right: Field) -> None:
        """Record that two fields are equal."""
        a, b = self._root(left), self._root(right)
        if a != b:
            self._parent[a] = b

    def same(self, left: Field, right: Field) -> bool:
        """Whether equality follows from what was recorded."""
        return self._root(left) == self._root(right)
