"""Every served read pattern on both sides: the user's SQL on the source, the planned requests on the table."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from migrator.model.query import Literal, Parameter
from migrator.model.schema import Kind
from migrator.model.unit import RowValue
from migrator.plan.answer import Answer
from migrator.plan.compare import sort_key
from migrator.plan.plan import Part, Plan, PlannedPattern
from migrator.plan.values import Unstorable, from_wire, to_wire
from migrator.ports import ItemReader, RowSource
from migrator.verify.execute import run_pattern
from migrator.verify.parameters import draw_parameters
from migrator.verify.report import PatternReport, QueriesReport, QueryDifference

SAMPLES = 25
KEPT_A_PATTERN = 3
SHOWN_ROWS = 3
SETTLE_SECONDS = 60.0
SETTLE_STEP = 2.0
TOLERANCE = Decimal("1e-9")
"""Relative difference allowed in sums and averages, which the source computes in binary floating point."""

Row = tuple[Any, ...]


def verify_queries(
    plan: Plan,
    source: RowSource,
    reader: ItemReader,
    samples: int = SAMPLES,
    seed: int = 0,
    progress: Callable[[str, int], None] | None = None,
    settle: Callable[[float], None] = time.sleep,
    settle_seconds: float = 0.0,
) -> QueriesReport:
    """Compares answers for parameters drawn from the source. `settle_seconds`: how long a differing answer is
    asked again before it counts, since an index of AWS follows its table with a delay (60 there, 0 locally)."""
    reports = []
    for pattern in plan.access_patterns:
        if pattern.kind == "read" and pattern.status == "served":
            reports.append(_Comparison(plan, pattern, source, reader, settle, settle_seconds).run(samples, seed))
            if progress:
                progress(pattern.name, reports[-1].compared)
    return QueriesReport(tuple(reports), seed)


class _Comparison:
    """One pattern."""

    def __init__(
        self,
        plan: Plan,
        pattern: PlannedPattern,
        source: RowSource,
        reader: ItemReader,
        settle: Callable[[float], None],
        settle_seconds: float,
    ) -> None:
        self._plan = plan
        self._pattern = pattern
        self._source = source
        self._reader = reader
        self._settle = settle
        self._settle_seconds = settle_seconds

    def run(self, samples: int, seed: int) -> PatternReport:
        compared = with_rows = different = 0
        kept: list[QueryDifference] = []
        for parameters in draw_parameters(self._plan, self._pattern, self._source, samples, seed):
            compared += 1
            expected = [self._expected(part, parameters) for part in self._pattern.parts]
            with_rows += any(rows for rows in expected)
            differences = self._until_settled(parameters, expected)
            different += bool(differences)
            kept += differences[: max(0, KEPT_A_PATTERN - len(kept))]
        return PatternReport(self._pattern.name, compared, with_rows, different, tuple(kept))

    def _until_settled(self, parameters: Mapping[str, RowValue], expected: list[list[Row]]) -> list[QueryDifference]:
        waited = 0.0
        while True:
            differences = self._differences(parameters, expected)
            if not differences or waited >= self._settle_seconds:
                return differences
            self._settle(SETTLE_STEP)
            waited += SETTLE_STEP

    def _differences(self, parameters: Mapping[str, RowValue], expected: list[list[Row]]) -> list[QueryDifference]:
        answers = run_pattern(self._plan, self._pattern, parameters, self._reader)
        found = []
        for number, (part, answer) in enumerate(zip(self._pattern.parts, answers, strict=True)):
            verdict = compare_rows(part, parameters, expected[number], answer)
            if verdict is not None:
                what, left, right = verdict
                shown = tuple(sorted(parameters.items()))
                found.append(QueryDifference(shown, number, what, left[:SHOWN_ROWS], right[:SHOWN_ROWS]))
        return found

    def _expected(self, part: Part, parameters: Mapping[str, RowValue]) -> list[Row]:
        _, rows = self._source.run(part.sql, parameters)
        kinds = [self._output_kind(part, place) for place in range(len(part.select.outputs))]
        return [tuple(_plain(kind, value) for kind, value in zip(kinds, row, strict=True)) for row in rows]

    def _output_kind(self, part: Part, place: int) -> Kind:
        output = part.select.outputs[place]
        if output.field is None or output.function in ("count", "sum", "avg"):
            return Kind.UNKNOWN
        entity = self._plan.entities_of(part.select.table(output.field.alias))[0]
        column = output.field.column
        return next(a.kind for a in entity.attributes if a.copied_from is None and a.column == column)


def _plain(kind: Kind, value: RowValue) -> Any:
    try:
        return from_wire(to_wire(kind, value))
    except Unstorable:
        return value


def compare_rows(
    part: Part, parameters: Mapping[str, Any], expected: Sequence[Row], answer: Answer
) -> tuple[str, tuple[Row, ...], tuple[Row, ...]] | None:
    """None when both sides say the same. Rows are a multiset; their order counts where the SQL fixes it, and
    rows that tie under it may change places, also across a LIMIT."""
    loose = [bool(output.function in ("sum", "avg")) for output in part.select.outputs]
    left, right = _multiset(expected, loose), _multiset(answer.rows, loose)
    if left != right and not _tie_at_limit(part, parameters, expected, answer.rows, loose):
        only_left, only_right = left - right, right - left
        what = f"{sum(only_left.values())} rows only in the source, {sum(only_right.values())} only in the table"
        return what, _sorted_rows(expected, only_left, loose), _sorted_rows(answer.rows, only_right, loose)
    keys = _order_keys(part, expected), _order_keys(part, answer.rows)
    if keys[0] is not None and keys[0] != keys[1]:
        return "the same rows in another order", tuple(expected[:SHOWN_ROWS]), answer.rows[:SHOWN_ROWS]
    return None


def _multiset(rows: Sequence[Row], loose: list[bool]) -> Counter[tuple[Any, ...]]:
    return Counter(_identity(row, loose) for row in rows)


def _identity(row: Row, loose: list[bool]) -> tuple[Any, ...]:
    return tuple(_rounded(value) if about else _typed(value) for value, about in zip(row, loose, strict=True))


def _typed(value: Any) -> Any:
    return None if value is None else sort_key(value)


def _rounded(value: Any) -> Any:
    if value is None or isinstance(value, (str, bytes)):
        return value
    exact = Decimal(str(value))
    return exact if not exact else Decimal(f"{exact:.8E}").normalize()


def _sorted_rows(rows: Sequence[Row], wanted: Counter[tuple[Any, ...]], loose: list[bool]) -> tuple[Row, ...]:
    return tuple(row for row in rows if _identity(row, loose) in wanted)


def _order_keys(part: Part, rows: Sequence[Row]) -> list[tuple[Any, ...]] | None:
    """Each row's values in the order's columns; None when the statement does not show them all."""
    places = []
    for term in part.select.order:
        place = term.output
        if place is None:
            shown = [n for n, output in enumerate(part.select.outputs) if output.field == term.field]
            place = shown[0] if shown and term.field is not None else None
        if place is None:
            return None
        places.append(place)
    return [tuple(_typed(row[place]) for place in places) for row in rows] if places else None


def _tie_at_limit(
    part: Part, parameters: Mapping[str, Any], expected: Sequence[Row], found: Sequence[Row], loose: list[bool]
) -> bool:
    """Whether the sides differ only in rows that tie where the LIMIT cuts, or in which rows an unordered
    LIMIT happened to take."""
    limit = part.select.limit
    value = parameters.get(limit.name) if isinstance(limit, Parameter) else _literal(limit)
    if value is None or len(expected) != len(found) or len(expected) < int(value) or not expected:
        return False
    if not part.select.order:
        return True
    left, right = _order_keys(part, expected), _order_keys(part, found)
    if left is None or right is None or left != right:
        return False
    before = [n for n, key in enumerate(left) if key != left[-1]]
    return _multiset([expected[n] for n in before], loose) == _multiset([found[n] for n in before], loose)


def _literal(limit: object) -> Any:
    return limit.value if isinstance(limit, Literal) else None
