"""Groups of tables that are drawn together, so that a large schema stays readable."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.plan.plan import Source

LARGEST = 14
"""Tables of one drawing; a larger web of references is divided."""

Neighbours = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class TableGroup:
    """`name` is that of its table with the most references. `tables` in the order of the source."""

    name: str
    tables: tuple[str, ...]


def table_groups(source: Source) -> tuple[TableGroup, ...]:
    """Every table that refers to another one or is referred to, in exactly one group; the largest groups first."""
    around = neighbours(source)
    groups: list[TableGroup] = []
    for web in _webs(around):
        groups += [web_group(around, web)] if len(web) <= LARGEST else _divided(around, web)
    return tuple(sorted(groups, key=lambda group: (-len(group.tables), group.name)))


def neighbours(source: Source) -> Neighbours:
    """The other tables that each table refers to or is referred to by; tables without any are left out."""
    known = {table.name for table in source.tables}
    found: dict[str, set[str]] = {}
    for table in source.tables:
        for key in table.foreign_keys:
            if key.referred_table in known - {table.name}:
                found.setdefault(table.name, set()).add(key.referred_table)
                found.setdefault(key.referred_table, set()).add(table.name)
    return {table.name: frozenset(found[table.name]) for table in source.tables if table.name in found}


def web_group(around: Neighbours, tables: Iterable[str]) -> TableGroup:
    chosen = set(tables)
    ordered = tuple(table for table in around if table in chosen)
    return TableGroup(min(ordered, key=lambda table: (-len(around[table] & chosen), table)), ordered)


def _webs(around: Neighbours) -> list[list[str]]:
    """Tables that references connect."""
    seen: set[str] = set()
    webs: list[list[str]] = []
    for table in around:
        if table not in seen:
            web = list(_nearest(around, around, [table]))
            seen |= set(web)
            webs.append(web)
    return webs


def _nearest(around: Neighbours, among: Iterable[str], starts: Sequence[str]) -> Mapping[str, str]:
    """For each table within reach the nearest of the starts, found step by step."""
    wanted = set(among)
    nearest = {start: start for start in starts}
    waiting = deque(starts)
    while waiting:
        table = waiting.popleft()
        for other in sorted(around[table] & wanted):
            if other not in nearest:
                nearest[other] = nearest[table]
                waiting.append(other)
    return nearest


def _divided(around: Neighbours, web: Sequence[str]) -> list[TableGroup]:
    """A web in parts around its centres: tables of many references that are no neighbours of each other."""
    centres: list[str] = []
    for table in sorted(web, key=lambda table: (-len(around[table]), table)):
        if len(centres) <= len(web) // LARGEST and not around[table] & set(centres):
            centres.append(table)
    parts: dict[str, list[str]] = {centre: [] for centre in centres}
    for table, centre in _nearest(around, web, centres).items():
        parts[centre].append(table)
    return [group for part in parts.values() for group in _small(around, part, len(web))]


def _small(around: Neighbours, part: Sequence[str], before: int) -> list[TableGroup]:
    """A part that is small enough, or divided again; else cut in the order of its tables."""
    if len(part) <= LARGEST:
        return [web_group(around, part)]
    if len(part) < before:
        return _divided(around, part)
    return [web_group(around, part[at : at + LARGEST]) for at in range(0, len(part), LARGEST)]
