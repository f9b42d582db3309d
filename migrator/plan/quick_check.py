"""Whether a row is of the plainest kind, without making its items: what a pre-flight asks of nearly every row.

The function for a table is written and compiled as those of `quick` are. It knows rows whose texts need no escape
anywhere and whose items surely take at most one KB: of these it gives the write units. Any other row gets 0, and is
looked at in earnest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from migrator.model.schema import NUMBERS, Kind
from migrator.model.unit import RowValue
from migrator.plan.items import attribute_place, slot_attribute_names, unit_shape
from migrator.plan.plan import TABLE_SLOT, Entity, Plan, SlotKeys
from migrator.plan.quick_weigh import UnitsOf
from migrator.plan.templates import Placeholder, parse_template

Check = Callable[[Sequence[RowValue]], int]
"""From a row to its write units; 0 for a row that is not plain."""

SMALL = 1024
DIGITS = 25
"""No plain number takes more, in any encoding."""

_STRINGS = (Kind.TEXT, Kind.ENUM, Kind.UUID, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TIMESTAMP)


def compile_check(plan: Plan, table: str, units_of: UnitsOf) -> Check | None:
    """The check of the rows of `table`; None where rows make several items, where two rows may have
    one key, or where a column's values are never plain. Only for tables that `compile_quick` knows."""
    entities, shape = plan.entities_of(table), unit_shape(plan, table)
    if len(entities) != 1 or shape.gathered or not _is_plain(entities[0]):
        return None
    (entity,) = entities
    source = _source(plan, entity, len(shape.columns) + len(shape.ancestors), units_of({}, 1))
    constants: dict[str, Any] = {}
    if source is None:
        return None
    # Of places and numbers only.
    exec(source, constants)  # noqa: S102
    check: Check = constants["check"]
    return check


def _is_plain(entity: Entity) -> bool:
    base = entity.slot(TABLE_SLOT)
    if base is None or entity.guards or entity.expires is not None or any(keys.where for keys in entity.keys):
        return False
    parts = [piece for text in (base.partition, base.sort) for piece in _placeholders(text)]
    told = {entity.attribute(piece.name).column for piece in parts if _tells_apart(entity, piece)}
    return told.issuperset(entity.source_key) and all(a.kind in (*NUMBERS, *_STRINGS) for a in entity.attributes)


def _placeholders(text: str) -> list[Placeholder]:
    return [piece for piece in parse_template(text) if not isinstance(piece, str) and piece.origin == "attribute"]


def _tells_apart(entity: Entity, piece: Placeholder) -> bool:
    """Whether two values of the row's own key have two texts."""
    return piece.encoding != "fold" and entity.attribute(piece.name).copied_from is None


def _source(plan: Plan, entity: Entity, count: int, units: int) -> str | None:
    shape = unit_shape(plan, entity.stream)
    places = {attribute.name: attribute_place(attribute, shape) for attribute in entity.attributes}
    kinds = {attribute.name: attribute.kind for attribute in entity.attributes}
    uses = dict.fromkeys(places, 1)
    tests: list[str] = []
    for piece in [
        piece for keys in entity.keys for text in (keys.partition, keys.sort) for piece in _placeholders(text)
    ]:
        test = _key_test(places[piece.name], kinds[piece.name], piece.encoding)
        if test is None:
            return None
        uses[piece.name] += 1
        tests += [test] if test else []
    texts = [name for name in places if kinds[name] in _STRINGS]
    tests = [*(_value_test(places[name], kinds[name]) for name in places), *dict.fromkeys(tests)]
    fixed = _fixed(plan, entity) + sum(DIGITS * uses[name] for name in places if kinds[name] in NUMBERS)
    indexed = [_indexed(keys, places) for keys in entity.keys if keys.slot != TABLE_SLOT]
    length = " + ".join((str(fixed), *(f"len(v{places[name]} or '') * {uses[name]}" for name in texts)))
    return "\n".join(
        (
            "def check(row):",
            f"  {''.join(f'v{place},' for place in range(count))} = row",
            f"  if not ({' and '.join(tests)}):",
            "    return 0",
            f"""  text = f"{"".join(f"{{v{places[name]}}}" for name in texts)}\"""",
            "  if not (text.isascii() and text.isprintable()) or '%' in text or '#' in text or '\"' in text:",
            "    return 0",
            f"  if '~' in text or '\\\\' in text or {length} > {SMALL}:",
            "    return 0",
            f"  return {' + '.join((str(units), *indexed))}",
        )
    )


def _indexed(keys: SlotKeys, places: Mapping[str, int]) -> str:
    """Whether an index holds the item, as a number."""
    return f"({' and '.join(f'v{places[name]} is not None' for name in keys.requires)})" if keys.requires else "1"


def _value_test(place: int, kind: Kind) -> str:
    value = f"v{place}"
    if kind in _STRINGS:
        return f"(type({value}) is str or {value} is None)"
    whole = f"type({value}) is int and -{10**19} < {value} < {10**19}"
    part = f"type({value}) is float and ({value} == 0 or 1e-4 < {value} < 1e15 or -1e15 < {value} < -1e-4)"
    return f"({whole} or {value} is None or {part})"


def _key_test(place: int, kind: Kind, encoding: str) -> str | None:
    """What besides makes a plain value fit a key's part; None when nothing does."""
    if kind in NUMBERS and encoding.startswith("int"):
        return f"type(v{place}) is int and -{10 ** int(encoding[3:])} < v{place} < {10 ** int(encoding[3:])}"
    if kind in NUMBERS and encoding in ("", "num"):
        return ""
    return "" if kind in _STRINGS and encoding in ("", "text", "fold") else None


def _fixed(plan: Plan, entity: Entity) -> int:
    """At most the length of an item's JSON without the values of its columns."""
    names = [plan.type_attribute, *(attribute.name for attribute in entity.attributes)]
    keys = sum(_fixed_key(plan, keys) for keys in entity.keys)
    return keys + sum(len(json.dumps(name)) + len(',:{"S":""}') for name in names) + len(json.dumps(entity.name))


def _fixed_key(plan: Plan, keys: SlotKeys) -> int:
    """With ten characters for a shard or a NULL."""
    size = 0
    for name, text in zip(slot_attribute_names(plan, keys.slot), (keys.partition, keys.sort), strict=True):
        pieces = parse_template(text)
        literals = sum(len(json.dumps(piece)) if isinstance(piece, str) else 10 for piece in pieces)
        size += len(json.dumps(name)) + len(',:{"S":""}') + literals
    return size
