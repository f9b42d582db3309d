"""Rows straight to the wire JSON of their items: what `compile_footprint` says, in a tenth of its time.

For each table one Python function is written and compiled. It takes rows that are as their columns' types let expect,
and gives None for any other: those go the obvious way, through `compile_footprint`, which also finds the words for what
is wrong with a row. Names and literals of the plan stand in constants beside the function, never in its source.

Two things make the checks cheap. An item's JSON is never shorter than the item itself, nor than any of its keys: a text
of at most one KB is within every limit, and takes one write unit. And JSON escapes character by character: the escaped
parts of a key make the escaped key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from json.encoder import encode_basestring_ascii
from typing import Any

from migrator.model.schema import NUMBERS, Kind
from migrator.model.unit import RowValue, UnitShape
from migrator.plan.items import SHARD, attribute_place, slot_attribute_names, unit_shape
from migrator.plan.offload import offloaded
from migrator.plan.plan import TABLE_SLOT, Attribute, Entity, Plan, SlotKeys
from migrator.plan.quick_values import (
    EXACT,
    expiry_writer,
    number,
    part_writer,
    shard_writer,
    string_writer,
    wire_writer,
)
from migrator.plan.quick_weigh import UnitsOf, weigher
from migrator.plan.states import compile_state
from migrator.plan.templates import Piece, parse_template
from migrator.plan.values import Unstorable

Quick = Callable[[Sequence[RowValue]], tuple[Any, ...] | None]
"""From a row to (write units, name, text, name, text, ...), a name and a text for each item; None for a row that
goes the obvious way. A name is how its text begins: the primary key in JSON."""

SMALL = 1024
"""Texts up to here need no closer look: one write unit, keys within their limits."""

_STRINGS = (Kind.TEXT, Kind.ENUM, Kind.UUID, Kind.INTERVAL)
_NO_STRINGS = (Kind.JSON, Kind.BOOLEAN, Kind.BYTES)
"""Kinds of which a string is no plain one in a key, or is parsed."""

_KNOWN: dict[type, frozenset[str]] = {
    Entity: frozenset(("name", "kind", "source_table", "source_key", "keys", "attributes", "guards", "expires"))
    | {"co_located_because", "measures"},
    SlotKeys: frozenset(("slot", "partition", "sort", "requires", "shards", "where")),
    Attribute: frozenset(("name", "column", "sql_type", "kind", "dynamodb_type", "copied_from", "collation")),
    UnitShape: frozenset(("table", "key", "columns", "ancestors", "gathered", "name")),
}


def compile_quick(plan: Plan, table: str, units_of: UnitsOf, reserved: str, most_bytes: int) -> Quick | None:
    """The quick function for the rows of `table`, or None when one of its entities has a feature that is not known
    here. `units_of` prices items; no partition key may begin with `reserved`, no row's texts take more than
    `most_bytes`."""
    shape, entities = unit_shape(plan, table), plan.entities_of(table)
    if any(offloaded(plan, entity) for entity in entities):
        return None
    if not _is_known(shape) or not all(_is_supported(plan, entity, reserved) for entity in entities):
        return None
    if len({(place, kind) for place, kind in _kinds(shape, entities)}) > len({p for p, _ in _kinds(shape, entities)}):
        return None
    return _Function(plan, shape, units_of, most_bytes).compile(entities)


def _is_known(value: Any) -> bool:
    """Whether every field that is set is one of those that this module reads."""
    known = next(names for form, names in _KNOWN.items() if isinstance(value, form))
    return all(told.name in known or getattr(value, told.name) == _default(told) for told in fields(value))


def _default(told: Any) -> Any:
    return told.default_factory() if told.default_factory is not MISSING else told.default


def _is_supported(plan: Plan, entity: Entity, reserved: str) -> bool:
    base = entity.slot(TABLE_SLOT)
    parts: tuple[Any, ...] = (entity, *entity.keys, *entity.attributes)
    if base is None or base.requires or base.shards or not all(map(_is_known, parts)):
        return False
    first = parse_template(base.partition)[0]
    if not isinstance(first, str) or first.startswith(reserved) or reserved.startswith(first):
        return False
    names = [name for keys in entity.keys for name in slot_attribute_names(plan, keys.slot)]
    names += [plan.type_attribute, *(a.name for a in entity.attributes), *(m.name for m in entity.measures)]
    if entity.expires is not None and plan.table.ttl_attribute is not None:
        names.append(plan.table.ttl_attribute)
    return len(set(names)) == len(names) and entity.kind in ("row", "guard", "aggregate")


def _kinds(shape: UnitShape, entities: Sequence[Entity]) -> list[tuple[int, Kind]]:
    return [(attribute_place(a, shape), a.kind) for entity in entities for a in entity.attributes]


def _never_null(plan: Plan, shape: UnitShape) -> frozenset[int]:
    """Places of the row that the schema keeps from being NULL."""
    table = next((table for table in plan.source.tables if table.name == shape.table), None)
    full = {column.name for column in table.columns if not column.nullable} if table else set()
    return frozenset(place for place, name in enumerate(shape.columns) if name in full)


class _Template:
    """A text as it grows: fixed parts, and expressions of strings."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, bool]] = []

    def fixed(self, text: str) -> None:
        if self.pieces and not self.pieces[-1][1]:
            text = self.pieces.pop()[0] + text
        self.pieces.append((text, False))

    def hole(self, expression: str) -> None:
        self.pieces.append((expression, True))

    def extend(self, other: _Template) -> None:
        for text, is_hole in other.pieces:
            (self.hole if is_hole else self.fixed)(text)


@dataclass(slots=True)
class _Made:
    """An item's variables: `n0` its name, `i0` its text. `condition`: when it is made. `indexes` is how many it is
    always in, `sparse` the variables that are empty when it is not."""

    number: int
    condition: str
    indexes: int = 0
    sparse: list[str] = field(default_factory=list)
    sharded: bool = False


class _Function:
    """The source of one table's function, as it grows. `v3` is the value at place 3 of the row; `t3` the digits of a
    number; `q3` a string in JSON, quotes and all; `w3` a whole wire form. None stands for NULL."""

    def __init__(self, plan: Plan, shape: UnitShape, units_of: UnitsOf, most_bytes: int) -> None:
        self._plan = plan
        self._shape = shape
        self._full = _never_null(plan, shape)
        self._base_units = units_of({}, 1)
        self._lines: dict[str, None] = {}
        self._parts: dict[tuple[int, str], str] = {}
        self._constants: dict[str, Any] = {
            "quote": encode_basestring_ascii,
            "number": number,
            "Unstorable": Unstorable,
            "weigh": weigher(plan, units_of, most_bytes),
        }

    def compile(self, entities: Sequence[Entity]) -> Quick:
        made = [self._entity(number, entity) for number, entity in enumerate(entities)]
        count = len(self._shape.columns) + len(self._shape.ancestors) + len(self._shape.gathered)
        source = [
            f"def quick(row, {', '.join(f'{name}={name}' for name in self._constants)}):",
            "  try:",
            f"    {''.join(f'v{place},' for place in range(count))} = row",
            *(f"    {line}" for line in (*self._lines, *self._conclusion(made))),
            "  except (Unstorable, UnicodeEncodeError):",
            "    return None",
        ]
        # Of places and numbers only: whatever the plan says stands in the constants.
        exec("\n".join(source), self._constants)  # noqa: S102
        quick: Quick = self._constants["quick"]
        return quick

    def _line(self, text: str) -> None:
        self._lines[text] = None

    def _constant(self, value: Any) -> str:
        name = f"C{len(self._constants)}"
        self._constants[name] = value
        return name

    def _filling(self, template: _Template) -> str:
        """The expression of a filled template: an f-string of names, and so the fastest way to one string."""
        names = (self._named(text) if is_hole else self._constant(text) for text, is_hole in template.pieces)
        return f"f'{''.join(f'{{{name}}}' for name in names)}'"

    def _named(self, expression: str) -> str:
        if expression.isidentifier():
            return expression
        self._line(f"x{len(self._lines)} = {expression}")
        return f"x{len(self._lines) - 1}"

    def _entity(self, number: int, entity: Entity) -> _Made:
        made = _Made(number, " or ".join(f"v{self._place(entity, name)} is None" for name in entity.guards))
        unless = f"None if {made.condition} else " if made.condition else ""
        self._name(number, entity, unless)
        item = _Template()
        item.hole(f"n{number}")
        for keys in entity.keys:
            if keys.slot != TABLE_SLOT:
                self._index(made, entity, keys, item)
        item.fixed(f',{_quoted(self._plan.type_attribute)}:{{"S":{_quoted(entity.name)}}}')
        for attribute in entity.attributes:
            self._attribute(attribute.name, attribute_place(attribute, self._shape), attribute.kind, item)
        for place, measure in enumerate(entity.measures, start=len(self._shape.columns)):
            self._attribute(measure.name, place, Kind.DECIMAL, item)
        self._expiry(entity, item)
        item.fixed("}")
        self._line(f"i{number} = {unless}{self._filling(item)}")
        return made

    def _name(self, number: int, entity: Entity, unless: str) -> None:
        """`b0` and `c0`, partition and sort in JSON, and `n0`, both with their names."""
        base = entity.slot(TABLE_SLOT)
        if base is None:
            raise KeyError(TABLE_SLOT)
        name = _Template()
        for variable, attribute, text in zip(
            "bc", slot_attribute_names(self._plan, TABLE_SLOT), (base.partition, base.sort), strict=True
        ):
            key = _Template()
            self._key(entity, parse_template(text), key, "")
            self._line(f"{variable}{number} = {self._filling(key)}")
            name.fixed(("{" if variable == "b" else ",") + f'{_quoted(attribute)}:{{"S":"')
            name.hole(f"{variable}{number}")
            name.fixed('"}')
        self._line(f"n{number} = {unless}{self._filling(name)}")

    def _index(self, made: _Made, entity: Entity, keys: SlotKeys, item: _Template) -> None:
        shard = ""
        if keys.shards:
            shard = f"h{made.number}_{keys.shards}"
            self._line(f"{shard} = {self._constant(shard_writer(keys.shards))}(b{made.number}, c{made.number})")
            made.sharded = True
        whole = _Template()
        for attribute, text in zip(
            slot_attribute_names(self._plan, keys.slot), (keys.partition, keys.sort), strict=True
        ):
            whole.fixed(f',{_quoted(attribute)}:{{"S":"')
            self._key(entity, parse_template(text), whole, shard)
            whole.fixed('"}')
        nulls = [self._place(entity, name) for name in keys.requires]
        for place in self._full.intersection(nulls):
            self._line(f"if v{place} is None: return None")
        absent = [f"v{place} is None" for place in nulls if place not in self._full]
        for state in keys.where:
            fulfils = self._constant(compile_state(entity.attribute(state.attribute), state))
            absent.append(f"not {fulfils}(v{self._place(entity, state.attribute)})")
        if not absent:
            made.indexes += 1
            item.extend(whole)
            return
        sparse = f"s{made.number}_{len(made.sparse)}"
        self._line(f'{sparse} = "" if {" or ".join(absent)} else {self._filling(whole)}')
        made.sparse.append(sparse)
        item.hole(sparse)

    def _key(self, entity: Entity, pieces: Sequence[Piece], into: _Template, shard: str) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                into.fixed(_quoted(piece)[1:-1])
            elif piece.origin == "shard":
                into.hole(shard or self._constant(_quoted(SHARD)[1:-1]))
            else:
                attribute = entity.attribute(piece.name)
                into.hole(self._part(attribute_place(attribute, self._shape), attribute.kind, piece.encoding))

    def _part(self, place: int, kind: Kind, encoding: str) -> str:
        """The variable of a value's part of a key, in JSON."""
        known = self._parts.get((place, encoding))
        if known is not None:
            return known
        self._value(place, kind)
        if kind in NUMBERS and encoding == "" and place in self._full:
            part = f"t{place}"
        else:
            part = f"p{len(self._parts)}"
            usual = self._usual_part(place, kind, encoding)
            other = f"{self._constant(part_writer(encoding, kind))}(v{place})"
            self._line(f"{part} = {f'{usual} else {other}' if usual else other}")
        self._parts[place, encoding] = part
        return part

    def _usual_part(self, place: int, kind: Kind, encoding: str) -> str:
        """The quick way to the part and when to take it; empty for none."""
        value = f"v{place}"
        if kind in NUMBERS and encoding == "":
            return f"t{place} if t{place} is not None"
        if kind in NUMBERS and encoding.startswith("int"):
            width = int(encoding.removeprefix("int"))
            most = self._constant(10**width)
            return f"'%0{width}d' % {value} if type({value}) is int and 0 <= {value} < {most}"
        if kind in NUMBERS or kind in _NO_STRINGS:
            return ""
        if encoding == "":
            plain = f'"%" not in {value} and "#" not in {value} and {value}[:1] != "~"'
            return f"q{place}[1:-1] if type({value}) is str and {plain}"
        return f"q{place}[1:-1] if type({value}) is str and {value}.isprintable()" if encoding == "text" else ""

    def _value(self, place: int, kind: Kind) -> None:
        """Lines for the texts of a value; Unstorable for one that no plan of this column expects."""
        value = f"v{place}"
        unless = "" if place in self._full else f"None if {value} is None else "
        if kind in NUMBERS:
            exact = f"type({value}) is int and -{EXACT} < {value} < {EXACT}"
            self._line(f"t{place} = {unless}str({value}) if {exact} else number({value})")
            return
        if kind is Kind.JSON:
            self._line(f"w{place} = {self._constant_once(wire_writer, kind)}({value})")
            return
        if kind in _STRINGS:
            other = f"{self._constant_once(string_writer, kind)}({value})"
            self._line(f"q{place} = {unless}quote({value}) if type({value}) is str else {other}")
            return
        self._line(f"q{place} = quote({value}) if type({value}) is str else None")
        wire = f"{self._constant_once(wire_writer, kind)}({value})"
        self._line(f"""w{place} = '{{"S":%s}}' % q{place} if q{place} is not None else {wire}""")

    def _constant_once(self, make: Callable[[Kind], Any], kind: Kind) -> str:
        name = f"{make.__name__}_{kind.name}"
        self._constants.setdefault(name, make(kind))
        return name

    def _attribute(self, name: str, place: int, kind: Kind, item: _Template) -> None:
        self._value(place, kind)
        variable, before, after = f"w{place}", "", ""
        if kind in NUMBERS:
            variable, before, after = f"t{place}", '{"N":"', '"}'
        elif kind in _STRINGS:
            variable, before, after = f"q{place}", '{"S":', "}"
        if place in self._full and kind in (*NUMBERS, *_STRINGS):
            item.fixed(f",{_quoted(name)}:{before}")
            item.hole(variable)
            item.fixed(after)
            return
        own = _Template()
        own.fixed(f",{_quoted(name)}:{before}")
        own.hole(variable)
        own.fixed(after)
        item.hole(f'("" if {variable} is None else {self._filling(own)})')

    def _expiry(self, entity: Entity, item: _Template) -> None:
        if entity.expires is None or self._plan.table.ttl_attribute is None:
            return
        attribute = entity.attribute(entity.expires)
        place = attribute_place(attribute, self._shape)
        seconds = f"{self._constant(expiry_writer(attribute.kind, entity.expires))}(v{place})"
        own = _Template()
        own.fixed(f',{_quoted(self._plan.table.ttl_attribute)}:{{"N":"')
        told = f"str(v{place}) if type(v{place}) is int else {seconds}" if attribute.kind in NUMBERS else seconds
        own.hole(f"None if v{place} is None else {told}")
        own.fixed('"}')
        item.hole(f'("" if v{place} is None else {self._filling(own)})')

    def _conclusion(self, items: Sequence[_Made]) -> list[str]:
        lines = ["units = 0", "made = ()"] if items[0].condition else []
        for made in items:
            units = " + ".join((str(self._base_units + made.indexes), *(f"({s} != '')" for s in made.sparse)))
            name, text = f"n{made.number}", f"i{made.number}"
            if made.condition:
                lines += [f"if {text} is not None:", f"  units += {units}", f"  made += ({name}, {text})"]
            else:
                first = made.number == items[0].number
                lines += [f"units {'=' if first else '+='} {units}", f"made {'=' if first else '+='} ({name}, {text})"]
            closer = f"""len({text}) > {SMALL} or "\\\\ud" in {text}"""
            closer = f"{text} is not None and ({closer})" if made.condition else closer
            lines += [f"if {closer}:", "  units = -1 << 30"]
            if made.sharded:
                odd = self._constant(_quoted(SHARD)[1:-1])
                lines += [f"if {text} is not None and {odd} in {text}:", "  return None"]
        if len(items) > 1:
            lines += ["if len(set(made[::2])) < len(made) // 2:", "  return None"]
        return [*lines, "return (units, *made) if units >= 0 else weigh((units, *made))"]

    def _place(self, entity: Entity, name: str) -> int:
        return attribute_place(entity.attribute(name), self._shape)


def _quoted(text: str) -> str:
    return json.dumps(text)
