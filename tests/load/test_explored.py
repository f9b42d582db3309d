"""The protocol explored: two loaders, and every way in which requests can be lost, late, doubled or forgotten."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from migrator.cli.loading import NoRejects
from migrator.load import chunk_loader, job, load, standing
from migrator.load.batch import MAX_ROW_BYTES, Batch, Entry, Row
from migrator.load.checkpoint import Checkpoint, advance, checkpoint_put
from migrator.load.job import Job, compile_tables, new_job
from migrator.load.retry import Backoff
from migrator.load.run_record import RunRecord, State, TableRun, create_put, run_key
from migrator.load.tally import Tally
from migrator.model.unit import Chunk, Unit
from migrator.plan.document import plan_digest
from migrator.plan.itemtext import read_item_text
from migrator.plan.plan import Plan
from migrator.ports import Inserts, Item, ItemSink, Put

from tests.load.explorer import Budget, Explorer, Violation
from tests.load.store import Call, Store
from tests.load.world import MemorySource, Name, Rows, a_plan, expected, name_of, quick

WHOLE = a_plan()
PLAN = replace(
    WHOLE,
    entities=WHOLE.entities_of("customers"),
    source=replace(WHOLE.source, tables=WHOLE.source.tables[:1]),
)
ROWS: Rows = {"customers": [(1, "a@example.org", "n"), (2, "b@example.org", "n")]}
IMAGE = expected(PLAN, ROWS)
FIRST_ROW = (("CUSTOMER#1", "CUSTOMER"), ("EMAIL#a@example.org", "EMAIL"))
LAST_ROW = (("CUSTOMER#2", "CUSTOMER"), ("EMAIL#b@example.org", "EMAIL"))
NONCE = "nonce"
RUN = name_of(run_key(PLAN))
AT_ONCE = Backoff(base=0.0, attempts=6)
SOAK = int(os.environ.get("MIGRATE_SOAK_SEEDS", "0")) >= 1_000


@pytest.fixture(autouse=True)
def a_small_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is a batch of its own, chunks are loaded one after the other, and what does not depend on the
    answers (the plan's digest, the compiled plan) is made once."""
    digest, tables = plan_digest(PLAN), compile_tables(PLAN)
    alone = {name: replace(table, entry=_alone(table.entry), quick=None) for name, table in tables.items()}
    for module in (load, standing):
        monkeypatch.setattr(module, "plan_digest", lambda plan: digest)
    monkeypatch.setattr(job, "compile_tables", lambda plan, mode: alone)
    monkeypatch.setattr(load, "load_chunks", _one_after_the_other)


def _alone(entry: Callable[[Unit], Entry]) -> Callable[[Unit], Entry]:
    def large(unit: Unit) -> Entry:
        made = entry(unit)
        return replace(made, size=MAX_ROW_BYTES) if isinstance(made, Row) else made

    return large


def _one_after_the_other(job: Job, chunks: Iterator[Chunk], tally: Tally) -> None:
    for chunk in chunks:
        chunk_loader.load_chunk(job, chunk, tally.listener(chunk.table))


def apply(sink: ItemSink, life: str) -> None:
    """What `migrate apply` does with the table, from its first look to the end of the run."""
    options = quick(
        allow_rejects=True, rejects=NoRejects(), new_nonce=lambda: life, rows_per_chunk=100, backoff=AT_ONCE
    )
    load.load(PLAN, MemorySource(ROWS), sink, options, lambda progress: None)
    standing.finish(sink, PLAN, AT_ONCE)


def state_of(store: Store) -> str | None:
    record = store.items.get(RUN)
    return None if record is None else str(record["state"]["S"])


def never_wrong(store: Store) -> str | None:
    """The invariants of docs/loading.md."""
    twice = [name for name, times in store.own_writes().items() if times > 1]
    if twice:
        return f"{twice} were written twice"
    if any(item != IMAGE.get(name) for name, item in store.own().items()):
        return "an item is not what its row makes"
    done = store.items.get(("MIGRATE#CHECKPOINT#customers#0", "MIGRATE#CHECKPOINT"))
    if done is None and state_of(store) != State.LOADING.value:
        return None
    passed = 0 if done is None else int(done["rows"]["N"])
    written = [name in store.writes for row in (1, 2) for name in _names(row)]
    if written != [row <= passed for row in (1, 2) for _ in _names(row)]:
        return f"the checkpoint says {passed} rows, written is {written}"
    return None


def _names(row: int) -> list[tuple[str, str]]:
    return [name for name, item in IMAGE.items() if item["id"] == {"N": str(row)}]


def all_there(store: Store) -> str | None:
    """Once every loader has ended: every row was written once, the run is verified, only its record stays."""
    if store.own_writes() != dict.fromkeys(IMAGE, 1):
        return f"written: {store.own_writes()}"
    if state_of(store) != State.VERIFIED.value:
        return f"the run is {state_of(store)}"
    left = [name for name in store.items if name[0].startswith("MIGRATE#") and name != RUN]
    return f"{left} are left" if left else None


def is_verified(store: Store) -> str | None:
    return None if state_of(store) == State.VERIFIED.value else "not verified"


def whole() -> Explorer:
    return Explorer(apply, never_wrong, all_there, is_verified, FIRST_ROW)


def one_chunk() -> Explorer:
    return Explorer(load_the_chunk, never_wrong, all_written)


def load_the_chunk(sink: ItemSink, life: str) -> None:
    """One chunk of a run that has begun: the inner part of the protocol."""
    options = quick(allow_rejects=True, rejects=NoRejects(), backoff=AT_ONCE)
    job = new_job(PLAN, MemorySource(ROWS), sink, options, NONCE)
    chunk_loader.load_chunk(job, Chunk("customers", 0, None, None), lambda checkpoint: None)


def begun() -> Store:
    """A table in which a run has just begun."""
    record = RunRecord("run", NONCE, "plan", "moment", 100, (TableRun("customers", 1, ""),))
    store, _ = Store().carry_out(Call("put", (create_put(PLAN, record),)))
    return store


def all_written(store: Store) -> str | None:
    return None if store.own_writes() == dict.fromkeys(IMAGE, 1) else f"written: {store.own_writes()}"


WHOLE_RUNS = [Budget(timeouts=1), Budget(crashes=1)]
CHUNKS = [Budget(timeouts=2, duplicates=1, expiries=1), Budget(timeouts=1, duplicates=1, crashes=1, expiries=1)]
if SOAK:
    WHOLE_RUNS += [
        Budget(timeouts=2),
        Budget(timeouts=1, expiries=1),
        Budget(timeouts=1, crashes=1),
        Budget(duplicates=1, deletions=1),
        Budget(crashes=1, expiries=1, deletions=1),
        Budget(duplicates=1, expiries=1, deletions=1),
    ]
    CHUNKS += [Budget(timeouts=2, duplicates=1, crashes=1, expiries=1), Budget(timeouts=3, crashes=2, expiries=2)]


@pytest.mark.parametrize("budget", WHOLE_RUNS, ids=str)
def test_no_interleaving_of_two_whole_runs_with_these_faults_is_wrong(
    budget: Budget, capsys: pytest.CaptureFixture[str]
) -> None:
    explore(whole(), budget, capsys, Store())


@pytest.mark.parametrize("budget", CHUNKS, ids=str)
def test_no_interleaving_of_two_loaders_of_a_chunk_with_these_faults_is_wrong(
    budget: Budget, capsys: pytest.CaptureFixture[str]
) -> None:
    explore(one_chunk(), budget, capsys, begun())


def explore(explorer: Explorer, budget: Budget, capsys: pytest.CaptureFixture[str], store: Store) -> None:
    states = explorer.explore(["A", "B"], budget, store)
    with capsys.disabled():
        print(f"\n{states:,} states, a loader run {explorer.runs:,} times: {budget}")
    assert states > 1_000


def test_one_loader_alone_outlasts_more_at_once() -> None:
    assert whole().explore(["A"], Budget(1, 1, 1, 1, 1)) > 1_000


def wrong(explorer: Explorer, budget: Budget, store: Store, *names: str) -> str:
    with pytest.raises(Violation) as found:
        explorer.explore(names, budget, store)
    return str(found.value)


def unconditional(plan: Plan, before: Checkpoint, after: Checkpoint) -> Put:
    """A checkpoint that moves from wherever it stands."""
    return Put(checkpoint_put(plan, before, after).item)


def test_without_any_condition_two_loaders_are_found_to_write_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_loader, "checkpoint_put", unconditional)
    monkeypatch.setattr(Inserts, "insert", lambda inserts, text: Put(read_item_text(text)))
    assert "written twice" in wrong(one_chunk(), Budget(duplicates=1, expiries=1), begun(), "A", "B")


def test_without_the_checkpoints_condition_a_late_copy_is_found_to_bring_a_deleted_row_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunk_loader, "checkpoint_put", unconditional)
    explorer = Explorer(apply, never_wrong, all_there, is_verified, LAST_ROW)
    assert "written twice" in wrong(explorer, Budget(duplicates=1, expiries=1, deletions=1), Store(), "A")


def test_without_the_check_of_the_run_a_late_copy_is_found_to_bring_a_deleted_row_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The chunk's checkpoint has gone with the end of the load, so its first transaction could begin anew."""
    actions = chunk_loader._actions

    def unchecked(*arguments: Any) -> Inserts:
        found = actions(*arguments)
        return Inserts(found.lead[:1], found.texts, found.partition_key)

    monkeypatch.setattr(chunk_loader, "_actions", unchecked)
    assert "written twice" in wrong(whole(), Budget(duplicates=1, expiries=1, deletions=1), Store(), "A")


def test_a_checkpoint_in_a_request_of_its_own_is_found_to_part_from_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    together = chunk_loader._transact

    def apart(job: Job, before: Checkpoint, after: Checkpoint, batch: Batch, there: frozenset[Name]) -> None:
        rows = Inserts((), batch.texts, "PK")
        job.patience.call(lambda: job.sink.transact(rows, after.token()[:30]))
        together(job, before, after, replace(batch, entries=()), there)

    monkeypatch.setattr(chunk_loader, "_transact", apart)
    assert "the checkpoint says" in wrong(one_chunk(), Budget(), begun(), "A")


def test_without_the_digest_a_lost_answer_is_found_to_look_like_a_collision_after_ten_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A loader that trusts the token alone takes its own rows for somebody else's."""
    commit = chunk_loader.commit

    def blind(job: Job, before: Checkpoint, batch: Batch) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(chunk_loader, "current", lambda job, chunk: before)
            return commit(job, before, batch)

    monkeypatch.setattr(chunk_loader, "commit", blind)
    assert one_chunk().explore(["A"], Budget(timeouts=1), begun())
    assert "has the key of an item of customers" in wrong(one_chunk(), Budget(timeouts=1, expiries=1), begun(), "A")


def test_without_tokens_nothing_is_found_wrong_the_checkpoints_digest_does_their_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tokens spare a cancelled transaction after a lost answer; exactly once does not rest on them."""

    def forgetful(store: Store) -> Store:
        return replace(store, tokens={})

    carry_out = Store.carry_out

    def without_tokens(store: Store, call: Call) -> tuple[Store, Item | list[Item] | None]:
        after, answer = carry_out(store, call)
        return forgetful(after), answer

    monkeypatch.setattr(Store, "carry_out", without_tokens)
    assert one_chunk().explore(["A", "B"], Budget(timeouts=1, duplicates=1), begun()) > 1_000


def test_a_token_that_does_not_name_the_table_s_own_run_is_found_to_lose_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table dropped and begun anew within ten minutes: the service takes the second life's requests as done."""
    monkeypatch.setattr(chunk_loader, "advance", lambda before, batch, nonce: advance(before, batch, ""))
    first = Explorer(load_the_chunk, never_wrong, all_written)
    first.explore(["A"], Budget(), begun())
    told = next(store for store in first.stores() if all_written(store) is None)
    again = replace(begun(), tokens=told.tokens)
    assert wrong(one_chunk(), Budget(), again, "A")
