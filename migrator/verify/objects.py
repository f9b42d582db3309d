"""Large values in S3: whether each object is what its item says, and reading them for a query's answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from migrator.plan.offload import Pointer, offloaded, output_columns, owner, pointers, read_pointer
from migrator.plan.plan import Plan, PlannedPattern
from migrator.plan.values import Wire
from migrator.ports import Item, ItemReader, Key, ObjectStore

THREADS = 8
KEPT_BYTES = 16_000_000
"""Bytes of objects that are kept for the next query that asks for them."""

Shown = Mapping[str, frozenset[str]]
"""By entity: the attributes of which the values are wanted, not the pointers."""

Fault = tuple[str, str, str]
"""An attribute whose object is not as it should be: its name, what was expected, what was found."""


def object_faults(
    plan: Plan, store: ObjectStore, items: Sequence[Item], *, read: bool = False
) -> Iterator[tuple[Item, Fault]]:
    """The items of whose objects one is missing, or of another length or SHA-256 than its pointer says. With `read`
    each object is fetched and digested; else that is done only for those whose digest S3 does not tell."""
    wanted = [
        (item, name, pointer)
        for item in items
        for name, pointer in pointers(plan, plan.entity(item[plan.type_attribute]["S"]), item)
    ]
    if not wanted:
        return
    with ThreadPoolExecutor(min(THREADS, len(wanted))) as threads:
        found = threads.map(lambda one: _found(store, one[2], read), wanted)
        for (item, name, pointer), told in zip(wanted, found, strict=True):
            expected = _said(pointer.size, pointer.sha256)
            if told != expected:
                yield item, (name, expected, told)


def _found(store: ObjectStore, pointer: Pointer, read: bool) -> str:
    found = None if read else store.look(pointer)
    if found is not None and found.sha256 is not None:
        return _said(found.size, found.sha256)
    body = store.get(pointer)
    return "no such object" if body is None else _said(len(body), hashlib.sha256(body).hexdigest())


def _said(size: int, sha256: str) -> str:
    return f"an object of {size:,} bytes, SHA-256 {sha256}"


@dataclass(frozen=True, slots=True)
class Objects:
    """Where large values are kept. `read`: each is fetched and digested, whatever the store tells of it."""

    store: ObjectStore
    read: bool = False


class Whole:
    """An ItemReader whose items hold the values that their pointers lead to, for the attributes that a pattern shows.
    An object that is gone, or is not what the pointer says, is read as NULL: the answers differ then."""

    def __init__(self, reader: ItemReader, plan: Plan, store: ObjectStore, shown: Shown | None = None) -> None:
        self._reader = reader
        self._plan = plan
        self._store = store
        self._shown = shown or {}
        self._kept: dict[str, bytes | None] = {}

    def showing(self, pattern: PlannedPattern) -> ItemReader:
        """The reader for one pattern: objects of columns that it does not show are not read."""
        columns = output_columns(pattern)
        shown = {
            entity.name: held
            for entity in self._plan.entities
            if (
                held := frozenset(
                    a.name for a in offloaded(self._plan, entity) if (owner(entity, a), a.column) in columns
                )
            )
        }
        whole = Whole(self._reader, self._plan, self._store, shown)
        whole._kept = self._kept
        return whole if shown else self._reader

    def get_batch(self, keys: Sequence[Key]) -> list[Item]:
        return self._filled(self._reader.get_batch(keys))

    def query(self, call: Mapping[str, Any]) -> Iterator[list[Item]]:
        return map(self._filled, self._reader.query(call))

    def scan(self) -> Iterator[list[Item]]:
        return map(self._filled, self._reader.scan())

    def _filled(self, items: Iterable[Item]) -> list[Item]:
        return [self._fill(item) for item in items]

    def _fill(self, item: Item) -> Item:
        names = self._shown.get(item.get(self._plan.type_attribute, {}).get("S", ""), frozenset())
        found = {name: pointer for name in names if (pointer := read_pointer(item.get(name))) is not None}
        if not found:
            return item
        return {**item, **{name: self._value(pointer) for name, pointer in found.items()}}

    def _value(self, pointer: Pointer) -> Wire:
        body = self._body(pointer)
        if body is None or hashlib.sha256(body).hexdigest() != pointer.sha256:
            return {"NULL": True}
        return pointer.value(body)

    def _body(self, pointer: Pointer) -> bytes | None:
        if pointer.key not in self._kept:
            if sum(len(body or b"") for body in self._kept.values()) > KEPT_BYTES:
                self._kept.clear()
            self._kept[pointer.key] = self._store.get(pointer)
        return self._kept[pointer.key]


def shown_whole(reader: ItemReader, pattern: PlannedPattern) -> ItemReader:
    """The reader that a pattern is run with."""
    return reader.showing(pattern) if isinstance(reader, Whole) else reader
