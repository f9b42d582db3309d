"""What the batches of a chunk hold, found without writing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from migrator.load.batch import MAX_ROW_ACTIONS, Counts, Row, collision
from migrator.load.checkpoint import OPENING_ACTIONS
from migrator.load.packing import AnyBatch, LoadedTable, Values, batches_of, pack_rows
from migrator.load.rejects import Reject
from migrator.model.unit import Chunk
from migrator.plan.quick import Quick
from migrator.ports import RowSource, rows_of

Surveyed = tuple[Counts, tuple[Reject, ...]]


def survey(source: RowSource, table: LoadedTable, chunk: Chunk) -> Iterator[Surveyed]:
    """Without making items of rows that are surely good. Where some are not, the stretches end elsewhere than the
    load's batches, and may be a few more."""
    if table.quick is None or table.check is None:
        with batches_of(source, table, chunk, reserved=OPENING_ACTIONS) as batches:
            yield from ((batch.counts, batch.rejects) for batch in _less_taken(batches))
        return
    with rows_of(source, table.shape, chunk) as lists:
        rows, reserved = chain.from_iterable(lists), OPENING_ACTIONS
        while some := list(islice(rows, MAX_ROW_ACTIONS - reserved)):
            units = [table.check(values) or _units_of_one(table.quick, values) for values in some]
            if all(units):
                yield Counts(len(some), len(some), 0, sum(units)), ()
            else:
                batches = pack_rows(table, table.quick, iter(some), reserved=reserved)
                yield from ((batch.counts, batch.rejects) for batch in _less_taken(batches))
            reserved = 0


def _units_of_one(quick: Quick, values: Values) -> int:
    """Write units of a row that makes one item; 0 when it does not, or goes the obvious way."""
    made = quick(values)
    return int(made[0]) if made is not None and len(made) == 3 else 0


def _less_taken(batches: Iterator[AnyBatch]) -> Iterator[AnyBatch]:
    """The batches, less rows whose key a row close before them has."""
    owners: dict[tuple[str, str], Row] = {}
    for batch in batches:
        if owners:
            first = batch.rows[0]
            batch = batch.without({first.position: _taken(first, owners)})
        owners = owners | {name: row for row in batch.rows for name in row.names} if batch.split else {}
        yield batch


def _taken(row: Row, owners: Mapping[tuple[str, str], Row]) -> str:
    name = next(name for name in row.names if name in owners)
    return collision(name, f"{owners[name].table} ({owners[name].key_text})")
