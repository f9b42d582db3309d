"""What a person should know of a captured statement beside its rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migrator.workload.following import Loop
from migrator.workload.meeting import Facts
from migrator.workload.parameters import list_length
from migrator.workload.tallying import Tally


def notes_of(
    key: str, tally: Tally, names: Mapping[str, str], loops: Sequence[Loop], facts: Mapping[str, Facts]
) -> tuple[str, ...]:
    """Sentences for the comments above a statement."""
    found = [*_lists(tally), *_runs(tally), *_batches(tally)]
    found += [_loop(loop, names, facts) for loop in loops if loop.inner == key]
    return tuple(found)


def _lists(tally: Tally) -> Iterator[str]:
    for at, slot in enumerate(tally.shape.slots):
        if slot.listed is None:
            continue
        lengths = tally.lengths[at]
        if not lengths.calls:
            yield (
                f"a list whose length the statistics hide; written with {list_length(tally, at)}, by the rows that a "
                "call gave: correct it"
            )
        elif lengths.shortest != lengths.longest:
            mean = lengths.values / lengths.calls
            yield f"lists of {lengths.shortest} to {lengths.longest} values, {mean:.1f} on average"


def _runs(tally: Tally) -> Iterator[str]:
    if any(slot.guessed for slot in tally.shape.slots):
        yield "the digest writes `?, ...` for a run of values; two are written: correct it if there were more"


def _batches(tally: Tally) -> Iterator[str]:
    if tally.calls > tally.requests:
        mean = tally.calls / tally.requests
        yield f"sent in batches of {mean:.1f} rows on average; the rate counts rows"


def _loop(loop: Loop, names: Mapping[str, str], facts: Mapping[str, Facts]) -> str:
    outer, table = names[loop.outer], facts[loop.inner].tables[0]
    head = facts[loop.outer].tables[0]
    if loop.kind == "eager":
        told = f"eager load: asked once after {outer}, for the rows that it gave."
    elif loop.certain:
        told = f"N+1: about {loop.times:.1f} calls follow each {outer}, one for each of its rows."
    else:
        told = f"perhaps N+1: called about as often ({loop.times:.1f} times a call) as {outer} gives rows."
    if loop.to_children:
        return (
            f"{told} On one table the rows of {table} can lie in the item collection of {head}: declare one SELECT "
            f"that joins {table} to {head} under the conditions of {outer}, at its rate, and one Query may answer it"
        )
    return (
        f"{told} On one table columns of {table} can be copied onto the items of {head}: declare {outer} with a JOIN "
        f"to {table}, and one Query may answer it; else BatchGetItem reads 100 rows in a request"
    )
