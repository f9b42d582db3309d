"""Rows within an item in shown code: their keys are names of a path, and the rows are maps."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.plan.action import Entry
from migrator.plan.phrases import EMPTY_MAP, entry_key
from migrator.render.expressions import alias_of
from migrator.render.pythonic import Literal, Spread

Arguments = dict[str, Literal]
_NAMES, _VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"


def with_rows(arguments: Arguments, entries: Sequence[Entry]) -> Arguments:
    """The arguments, with the text of each row's key behind its name, and a map behind each row's value."""
    names: Arguments = {}
    values: Arguments = {}
    for number, entry in enumerate(entries, 1):
        names[f"#{alias_of(entry_key(entry, number))}"] = entry.key
        values[f":{alias_of(entry_key(entry, number, 'row'))}"] = {"M": {"": Spread("row")}}
        values[f":{EMPTY_MAP}"] = {"M": {}}
    return {name: _known(told, {_NAMES: names, _VALUES: values}.get(name, {})) for name, told in arguments.items()}


def _known(told: Literal, better: Arguments) -> Literal:
    """The placeholders with what is known better of some of them."""
    if not isinstance(told, dict):
        return told
    return {alias: better.get(alias, value) for alias, value in told.items()}
