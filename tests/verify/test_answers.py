"""Two answers compared: rows as a multiset, order where it is fixed, ties where it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from migrator.model.query import Field, Literal, OrderTerm, Output, Parameter, Select, TableRef, Value
from migrator.plan.answer import Answer
from migrator.plan.plan import Part
from migrator.verify.answers import Ordered, compare_rows

Rows = list[tuple[Any, ...]]


def part(order: bool = True, limit: Value | None = None, function: str | None = None, shown: bool = True) -> Part:
    """SELECT n, t FROM x [ORDER BY n | hidden] [LIMIT]."""
    n, t = Field("x", "n"), Field("x", "t")
    outputs = (Output("n", n, function), Output("t", t))
    term = OrderTerm(0, n) if shown else OrderTerm(None, Field("x", "hidden"))
    select = Select((TableRef("x", "x"),), "x", (), (), outputs, (term,) if order else (), limit)
    return Part("SELECT", select, "X", (0,))


def same(part: Part, left: Rows, right: Rows, limit: int | None = None, **more: Any) -> bool:
    return compare_rows(part, {"limit": limit}, left, Answer(("n", "t"), tuple(right)), **more) is None


def test_rows_are_a_multiset() -> None:
    unordered = part(order=False)
    assert same(unordered, [(1, "a"), (2, "b")], [(2, "b"), (1, "a")])
    assert not same(unordered, [(1, "a"), (1, "a")], [(1, "a")])
    assert not same(unordered, [(1, "a"), (1, "a"), (2, "b")], [(1, "a"), (2, "b"), (2, "b")])


def test_types_count() -> None:
    unordered = part(order=False)
    assert not same(unordered, [(1, "a")], [("1", "a")])
    assert not same(unordered, [(None, "a")], [("", "a")])
    assert same(unordered, [(1, "a")], [(Decimal("1.00"), "a")]), "numbers compare by value"


def test_order_counts_where_the_statement_fixes_it() -> None:
    verdict = compare_rows(part(), {}, [(1, "a"), (2, "b")], Answer(("n", "t"), ((2, "b"), (1, "a"))))
    assert verdict is not None and verdict[0] == "the same rows in another order"


def test_rows_that_tie_may_change_places() -> None:
    assert same(part(), [(1, "a"), (1, "b"), (2, "c")], [(1, "b"), (1, "a"), (2, "c")])


def test_order_by_a_hidden_column_is_checked_when_its_values_are_known() -> None:
    hidden = part(shown=False)
    right: Rows = [(5, "a"), (1, "b")]
    assert same(hidden, [(1, "b"), (5, "a")], right), "nothing is known of the order"
    assert not same(hidden, [(1, "b"), (5, "a")], right, keys=[(1,), (2,)])
    assert same(hidden, [(1, "b"), (5, "a")], right, keys=[(1,), (1,)])


def test_a_tie_that_the_limit_cuts_may_be_cut_anywhere() -> None:
    cut = part(limit=Literal(2))
    assert same(cut, [(1, "a"), (2, "b")], [(1, "a"), (2, "c")])
    assert not same(cut, [(1, "a"), (2, "b")], [(1, "z"), (2, "c")]), "what lies before the tie is fixed"
    assert not same(cut, [(1, "a"), (2, "b")], [(1, "a"), (3, "c")])
    assert not same(cut, [(1, "a")], [(1, "b")]), "the limit was not reached: there is no tie that it cuts"


def test_what_the_source_takes_from_a_tie_must_be_in_the_table() -> None:
    cut = part(limit=Parameter("limit"))
    ties = Ordered(((1, "a"), (2, "b"), (2, "c")), ((1,), (2,), (2,)))
    here: Rows = [(1, "a"), (2, "c")]
    keys = [(1,), (2,)]
    assert same(cut, [(1, "a"), (2, "b")], here, 2, keys=keys, beyond=lambda: ties)
    assert not same(cut, [(1, "a"), (2, "x")], here, 2, keys=keys, beyond=lambda: ties)


def test_an_unordered_limit_may_take_any_rows_that_there_are() -> None:
    cut = part(order=False, limit=Literal(1))
    everything = Ordered(((1, "a"), (2, "b")), ())
    assert same(cut, [(1, "a")], [(2, "b")], beyond=lambda: everything)
    assert not same(cut, [(3, "c")], [(2, "b")], beyond=lambda: everything)
    assert not same(cut, [(1, "a")], []), "but as many"


def test_sums_are_compared_as_binary_floating_point_can() -> None:
    summed = part(order=False, function="sum")
    assert same(summed, [(0.1 + 0.2, "a")], [(Decimal("0.3"), "a")])
    assert not same(summed, [(0.3001, "a")], [(Decimal("0.3"), "a")])
    assert not same(part(order=False), [(0.1 + 0.2, "a")], [(Decimal("0.3"), "a")]), "plain values are exact"


def test_both_sides_are_shown() -> None:
    verdict = compare_rows(part(order=False), {}, [(1, "a"), (2, "b")], Answer(("n", "t"), ((2, "b"), (3, "c"))))
    assert verdict == ("1 row only in the source, 1 only in the table", ((1, "a"),), ((3, "c"),))
