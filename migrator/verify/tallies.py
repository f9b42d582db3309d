"""Changes of figures that one call makes: added up for each item, so that a transaction writes it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from migrator.plan.sums import EXACT
from migrator.plan.values import Unstorable, Wire, from_wire, number_text
from migrator.verify.expressions import Effect

ZERO: Wire = {"N": "0"}


@dataclass(frozen=True, slots=True)
class Tally:
    """What one action does to a group's item: `given` are its own attributes, `figures` by how much each changes.
    `row`: the item that it counts, by its key; None for one that is put."""

    entity: str
    key: tuple[str, str]
    row: tuple[str, str] | None
    gains: bool
    given: Mapping[str, Wire]
    figures: Mapping[str, Decimal]


def change_of(tally: str, outcome: Wire | None) -> Decimal:
    """By how much an outcome changes a figure. Unstorable when it is no number.

    >>> change_of("gain", {"N": "2.5"}), change_of("lose one", {"S": "x"}), change_of("lose", None)
    (Decimal('2.5'), Decimal('-1'), Decimal('0'))
    """
    word, _, single = tally.partition(" ")
    if outcome is None:
        return Decimal(0)
    value = Decimal(1) if single else from_wire(outcome)
    if not isinstance(value, Decimal):
        raise Unstorable("a value that is no number cannot be added to a figure")
    return value if word == "gain" else -value


def added_up(
    tallies: Iterable[Tally], deleted: frozenset[tuple[str, str]], together: frozenset[str]
) -> Iterator[tuple[Tally, list[Effect]]]:
    """One update for each item whose figures change, of the entities that the plan says are added up `together`; else
    one for each action. A row is counted off once, and not in again when it is deleted."""
    kept: dict[object, Tally] = {}
    for number, one in enumerate(tallies):
        if not (one.gains and one.row in deleted):
            kept.setdefault((one.entity, one.row, one.gains) if one.row else number, one)
    by_key: dict[object, list[Tally]] = {}
    for number, one in enumerate(kept.values()):
        by_key.setdefault(one.key if one.entity in together else number, []).append(one)
    for group in by_key.values():
        totals = {name: Decimal(0) for name in group[0].figures}
        for one in group:
            totals = {name: EXACT.add(total, one.figures[name]) for name, total in totals.items()}
        if any(totals.values()):
            yield (
                group[0],
                [
                    *(("set", name, wire, None) for name, wire in group[0].given.items()),
                    *(("add", name, {"N": number_text(total)}, ZERO) for name, total in totals.items()),
                ],
            )
