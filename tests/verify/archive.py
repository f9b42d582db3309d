"""A small archive: rows that live within others' items, and large values apart from theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from migrator.model.settings import Bucket, TableOverride
from migrator.model.unit import Chunk
from migrator.plan.items import unit_shape
from migrator.plan.objects import compile_objects
from migrator.plan.offload import Pointer, StoredObject
from migrator.plan.plan import Plan
from migrator.ports import Found, RowSource

from tests.design.world import Rows, make_settings, world
from tests.verify.harmed_worlds import Harmed, holding

DDL = """
CREATE TABLE reader(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE address(reader_id INTEGER NOT NULL REFERENCES reader(id), label TEXT NOT NULL, city TEXT NOT NULL,
  PRIMARY KEY (reader_id, label));
CREATE TABLE paper(id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES reader(id), title TEXT NOT NULL,
  body TEXT, scan BLOB);
"""
QUERIES = """
-- name: reader_with_addresses
-- rate: 100
SELECT * FROM reader WHERE id = :id;
SELECT label, city FROM address WHERE reader_id = :id;
-- name: papers
SELECT id, title, body, scan FROM paper WHERE reader_id = :reader_id ORDER BY id;
-- name: paper
SELECT * FROM paper WHERE id = :id;
"""
ROWS: Rows = {
    "reader": [(n, f"reader {n}") for n in range(5)],
    "address": [(n, label, f"city {n} {label}") for n in range(5) for label in ("home", "work", "away")[: n % 4]],
    "paper": [
        (n, n % 5, f"paper {n}", f"Zo\u00eb wrote number {n}. " * 5 if n % 3 else "short", bytes([n, 255]) * 40)
        for n in range(15)
    ],
}
INLINE = 64


class MemoryObjects:
    """An ObjectStore over a dictionary. Without `digests` it does not tell an object's SHA-256, as S3 does not of one
    that came in parts."""

    def __init__(self, *, digests: bool = True) -> None:
        self.bodies: dict[str, bytes] = {}
        self.digests = digests
        self.puts = self.gets = 0

    def put(self, stored: StoredObject) -> None:
        self.puts += 1
        self.bodies[stored.key] = stored.body

    def look(self, pointer: Pointer) -> Found | None:
        body = self.bodies.get(pointer.key)
        if body is None:
            return None
        return Found(len(body), hashlib.sha256(body).hexdigest() if self.digests else None)

    def get(self, pointer: Pointer) -> bytes | None:
        self.gets += 1
        return self.bodies.get(pointer.key)


def stored(plan: Plan, source: RowSource) -> MemoryObjects:
    """The objects of all rows."""
    store = MemoryObjects()
    for name in plan.tables():
        objects_of = compile_objects(plan, name)
        if objects_of is not None:
            with source.units(unit_shape(plan, name), Chunk(name, 0, None, None)) as units:
                for one in (one for unit in units for one in objects_of(unit)):
                    store.put(one)
    return store


@contextmanager
def archive(folder: Path) -> Iterator[Harmed]:
    """The archive, loaded."""
    overrides = (TableOverride("address", embed=True), TableOverride("paper", offload=("body", "scan")))
    settings = make_settings(None, overrides, bucket=Bucket("documents", inline_bytes=INLINE))
    made = world(folder, DDL, QUERIES, ROWS, settings)
    with holding(made.plan, made.path) as there:
        yield replace(there, objects=stored(made.plan, there.source))
