"""What is at home together: partitions that identify the same things, and branches within them."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.design.attributes import Domain


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """What a part of a path identifies and how it is written: entities share branches only where these are the same."""

    table: str
    column: str
    kind: str
    bits: int
    unsigned: bool
    fold: bool


Level = tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Partitions whose values identify `partition`; with a `path` the branches of them that begin with it."""

    partition: frozenset[Domain]
    path: tuple[Level, ...] = ()
