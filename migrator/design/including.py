"""What an index of keys had better hold besides: attributes that some of its queries look at, which then need no second
read.

One projection serves all entities of an index: an attribute that one of them wants there stands in the others' entries
too, if they have one of that name, and is written with them. All of that is counted. The programme proves the choice
between whole items and keys; this step only ever lowers what it found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from migrator.design.attributes import Attr
from migrator.design.design import View
from migrator.design.outcome import Answer
from migrator.design.projections import MOST_ATTRIBUTES, Held, looked_at, narrow_row
from migrator.design.ways import Way
from migrator.design.weighing import Weigher

FEW = 5
"""Sets of attributes of which every union is tried; beyond that each alone and all together."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Index:
    """The views of one index of keys, each with the needs that it meets."""

    views: tuple[tuple[str, View], ...]
    met: Mapping[tuple[str, View], tuple[Place, ...]]


def include(answer: Answer, weighers: Mapping[str, Weigher]) -> Answer:
    """The answer with attributes included in its indexes of keys where that makes it cheaper."""
    left = MOST_ATTRIBUTES
    for index in _indexes(answer):
        found = min(_choices(answer, weighers, index, left), key=lambda choice: (choice[0], len(choice[1]), choice[1]))
        usd, names = found
        if usd < 0:
            left -= len(names) + 1
            answer = _with(answer, weighers, index, frozenset(names), usd)
    return answer


def _indexes(answer: Answer) -> Iterator[_Index]:
    there: dict[str, list[tuple[str, View]]] = {}
    for table, views in sorted(answer.slots().items()):
        for slot, view in views:
            if view.narrow:
                there.setdefault(slot, []).append((table, view))
    for slot in sorted(there):
        met = {(table, view): tuple(_met(answer, table, view)) for table, view in there[slot]}
        yield _Index(tuple(there[slot]), met)


def _met(answer: Answer, table: str, view: View) -> Iterator[Place]:
    for place, way in sorted(answer.ways.items()):
        if way.path.view == view and way.need is not None and way.need.table == table:
            yield place


def _choices(
    answer: Answer, weighers: Mapping[str, Weigher], index: _Index, most: int
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Sets of names to include, with the dollars a month that each adds."""
    wanted = sorted({frozenset(names) for names in _wanted(answer, weighers, index)}, key=sorted)
    sizes = range(1, len(wanted) + 1) if len(wanted) <= FEW else (1, len(wanted))
    yield 0.0, ()
    for size in sizes:
        for sets in combinations(wanted, size):
            names = frozenset[str]().union(*sets)
            if len(names) < most:
                yield _added(answer, weighers, index, names), tuple(sorted(names))


def _wanted(answer: Answer, weighers: Mapping[str, Weigher], index: _Index) -> Iterator[frozenset[str]]:
    for (table, _), places in index.met.items():
        for place in places:
            way = answer.ways[place]
            if way.need is not None:
                yield frozenset(_name(attr) for attr in looked_at(weighers[table], way.need, way))


def _name(attr: Attr) -> str:
    return ".".join((*attr.path, attr.column))


def _held(weigher: Weigher, names: frozenset[str], ways: list[Way]) -> Held:
    """Those of an entity's attributes that have one of the names."""
    own = {Attr((), column.name) for column in weigher.data.schema.table(weigher.table).columns}
    seen = {attr for way in ways if way.need for attr in looked_at(weigher, way.need, way)}
    return tuple(sorted(attr for attr in own | seen if _name(attr) in names))


def _added(answer: Answer, weighers: Mapping[str, Weigher], index: _Index, names: frozenset[str]) -> float:
    usd = 0.0
    for table, view in index.views:
        weigher = weighers[table]
        ways = [answer.ways[place] for place in index.met[(table, view)]]
        grown = replace(view, only=_held(weigher, names, ways))
        usd += weigher.view_usd(grown) - weigher.view_usd(view)
        usd += sum(over.usd - way.usd for over, way in zip(_over(weigher, grown, ways), ways, strict=True))
    return usd


def _over(weigher: Weigher, grown: View, ways: list[Way]) -> list[Way]:
    """The same needs over the larger entries."""
    row = narrow_row(weigher, grown)
    found = []
    for way in ways:
        number = next(n for n, need in enumerate(weigher.needs) if way.need == need)
        found.append(row[number] or way)
    return found


def _with(answer: Answer, weighers: Mapping[str, Weigher], index: _Index, names: frozenset[str], usd: float) -> Answer:
    ways, placed = dict(answer.ways), dict(answer.placed)
    for table, view in index.views:
        mine = [ways[place] for place in index.met[(table, view)]]
        grown = replace(view, only=_held(weighers[table], names, mine))
        ways |= zip(index.met[(table, view)], _over(weighers[table], grown, mine), strict=True)
        views = tuple((grown if kept == view else kept, slot) for kept, slot in placed[table].views)
        placed[table] = replace(placed[table], views=views)
    return replace(answer, ways=ways, placed=placed, usd=answer.usd + usd)
