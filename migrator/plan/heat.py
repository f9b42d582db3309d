"""Heat of partitions: what the busiest value of every kind takes at the peak, by the measured skew.

Assumed: calls follow the data, so that a value which holds a tenth of the rows gets a tenth of the calls. DynamoDB
gives one partition key value 3,000 read units and 1,000 write units a second (developer guide: "Designing partition
keys"). Counter items, each group's in a partition of its own, are left out: the design keeps none that is written too
often, and a hazard tells of busy ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from migrator.design.attributes import Attr
from migrator.design.data import Data
from migrator.design.design import TABLE, Design, EntityDesign, Served, Template
from migrator.design.price import units_of
from migrator.model.query import AccessPattern, Delete, Insert, Update, Workload
from migrator.model.quotas import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from migrator.plan.entities import KeyWriter
from migrator.plan.plan import Heat
from migrator.plan.templates import Placeholder, write_template

Shape = tuple[str, tuple[str, ...]]
"""A slot and the literal text of a partition key: entities of one shape share partitions."""


@dataclass(frozen=True, slots=True)
class _Share:
    """What one pattern asks of the busiest value of one entity's partitions in a slot, in units a second."""

    slot: str
    table: str
    pattern: str
    read: float = 0.0
    write: float = 0.0


def partition_heat(data: Data, workload: Workload, design: Design, writer: KeyWriter) -> tuple[Heat, ...]:
    """One entry for each kind of partition that a declared query touches, the hottest first within its slot."""
    gathered: dict[Shape, list[_Share]] = {}
    for share in (*_reads(data, design), *_writes(data, workload, design)):
        gathered.setdefault(_shape(design, writer, share), []).append(share)
    heats = [_heat(data, design, writer, slot, shares) for (slot, _), shares in gathered.items()]
    return tuple(sorted(heats, key=lambda h: (h.slot != TABLE, h.slot, -h.read_units - h.write_units, h.partition)))


def _heat(data: Data, design: Design, writer: KeyWriter, slot: str, shares: list[_Share]) -> Heat:
    tables = sorted({share.table for share in shares})
    template = design.entity(tables[0]).template(slot)
    patterns: dict[str, float] = {}
    for share in shares:
        patterns[share.pattern] = patterns.get(share.pattern, 0.0) + share.read + share.write
    hottest = sorted(patterns, key=lambda name: (-patterns[name], name))
    return Heat(
        TABLE if slot.startswith("edge") else slot,
        _text(design.entity(tables[0]), slot, writer),
        tuple(writer.names.entity(table, slot) for table in tables),
        round(max(_busiest(data, table, design.entity(table).template(slot)) for table in tables), 6),
        design.entity(tables[0]).shard_count(slot) if not template.partition else 1,
        round(sum(share.read for share in shares), 2),
        round(sum(share.write for share in shares), 2),
        tuple(hottest[:3]),
    )


def _shape(design: Design, writer: KeyWriter, share: _Share) -> Shape:
    entity = design.entity(share.table)
    pieces = writer.partition(share.table, entity.template(share.slot), entity.shard_count(share.slot))
    return share.slot, tuple(piece for piece in pieces if not isinstance(piece, Placeholder))


def _text(entity: EntityDesign, slot: str, writer: KeyWriter) -> str:
    return write_template(writer.partition(entity.table, entity.template(slot), entity.shard_count(slot)))


def _busiest(data: Data, table: str, template: Template) -> float:
    """The share of rows, and so of calls, that the busiest value of a partition has."""
    attrs: list[Attr] = [part.attr for part in template.partition]
    if not attrs:
        return 1.0
    return min(1.0, data.group(table, attrs).maximum / data.rows(table))


def _reads(data: Data, design: Design) -> Iterator[_Share]:
    for read in design.reads:
        for part in read.served:
            if part.path.view.aggregate is None:
                yield from _read(data, design, read.pattern, part)


def _read(data: Data, design: Design, pattern: str, part: Served) -> Iterator[_Share]:
    table, peak = part.asked.table, part.need.peak
    entity, view = design.entity(table), part.path.view
    slot = entity.slot_of(view)
    own = part.path.read_units * _busiest(data, table, view.template) / entity.shard_count(slot)
    yield _Share(slot, table, pattern, read=peak * own)
    each = 1.0 if part.need.strong else 0.5
    for step in part.steps:
        if step.how not in ("copy", "within"):
            template = design.entity(step.table).template(TABLE)
            skew = max(_busiest(data, step.table, template), _fan_share(data, part.need.table, step.path))
            yield _Share(TABLE, step.table, pattern, read=peak * each * max(1.0, part.path.items) * skew)


def _fan_share(data: Data, table: str, path: tuple[str, ...]) -> float:
    """The share of a table's rows that refer to the row most referred to."""
    if len(path) != 1 or data.empty(table):
        return 0.0
    return data.measured(table).fan_out(path[0]).maximum / data.rows(table)


def _writes(data: Data, workload: Workload, design: Design) -> Iterator[_Share]:
    counted = {kept.aggregate.table for kept in design.aggregates}
    for pattern in workload.patterns:
        for written, rows, changed in _written(pattern):
            within = design.entity(written).within
            table = written if within is None else within.parent
            changed = changed if within is None else None
            entity = design.entity(table)
            units = units_of(data.item_bytes(table)) * rows
            in_transaction = 2 if entity.guards or entity.edges or table in counted else 1
            for slot, template in (*entity.views, *entity.edges):
                if slot == TABLE or _touches(entity, slot, template, changed):
                    share = _busiest(data, table, template) / entity.shard_count(slot)
                    share *= data.share(table, template.where) if template.where else 1.0
                    factor = in_transaction if slot == TABLE or slot in dict(entity.edges) else 1
                    yield _Share(slot, table, pattern.name, write=pattern.peak * units * factor * share)


def _written(pattern: AccessPattern) -> Iterator[tuple[str, int, frozenset[str] | None]]:
    """Tables that a pattern writes, with rows a call and the columns it changes in place (None: whole rows)."""
    for statement in pattern.statements:
        match statement.form:
            case Insert(table=table) as insert:
                yield table, len(insert.rows), None
            case Update(table=table, assignments=assignments):
                yield table, 1, frozenset(column for column, _ in assignments)
            case Delete(table=table):
                yield table, 1, None


def _touches(entity: EntityDesign, slot: str, template: Template, changed: frozenset[str] | None) -> bool:
    """Whether a change writes the entries of a slot: they hold the column, or their key is made of it."""
    only = entity.only(slot)
    if changed is None or only is None:
        return True
    held: Iterable[Attr] = (*only, *template.attrs())
    return any(not attr.path and attr.column in changed for attr in held)


def too_hot(heats: Iterable[Heat]) -> Mapping[tuple[str, str], Heat]:
    """Partitions that take more than one value has, by slot and partition."""
    return {
        (heat.slot, heat.partition): heat
        for heat in heats
        if heat.read_units > PARTITION_READ_UNITS or heat.write_units > PARTITION_WRITE_UNITS
    }
