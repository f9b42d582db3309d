"""Items of the table that no row makes, each by its name.

The keys that the rows make and the keys that the table holds are dealt into pieces on disk by their digest, and
compared piece by piece: memory does not grow with the table, disk by about 16 bytes a made key and 100 an item.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from migrator.model.errors import MigrateError
from migrator.model.unit import Chunk
from migrator.plan.items import compile_footprint, describe_key, entity_name, source_key, unit_shape
from migrator.plan.plan import Entity, Plan
from migrator.plan.values import Unstorable, from_wire
from migrator.ports import Item, ItemReader, RowSource
from migrator.verify.report import KEPT, RowDifference
from migrator.verify.showing import Show, plainly

PIECES = 64
DIGEST = 16
HELD = 65_536
"""Bytes of a piece that are held before they are written: 4 MB for all of them."""
BOOKKEEPING = (("MIGRATE#RUN", "migrate-run"), ("MIGRATE#CHECKPOINT#", "migrate-checkpoint"))
"""How partition keys of a run's own items begin, and their type."""

Rejected = Callable[[str, str], bool]
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Extras:
    """`scanned` items were read, those of the run's own record apart; `extra` of them no row makes. The first are
    described."""

    scanned: int
    extra: int
    differences: tuple[RowDifference, ...]


def find_extras(plan: Plan, source: RowSource, reader: ItemReader, rejected: Rejected, show: Show = plainly) -> Extras:
    """Reads the source once more, and the whole table: one Scan. Items of rejected rows are extra."""
    with tempfile.TemporaryDirectory(prefix="migrate-") as folder:
        made, there = _Pieces(Path(folder), "made"), _Pieces(Path(folder), "there")
        try:
            for name in _made(plan, source, rejected):
                made.add(_digest(name))
            scanned = sum(_deal(plan, page, there, show) for page in reader.scan())
            return _compared(made, there, scanned)
        except OSError as error:
            what = f"{error.filename or folder}: {error.strerror or error} (while looking for items too many)"
            raise MigrateError(what, "make room there, or name another folder in TMPDIR, and run again") from error


def _compared(made: _Pieces, there: _Pieces, scanned: int) -> Extras:
    extra = 0
    kept: list[RowDifference] = []
    for number in range(PIECES):
        known = set(made.read(number, lines=False))
        for line in there.read(number, lines=True):
            if line[:DIGEST] not in known:
                extra += 1
                if len(kept) < KEPT:
                    kept.append(RowDifference("extra", *json.loads(line[DIGEST:])))
    return Extras(scanned, extra, tuple(sorted(kept, key=lambda one: (one.table, one.entity, one.key))))


def _made(plan: Plan, source: RowSource, rejected: Rejected) -> Iterator[Name]:
    """The primary key of every item that a row makes."""
    names = plan.table.key_names
    for table in plan.tables():
        shape, key_of, footprint = unit_shape(plan, table), source_key(plan, table), compile_footprint(plan, table)
        with source.units(shape, Chunk(table, 0, None, None)) as units:
            for unit in units:
                if rejected(table, describe_key(shape.key, key_of(unit))):
                    continue
                try:
                    items = footprint(unit)
                except Unstorable:
                    continue
                yield from ((item[names[0]]["S"], item[names[1]]["S"]) for item in items)


def _deal(plan: Plan, page: Iterable[Item], there: _Pieces, show: Show) -> int:
    """Deals a page's items; how many they were, without those that are rightly nobody's."""
    dealt = 0
    for item in page:
        name = item[plan.table.partition_key]["S"], item[plan.table.sort_key]["S"]
        entity = _entity(plan, item)
        if _is_bookkeeping(plan, name, item) or (entity is not None and _is_left_behind(entity, item)):
            continue
        dealt += 1
        there.add(_digest(name) + json.dumps(_told(plan, entity, item, show)).encode() + b"\n")
    return dealt


def _told(plan: Plan, entity: Entity | None, item: Item, show: Show) -> tuple[str, str, str]:
    """Table, key and type of an item, as it says of itself."""
    names = plan.table.key_names
    key = ", ".join(f"{name}={show(entity, name, item)}" for name in names)
    return (entity.source_table if entity else "no table", key, entity_name(plan, item) or "no type")


def _entity(plan: Plan, item: Item) -> Entity | None:
    said = entity_name(plan, item)
    return next((entity for entity in plan.entities if entity.name == said), None)


def _is_bookkeeping(plan: Plan, name: Name, item: Item) -> bool:
    said = entity_name(plan, item)
    return any(name[0].startswith(prefix) and said == word for prefix, word in BOOKKEEPING)


def _is_left_behind(entity: Entity, item: Item) -> bool:
    """A group that has lost its last row to the application keeps its item, with nothing but zeros."""
    return entity.kind == "aggregate" and all(
        from_wire(item.get(measure.name)) in (None, 0) for measure in entity.measures
    )


def _digest(name: Name) -> bytes:
    return hashlib.blake2b("\n".join(name).encode(), digest_size=DIGEST).digest()


class _Pieces:
    """Records dealt by the first byte of their digest: held in memory while they are few, then in files."""

    def __init__(self, folder: Path, name: str) -> None:
        self._paths = [folder / f"{name}-{number}" for number in range(PIECES)]
        self._held = [bytearray() for _ in range(PIECES)]

    def add(self, record: bytes) -> None:
        number = record[0] % PIECES
        held = self._held[number]
        held += record
        if len(held) >= HELD:
            with self._paths[number].open("ab") as file:
                file.write(held)
            held.clear()

    def read(self, number: int, lines: bool) -> Iterator[bytes]:
        """The records of a piece: a digest, and with `lines` a line of text behind it."""
        with ExitStack() as stack:
            path = self._paths[number]
            files: list[BinaryIO] = [stack.enter_context(path.open("rb"))] if path.exists() else []
            for file in (*files, BytesIO(self._held[number])):
                while digest := file.read(DIGEST):
                    yield digest + file.readline() if lines else digest
