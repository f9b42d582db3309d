"""The item that says what this table is loaded from, and how far: loading, loaded or verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from migrator.load.batch import RESERVED_PREFIX
from migrator.load.exact import encode_values
from migrator.model.unit import Chunk
from migrator.plan.plan import Plan
from migrator.ports import Check, Item, ItemSink, Key, Put

RUN_TYPE = "migrate-run"


class State(StrEnum):
    """A run moves one way through these."""

    LOADING = "loading"
    LOADED = "loaded"
    VERIFIED = "verified"


class Phase(StrEnum):
    """Where a run that was pointed to another moment of its source is on the way there."""

    NONE = ""
    CLEARING = "clearing"
    """Items that the new moment does not make are taken away. `tables` are still those of the moment before."""
    FILLING = "filling"
    """Chunks are loaded, and what stands there already counts as written."""


class Mode(StrEnum):
    """How rows are written."""

    TRANSACT = "transact"
    BATCH = "batch"
    IMPORT = "import"
    """Not by requests: by ImportTable, from files of items."""


@dataclass(frozen=True, slots=True)
class TableRun:
    """A table's part: its chunks, a digest of their bounds, and, once loaded, what was written."""

    name: str
    chunks: int
    bounds: str
    rows: int = 0
    items: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """`run_id` follows from plan and fingerprint alone; `nonce` is this table's own. `units` are write units,
    known once loaded. `mark` names what was loaded from the reject file since, in order."""

    run_id: str
    nonce: str
    plan_digest: str
    fingerprint: str
    rows_per_chunk: int
    tables: tuple[TableRun, ...]
    state: State = State.LOADING
    units: int = 0
    mode: Mode = Mode.TRANSACT
    phase: Phase = Phase.NONE
    mark: str = ""

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)


def run_id(plan_digest: str, fingerprint: str) -> str:
    """The same plan over the same moment of the source is the same run."""
    return hashlib.sha256(f"{plan_digest}\n{fingerprint}".encode()).hexdigest()[:32]


def bounds_digest(chunks: Iterable[Chunk]) -> str:
    """Equal digests, equal chunks: a resumed run must cut the table exactly as it did at first."""
    body = hashlib.sha256()
    for chunk in chunks:
        for bound in (chunk.after, chunk.until):
            body.update(b"-" if bound is None else encode_values(bound).encode())
            body.update(b"\n")
    return body.hexdigest()


def run_key(plan: Plan) -> Key:
    name = {"S": f"{RESERVED_PREFIX}RUN"}
    return {plan.table.partition_key: name, plan.table.sort_key: name}


def read_run(plan: Plan, sink: ItemSink) -> RunRecord | None:
    """The record that stands in the table. StoreFaults pass through."""
    item = sink.get(run_key(plan))
    return None if item is None else record_of(item)


def create_put(plan: Plan, record: RunRecord) -> Put:
    """Puts the record where none is."""
    names = (("#pk", plan.table.partition_key),)
    return Put(record_item(plan, record), "attribute_not_exists(#pk)", names)


def loading_check(plan: Plan, nonce: str) -> Check:
    """Holds while this very run is loading."""
    return Check(run_key(plan), *_stands(nonce, State.LOADING))


def _stands(
    nonce: str, state: State
) -> tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, Mapping[str, str]], ...]]:
    """The condition that the record is of this run and in this state, with its placeholders."""
    return (
        "#nonce = :nonce AND #state = :state",
        (("#nonce", "nonce"), ("#state", "state")),
        ((":nonce", {"S": nonce}), (":state", {"S": state.value})),
    )


def phase_check(plan: Plan, record: RunRecord) -> Check:
    """Holds while this very run is in the record's phase."""
    condition, names, values = _stands(record.nonce, record.state)
    return Check(
        run_key(plan),
        f"{condition} AND #phase = :phase",
        (*names, ("#phase", "phase")),
        (*values, (":phase", {"S": record.phase.value})),
    )


def turn_put(plan: Plan, before: RunRecord, after: RunRecord) -> Put:
    """Puts `after` in the place of exactly `before`: of its run, in its state, phase and mark."""
    check = phase_check(plan, before)
    return Put(
        record_item(plan, after),
        f"{check.condition} AND #mark = :mark",
        (*check.names, ("#mark", "mark")),
        (*check.values, (":mark", {"S": before.mark})),
    )


def move_put(plan: Plan, record: RunRecord, state: State) -> Put:
    """Moves this very run from the record's state to `state`."""
    return Put(record_item(plan, replace(record, state=state)), *_stands(record.nonce, record.state))


def record_item(plan: Plan, record: RunRecord) -> Item:
    return {
        **run_key(plan),
        plan.type_attribute: {"S": RUN_TYPE},
        "run": {"S": record.run_id},
        "nonce": {"S": record.nonce},
        "plan_digest": {"S": record.plan_digest},
        "fingerprint": {"S": record.fingerprint},
        "rows_per_chunk": {"N": str(record.rows_per_chunk)},
        "tables": {"L": [_table_item(table) for table in record.tables]},
        "rejected": {"N": str(record.rejected)},
        "state": {"S": record.state.value},
        "units": {"N": str(record.units)},
        "mode": {"S": record.mode.value},
        "phase": {"S": record.phase.value},
        "mark": {"S": record.mark},
    }


def _table_item(table: TableRun) -> dict[str, dict[str, dict[str, str]]]:
    return {
        "M": {
            "name": {"S": table.name},
            "chunks": {"N": str(table.chunks)},
            "bounds": {"S": table.bounds},
            "rows": {"N": str(table.rows)},
            "items": {"N": str(table.items)},
            "rejected": {"N": str(table.rejected)},
        }
    }


def record_of(item: Item) -> RunRecord:
    return RunRecord(
        run_id=item["run"]["S"],
        nonce=item["nonce"]["S"],
        plan_digest=item["plan_digest"]["S"],
        fingerprint=item["fingerprint"]["S"],
        rows_per_chunk=int(item["rows_per_chunk"]["N"]),
        tables=tuple(_table_of(table["M"]) for table in item["tables"]["L"]),
        state=State(item["state"]["S"]),
        units=int(item["units"]["N"]),
        mode=Mode(item["mode"]["S"]),
        phase=Phase(item["phase"]["S"]),
        mark=item["mark"]["S"],
    )


def _table_of(item: Item) -> TableRun:
    return TableRun(
        item["name"]["S"],
        int(item["chunks"]["N"]),
        item["bounds"]["S"],
        int(item["rows"]["N"]),
        int(item["items"]["N"]),
        int(item["rejected"]["N"]),
    )
