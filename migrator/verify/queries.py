"""Every served read pattern on both sides: the user's SQL on the source, the planned requests on the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from migrator.model.errors import MigrateError
from migrator.model.query import Field, Literal, Output
from migrator.model.schema import Kind
from migrator.model.unit import RowValue
from migrator.plan.answer import Answer
from migrator.plan.hydrate import choosing
from migrator.plan.joined import hashable
from migrator.plan.plan import Attribute, Part, Plan, PlannedPattern, Request
from migrator.plan.values import Unstorable, from_wire, to_wire
from migrator.ports import ItemReader, RowSource
from migrator.verify.answers import SHOWN_ROWS, Ordered, OrderKey, Row, compare_rows, number_of, order_place
from migrator.verify.execute import run_pattern
from migrator.verify.parameters import draw_parameters, empty_tables
from migrator.verify.report import PatternReport, QueriesReport, QueryDifference

SAMPLES = 25
KEPT_A_PATTERN = 3
SETTLE_SECONDS = 60.0
SETTLE_STEP = 2.0
MORE = 1_000
"""Rows beyond a LIMIT that are asked for to find those that tie with its last one."""

UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, Unstorable)
"""What putting an answer together meets in an item that no plan made."""

Draw = Callable[[Plan, PlannedPattern, RowSource, int, int], Iterable[Mapping[str, RowValue]]]
Otherwise = Callable[[], tuple[RowSource, ItemReader]]

__all__ = ["SAMPLES", "SETTLE_SECONDS", "compare_rows", "verify_queries"]


def verify_queries(
    plan: Plan,
    source: RowSource,
    reader: ItemReader,
    samples: int = SAMPLES,
    seed: int = 0,
    progress: Callable[[str, int], None] | None = None,
    settle: Callable[[float], None] = time.sleep,
    settle_seconds: float = 0.0,
    draw: Draw = draw_parameters,
    whole: RowSource | None = None,
    clock: Callable[[], float] = time.monotonic,
    otherwise: Otherwise | None = None,
) -> QueriesReport:
    """Compares answers for parameters that `draw` takes from the source. `settle_seconds`: until how long after the
    beginning a differing answer is asked again before it counts, since an index of AWS follows its table with a delay
    (60 there, 0 locally). `whole`: the source with the rows that have no items of their own, which aggregates count
    all the same. `otherwise`: source and table without the rows that TTL may delete meanwhile: an answer that differs
    counts as equal where these two agree on it."""
    reports = []
    settling = Settling(clock() + settle_seconds, clock, settle)
    for pattern in plan.access_patterns:
        if pattern.kind == "read" and pattern.status == "served":
            drawn = draw(plan, pattern, source, samples, seed)
            comparison = _Comparison(plan, pattern, source, reader, settling, whole or source, otherwise)
            reports.append(replace(comparison.run(drawn), empty=empty_tables(plan, pattern, source)))
            if progress:
                progress(pattern.name, reports[-1].compared)
    return QueriesReport(tuple(reports), seed)


@dataclass(frozen=True, slots=True)
class Settling:
    """Until when (on `clock`, seconds) an answer may still become right; `sleep` waits between two askings."""

    until: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def wait(self) -> bool:
        """Waits a little; False when the time is over."""
        if self.clock() >= self.until:
            return False
        self.sleep(SETTLE_STEP)
        return True


class _Comparison:
    """One pattern."""

    def __init__(
        self,
        plan: Plan,
        pattern: PlannedPattern,
        source: RowSource,
        reader: ItemReader,
        settling: Settling,
        whole: RowSource,
        otherwise: Otherwise | None = None,
    ) -> None:
        self._plan = plan
        self._pattern = pattern
        self._source = source
        self._reader = reader
        self._settling = settling
        self._whole = whole
        self._otherwise = otherwise
        self._telling = _telling(pattern)

    def run(self, drawn: Iterable[Mapping[str, RowValue]]) -> PatternReport:
        compared = with_rows = different = 0
        kept: list[QueryDifference] = []
        for parameters in drawn:
            compared += 1
            expected = self._all_expected(parameters)
            with_rows += any(rows for rows in expected)
            differences = self._until_settled(parameters, expected)
            different += bool(differences)
            kept += differences[: max(0, KEPT_A_PATTERN - len(kept))]
        return PatternReport(self._pattern.name, compared, with_rows, different, tuple(kept))

    def _all_expected(self, parameters: Mapping[str, RowValue]) -> list[list[Row]]:
        return [self._expected(part, parameters) for part in self._pattern.parts]

    def _until_settled(self, parameters: Mapping[str, RowValue], expected: list[list[Row]]) -> list[QueryDifference]:
        while differences := self._differences(parameters, expected):
            if self._agree_otherwise(parameters):
                return []
            if not self._settling.wait():
                break
        return differences

    def _agree_otherwise(self, parameters: Mapping[str, RowValue]) -> bool:
        if self._otherwise is None:
            return False
        source, reader = self._otherwise()
        other = _Comparison(self._plan, self._pattern, source, reader, self._settling, self._whole)
        return not other._differences(parameters, other._all_expected(parameters))

    def _differences(self, parameters: Mapping[str, RowValue], expected: list[list[Row]]) -> list[QueryDifference]:
        try:
            return self._compared(parameters, expected)
        except UNREADABLE as error:
            told = f": {error}" if isinstance(error, LookupError) else ""
            what = f"the items that it reads are not as planned ({type(error).__name__}{told})"
            return [QueryDifference(tuple(sorted(parameters.items())), 0, what)]

    def _compared(self, parameters: Mapping[str, RowValue], expected: list[list[Row]]) -> list[QueryDifference]:
        found = []
        for number, answer in enumerate(self._answers(parameters)):
            part = self._pattern.parts[number]

            def beyond(number: int = number) -> Ordered:
                return self._split(number, self._answers(parameters, MORE)[number])

            split = self._split(number, answer)
            shown = Answer(answer.columns[: len(part.select.outputs)], split.rows)
            verdict = compare_rows(part, parameters, expected[number], shown, split.keys, beyond)
            if verdict is not None:
                what, left, right = verdict
                given = tuple(sorted(parameters.items()))
                found.append(QueryDifference(given, number, what, left[:SHOWN_ROWS], right[:SHOWN_ROWS]))
        return found

    def _answers(self, parameters: Mapping[str, RowValue], more: int = 0) -> tuple[Answer, ...]:
        """Each statement's answer with the columns of its order beside it; `more` rows than its LIMIT."""
        pattern = self._telling
        if more:
            parts = tuple(_longer(part, parameters, more) for part in pattern.parts)
            pattern = replace(pattern, parts=parts, requests=_unlimited(self._plan, parts, pattern.requests))
        return run_pattern(self._plan, pattern, parameters, self._reader)

    def _split(self, number: int, answer: Answer) -> Ordered:
        """The statement's own columns, and the values that it orders by."""
        part, telling = self._pattern.parts[number], self._telling.parts[number]
        places = [order_place(telling, term) or 0 for term in range(len(telling.select.order))]
        collations = [self._collation(telling, place) for place in places]
        own = len(part.select.outputs)
        keys: list[OrderKey] = [
            tuple(hashable(row[place], collation) for place, collation in zip(places, collations, strict=True))
            for row in answer.rows
        ]
        return Ordered(tuple(row[:own] for row in answer.rows), tuple(keys) if places else ())

    def _expected(self, part: Part, parameters: Mapping[str, RowValue]) -> list[Row]:
        source = self._whole if self._plan.entity(part.entity).kind in ("aggregate", "copy") else self._source
        try:
            _, rows = source.run(part.sql, parameters)
        except MigrateError as error:
            raise MigrateError(f"query {self._pattern.name}: {error.what}", error.next_step) from error
        kinds = [self._output_kind(part, place) for place in range(len(part.select.outputs))]
        return [tuple(_plain(kind, value) for kind, value in zip(kinds, row, strict=True)) for row in rows]

    def _output_kind(self, part: Part, place: int) -> Kind:
        output = part.select.outputs[place]
        if output.field is None or output.function in ("count", "sum", "avg"):
            return Kind.UNKNOWN
        return self._attribute(part, output.field).kind

    def _collation(self, part: Part, place: int) -> str | None:
        field = part.select.outputs[place].field
        return self._attribute(part, field).collation if field else None

    def _attribute(self, part: Part, field: Field) -> Attribute:
        entity = self._plan.entities_of(part.select.table(field.alias))[0]
        return next(a for a in entity.attributes if a.copied_from is None and a.column == field.column)


def _telling(pattern: PlannedPattern) -> PlannedPattern:
    """The pattern with the columns that its statements order by among their outputs, so that ties are seen."""
    return replace(pattern, parts=tuple(map(_telling_part, pattern.parts)))


def _telling_part(part: Part) -> Part:
    hidden = [term.field for n, term in enumerate(part.select.order) if order_place(part, n) is None]
    added = tuple(Output(f"order {n}", field) for n, field in enumerate(hidden))
    return replace(part, select=replace(part.select, outputs=(*part.select.outputs, *added)))


def _longer(part: Part, parameters: Mapping[str, RowValue], more: int) -> Part:
    """The part without its OFFSET, and with a LIMIT that reaches further."""
    limit = number_of(part.select.limit, parameters)
    if limit is None:
        return replace(part, select=replace(part.select, limit=None, offset=None))
    reach = limit + (number_of(part.select.offset, parameters) or 0) + more
    return replace(part, select=replace(part.select, limit=Literal(reach), offset=None))


def _unlimited(plan: Plan, parts: tuple[Part, ...], requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """The requests with the limits of their parts, where they have any."""
    limits = {number: part.select.limit for part in parts for number in choosing(plan, requests, part)}
    return tuple(
        replace(request, limit=str(limit.value)) if request.limit and isinstance(limit, Literal) else request
        for request, limit in ((request, limits.get(number)) for number, request in enumerate(requests))
    )


def _plain(kind: Kind, value: RowValue) -> Any:
    try:
        return from_wire(to_wire(kind, value))
    except Unstorable:
        return value
