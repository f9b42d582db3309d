"""How far a chunk has come: an item that moves in the same transaction as the rows it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from migrator.load.batch import RESERVED_PREFIX
from migrator.load.exact import decode_values
from migrator.load.packing import AnyBatch
from migrator.model.unit import Chunk, RowValue
from migrator.plan.plan import Plan
from migrator.ports import Item, Key, Put

CHECKPOINT_TYPE = "migrate-checkpoint"
CHECKPOINT_UNITS = 2
"""Write units of one checkpoint: below 1 KB, in a transaction."""
OPENING_ACTIONS = 1
"""A chunk's first transaction checks, besides, that the run is still loading: no loader that was left behind
can begin a chunk anew whose checkpoint has gone with the end of the load."""

OPENING_UNITS = 2
"""Write units of the check that a chunk's first transaction makes of the run record, up to 1 KB of it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A chunk's state after a batch. `position` is the exact key of the last row gone past (None: none yet),
    `digest` names the batch and, through it, every batch before. Counts are of the chunk so far. `run` is the nonce of
    the run that it belongs to: nobody goes on from another run's."""

    table: str
    chunk: int
    position: str | None = None
    digest: str | None = None
    rows: int = 0
    items: int = 0
    rejected: int = 0
    units: int = 0
    done: bool = False
    run: str = ""

    def after(self) -> tuple[RowValue, ...] | None:
        """The key to go on from."""
        return None if self.position is None else decode_values(self.position)

    def token(self, there: Collection[tuple[str, str]] = ()) -> str:
        """The client request token of the transaction that writes this checkpoint, without the items that are
        there already: the service refuses a token that comes again with other items."""
        if not there:
            return (self.digest or "")[:36]
        return hashlib.sha256(repr((self.digest, sorted(there))).encode()).hexdigest()[:36]


def start(chunk: Chunk) -> Checkpoint:
    """The state before the first batch; no item stands for it."""
    return Checkpoint(chunk.table, chunk.number)


def advance(before: Checkpoint, batch: AnyBatch, nonce: str) -> Checkpoint:
    """The state after `batch`. `nonce` is the run's: a table dropped and loaded again within ten minutes must
    not repeat the tokens of its first life, which the service would take as done."""
    more = batch.counts
    counts = (
        before.rows + more.rows,
        before.items + more.items,
        before.rejected + more.rejected,
        before.units + more.units + CHECKPOINT_UNITS + (OPENING_UNITS if before.digest is None else 0),
    )
    position = batch.position or before.position
    told = (nonce, before.table, before.chunk, before.digest, position, counts, batch.last)
    digest = hashlib.sha256(repr(told).encode())
    digest.update("\n".join(batch.texts).encode())
    return Checkpoint(before.table, before.chunk, position, digest.hexdigest(), *counts, batch.last, nonce)


def checkpoint_key(plan: Plan, table: str, chunk: int) -> Key:
    """A partition of its own for each chunk, so that checkpoints never make a hot key."""
    return {
        plan.table.partition_key: {"S": f"{RESERVED_PREFIX}CHECKPOINT#{table}#{chunk}"},
        plan.table.sort_key: {"S": f"{RESERVED_PREFIX}CHECKPOINT"},
    }


def checkpoint_put(plan: Plan, before: Checkpoint, after: Checkpoint) -> Put:
    """Moves the chunk from exactly `before` to `after`; fails when anyone has moved it meanwhile."""
    item = _item(plan, after)
    if before.digest is None:
        return Put(item, "attribute_not_exists(#pk)", (("#pk", plan.table.partition_key),))
    return Put(
        item,
        "#digest = :digest AND #position = :position",
        (("#digest", "digest"), ("#position", "position")),
        ((":digest", {"S": before.digest}), (":position", _text(before.position))),
    )


def read_checkpoint(item: Item) -> Checkpoint:
    """The state that a checkpoint item holds."""
    return Checkpoint(
        table=item["table"]["S"],
        chunk=int(item["chunk"]["N"]),
        position=item["position"].get("S"),
        digest=item["digest"]["S"],
        rows=int(item["rows"]["N"]),
        items=int(item["items"]["N"]),
        rejected=int(item["rejected"]["N"]),
        units=int(item["units"]["N"]),
        done=item["done"]["BOOL"],
        run=item["run"]["S"],
    )


def _item(plan: Plan, checkpoint: Checkpoint) -> Item:
    return {
        **checkpoint_key(plan, checkpoint.table, checkpoint.chunk),
        plan.type_attribute: {"S": CHECKPOINT_TYPE},
        "table": {"S": checkpoint.table},
        "chunk": {"N": str(checkpoint.chunk)},
        "position": _text(checkpoint.position),
        "digest": {"S": checkpoint.digest or ""},
        "rows": {"N": str(checkpoint.rows)},
        "items": {"N": str(checkpoint.items)},
        "rejected": {"N": str(checkpoint.rejected)},
        "units": {"N": str(checkpoint.units)},
        "done": {"BOOL": checkpoint.done},
        "run": {"S": checkpoint.run},
    }


def _text(position: str | None) -> dict[str, str | bool]:
    return {"NULL": True} if position is None else {"S": position}
