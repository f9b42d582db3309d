"""Which slot each bundle stands in: the programme chooses bundles without saying where, and this finds the places, or
tells what of the choice cannot stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from migrator.design.arrange import Span, arrange
from migrator.design.clashes import Cut, Shape, Standing
from migrator.design.design import Template
from migrator.design.homes import Home

STEPS = 20_000
"""Placements tried before places are given up for not found."""
FEWER_STEPS = 50_000
"""... while looking for as few as tell that there are none."""

There = Mapping[str, frozenset[Template]]
"""The templates that each entity has."""
Lying = tuple[int, Home]


class Undecided(Exception):
    """No places were found within the steps allowed, nor that there are none."""


@dataclass(frozen=True, slots=True)
class Places:
    """The slot of each shape by number (0: the table itself), and of each template that some shape wants there."""

    slots: Mapping[int, int]
    standing: Mapping[Standing, int]


NOWHERE = Places({}, {})


def find_places(shapes: Mapping[int, Shape], there: There, whole: int, steps: list[int] | None = None) -> Places | None:
    """A slot for every shape, the lowest ones first; None when there is none. `there`: the views that the entities
    have. Undecided when that takes too long to find out."""
    steps = [STEPS] if steps is None else steps
    base = {number: shape for number, shape in shapes.items() if shape.base}
    if not _lie_in_order(base):
        return None
    slots, standing = dict.fromkeys(base, 0), dict[Standing, int]()
    for part in _parts({number: shape for number, shape in shapes.items() if not shape.base}):
        placed = _Search(shapes, there, whole, steps).extend(tuple(part), NOWHERE, {}, 0)
        if placed is None:
            return None
        slots |= placed.slots
        standing |= placed.standing
    return Places(slots, standing)


def find_cut(shapes: Mapping[int, Shape], there: There, whole: int) -> Cut:
    """Of shapes that have no places as few as tell it, and what would make room for them."""
    steps = [FEWER_STEPS]
    about, slots = _strongest(shapes, there, whole, steps)
    kept = _fewest(shapes, lambda few: _excluded(few, about, slots, steps))
    wanted = _all_templates({number: shapes[number] for number in kept})
    spare = [(table, t) for table, templates in wanted.items() for t in templates - about.get(table, frozenset())]
    return Cut(tuple(kept), tuple(sorted(spare)), slots)


def _strongest(shapes: Mapping[int, Shape], there: There, whole: int, steps: list[int]) -> tuple[There, int | None]:
    """With which views and how many slots (None: any number) there are no places still."""
    everywhere = _all_templates(shapes)
    tried: tuple[tuple[There, int | None], ...] = ((everywhere, None), (everywhere, whole), (there, None))
    return next((pair for pair in tried if _excluded(shapes, pair[0], pair[1], steps)), (there, whole))


def _excluded(shapes: Mapping[int, Shape], there: There, whole: int | None, steps: list[int]) -> bool:
    """Whether it is known that there are no places."""
    try:
        return find_places(shapes, there, len(shapes) if whole is None else whole, steps) is None
    except Undecided:
        return False


def _fewest(shapes: Mapping[int, Shape], excluded: Callable[[Mapping[int, Shape]], bool]) -> list[int]:
    """Shapes that exclude each other still, and none of which can be left out."""
    kept = dict(shapes)
    for number in shapes:
        fewer = {other: shape for other, shape in kept.items() if other != number}
        if excluded(fewer):
            kept = fewer
    return list(kept)


def _all_templates(shapes: Mapping[int, Shape]) -> dict[str, frozenset[Template]]:
    found: dict[str, frozenset[Template]] = {}
    for shape in shapes.values():
        if not shape.base:
            for table, templates in shape.wanted:
                found[table] = found.get(table, frozenset()) | templates
    return found


def _lie_in_order(shapes: Mapping[int, Shape]) -> bool:
    """Whether shapes of the table itself can all be arranged in their partitions."""
    homes: dict[Home, tuple[Span, ...]] = {}
    for shape in shapes.values():
        homes[shape.home] = (*homes.get(shape.home, ()), shape.span)
    return all(map(_orderly, homes.values()))


def _orderly(spans: tuple[Span, ...]) -> bool:
    tables = sorted({table for span in spans for table in span.tables})
    return len(set(spans)) < 2 or arrange(tables, tuple(dict.fromkeys(spans))) is not None


def _parts(shapes: Mapping[int, Shape]) -> Iterator[list[int]]:
    """Shapes that share entities, each after one that it shares most with."""
    left = list(shapes)
    while left:
        part: list[int] = []
        touched: set[Standing] = set()
        tables: set[str] = set()
        following: int | None = left[0]
        while following is not None:
            part.append(following)
            left.remove(following)
            touched |= {(table, t) for table, templates in shapes[following].wanted for t in templates}
            tables |= shapes[following].templates.keys()
            near = [number for number in left if tables & shapes[number].templates.keys()]
            following = max(near, key=lambda number: _known(shapes[number], touched), default=None)
        yield part


def _known(shape: Shape, touched: set[Standing]) -> int:
    return sum(any((table, template) in touched for template in templates) for table, templates in shape.wanted)


@dataclass(frozen=True, slots=True)
class _Search:
    shapes: Mapping[int, Shape]
    there: There
    whole: int
    steps: list[int]

    def extend(
        self, left: tuple[int, ...], placed: Places, spans: Mapping[Lying, tuple[Span, ...]], used: int
    ) -> Places | None:
        """Places for what is left, beside what is placed in the first `used` slots."""
        if not left:
            return placed
        shape = self.shapes[left[0]]
        for slot in range(1, min(used + 1, self.whole) + 1):
            lying = (*spans.get((slot, shape.home), ()), shape.span)
            for chosen in self._choices(shape, slot, placed):
                self._step()
                if not _orderly(lying):
                    break
                more = Places(
                    {**placed.slots, left[0]: slot}, {**placed.standing, **dict.fromkeys(chosen.items(), slot)}
                )
                found = self.extend(left[1:], more, {**spans, (slot, shape.home): lying}, max(used, slot))
                if found is not None:
                    return found
        return None

    def _step(self) -> None:
        self.steps[0] -= 1
        if self.steps[0] < 0:
            raise Undecided

    def _choices(self, shape: Shape, slot: int, placed: Places) -> Iterator[dict[str, Template]]:
        """For each of the shape's entities the template by which it stands in the slot."""
        offered = [list(self._offered(table, templates, slot, placed)) for table, templates in shape.wanted]
        for chosen in product(*offered):
            yield {table: template for (table, _), template in zip(shape.wanted, chosen, strict=True)}

    def _offered(self, table: str, wanted: frozenset[Template], slot: int, placed: Places) -> Iterator[Template]:
        mine = self.there.get(table, frozenset())
        held = [t for t in mine if placed.standing.get((table, t)) == slot]
        if held:
            yield from (template for template in held if template in wanted)
        else:
            yield from (template for template in sorted(wanted & mine) if (table, template) not in placed.standing)
