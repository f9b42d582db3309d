"""Shown in design.md as it stands here: what a program does with updates of one counter item."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

FIGURE = re.compile(r"(#\w+) = if_not_exists\(\1, :\w+\) ([+-]) (:\w+)")
EXACT = Context(prec=100)


def added_up(actions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions with one update for each item whose figures several of them change. One that changes nothing is
    left out."""
    others: list[dict[str, Any]] = []
    by_item: dict[str, list[dict[str, Any]]] = {}
    for action in actions:
        update = action.get("Update", {})
        if FIGURE.search(update.get("UpdateExpression", "")):
            by_item.setdefault(str(update["Key"]), []).append(update)
        else:
            others.append(action)
    return others + [one for updates in by_item.values() for one in one_update(updates)]


def one_update(updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The updates of one item as one, or as none."""
    changes: dict[str, Decimal] = {}
    for update in updates:
        for name, sign, value in FIGURE.findall(update["UpdateExpression"]):
            change = Decimal(update["ExpressionAttributeValues"][value]["N"])
            combine = EXACT.add if sign == "+" else EXACT.subtract
            changes[name] = combine(changes.get(name, Decimal(0)), change)
    if not any(changes.values()):
        return []
    given = FIGURE.split(updates[0]["UpdateExpression"], maxsplit=1)[0]
    figures = ", ".join(f"{name} = if_not_exists({name}, :none) + :{name[1:]}_more" for name in changes)
    values = updates[0]["ExpressionAttributeValues"]
    values = {name: value for name, value in values.items() if re.search(rf"{name}\b", given)}
    values |= {f":{name[1:]}_more": {"N": f"{change:f}"} for name, change in changes.items()}
    names = {name: shown for update in updates for name, shown in update["ExpressionAttributeNames"].items()}
    merged = {
        "UpdateExpression": given + figures,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {**values, ":none": {"N": "0"}},
    }
    return [{"Update": {**updates[0], **merged}}]
