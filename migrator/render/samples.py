"""Sample items for the documents: text that is already short, and masked where it looks secret or personal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.model.errors import MigrateError
from migrator.plan.items import slot_attribute_names
from migrator.plan.keys import encode
from migrator.plan.plan import Entity, Plan
from migrator.plan.templates import Piece, parse_template
from migrator.plan.values import Unstorable
from migrator.ports import Item
from migrator.render.personal import HIDDEN, is_personal, mask
from migrator.render.shown import shorten, shown

__all__ = [
    "Collection",
    "SampleItem",
    "Samples",
    "is_personal",
    "make_collection",
    "make_samples",
    "mask",
    "samples_json",
]

SampleItem = tuple[tuple[str, str], ...]
_LEAKS_FROM = 4


@dataclass(frozen=True, slots=True)
class Collection:
    """Sample items that share one partition of a slot, in the order of their sort keys, each with its entity. `whole`:
    there are no others under that partition."""

    slot: str
    items: tuple[tuple[str, SampleItem], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Samples:
    """Sample items of each entity, in the plan's order. An item is pairs of attribute name and shown text, the
    keys first. `collections` shows how items lie together; `sizes` are bytes of more sample items, by entity."""

    entities: tuple[tuple[str, tuple[SampleItem, ...]], ...] = ()
    collections: tuple[Collection, ...] = ()
    sizes: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def of(self, entity: str) -> tuple[SampleItem, ...]:
        """The entity's sample items; none when none were taken."""
        return next((items for name, items in self.entities if name == entity), ())

    @classmethod
    def from_json(cls, text: str) -> Samples:
        """What `samples_json` wrote. MigrateError for anything else."""
        try:
            body = json.loads(text)
            return cls(
                tuple((str(name), tuple(map(_item_read, items))) for name, items in body["entities"].items()),
                tuple(map(_collection_read, body.get("collections", ()))),
                tuple((str(name), tuple(map(int, sizes))) for name, sizes in body.get("sizes", {}).items()),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise MigrateError(
                "samples.json does not hold sample items as `migrate plan` writes them.",
                "Run `migrate plan` again, or delete the file: the documents are complete without samples.",
            ) from None


def samples_json(samples: Samples) -> str:
    """The samples as the text of plan/samples.json."""
    entities = {name: [dict(item) for item in items] for name, items in samples.entities}
    collections = [
        {
            "slot": one.slot,
            "whole": one.whole,
            "items": [{"entity": entity, "item": dict(item)} for entity, item in one.items],
        }
        for one in samples.collections
    ]
    body = {"entities": entities, "collections": collections, "sizes": dict(samples.sizes)}
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def _collection_read(body: Mapping[str, Any]) -> Collection:
    items = tuple((str(entry["entity"]), _item_read(entry["item"])) for entry in body["items"])
    return Collection(str(body["slot"]), items, bool(body["whole"]))


def _item_read(item: Mapping[str, object]) -> SampleItem:
    return tuple((str(name), str(text)) for name, text in item.items())


def make_samples(plan: Plan, items_by_entity: Mapping[str, Sequence[Item]], show: bool) -> Samples:
    """Samples of items in wire form. With `show` nothing is masked, only shortened."""
    return Samples(
        tuple(
            (entity.name, tuple(_sample(plan, entity, item, show) for item in items_by_entity[entity.name]))
            for entity in plan.entities
            if items_by_entity.get(entity.name)
        )
    )


def make_collection(plan: Plan, slot: str, items: Sequence[Item], whole: bool, show: bool) -> Collection:
    """Items in wire form that share a partition of the slot, masked as samples are."""
    _, sort = slot_attribute_names(plan, slot)
    ordered = sorted(items, key=lambda item: str(item[sort]["S"]).encode())
    named = ((str(item[plan.type_attribute]["S"]), item) for item in ordered)
    return Collection(slot, tuple((name, _sample(plan, plan.entity(name), item, show)) for name, item in named), whole)


def _sample(plan: Plan, entity: Entity, item: Item, show: bool) -> SampleItem:
    ordered = {name: item[name] for name in _order(plan, entity) if name in item} | dict(item)
    texts = {name: shown(wire, show) for name, wire in ordered.items()}
    if not show:
        hidden = _personal_attributes(plan, entity, texts)
        raw = {name: shown(ordered[name], True) for name in hidden if name in ordered}
        texts = {name: _guarded(name, text, raw) for name, text in texts.items()}
        texts |= _masked_keys(plan, entity, item, hidden)
    return tuple((name, shorten(text)) for name, text in texts.items())


def _order(plan: Plan, entity: Entity) -> list[str]:
    keys = [name for keys in entity.keys for name in slot_attribute_names(plan, keys.slot)]
    return [*keys, plan.type_attribute, *(attribute.name for attribute in entity.attributes)]


def _personal_attributes(plan: Plan, entity: Entity, names: Mapping[str, str]) -> frozenset[str]:
    """Attributes that look personal by their own name or by that of the column they come from. Keys and the
    type are names of the plan's own."""
    columns = {
        attribute.name: attribute.column
        for kin in (*plan.entities_of(entity.source_table), entity)
        for attribute in kin.attributes
    }
    own = {plan.type_attribute, *(name for keys in entity.keys for name in slot_attribute_names(plan, keys.slot))}
    candidates = {*names, *columns} - (own - columns.keys())
    keys = {held.attribute for held in entity.embedded if any(map(is_personal, held.source_key))}
    return frozenset(keys | {name for name in candidates if is_personal(name) or is_personal(columns.get(name, ""))})


def _guarded(name: str, text: str, raw: Mapping[str, str]) -> str:
    """The text, masked when its attribute is personal or when it repeats a personal value of the same item."""
    if name in raw:
        return _masked(name, text)
    for other, value in raw.items():
        if len(value) >= _LEAKS_FROM:
            text = text.replace(value, _masked(other, value))
    return text


def _masked(name: str, text: str) -> str:
    """A renamed attribute may hide that it is personal: `mask` judges by the name, so hide all of it then."""
    return mask(name, text) if is_personal(name) else HIDDEN


def _masked_keys(plan: Plan, entity: Entity, item: Item, hidden: frozenset[str]) -> dict[str, str]:
    """The item's key attributes, written again from their templates with the hidden attributes masked."""
    texts: dict[str, str] = {}
    for keys in entity.keys:
        names = slot_attribute_names(plan, keys.slot)
        for name, template in zip(names, (keys.partition, keys.sort), strict=True):
            if name in item:
                pieces = parse_template(template)
                texts[name] = "".join(_piece(piece, entity, item, hidden) for piece in pieces)
    return texts


def _piece(piece: Piece, entity: Entity, item: Item, hidden: frozenset[str]) -> str:
    if isinstance(piece, str):
        return piece
    if piece.origin == "shard":
        return "{shard}"
    try:
        text = encode(piece.encoding, entity.attribute(piece.name).kind, item.get(piece.name))
    except (KeyError, Unstorable):
        return HIDDEN
    return _masked(piece.name, text) if piece.name in hidden else text
