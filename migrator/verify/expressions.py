"""Condition and update expressions of bound writes, with every name and value behind a placeholder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from migrator.plan.values import Wire

Path = str | tuple[str, ...]
"""An attribute, or what lies within it from the outermost map on."""
Effect = tuple[str, Path, Wire | None, Wire | None]
"""(how, attribute, value, start): how is set, keep, add, subtract or remove."""


@dataclass(slots=True)
class Expressions:
    """Collects the placeholders of one write."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Wire] = field(default_factory=dict)

    def name(self, attribute: Path) -> str:
        if isinstance(attribute, tuple):
            return ".".join(map(self.name, attribute))
        for alias, known in self.names.items():
            if known == attribute:
                return alias
        alias = f"#n{len(self.names)}"
        self.names[alias] = attribute
        return alias

    def value(self, wire: Wire) -> str:
        alias = f":v{len(self.values)}"
        self.values[alias] = wire
        return alias

    def exists(self, attribute: Path, there: bool = True) -> str:
        return f"attribute_{'exists' if there else 'not_exists'}({self.name(attribute)})"

    def same(self, attribute: str, wire: Wire | None) -> str:
        """The attribute holds just that; nothing where it is None."""
        return self.exists(attribute, there=False) if wire is None else f"{self.name(attribute)} = {self.value(wire)}"

    def update(self, effects: Iterable[Effect]) -> str | None:
        """The update expression of some effects."""
        settings, removed = [], []
        for how, attribute, value, start in effects:
            if value is None:
                removed.append(self.name(attribute))
            else:
                settings.append(f"{self.name(attribute)} = {self._right_side(how, attribute, value, start)}")
        parts = (("SET", settings), ("REMOVE", removed))
        return " ".join(f"{word} {', '.join(texts)}" for word, texts in parts if texts) or None

    def _right_side(self, how: str, attribute: Path, value: Wire, start: Wire | None) -> str:
        name = self.name(attribute)
        if how == "keep":
            return f"if_not_exists({name}, {self.value(value)})"
        if how in ("add", "subtract"):
            before = name if start is None else f"if_not_exists({name}, {self.value(start)})"
            return f"{before} {'+' if how == 'add' else '-'} {self.value(value)}"
        return self.value(value)

    def parameters(self, condition: str | None, update: str | None) -> Mapping[str, Any]:
        """What a call holds of them."""
        made: dict[str, Any] = {}
        if condition:
            made["ConditionExpression"] = condition
        if update:
            made["UpdateExpression"] = update
        if self.names:
            made["ExpressionAttributeNames"] = dict(self.names)
        if self.values:
            made["ExpressionAttributeValues"] = dict(self.values)
        return made
