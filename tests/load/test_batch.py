from __future__ import annotations

from dataclasses import replace

from migrator.load.batch import MAX_ENTRIES, Entry, Row, compile_entry, pack
from migrator.load.checkpoint import advance, checkpoint_put, read_checkpoint, start
from migrator.load.rejects import Reject
from migrator.model.unit import Chunk, Unit

from tests.load.world import a_plan

PLAN = a_plan()


def row(number: int, items: int = 1, size: int = 100) -> Row:
    names = tuple((f"P#{number}", f"{place}") for place in range(items))
    made = tuple({"PK": {"S": p}, "SK": {"S": s}} for p, s in names)
    return Row("t", f"id={number}", f"[{number}]", (), made, names, (f"row {number}",), size, items * 2)


def bad(number: int) -> Reject:
    return Reject("t", f"[{number}]", f"id={number}", "bad")


def test_a_rows_items_stay_in_one_batch() -> None:
    batches = list(pack([row(1, 60), row(2, 60), row(3, 39)]))
    assert [[entry.key_text for entry in batch.entries] for batch in batches] == [["id=1"], ["id=2", "id=3"]]


def test_a_batch_stays_below_the_bytes_of_a_transaction() -> None:
    assert [len(batch.entries) for batch in pack([row(n, size=1_500_000) for n in range(5)])] == [2, 2, 1]


def test_only_the_last_batch_says_so() -> None:
    assert [batch.last for batch in pack(row(n) for n in range(250))] == [False, False, True]


def test_an_empty_chunk_has_one_empty_batch() -> None:
    (batch,) = pack([])
    assert (batch.entries, batch.last, batch.position) == ((), True, None)


def test_a_stretch_of_bad_rows_does_not_grow_without_bound() -> None:
    sizes = [len(batch.entries) for batch in pack(bad(n) for n in range(MAX_ENTRIES + 5))]
    assert sizes == [MAX_ENTRIES, 5]


def test_a_batch_ends_at_its_last_row_even_when_that_is_rejected() -> None:
    (batch,) = pack([row(1), bad(2)])
    assert batch.position == "[2]"


def test_halves_are_the_whole_in_order() -> None:
    entries: list[Entry] = [bad(0), row(1), bad(2), row(3), row(4), bad(5)]
    (batch,) = pack(entries)
    first, second = batch.halves()
    assert (*first.entries, *second.entries) == tuple(entries)
    assert (first.last, second.last) == (False, True)
    assert first.rows
    assert second.rows


def test_two_rows_with_one_key_are_never_in_one_transaction() -> None:
    """Which of them is loaded shows when they are sent: the first may turn out to be bad."""
    twin = replace(row(2), names=row(1).names)
    first, second = pack([row(1), twin, row(3)])
    assert (first.split, second.split) == (True, False)
    assert [one.key_text for one in second.rows] == ["id=2", "id=3"]


def test_the_token_depends_on_rows_run_and_place() -> None:
    chunk = start(Chunk("t", 0, None, None))
    (one,), (two,) = pack([row(1)]), pack([row(2)])
    tokens = {
        advance(chunk, one, "n").token(),
        advance(chunk, two, "n").token(),
        advance(chunk, one, "other").token(),
        advance(advance(chunk, two, "n"), one, "n").token(),
        advance(start(Chunk("t", 1, None, None)), one, "n").token(),
    }
    assert len(tokens) == 5
    assert all(len(token) == 36 for token in tokens)
    assert advance(chunk, one, "n") == advance(chunk, one, "n")


def test_a_checkpoint_reads_back() -> None:
    (batch,) = pack([row(1), bad(2)])
    checkpoint = advance(start(Chunk("t", 3, None, None)), batch, "n")
    assert read_checkpoint(checkpoint_put(PLAN, start(Chunk("t", 3, None, None)), checkpoint).item) == checkpoint
    assert checkpoint.after() == (2,)


def test_rows_of_several_items_carry_their_keys() -> None:
    entry = compile_entry(PLAN, "customers")(Unit((1, "a@example.org", None)))
    assert isinstance(entry, Row)
    assert entry.names == (("CUSTOMER#1", "CUSTOMER"), ("EMAIL#a@example.org", "EMAIL"))
    assert entry.key_text == "id=1"


def test_a_row_too_large_for_an_item_is_a_reject_with_its_name() -> None:
    entry = compile_entry(PLAN, "customers")(Unit((1, "a@example.org", "x" * 410_000)))
    assert isinstance(entry, Reject)
    assert entry.key_text == "id=1"
    assert "409,600" in entry.reason
