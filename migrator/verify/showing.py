"""How the value of an item's attribute is told in a report. Who runs the verification may mask some."""

from __future__ import annotations

from collections.abc import Callable

from migrator.plan.plan import Entity
from migrator.plan.values import Wire, canonical
from migrator.ports import Item

SHOWN = 80
"""Characters of a value in a report."""

Show = Callable[[Entity | None, str, Item], str | None]
"""From an item's entity (None when its type is none of the plan's), an attribute's name and the item to a text;
None when the item has no such attribute."""


def plainly(entity: Entity | None, name: str, item: Item) -> str | None:
    """The value with its type: `N 12.5`, `S open`, `B 3 bytes`."""
    return value_text(item[name]) if name in item else None


def value_text(wire: Wire) -> str:
    """A value with its type, cut when it is long."""
    ((tag, value),) = canonical(wire).items()
    text = f"{len(value)} bytes" if tag == "B" else str(value)
    return f"{tag} {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}"
