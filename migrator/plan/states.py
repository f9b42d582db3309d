"""Whether an item is in the literal state that an index of few rows holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from migrator.model.unit import RowValue
from migrator.plan.action import KeyCondition
from migrator.plan.keys import encode
from migrator.plan.plan import Attribute, Entity
from migrator.plan.values import Unstorable, Wire, read_parameter, to_wire

Fulfils = Callable[[Mapping[str, Wire]], bool]


def compile_conditions(entity: Entity, where: Iterable[KeyCondition]) -> Fulfils:
    """The function that tells of an item's values whether all the conditions hold."""
    wanted = [(one.attribute, *_texts(entity.attribute(one.attribute), one)) for one in where]

    def fulfils(values: Mapping[str, Wire]) -> bool:
        return all(text_of(values.get(name)) in texts for name, text_of, texts in wanted)

    return fulfils


def compile_state(attribute: Attribute, condition: KeyCondition) -> Callable[[RowValue], bool]:
    """The function that tells of a column's value whether a condition holds. Unstorable for one that no item takes."""
    text_of, texts = _texts(attribute, condition)
    return lambda value: text_of(to_wire(attribute.kind, value)) in texts


def _texts(attribute: Attribute, condition: KeyCondition) -> tuple[Callable[[Wire | None], str], frozenset[str]]:
    """How the attribute's values are spelt, and the spellings of those that fulfil the condition."""
    encoding = "fold" if attribute.collation == "NOCASE" else ""

    def text_of(wire: Wire | None) -> str:
        return encode(encoding, attribute.kind, wire)

    texts = set()
    for literal in condition.values:
        try:
            texts.add(text_of(None if literal.value is None else read_parameter(attribute.kind, literal.value)))
        except Unstorable:
            continue  # no column of this kind holds it
    return text_of, frozenset(texts)
