"""Two answers of one statement compared: their rows, their order, and what ties leave open."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from migrator.model.counted import plural
from migrator.model.query import Parameter, Value
from migrator.plan.answer import Answer
from migrator.plan.joined import hashable
from migrator.plan.plan import Part

SHOWN_ROWS = 3

Row = tuple[Any, ...]
OrderKey = tuple[Any, ...]
Identity = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows of the table with the values that the statement orders each by; `keys` is empty when it does not
    order, None when the order's columns are not known."""

    rows: tuple[Row, ...]
    keys: tuple[OrderKey, ...] | None


Verdict = tuple[str, tuple[Row, ...], tuple[Row, ...]]


def compare_rows(
    part: Part,
    parameters: Mapping[str, Any],
    expected: Sequence[Row],
    answer: Answer,
    keys: Sequence[OrderKey] | None = None,
    beyond: Callable[[], Ordered] | None = None,
) -> Verdict | None:
    """None when both sides say the same; else what differs, and rows that only one side gave.

    Rows are a multiset; their order counts where the SQL fixes it, and rows that tie under it may change places,
    also across a LIMIT. `keys` are what the answer's rows are ordered by (default: the shown columns' values).
    `beyond` gives the rows that the statement has without its LIMIT, or more of them than the LIMIT: then a
    row that the source takes from a tie must be among them.
    """
    found = Ordered(answer.rows, shown_keys(part, answer.rows) if keys is None else tuple(keys))
    comparison = _Comparison(_loose(part), list(expected), found)
    if comparison.same_rows():
        return comparison.order_verdict(0, len(expected))
    ends = _ends(part, parameters, len(expected), len(answer.rows))
    if not any(ends):
        return comparison.rows_verdict()
    if beyond is None and shown_keys(part, expected) != shown_keys(part, answer.rows):
        return comparison.rows_verdict()
    return comparison.tie_verdict(bool(part.select.order), ends, beyond() if beyond else None)


Ends = tuple[bool, bool]
"""Whether an answer is cut off before its first row, by OFFSET, and behind its last one, by LIMIT."""


def _ends(part: Part, parameters: Mapping[str, Any], expected: int, found: int) -> Ends:
    """Where both sides may have cut through rows that tie; nowhere when they gave different numbers of rows."""
    if expected != found:
        return False, False
    return bool(number_of(part.select.offset, parameters)), number_of(part.select.limit, parameters) == found


def number_of(value: Value | None, parameters: Mapping[str, Any]) -> int | None:
    """A LIMIT or an OFFSET of a call; None when there is none."""
    given = parameters.get(value.name) if isinstance(value, Parameter) else value.value if value else None
    return None if given is None or int(given) < 0 else int(given)


@dataclass(frozen=True, slots=True)
class _Comparison:
    loose: tuple[bool, ...]
    expected: list[Row]
    found: Ordered

    def same_rows(self) -> bool:
        return self._count(self.expected) == self._count(self.found.rows)

    def rows_verdict(self) -> Verdict:
        left, right = self._count(self.expected), self._count(self.found.rows)
        only_left, only_right = left - right, right - left
        what = (
            f"{plural(sum(only_left.values()), 'row')} only in the source, {sum(only_right.values())} only in the table"
        )
        return what, self._those(self.expected, only_left), self._those(self.found.rows, only_right)

    def order_verdict(self, start: int, stop: int) -> Verdict | None:
        """Whether the source's rows from `start` to `stop` come in an order that the table's keys allow."""
        keys = self.found.keys
        if not keys:
            return None
        left: dict[Identity, deque[OrderKey]] = defaultdict(deque)
        for row, key in zip(self.found.rows[start:stop], keys[start:stop], strict=False):
            left[self._identity(row)].append(key)
        if [left[self._identity(row)].popleft() for row in self.expected[start:stop]] == list(keys[start:stop]):
            return None
        return "the same rows in another order", tuple(self.expected[:SHOWN_ROWS]), self.found.rows[:SHOWN_ROWS]

    def tie_verdict(self, ordered: bool, ends: Ends, beyond: Ordered | None) -> Verdict | None:
        """Rows between the keys at the cut ends must be the same; the source may take the others from any that tie
        with those."""
        keys = self.found.keys
        if ordered and not keys:
            return self.rows_verdict()
        if not keys:
            return self.rows_verdict() if beyond and self._count(self.expected) - self._count(beyond.rows) else None
        start = sum(key == keys[0] for key in keys) if ends[0] else 0
        stop = max(start, sum(key != keys[-1] for key in keys)) if ends[1] else len(keys)
        if self._count(self.expected[start:stop]) != self._count(self.found.rows[start:stop]):
            return self.rows_verdict()
        for key, rows in ((keys[0], self.expected[:start]), (keys[-1], self.expected[stop:])):
            if beyond is not None and self._count(rows) - self._count(self._tied(beyond, key)):
                return self.rows_verdict()
        return self.order_verdict(start, stop)

    def _tied(self, beyond: Ordered, wanted: OrderKey) -> list[Row]:
        return [row for row, key in zip(beyond.rows, beyond.keys or (), strict=False) if key == wanted]

    def _count(self, rows: Sequence[Row]) -> Counter[Identity]:
        return Counter(map(self._identity, rows))

    def _identity(self, row: Row) -> Identity:
        return tuple(
            _rounded(value) if about else hashable(value) for value, about in zip(row, self.loose, strict=True)
        )

    def _those(self, rows: Sequence[Row], wanted: Counter[Identity]) -> tuple[Row, ...]:
        return tuple(row for row in rows if self._identity(row) in wanted)


def _loose(part: Part) -> tuple[bool, ...]:
    """Which columns the source computes in binary floating point."""
    return tuple(output.function in ("sum", "avg") for output in part.select.outputs)


def _rounded(value: Any) -> Any:
    if value is None or isinstance(value, (str, bytes)):
        return value
    exact = Decimal(str(value))
    return exact if not exact else Decimal(f"{exact:.8E}").normalize()


def shown_keys(part: Part, rows: Sequence[Row]) -> tuple[OrderKey, ...] | None:
    """Each row's values in the order's columns; None when the statement does not show them all."""
    places = [order_place(part, number) for number in range(len(part.select.order))]
    if None in places:
        return None
    return tuple(tuple(hashable(row[place]) for place in places if place is not None) for row in rows) if places else ()


def order_place(part: Part, number: int) -> int | None:
    """The output that shows the order's term `number`."""
    term = part.select.order[number]
    if term.output is not None:
        return term.output
    plain = (n for n, output in enumerate(part.select.outputs) if output.field == term.field and not output.function)
    return next(plain, None)
