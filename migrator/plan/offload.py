"""Large values in S3, a pointer on the item: both are made from the value alone, so that loading again puts the same
object under the same key, and an item names the very bytes that it was made with.

A pointer is a map: bucket, key, bytes, sha256 (hexadecimal) and type, "S" for text (in UTF-8) or "B". Only text and
bytes are offloaded, and those are no maps: what stands on an item tells itself which it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migrator.plan.plan import Attribute, Entity, Offload, Plan, PlannedPattern
from migrator.plan.values import Wire


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A value as S3 keeps it: `sha256` in hexadecimal, `type` "S" or "B"."""

    bucket: str
    key: str
    body: bytes
    sha256: str
    type: str

    @property
    def pointer(self) -> Wire:
        """What the item holds in its place."""
        return {
            "M": {
                "bucket": {"S": self.bucket},
                "key": {"S": self.key},
                "bytes": {"N": str(len(self.body))},
                "sha256": {"S": self.sha256},
                "type": {"S": self.type},
            }
        }


@dataclass(frozen=True, slots=True)
class Pointer:
    """What an item says of its object; `size` in bytes."""

    bucket: str
    key: str
    size: int
    sha256: str
    type: str

    def value(self, body: bytes) -> Wire:
        """The value that these bytes are. ValueError when they are no text where it was one."""
        return {"B": body} if self.type == "B" else {"S": body.decode()}


def read_pointer(wire: Wire | None) -> Pointer | None:
    """The pointer that a value is; None for a value that stands on the item itself."""
    if wire is None or "M" not in wire:
        return None
    told: Mapping[str, Mapping[str, str]] = wire["M"]
    try:
        texts = (told[name]["S"] for name in ("bucket", "key", "sha256", "type"))
        bucket, key, sha256, kind = texts
        return Pointer(bucket, key, int(told["bytes"]["N"]), sha256, kind)
    except (KeyError, TypeError, ValueError):
        return None


def stored_object(offload: Offload, table: str, wire: Wire) -> StoredObject | None:
    """The object that a value of an offloaded column of `table` becomes; None when it stays on the item."""
    ((kind, value),) = wire.items()
    if kind not in ("S", "B"):
        return None
    body = value.encode() if kind == "S" else bytes(value)
    if len(body) <= offload.inline_bytes:
        return None
    sha256 = hashlib.sha256(body).hexdigest()
    return StoredObject(offload.bucket, f"{offload.prefix}/{table}/{sha256}", body, sha256, kind)


def owner(entity: Entity, attribute: Attribute) -> str:
    """The source table that an attribute's values are of."""
    return attribute.copied_from.table if attribute.copied_from is not None else entity.source_table


def offloaded(plan: Plan, entity: Entity) -> tuple[Attribute, ...]:
    """The attributes of an entity's items that may hold a pointer."""
    if plan.offload is None:
        return ()
    held = frozenset((one.table, one.column) for one in plan.offload.columns)
    return tuple(a for a in entity.attributes if (owner(entity, a), a.column) in held)


def pointers(plan: Plan, entity: Entity, item: Mapping[str, Wire]) -> Iterator[tuple[str, Pointer]]:
    """The attributes of an item that are kept in S3, each with where."""
    for attribute in offloaded(plan, entity):
        pointer = read_pointer(item.get(attribute.name))
        if pointer is not None:
            yield attribute.name, pointer


def output_columns(pattern: PlannedPattern) -> frozenset[tuple[str, str]]:
    """Tables and columns that a planned pattern's answers hold."""
    return frozenset(
        (part.select.table(output.field.alias), output.field.column)
        for part in pattern.parts
        for output in part.select.outputs
        if output.field is not None
    )
