"""Which statements follow which, in the order of time: a list and then a statement for each of its rows (N+1), or one
statement for all of them (an eager load)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migrator.model.schema import Schema, Table
from migrator.workload.meeting import Facts

_RUN = 3
"""So many calls in a row, for one list, are a loop over its rows."""
_SHARE = 0.5
"""A loop is reported when so much of a statement's calls are made by it."""
_LIKENESS = 0.05
"""So near must the calls of one statement come to the rows of another to be taken for a loop by numbers alone."""


@dataclass(frozen=True, slots=True)
class Loop:
    """`inner` is asked for the rows of `outer` (both keys of shapes). `kind`: n+1 or eager. `to_children`: whether the
    inner rows refer to the outer ones, and not the other way. `times`: inner calls for one outer call, on average.
    `certain`: seen in the order of time, and not only by equal numbers."""

    outer: str
    inner: str
    kind: str
    to_children: bool
    times: float
    certain: bool = True


@dataclass(slots=True)
class _Window:
    outer: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Following:
    """Takes the keys of statements as they come, one session beside the other."""

    schema: Schema
    facts: Mapping[str, Facts]
    windows: dict[str, _Window] = field(default_factory=dict)
    runs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def take(self, key: str, session: str) -> None:
        window = self.windows.get(session)
        if (
            window is not None
            and window.outer != key
            and relation(self.facts[window.outer], self.facts[key], self.schema)
        ):
            window.counts[key] = window.counts.get(key, 0) + 1
            return
        self._close(session)
        if self.facts[key].verb == "select":
            self.windows[session] = _Window(key)

    def loops(self, calls: Mapping[str, int]) -> tuple[Loop, ...]:
        """What was seen often enough to be named, `calls` being all calls of each shape."""
        for session in tuple(self.windows):
            self._close(session)
        best: dict[str, Loop] = {}
        for (outer, inner), (times, inner_calls) in sorted(self.runs.items()):
            eager = is_list(self.facts[inner])
            if inner_calls < _SHARE * calls[inner] or times < 2:
                continue
            linked = relation(self.facts[outer], self.facts[inner], self.schema)
            loop = Loop(outer, inner, "eager" if eager else "n+1", linked == "children", inner_calls / times)
            best.setdefault(inner, loop)
        return tuple(best.values())

    def _close(self, session: str) -> None:
        window = self.windows.pop(session, None)
        if window is None:
            return
        for inner, count in window.counts.items():
            if count >= _RUN or is_list(self.facts[inner]):
                times, calls = self.runs.get((window.outer, inner), (0, 0))
                self.runs[window.outer, inner] = times + 1, calls + count


def loops_by_numbers(
    facts: Mapping[str, Facts], calls: Mapping[str, int], rows: Mapping[str, int], schema: Schema
) -> tuple[Loop, ...]:
    """Loops that counters alone suggest: a statement by key is called as often as another one gave rows."""
    return tuple(_by_numbers(facts, calls, rows, schema))


def _by_numbers(
    facts: Mapping[str, Facts], calls: Mapping[str, int], rows: Mapping[str, int], schema: Schema
) -> Iterator[Loop]:
    for inner in sorted(facts):
        for outer in sorted(rows):
            linked = relation(facts[outer], facts[inner], schema)
            if outer == inner or linked is None or is_list(facts[inner]) or rows[outer] < _RUN * calls[outer]:
                continue
            if facts[outer].verb == "select" and abs(calls[inner] - rows[outer]) <= _LIKENESS * rows[outer]:
                yield Loop(outer, inner, "n+1", linked == "children", calls[inner] / calls[outer], certain=False)
                break


def is_list(facts: Facts) -> bool:
    return len(facts.conditions) == 1 and facts.conditions[0].role == "list"


def relation(outer: Facts, inner: Facts, schema: Schema) -> str | None:
    """How the inner statement's only condition leads from the outer one's rows to its own: to their `children` or
    their `parent`; None when it does not."""
    if inner.verb != "select" or outer.verb != "select" or not inner.tables or len(inner.conditions) != 1:
        return None
    (asked,) = inner.conditions
    if asked.role not in ("", "list") or not schema.has_table(inner.tables[0]):
        return None
    table, column = schema.table(inner.tables[0]), asked.column.lower()
    if _refers(table, column, outer.tables):
        return "children"
    is_key = [name.lower() for name in table.primary_key] == [column]
    return "parent" if is_key and _referred(table, outer, schema) else None


def _refers(table: Table, column: str, referred: tuple[str, ...]) -> bool:
    keys = table.foreign_keys
    return any([name.lower() for name in key.columns] == [column] and key.referred_table in referred for key in keys)


def _referred(table: Table, outer: Facts, schema: Schema) -> bool:
    referring = (schema.table(name) for name in outer.tables if schema.has_table(name) and name != table.name)
    return any(key.referred_table == table.name for other in referring for key in other.foreign_keys)
