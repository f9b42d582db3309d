"""Batch mode and reconciling explored, as `test_explored.py` does the ordinary load."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from migrator.load import load, reconcile, standing
from migrator.load.rejects import RejectMemory
from migrator.load.run_record import Mode, State, loading_check
from migrator.model.errors import BlockedError
from migrator.ports import Item

from tests.load.explorer import Budget, Explorer, Scripted
from tests.load.store import SinkReader, Store
from tests.load.test_explored import (
    AT_ONCE,
    FIRST_ROW,
    IMAGE,
    LAST_ROW,
    PLAN,
    ROWS,
    RUN,
    SOAK,
    a_small_instance,
    is_verified,
    state_of,
    wrong,
)
from tests.load.world import MemorySource, Name, Rows, expected, quick

__all__ = ["a_small_instance"]

LATER: Rows = {"customers": [(2, "a@example.org", "n"), (3, "b@example.org", "n")]}
"""A row is gone, one is new, and the emails have other owners."""

IMAGES: dict[str, dict[Name, Item]] = {"first": IMAGE, "later": expected(PLAN, LATER)}


def in_batches(sink: Scripted, life: str) -> None:
    """`migrate apply --mode batch`."""
    options = quick(
        allow_rejects=True,
        rejects=RejectMemory(),
        new_nonce=lambda: life,
        rows_per_chunk=100,
        backoff=AT_ONCE,
        mode=Mode.BATCH,
    )
    load.load(PLAN, MemorySource(ROWS, "first"), sink, options, lambda progress: None)
    standing.finish(sink, PLAN, AT_ONCE)


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof of uniqueness asks nothing of the table: it is made once, not in every run."""
    monkeypatch.setattr(load, "demand_unique", lambda job: None)


def never_ahead(store: Store) -> str | None:
    """What batch mode keeps: an item is its row's, and up to the checkpoint all are there."""
    if any(item != IMAGE.get(name) for name, item in store.own().items()):
        return "an item is not what its row makes"
    done = store.items.get(("MIGRATE#CHECKPOINT#customers#0", "MIGRATE#CHECKPOINT"))
    passed = int(done["rows"]["N"]) if done is not None else 0
    owed = [*FIRST_ROW, *LAST_ROW][: 2 * passed] if state_of(store) == State.LOADING.value else list(IMAGE)
    if state_of(store) is None or (done is None and state_of(store) == State.LOADING.value):
        return None
    missing = [name for name in owed if name not in store.items]
    return f"{missing} are missing" if missing else None


def all_put(store: Store) -> str | None:
    """Once every loader has ended: the table is the image, the run is verified, only its record stays."""
    if store.own() != IMAGE:
        return f"the table holds {sorted(store.own())}"
    left = [name for name in store.items if name[0].startswith("MIGRATE#") and name != RUN]
    return is_verified(store) or (f"{left} are left" if left else None)


BATCHES = [Budget(timeouts=1), Budget(crashes=1)]
if SOAK:
    BATCHES += [Budget(timeouts=2), Budget(timeouts=1, crashes=1, expiries=1), Budget(duplicates=1, expiries=1)]


@pytest.mark.parametrize("budget", BATCHES, ids=str)
def test_no_interleaving_of_two_batch_loads_leaves_another_table(budget: Budget, proven: None) -> None:
    assert Explorer(in_batches, never_ahead, all_put).explore(["A", "B"], budget) > 1_000


def test_one_batch_load_outlasts_more_at_once(proven: None) -> None:
    budget = Budget(timeouts=1, duplicates=1, crashes=1)
    assert Explorer(in_batches, never_ahead, all_put).explore(["A"], budget) > 1_000


def test_a_late_put_of_batch_mode_is_found_to_bring_a_deleted_row_back(proven: None) -> None:
    """What docs/loading.md says that batch mode gives up."""

    def stays_deleted(store: Store) -> str | None:
        gone = [name for name in LAST_ROW if name not in store.items]
        return "half of a deleted row is back" if is_verified(store) is None and len(gone) == 1 else None

    explorer = Explorer(in_batches, stays_deleted, lambda store: None, is_verified, LAST_ROW)
    # The two items of the row are in one request, so that both come back: the check sees the row itself.
    assert explorer.explore(["A"], Budget(duplicates=1, deletions=1)) > 100
    deleted = [store for store in explorer.stores() if is_verified(store) is None and LAST_ROW[0] in store.items]
    assert any(store.own_writes()[LAST_ROW[0]] > 1 for store in deleted)


def at_a_moment(sink: Scripted, life: str) -> None:
    """`migrate apply` of the source as it was, by whoever is called after it; all others reconcile it as it is now."""
    early = life.startswith("early")
    options = quick(
        allow_rejects=True,
        rejects=RejectMemory(),
        new_nonce=lambda: life,
        rows_per_chunk=100,
        backoff=AT_ONCE,
        reconcile=not early,
        reader=SinkReader(sink),
    )
    rows, moment = (ROWS, "first") if early else (LATER, "later")
    try:
        load.load(PLAN, MemorySource(rows, moment), sink, options, lambda progress: None)
    except BlockedError:
        # Who is overtaken, or comes too late with the old moment, is told so, and ends.
        return
    standing.finish(sink, PLAN, AT_ONCE)


def one_moment(store: Store) -> str | None:
    """No item is half of one moment and half of another; what is called loaded is one moment whole."""
    if any(item not in (image.get(name) for image in IMAGES.values()) for name, item in store.own().items()):
        return "an item is of no moment"
    if state_of(store) in (None, State.LOADING.value):
        return None
    moment = str(store.items[RUN]["fingerprint"]["S"])
    return None if store.own() == IMAGES[moment] else f"called loaded at {moment}: {sorted(store.own())}"


RECONCILED = [Budget()]
if SOAK:
    RECONCILED += [Budget(timeouts=1), Budget(crashes=1)]


@pytest.mark.parametrize("budget", RECONCILED, ids=str)
def test_no_interleaving_of_a_load_and_a_reconciling_one_mixes_moments(budget: Budget) -> None:
    assert Explorer(at_a_moment, one_moment, one_moment).explore(["early", "late"], budget) > 1_000


def test_two_that_reconcile_at_once_do_not_mix_moments_either() -> None:
    explorer = Explorer(at_a_moment, one_moment, one_moment)
    assert explorer.explore(["late", "other"], Budget(), crashed_at_first()) > 100


def crashed_at_first() -> Store:
    """A table in which the load of the first moment stopped after its first row."""
    explorer = Explorer(at_a_moment, one_moment, one_moment)
    explorer.explore(["early"], Budget())
    half = [store for store in explorer.stores() if FIRST_ROW[0] in store.items and LAST_ROW[0] not in store.items]
    return replace(half[0], tokens={})


def test_without_the_phase_in_its_check_a_late_deletion_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clearing that another loader has finished must not go on in the table that it fills."""

    def of_the_state_alone(plan: Any, record: Any) -> Any:
        return loading_check(plan, record.nonce)

    monkeypatch.setattr(reconcile, "phase_check", of_the_state_alone)
    explorer = Explorer(at_a_moment, one_moment, one_moment)
    budget = Budget(duplicates=1, expiries=1)
    assert wrong(explorer, budget, crashed_at_first(), "late", "other")
