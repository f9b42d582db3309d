"""One chunk, exactly once: whole units and the checkpoint that counts them in the same transaction.

After a lost answer or beside another loader, the checkpoint decides: it shows this batch's digest (done), another
one (go on from there), or has not moved (a row stands in the way: two rows claim one key).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.load.batch import Row, collision
from migrator.load.checkpoint import (
    OPENING_ACTIONS,
    Checkpoint,
    advance,
    checkpoint_key,
    checkpoint_put,
    read_checkpoint,
    start,
)
from migrator.load.job import Job
from migrator.load.packing import AnyBatch, batches_of
from migrator.load.retry import Stopped
from migrator.load.run_record import State, loading_check, read_run
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
    on_batch(checkpoint)
    while not checkpoint.done:
        checkpoint = _go_on(job, chunk, checkpoint, on_batch)
    return checkpoint


def current(job: Job, chunk: Chunk) -> Checkpoint:
    """The chunk's checkpoint as it stands in the table."""
    item = job.patience.call(lambda: job.sink.get(checkpoint_key(job.plan, chunk.table, chunk.number)))
    return start(chunk) if item is None else read_checkpoint(item)


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
        try:
            _transact(job, before, after, batch)
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
            batch = batch.without(_blamed(job.plan, batch, fault))


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


def _transact(job: Job, before: Checkpoint, after: Checkpoint, batch: AnyBatch) -> None:
    actions, units = _actions(job, before, after, batch), after.units - before.units

    def attempt_once() -> None:
        job.ceiling.take(units)
        with job.gate.request():
            job.sink.transact(actions, after.token())

    job.patience.call(attempt_once, job.gate.throttled)


def _actions(job: Job, before: Checkpoint, after: Checkpoint, batch: AnyBatch) -> Inserts:
    """The transaction that brings the chunk past the batch. The rows' actions are its last ones."""
    opening = (loading_check(job.plan, job.nonce),) if before.digest is None else ()
    lead = (checkpoint_put(job.plan, before, after), *opening)
    return Inserts(lead, batch.texts, job.plan.table.partition_key)


def _blamed(plan: Plan, batch: AnyBatch, fault: TransactionCancelled) -> dict[str, str]:
    """Why each row that stopped the transaction did, by position."""
    owners = [(row, place) for row in batch.rows for place in range(len(row.items))]
    reasons = fault.reasons[len(fault.reasons) - len(owners) :]
    blamed = {
        row.position: _why(plan, row, place, reason)
        for (row, place), reason in zip(owners, reasons, strict=False)
        if reason.code in BLAMED_CODES
    }
    if not blamed:
        raise explain(fault, f"loading {batch.entries[0].table if batch.entries else 'an empty chunk'}")
    return blamed


def _why(plan: Plan, row: Row, place: int, reason: CancelReason) -> str:
    if reason.code == CONDITION_FAILED:
        return collision(row.names[place], _named(plan, reason.item))
    return f"DynamoDB refuses it: {reason.message or reason.code}"


def _named(plan: Plan, item: Item | None) -> str:
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
