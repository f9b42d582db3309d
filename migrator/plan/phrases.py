"""Actions in DynamoDB's expression language, as templates: the text that plan.json shows for what is said formally."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from migrator.model.query import Field, Literal, Parameter, Predicate
from migrator.plan.action import Action, Assignment, Entry, ItemValue, Operand
from migrator.plan.templates import Placeholder, write_template
from migrator.plan.words import attribute_template, predicate_template, value_template

EMPTY_MAP = "empty_map"
_EMPTY = write_template((Placeholder("parameter", EMPTY_MAP),))
_ASKED = ("put", "change", "remove")
_EXISTENCE = {"there": "attribute_exists", "absent": "attribute_not_exists"}


def phrased(action: Action, name_of: Callable[[str], str], key: str) -> Action:
    """The action with its condition and update as text; `name_of` gives a column's attribute, `key` is the table's
    partition key."""
    update = update_text(action.assignments, action.entries) if action.operation == "Update" else None
    return replace(action, condition=_condition(action, name_of, key), update=update)


def existence(require: str, key: str) -> str:
    """That the item is there or absent. Only PK is known to be no reserved word of the expression language.

    >>> existence("absent", "PK"), existence("there", "key")
    ('attribute_not_exists(PK)', 'attribute_exists({key})')
    """
    return f"{_EXISTENCE[require]}({key if key == 'PK' else attribute_template(key)})"


def _condition(action: Action, name_of: Callable[[str], str], key: str) -> str | None:
    parts = [existence(action.require, key)] if action.require else []
    if action.each is None:
        parts += [_predicate(predicate, name_of) for predicate in action.where]
    else:
        parts += [f"{attribute_template(n)} = {_operand(ItemValue(action.each, n))}" for n in action.as_read]
    if action.operation != "Put":
        asked = ((entry, number) for number, entry in enumerate(action.entries, 1) if entry.operation in _ASKED)
        parts += [_entry_condition(entry, number) for entry, number in asked]
    return " AND ".join(parts) or None


def entry_key(entry: Entry, number: int, what: str = "key") -> str:
    """What stands in the text for the key of a row within an item, or for the row itself."""
    return f"{entry.attribute}_{what}" + (f"_{number}" if number > 1 else "")


def _place(entry: Entry, number: int) -> str:
    return f"{attribute_template(entry.attribute)}.{attribute_template(entry_key(entry, number))}"


def _entry_condition(entry: Entry, number: int) -> str:
    return f"attribute_{'not_exists' if entry.operation == 'put' else 'exists'}({_place(entry, number)})"


def _sections(entries: Iterable[Entry]) -> tuple[list[str], list[str]]:
    """What an update sets and removes of the rows within its item."""
    settings, removed = [], []
    for number, entry in enumerate(entries, 1):
        place = _place(entry, number)
        if entry.operation == "clear":
            settings.append(f"{attribute_template(entry.attribute)} = {_EMPTY}")
        elif entry.operation in ("put", "replace"):
            row = write_template((Placeholder("parameter", entry_key(entry, number, "row")),))
            settings.append(f"{place} = {row}")
        elif entry.operation == "remove":
            removed.append(place)
        for one in entry.assignments if entry.operation == "change" else ():
            path = f"{place}.{attribute_template(one.attribute)}"
            if one.how == "set" and one.value == Literal(None):
                removed.append(path)
            else:
                before = "" if one.how == "set" else f"{path} {'+' if one.how == 'add' else '-'} "
                settings.append(f"{path} = {before}{_operand(one.value or Literal(None))}")
    return settings, removed


def _predicate(predicate: Predicate, name_of: Callable[[str], str]) -> str:
    def named(field: Field) -> str:
        return name_of(field.column)

    text = predicate_template(predicate, named)
    return f"({text})" if " OR " in text else text


def update_text(assignments: Iterable[Assignment], entries: Iterable[Entry] = ()) -> str:
    """SET for values, REMOVE for what is NULL by the statement itself. A NULL adds nothing to a figure.

    >>> update_text([Assignment("status", "set", Literal("open")), Assignment("note", "set", Literal(None))])
    "SET {status} = 'open' REMOVE {note}"
    >>> none, two = (Assignment(name, "set", Literal(value), tally="gain") for name, value in (("n", None), ("sum", 2)))
    >>> update_text([none, two])
    'SET {sum} = if_not_exists({sum}, 0) + 2'
    """
    settings, removed = _sections(entries)
    given = tuple(assignments)
    nothing = [one for one in given if one.tally is not None and one.how == "set" and one.value == Literal(None)]
    for one in given:
        name = attribute_template(one.attribute)
        if one in nothing and len(nothing) == len(given):
            settings.append(f"{name} = if_not_exists({name}, 0) + 0")
        elif one in nothing:
            continue
        elif one.how == "set" and one.value == Literal(None):
            removed.append(name)
        else:
            settings.append(f"{name} = {_right_side(one)}")
    parts = (("SET", settings), ("REMOVE", removed))
    return " ".join(f"{word} {', '.join(texts)}" for word, texts in parts if texts)


def _right_side(one: Assignment) -> str:
    if one.tally is not None:
        return _tallied(one)
    if one.how in ("key", "seconds", "join"):
        return write_template((Placeholder("parameter", computed_name(one)),))
    name, value = attribute_template(one.attribute), _operand(one.value or Literal(None))
    match one.how:
        case "keep":
            return f"if_not_exists({name}, {value})"
        case "add" | "subtract":
            before = name if one.of is None else _operand(one.of)
            if one.start is not None:
                before = f"if_not_exists({name}, {_operand(one.start)})"
            return f"{before} {'+' if one.how == 'add' else '-'} {value}"
        case _:
            return value


def _tallied(one: Assignment) -> str:
    """A figure's change: by a value, or by what the program works out."""
    word, _, single = (one.tally or "").partition(" ")
    told = one.how == "set" and one.value is not None and (not single or isinstance(one.value, Literal))
    known = one.value if told and one.value is not None else Parameter(computed_name(one))
    by = _operand(known)
    return f"if_not_exists({attribute_template(one.attribute)}, 0) {'+' if word == 'gain' else '-'} {by}"


def computed_name(one: Assignment) -> str:
    """What stands in the text for a value that the program works out."""
    if one.tally is not None:
        return f"{'counted' if one.tally.startswith('gain') else 'counted_off'}_{one.attribute}"
    return f"joined_{one.attribute}" if one.how == "join" else one.attribute


def _operand(value: Operand) -> str:
    if isinstance(value, ItemValue):
        return write_template((Placeholder("item", value.attribute, request=value.request),))
    return value_template(value)
