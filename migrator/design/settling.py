"""What indexes that hold less than whole items really cost: one projection serves all entities of an index, so that an
attribute which one of them wants there stands in the others' entries too, if they have one of that name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.design.attributes import Attr
from migrator.design.design import View
from migrator.design.outcome import Answer
from migrator.design.projections import MOST_ATTRIBUTES, Held, narrow_row
from migrator.design.ways import Way
from migrator.design.weighing import Weigher

Entries = Mapping[tuple[str, View], Held | None]


def settle(answer: Answer, weighers: Mapping[str, Weigher]) -> Answer:
    """The answer with the dollars of its indexes as they are, when all projections are put together. What was proven
    of it remains: entries only grow by this."""
    wider = {place: held for place, held in _together(answer, weighers).items() if held != place[1].only}
    ways = dict(answer.ways)
    usd = 0.0
    for (table, view), held in wider.items():
        weigher, grown = weighers[table], replace(view, only=held)
        usd += weigher.view_usd(grown) - weigher.view_usd(view)
        for number, need in enumerate(weigher.needs):
            place = need.pattern, need.number
            if place in ways and ways[place].path.view == view:
                way = _over(weigher, grown, number, ways[place])
                usd += way.usd - ways[place].usd
                ways[place] = way
    return replace(answer, ways=ways, usd=answer.usd + usd)


def _over(weigher: Weigher, grown: View, number: int, way: Way) -> Way:
    """The same way over larger entries. It keeps its path, which is known by the view that was chosen."""
    row = narrow_row(weigher, grown) if grown.only is not None else weigher.row(grown, {})
    dearer = row[number]
    if dearer is None:
        return way
    return replace(way, read_units=dearer.read_units, usd=dearer.usd)


def _together(answer: Answer, weighers: Mapping[str, Weigher]) -> Entries:
    """What the entries of every view that holds less than whole items hold in the end; None: all."""
    slots: dict[str, list[tuple[str, View]]] = {}
    for table, views in answer.slots().items():
        for slot, view in views:
            slots.setdefault(slot, []).append((table, view))
    narrow = {slot: there for slot, there in slots.items() if any(view.only is not None for _, view in there)}
    names = {slot: _names(there, weighers) for slot, there in narrow.items()}
    too_many = sum(map(len, names.values())) + len(names) > MOST_ATTRIBUTES
    found: dict[tuple[str, View], Held | None] = {}
    for slot, there in narrow.items():
        for table, view in there:
            if view.only is not None:
                found[(table, view)] = None if too_many else _held(table, view, names[slot], weighers)
    return found


def _names(there: list[tuple[str, View]], weighers: Mapping[str, Weigher]) -> set[str]:
    found: set[str] = set()
    for table, view in there:
        attrs = view.only if view.only is not None else _own(table, weighers)
        found |= {".".join((*attr.path, attr.column)) for attr in attrs}
    return found


def _own(table: str, weighers: Mapping[str, Weigher]) -> Held:
    return tuple(Attr((), column.name) for column in weighers[table].data.schema.table(table).columns)


def _held(table: str, view: View, names: set[str], weighers: Mapping[str, Weigher]) -> Held:
    more = {attr for attr in _own(table, weighers) if attr.column in names}
    return tuple(sorted({*(view.only or ()), *more}))
