"""The answer of the search written down as a design: each entity's keys and each read's path."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.design.attributes import Attr
from migrator.design.counting import describe_kept
from migrator.design.design import TABLE, Design, EntityDesign, Frontier, Kept, ReadDesign, Served, Template, View
from migrator.design.edges import edge_usd
from migrator.design.identity import guarded
from migrator.design.joins import alias_attrs, held_reference
from migrator.design.needs import Need
from migrator.design.outcome import Answer
from migrator.design.price import monthly_requests
from migrator.design.spreading import shards_of, spread_reads
from migrator.design.task import Task
from migrator.design.ways import Ways
from migrator.model.query import Refusal
from migrator.model.schema import Table

SOLVER = "mixed-integer programme (HiGHS, one thread, seed 0, no gap allowed)"


def written(
    task: Task, ways: Mapping[str, Ways], answer: Answer, frontier: tuple[Frontier, ...], candidates: int
) -> Design:
    """The design of an answer. `frontier`: the best with each number of indexes; `candidates` were weighed."""
    names = [pattern.name for pattern in task.workload.patterns if pattern.kind == "read"]
    reads = tuple(_read(task, name, task.needs[name], ways, answer) for name in names)
    slots = answer.slots()
    entities = tuple(_entity(task, t, answer, slots[t.name], reads) for t in task.schema.tables)
    indexes = len({slot for views in slots.values() for slot, _ in views})
    fixed = task.beside() + indexes * task.settings.prices.index_month
    return Design(
        entities,
        spread_reads(task.data, task.settings.prices, reads, entities),
        frontier,
        candidates,
        SOLVER,
        round(answer.usd + fixed, 4),
        round(min(answer.bound, answer.usd) + fixed, 4),
        answer.neighbours(),
        _assumptions(task),
        _kept(task, answer),
    )


def _kept(task: Task, answer: Answer) -> tuple[Kept, ...]:
    weighers = task.weighers()
    return tuple(
        describe_kept(weighers[table], view.aggregate, task.about(table))
        for table, placed in sorted(answer.placed.items())
        for view in placed.aggregates
        if view.aggregate is not None
    )


def _read(
    task: Task, name: str, needs: tuple[Need, ...] | Refusal, ways: Mapping[str, Ways], answer: Answer
) -> ReadDesign:
    if isinstance(needs, Refusal):
        return ReadDesign(name, refusal=needs)
    served = tuple(_serve(task, need, ways[need.table], answer) for need in needs)
    bundles = [one.bundle for one in answer.taken if one.bundle.pattern == name]
    shared = [one for one in answer.shared if one.pattern == name]
    prices = task.settings.prices
    beside = monthly_requests(prices, needs[0].rate, len(needs) - 1) if needs else 0.0
    return ReadDesign(
        name,
        served,
        None,
        answer.gathered(name),
        sum(part.read_units for part in served)
        - sum(bundle.saved_units for bundle in bundles)
        - sum(one.units for one in shared),
        beside
        + sum(part.monthly_usd for part in served)
        - sum(bundle.saved_usd for bundle in bundles)
        - sum(one.usd for one in shared),
    )


def _serve(task: Task, need: Need, ways: Ways, answer: Answer) -> Served:
    way = answer.ways[(need.pattern, need.number)]
    rejected = ways.rejected(ways.needs.index(need), way.path, answer.placed[need.table].there, way.through is not None)
    return Served(
        way.need or need, way.path, way.steps, way.read_units, way.round_trips, way.usd, rejected, way.through
    )


def _entity(
    task: Task, table: Table, answer: Answer, views: tuple[tuple[str, View], ...], reads: tuple[ReadDesign, ...]
) -> EntityDesign:
    placed = answer.placed[table.name]
    mine = [part for read in reads for part in read.served if part.asked.table == table.name]
    if placed.base is None:
        return EntityDesign(table.name, task.keys[table.name][0], (), within=placed.within)
    copies = _copies(task, mine, [view.template for view in placed.there])
    base_key = tuple(sorted(attr.column for attr in placed.base.attrs()))
    edges = tuple((f"edge{number}", view) for number, view in enumerate(placed.edges, start=1))
    inner = [name for name, p in answer.placed.items() if p.within is not None and p.within.parent == table.name]

    def shards(view: View) -> int:
        return shards_of(task.data, task.workload, table.name, view, mine, inner)

    return EntityDesign(
        table.name,
        task.keys[table.name][0],
        ((TABLE, placed.base), *((slot, view.template) for slot, view in views)),
        copies,
        guarded(table, base_key),
        task.expires(table),
        tuple((slot, shards(view)) for slot, view in views if not view.template.partition),
        tuple((slot, view.only) for slot, view in (*views, *edges) if view.only is not None),
        tuple((name, view.template) for name, view in edges),
        edge_usd=tuple((name, _edge_usd(task, table, view)) for name, view in edges),
    )


def _edge_usd(task: Task, table: Table, view: View) -> float:
    """Dollars a month of writing and storing a second item, without the price set on caring for it."""
    return edge_usd(task.weighers()[table.name], view) - task.settings.prices.item_kind_month


def _copies(task: Task, mine: list[Served], templates: list[Template]) -> tuple[Attr, ...]:
    copies = {attr for template in templates for attr in template.attrs() if attr.path}
    for part in (part for part in mine if part.through is None):
        for step in part.steps:
            if step.how == "copy":
                copies |= alias_attrs(task.data, part.need, step.alias)
            elif step.how == "follow" and step.after is None:
                held = held_reference(task.schema, part.need, step.path)
                copies |= {attr for attr in held if attr.path}
    return tuple(sorted(copies))


def _assumptions(task: Task) -> tuple[str, ...]:
    empty = [table.name for table in task.schema.tables if task.data.empty(table.name)]
    return tuple(f"table {name} is empty: 10,000 rows in groups of 10 are assumed" for name in empty)
