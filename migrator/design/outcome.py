"""The whole answer, put together from its components': slots for every view, and what lies side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.design.answering import Outcome, Placed, Taken
from migrator.design.bundles import Bundle
from migrator.design.design import TABLE, Gathered, Neighbours, View
from migrator.design.ways import Shared, Way


@dataclass(frozen=True, slots=True)
class Answer:
    """What the programme chose for all entities together. Components share slots freely."""

    placed: Mapping[str, Placed]
    ways: Mapping[tuple[str, int], Way]
    taken: tuple[Taken, ...]
    refused: frozenset[str]
    usd: float
    bound: float
    shared: tuple[Shared, ...] = ()

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Answer:
        return cls(
            {table: placed for outcome in outcomes for table, placed in outcome.placed.items()},
            {place: way for outcome in outcomes for place, way in outcome.ways.items()},
            tuple(one for outcome in outcomes for one in outcome.taken),
            frozenset[str]().union(*(outcome.refused for outcome in outcomes)),
            sum(outcome.usd for outcome in outcomes),
            sum(outcome.bound for outcome in outcomes),
            tuple(one for outcome in outcomes for one in outcome.shared),
        )

    def slots(self) -> dict[str, tuple[tuple[str, View], ...]]:
        """Every entity's views with their indexes, which are numbered without holes."""
        numbered = self._numbered()
        names = self._names()
        return {
            table: tuple((names[slot], view) for slot, view in sorted(views, key=lambda pair: pair[0]))
            for table, views in numbered.items()
        }

    def _numbered(self) -> dict[str, list[tuple[int, View]]]:
        whole = [[(v, slot) for v, slot in placed.views if not v.narrow] for placed in self.placed.values()]
        top = max((max(len(views), *(slot or 0 for _, slot in views)) for views in whole if views), default=0)
        return {table: _filled(placed.views, top) for table, placed in self.placed.items()}

    def _names(self) -> dict[int, str]:
        used = sorted({slot for views in self._numbered().values() for slot, _ in views})
        return {0: TABLE} | {slot: f"GSI{place}" for place, slot in enumerate(used, start=1)}

    def gathered(self, pattern: str) -> tuple[Gathered, ...]:
        """What the pattern's bundles give together."""
        mine = [one for one in self.taken if one.bundle.pattern == pattern]
        names = self._names() if mine else {}
        return tuple(_gathered(one.bundle, names[one.slot]) for one in mine)

    def neighbours(self) -> tuple[Neighbours, ...]:
        """What each bundle wants to lie side by side."""
        names = self._names()
        found = (Neighbours(names[one.slot], one.bundle.home, one.bundle.span) for one in self.taken)
        return tuple(dict.fromkeys(found))


def _gathered(bundle: Bundle, slot: str) -> Gathered:
    last = next((member for member in bundle.members if member.limited), None)
    if last is None:
        return Gathered(slot, bundle.uses, saved_usd=bundle.saved_usd, depth=len(bundle.home.path))
    singles, depth = len(bundle.members) - 1, len(bundle.home.path)
    return Gathered(slot, bundle.uses, last.drivers[0], singles, last.forward, bundle.saved_usd, depth)


def _filled(views: Iterable[tuple[View, int | None]], whole: int) -> list[tuple[int, View]]:
    """Views with their slots: in the first `whole` ones stand those that hold whole items, each where a bundle wants it
    or in the lowest that is free; the others in those behind."""
    listed = list(views)
    found = [(slot, view) for view, slot in listed if slot is not None]
    free = [slot for slot in range(1, whole + 1) if slot not in {taken for taken, _ in found}]
    found += zip(free, (view for view, slot in listed if slot is None and not view.narrow), strict=False)
    return found + list(enumerate((view for view, _ in listed if view.narrow), start=whole + 1))
