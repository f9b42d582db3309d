"""The run that stands in the table: what others ask of it, and how its state moves."""

from __future__ import annotations

from functools import partial
from time import sleep

from migrator.load.checkpoint import checkpoint_key
from migrator.load.retry import Backoff, Patience
from migrator.load.run_record import RunRecord, State, move_put, read_run
from migrator.model.errors import BlockedError
from migrator.plan.document import plan_digest
from migrator.plan.plan import Plan
from migrator.ports import ItemSink, Key, Refused, StoreFault, TransactionCancelled, explain

DELETE_AT_ONCE = 25


def standing_run(sink: ItemSink, plan: Plan, backoff: Backoff | None = None) -> RunRecord | None:
    """The record in the plan's table, whichever plan's it is; None too in a table whose keys cannot hold one.
    MigrateError when the table does not tell."""
    try:
        return Patience(backoff or Backoff(), _sleep).call(partial(read_run, plan, sink))
    except Refused:
        return None
    except StoreFault as fault:
        raise explain(fault, f"reading the run record of table {plan.table.name}") from fault


def demand_same_plan(plan: Plan, standing: RunRecord) -> None:
    """BlockedError when the table carries the record of another plan."""
    if standing.plan_digest != plan_digest(plan):
        raise BlockedError(
            f"table {plan.table.name} is {standing.state.value} by another plan ({standing.plan_digest[:12]})",
            "use that plan, another table name, or run `migrate drop` first",
        )


def move(plan: Plan, sink: ItemSink, patience: Patience, record: RunRecord, state: State) -> None:
    """Moves the run's state; that it already stands there (a lost answer, another loader) is as good."""
    put = move_put(plan, record, state)
    try:
        patience.call(lambda: sink.put(put))
    except TransactionCancelled:
        standing = patience.call(lambda: read_run(plan, sink))
        if standing is None or standing.nonce != record.nonce or standing.state is record.state:
            raise


def finish(sink: ItemSink, plan: Plan, backoff: Backoff | None = None) -> None:
    """After a verification without a difference: checkpoints go, the run's state becomes verified. Safe to
    repeat. BlockedError when there is no loaded run of this plan."""
    patience = Patience(backoff or Backoff(), _sleep)
    try:
        record = patience.call(lambda: read_run(plan, sink))
        if record is None or record.state is State.LOADING:
            raise BlockedError(f"table {plan.table.name} holds no finished load", "run `migrate apply` first")
        demand_same_plan(plan, record)
        if record.state is State.LOADED:
            delete_checkpoints(plan, sink, patience, record)
            move(plan, sink, patience, record, State.VERIFIED)
    except StoreFault as fault:
        raise explain(fault, f"marking table {plan.table.name} as verified") from fault


def checkpoint_keys(plan: Plan, record: RunRecord) -> list[Key]:
    """Those of all the record's chunks."""
    return [checkpoint_key(plan, t.name, number) for t in record.tables for number in range(t.chunks)]


def delete_checkpoints(plan: Plan, sink: ItemSink, patience: Patience, record: RunRecord) -> None:
    """Those of the record's chunks. Who began a chunk cannot go on with it, nor begin it again in another run."""
    keys = checkpoint_keys(plan, record)
    for place in range(0, len(keys), DELETE_AT_ONCE):
        some = keys[place : place + DELETE_AT_ONCE]
        patience.call(partial(sink.delete, some))


def _sleep(seconds: float) -> bool:
    sleep(seconds)
    return False
