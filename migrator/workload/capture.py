"""A capture: everything that was seen, grouped by shape, with rates, notes and what had to be left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from migrator.model.errors import UsageError
from migrator.model.schema import Schema
from migrator.workload.aliases import starred, without_aliases
from migrator.workload.constants import Hides
from migrator.workload.dialects import parser_dialect
from migrator.workload.following import Following, Loop, loops_by_numbers
from migrator.workload.meeting import Facts, facts_of
from migrator.workload.mistakes import Mistake, Refused
from migrator.workload.notes import notes_of
from migrator.workload.parameters import written
from migrator.workload.read import read_workload
from migrator.workload.scan import Token, scan
from migrator.workload.seen import Seen, Unread
from migrator.workload.shapes import Shape, printed, shape_of
from migrator.workload.sorting_out import not_the_applications
from migrator.workload.tallying import Tally
from migrator.workload.titles import distinct_titles, title

_REMEMBERED = 8192
_SHOWN = 200

_Apart = tuple[str | None, Shape | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """The time that was measured: seconds, and its ends in seconds since 1970 where the source tells them."""

    seconds: float
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class CapturedQuery:
    """`rate`: calls a second on average; `peak`: in the busiest second, None where the source has no times."""

    name: str
    sql: str
    verb: str
    calls: int
    rate: float
    peak: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Captured:
    """`left_out`: (why, calls) of what is not the application's. `unread`: what could not be read, by shape."""

    measured: Measured
    queries: tuple[CapturedQuery, ...]
    left_out: tuple[tuple[str, int], ...]
    unread: tuple[Unread, ...]
    loops: tuple[Loop, ...] = ()

    @property
    def calls(self) -> int:
        return sum(query.calls for query in self.queries)


@dataclass(slots=True)
class Capture:
    """Takes statements one by one. `hides`: tells by a column's name whether its values may never be written;
    `why_not`: what the source has against a statement, None when it would run there."""

    schema: Schema
    hides: Hides
    why_not: Callable[[str], str | None] = lambda _: None
    tallies: dict[str, Tally] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    unread: dict[tuple[str, str], Unread] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None
    following: Following = field(init=False)
    apart: Callable[[str], list[_Apart]] = field(init=False)

    def __post_init__(self) -> None:
        self.following = Following(self.schema, self.facts)
        self.apart = lru_cache(maxsize=_REMEMBERED)(self._apart)

    def take(self, seen: Iterable[Seen | Unread]) -> None:
        for one in seen:
            if isinstance(one, Unread):
                self._lose(one)
            else:
                self._take(one)

    def measured(self) -> Measured | None:
        """The time from the first to the last statement of logs; None when they tell no two times."""
        if self.first is None or self.last is None or self.last <= self.first:
            return None
        return Measured(self.last - self.first, self.first, self.last)

    def captured(self, measured: Measured) -> Captured:
        """Everything, at the rates of that time. The same calls in the same order give the same result."""
        calls = {key: tally.calls for key, tally in self.tallies.items()}
        given = {key: tally.given for key, tally in self.tallies.items() if tally.given is not None}
        loops = self.following.loops(calls) or loops_by_numbers(self.facts, calls, given, self.schema)
        names = distinct_titles({key: title(self.facts[key]) for key in self.tallies})
        queries = [query for key in self.tallies if (query := self._query(key, names, loops, measured)) is not None]
        return Captured(
            measured,
            tuple(sorted(queries, key=lambda query: query.name)),
            tuple(sorted(self.left_out.items())),
            tuple(sorted(self.unread.values(), key=lambda one: (one.where, one.reason, one.text))),
            loops,
        )

    def _query(
        self, key: str, names: dict[str, str], loops: Sequence[Loop], measured: Measured
    ) -> CapturedQuery | None:
        tally = self.tallies[key]
        sql = written(tally, self.schema, self.hides)
        if reason := self._fault(names[key], sql):
            self._lose(Unread(tally.where, reason, tally.calls, _shown(tally.shape)))
            return None
        rate = tally.calls / measured.seconds
        peak = float(tally.busiest.most) if tally.busiest.most else None
        notes = notes_of(key, tally, names, loops, self.facts)
        return CapturedQuery(names[key], sql, tally.facts.verb, tally.calls, rate, peak, notes)

    def _fault(self, name: str, sql: str) -> str | None:
        """Why `migrate plan` would not take the statement; None when it does."""
        try:
            read_workload(f"-- name: {name}\n{sql};", self.schema, name)
        except UsageError as error:
            return error.what.split(": ", 1)[-1]
        return self.why_not(sql)

    def _take(self, seen: Seen) -> None:
        self._see_time(seen.at)
        try:
            statements = self.apart(seen.sql)
        except UsageError as error:
            self._lose(Unread(seen.where, error.what.split(": ", 1)[-1], seen.calls, _first_words(seen.sql)))
            return
        for why, shape in statements:
            if why is not None:
                self.left_out[why] += seen.calls
            if shape is not None:
                self._count(shape, seen)

    def _see_time(self, at: float | None) -> None:
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)

    def _apart(self, sql: str) -> list[_Apart]:
        """The statements of a text, each with why it is left out, or its shape."""
        dialect = parser_dialect(self.schema.dialect)
        found = []
        for tokens in _statements(list(scan(sql, dialect, "statement"))):
            why = not_the_applications(tokens)
            found.append((why, self._shape(tokens, dialect) if why is None else None))
        return found

    def _shape(self, tokens: tuple[Token, ...], dialect: str) -> Shape:
        shape = shape_of(tokens, dialect)
        pieces = tuple(without_aliases(shape.pieces))
        return Shape(" ".join(piece.folded for piece in pieces), pieces, shape.rows)

    def _count(self, shape: Shape, seen: Seen) -> None:
        tally = self.tallies.get(shape.key)
        if tally is None and (read := self._facts(shape, seen)) is not None:
            shape, facts = read
            tally = self.tallies.get(shape.key)
            if tally is None:
                tally = self.tallies[shape.key] = Tally(shape, facts, seen.where)
                self.facts[shape.key] = facts
        if tally is not None:
            tally.take(seen, shape)
            self.following.take(tally.shape.key, seen.session)

    def _facts(self, shape: Shape, seen: Seen) -> tuple[Shape, Facts] | None:
        dialect = parser_dialect(self.schema.dialect)
        try:
            facts = facts_of(shape.pieces, self.schema, dialect)
        except (Mistake, Refused) as problem:
            reason = problem.what if isinstance(problem, Mistake) else problem.refusal.reason
            self._lose(Unread(seen.where, reason.replace(":slot_", "value "), seen.calls, _shown(shape)))
            return None
        if not facts.whole:
            return shape, facts
        pieces = tuple(starred(shape.pieces))
        return Shape(" ".join(piece.folded for piece in pieces), pieces, shape.rows), facts

    def _lose(self, unread: Unread) -> None:
        key = unread.reason, unread.text or unread.where
        known = self.unread.get(key)
        calls = unread.calls + (known.calls if known else 0)
        self.unread[key] = Unread((known or unread).where, unread.reason, calls, unread.text)


def _statements(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """The texts between semicolons."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "symbol" and token.text == ";":
            found.append([])
        else:
            found[-1].append(token)
    return [tuple(part) for part in found if any(token.significant for token in part)]


def _shown(shape: Shape) -> str:
    text = " ".join(printed(shape.pieces).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _first_words(sql: str) -> str:
    """The first word: whatever follows may hold values."""
    return f"{(sql.split() or [''])[0][:20]} ..."
