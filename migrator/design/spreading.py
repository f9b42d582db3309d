"""Constant partitions: over how many write shards they are spread, and what reading all of these takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrator.design.data import Data
from migrator.design.design import EntityDesign, ReadDesign, Served, View
from migrator.design.entries import entry_writes
from migrator.design.price import monthly_reads, monthly_requests, units_of
from migrator.design.rates import write_rates
from migrator.design.serve import request_units
from migrator.model.query import Workload
from migrator.model.quotas import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from migrator.model.settings import Prices

RESERVE = 1.25
"""Head-room over the computed peak when a constant partition is spread over shards."""


def shards_of(
    data: Data, workload: Workload, table: str, view: View, parts: Iterable[Served], within: Iterable[str]
) -> int:
    """Partitions that a constant key is spread over, so that the peak stays below one partition's limit. `within`:
    tables whose rows live in the items, so that each write of theirs writes the item's entry."""
    keyed = frozenset(attr.column for attr in view.template.attrs() if not attr.path)
    only = view.only
    held = None if only is None else keyed | {attr.column for attr in only if not attr.path}
    writes = entry_writes(data, table, write_rates(workload, table, at_peak=True), view.template.where, keyed, held)
    if only is None:
        writes += sum(_all_writes(workload, inner) for inner in within)
    written = writes * units_of(data.item_bytes(table)) / PARTITION_WRITE_UNITS
    reads = sum(part.need.peak * part.path.read_units for part in parts if part.path.view == view)
    return max(1, math.ceil(max(written, reads / PARTITION_READ_UNITS) * RESERVE))


def _all_writes(workload: Workload, table: str) -> float:
    rates = write_rates(workload, table, at_peak=True)
    return rates.deletes + sum(told.rate for told in rates.told)


def spread_reads(
    data: Data, prices: Prices, reads: Sequence[ReadDesign], entities: Sequence[EntityDesign]
) -> tuple[ReadDesign, ...]:
    """Reads with the units and dollars of asking every shard: each request rounds up by itself, and each may stop at
    the statement's limit no earlier than one request would."""
    kept = {entity.table: entity for entity in entities}
    return tuple(_spread(data, prices, read, kept) for read in reads)


def _spread(data: Data, prices: Prices, read: ReadDesign, kept: dict[str, EntityDesign]) -> ReadDesign:
    served = tuple(_part(data, prices, part, kept[part.asked.table]) for part in read.served)
    pairs = list(zip(served, read.served, strict=True))
    return replace(
        read,
        served=served,
        read_units=read.read_units + sum(new.read_units - old.read_units for new, old in pairs),
        monthly_usd=read.monthly_usd + sum(new.monthly_usd - old.monthly_usd for new, old in pairs),
    )


def _part(data: Data, prices: Prices, part: Served, entity: EntityDesign) -> Served:
    path, need = part.path, part.asked
    if path.view.template.partition or path.view.aggregate is not None:
        return part
    shards = entity.shard_count(entity.slot_of(path.view))
    if shards == 1:
        return part
    size = path.bytes
    if path.limited:
        size = min(size * shards, max(size, size / path.items * data.rows(need.table)))
    more = request_units(size, shards, need.strong) - request_units(path.bytes, path.fan, need.strong)
    usd = monthly_reads(prices, need.rate, more) + monthly_requests(prices, need.rate, shards - 1)
    return replace(
        part,
        path=replace(path, read_units=path.read_units + more),
        read_units=part.read_units + more,
        monthly_usd=part.monthly_usd + usd,
    )
