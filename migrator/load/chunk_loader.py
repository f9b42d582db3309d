"""One chunk, exactly once: whole units and the checkpoint that counts them in the same transaction.

After a lost answer or beside another loader, the checkpoint decides: it shows this batch's digest (done), another
one (go on from there), or has not moved (a row stands in the way: two rows claim one key).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.load.batch import Batch, Row, collision
from migrator.load.checkpoint import (
    OPENING_ACTIONS,
    Checkpoint,
    advance,
    checkpoint_key,
    checkpoint_put,
    read_checkpoint,
    start,
)
from migrator.load.digests import identity
from migrator.load.job import Job
from migrator.load.objects import put_objects
from migrator.load.packing import AnyBatch, batches_of
from migrator.load.putting import put_all
from migrator.load.retry import Stopped
from migrator.load.run_record import Mode, State, loading_check, read_run
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import CancelReason, Inserts, Item, Refused, TransactionCancelled, explain

POISON_CODES = frozenset({"ValidationException", "SerializationException", "RequestEntityTooLarge"})
"""Refusals that one row may cause: worth finding which."""

CONDITION_FAILED = "ConditionalCheckFailed"

BLAMED_CODES = frozenset({CONDITION_FAILED, "ValidationError", "ItemCollectionSizeLimitExceeded"})
"""Reasons for which a row stands in the way; conflicts and throttling, which pass, are none."""


class Superseded(Exception):
    """The run is not loading any more: another loader has finished it, or the table has another run."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Where the chunk stands after a batch, and whether it was this loader that brought it there."""

    checkpoint: Checkpoint
    mine: bool


def load_chunk(job: Job, chunk: Chunk, on_batch: Callable[[Checkpoint], None]) -> Checkpoint:
    """Brings the chunk to its end from wherever it stands, and gives its last checkpoint. `on_batch` hears
    of every checkpoint. Stopped between two batches when the run is to stop; StoreFaults that patience did
    not outlast; BlockedError for a bad row that is not allowed; Superseded."""
    checkpoint = current(job, chunk)
    if job.mode is Mode.BATCH and checkpoint.digest is None:
        # Puts without a condition begin only behind the check that the run is loading.
        checkpoint = commit(job, checkpoint, Batch((), False)).checkpoint
    on_batch(checkpoint)
    while not checkpoint.done:
        checkpoint = _go_on(job, chunk, checkpoint, on_batch)
    return checkpoint


def current(job: Job, chunk: Chunk) -> Checkpoint:
    """The chunk's checkpoint as it stands in the table. Superseded when it is another run's."""
    item = job.patience.call(lambda: job.sink.get(checkpoint_key(job.plan, chunk.table, chunk.number)))
    if item is None:
        return start(chunk)
    standing = read_checkpoint(item)
    if standing.run != job.nonce:
        raise Superseded
    return standing


def _go_on(job: Job, chunk: Chunk, checkpoint: Checkpoint, on_batch: Callable[[Checkpoint], None]) -> Checkpoint:
    """Streams from the checkpoint until the chunk ends or another loader turns out to be further."""
    table = job.tables[chunk.table]
    reserved = OPENING_ACTIONS if checkpoint.digest is None else 0
    with batches_of(job.source, table, chunk, checkpoint.after(), reserved) as batches:
        for batch in batches:
            if job.should_stop():
                raise Stopped
            step = commit(job, checkpoint, batch)
            checkpoint = step.checkpoint
            on_batch(checkpoint)
            if not step.mine:
                break
    return checkpoint


def commit(job: Job, before: Checkpoint, batch: AnyBatch) -> _Step:
    """Writes the batch, less the rows that turn out to be bad."""
    while True:
        job.admit(batch.rejects)
        after = advance(before, batch, job.nonce)
        there = standing_names(job, batch)
        try:
            _transact(job, before, after, batch, there)
            return _Step(after, mine=True)
        except Refused as fault:
            if fault.code not in POISON_CODES or not batch.counts.rows:
                raise
            if batch.counts.rows > 1:
                return _commit_halves(job, before, batch)
            batch = batch.without({batch.rows[0].position: f"DynamoDB refuses it: {fault.message}"})
        except TransactionCancelled as fault:
            standing = current(job, Chunk(before.table, before.chunk, None, None))
            if standing.digest is None:
                _demand_loading(job)
            if standing.digest != before.digest:
                return _Step(standing, mine=standing.digest == after.digest)
            batch = batch.without(blamed(job.plan, batch, fault, there))


def _demand_loading(job: Job) -> None:
    """A chunk without a checkpoint has not begun, or its run has ended: Superseded."""
    record = job.patience.call(lambda: read_run(job.plan, job.sink))
    if record is None or record.nonce != job.nonce or record.state is not State.LOADING:
        raise Superseded


def _commit_halves(job: Job, before: Checkpoint, batch: AnyBatch) -> _Step:
    """Bisection: the poisonous row ends up alone, all others are written."""
    first, second = batch.halves()
    step = commit(job, before, first)
    return commit(job, step.checkpoint, second) if step.mine else step


Name = tuple[str, str]


def standing_names(job: Job, batch: AnyBatch) -> frozenset[Name]:
    """Keys of the batch's items that stand in the table just as they would be written. None are looked for but
    where an earlier moment of the source has left some."""
    if job.standing is None or not batch.rows:
        return frozenset()
    pair = job.plan.table.key_names
    wanted = {name: item for row in batch.rows for name, item in zip(row.names, row.items, strict=True)}
    keys = [dict(zip(pair, ({"S": part} for part in name), strict=True)) for name in wanted]
    found = job.standing.get_batch(keys)
    return frozenset(
        name
        for item in found
        for name in [(item[pair[0]]["S"], item[pair[1]]["S"])]
        if identity(item) == identity(wanted[name])
    )


def _transact(job: Job, before: Checkpoint, after: Checkpoint, batch: AnyBatch, there: frozenset[Name]) -> None:
    """In batch mode the items are put first, over whatever stands there: the same row always makes the same items.
    The checkpoint follows when all of them are confirmed."""
    if batch.counts.objects:
        put_objects(job, batch.rows)
    actions, units = _actions(job, before, after, batch, there), after.units - before.units
    if job.mode is Mode.BATCH:
        put_all(job, actions.texts, batch.counts.units)
        actions, units = Inserts(actions.lead, (), actions.partition_key), units - batch.counts.units

    def attempt_once() -> None:
        job.ceiling.take(units)
        with job.gate.request():
            job.sink.transact(actions, after.token())

    job.patience.call(attempt_once, job.gate.throttled)


def _actions(job: Job, before: Checkpoint, after: Checkpoint, batch: AnyBatch, there: frozenset[Name]) -> Inserts:
    """The transaction that brings the chunk past the batch. The rows' actions are its last ones, without those
    whose item is there."""
    opening = (loading_check(job.plan, job.nonce),) if before.digest is None else ()
    lead = (checkpoint_put(job.plan, before, after), *opening)
    texts = batch.texts
    if there:
        pairs = ((name, text) for row in batch.rows for name, text in zip(row.names, row.texts, strict=True))
        texts = tuple(text for name, text in pairs if name not in there)
    return Inserts(lead, texts, job.plan.table.partition_key)


def blamed(
    plan: Plan, batch: AnyBatch, fault: TransactionCancelled, there: frozenset[Name] = frozenset()
) -> dict[str, str]:
    """Why each row that stopped the transaction did, by position. MigrateError when none did."""
    owners = [(row, place) for row in batch.rows for place, name in enumerate(row.names) if name not in there]
    reasons = fault.reasons[len(fault.reasons) - len(owners) :]
    found = {
        row.position: _why(plan, row, place, reason)
        for (row, place), reason in zip(owners, reasons, strict=False)
        if reason.code in BLAMED_CODES
    }
    if not found:
        raise explain(fault, f"loading {batch.entries[0].table if batch.entries else 'an empty chunk'}")
    return found


def _why(plan: Plan, row: Row, place: int, reason: CancelReason) -> str:
    if reason.code == CONDITION_FAILED:
        return collision(row.names[place], named(plan, reason.item))
    return f"DynamoDB refuses it: {reason.message or reason.code}"


def named(plan: Plan, item: Item | None) -> str:
    """The row that an item was made from, as far as the item tells."""
    if item is None:
        return "another row"
    name = item.get(plan.type_attribute, {}).get("S", "")
    entity = next((entity for entity in plan.entities if entity.name == name), None)
    if entity is None:
        return f"something that this plan did not write (type {name or 'unknown'})"
    own = {a.column: a.name for a in entity.attributes if a.copied_from is None}
    told = (f"{column}={_shown(item.get(own.get(column, column)))}" for column in entity.source_key)
    return f"{entity.stream} ({', '.join(told)})"


def _shown(wire: object) -> str:
    if not isinstance(wire, dict):
        return "?"
    ((kind, value),) = wire.items()
    return str(value) if kind == "N" else repr(value)
