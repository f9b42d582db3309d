"""The log of a SQLAlchemy engine with `echo=True`: statements of several lines, then how they were made and their
values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrator.workload.bound_values import values_of
from migrator.workload.log_times import seconds_of
from migrator.workload.seen import Seen, Unread

_ENGINE = re.compile(r"sqlalchemy\.engine\.\w+(?:\.[\w.]+)?")
_RECORD = re.compile(r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\[?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)")
_MADE = re.compile(
    r"\[(?:generated in|cached since|no key|raw sql|caching disabled|dialect [^\]]*caching)[^\]]*\]\s*(?P<values>.*)\Z",
    re.DOTALL,
)
_SEPARATORS = " :-]|\t"
_NOISE = re.compile(r"\[[\w ]+\]\s*\Z|(?:Col|Row) \(")


def is_sqlalchemy_log(lines: Iterable[str]) -> bool:
    return any(_ENGINE.search(line) for line in lines)


def read_sqlalchemy_log(lines: Iterable[str], name: str) -> Iterator[Seen | Unread]:
    """Each execution. A statement counts once for each line of values below it."""
    pending: tuple[int, str, float | None, str] | None = None
    for number, message, at, session in _messages(lines):
        if match := _MADE.match(message):
            if pending is None:
                yield Unread(f"{name}:{number}", "values without a statement above them")
                continue
            line, sql, begun, where = pending
            values, calls = values_of(match["values"])
            yield Seen(sql, f"{name}:{line}", begun if begun is not None else at, calls, values, where)
            pending = None
        elif not _NOISE.match(message):
            if pending is not None:
                yield _without_values(pending, name)
            pending = (number, message, at, session)
    if pending is not None:
        yield _without_values(pending, name)


def _without_values(pending: tuple[int, str, float | None, str], name: str) -> Seen:
    line, sql, at, session = pending
    return Seen(sql.split(" (", 1)[0] if _is_control(sql) else sql, f"{name}:{line}", at, session=session)


def _is_control(sql: str) -> bool:
    return sql.split(" ", 1)[0] in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def _messages(lines: Iterable[str]) -> Iterator[tuple[int, str, float | None, str]]:
    """(line, message, time, session) of the engine's records, whose further lines carry no head."""
    begun: tuple[int, float | None, str] | None = None
    text: list[str] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        match = _ENGINE.search(line) if _RECORD.search(line) else None
        if match is None and not _RECORD.match(line):
            text.append(line)
            continue
        if begun is not None:
            yield begun[0], "\n".join(text).strip(), begun[1], begun[2]
        begun = (number, _time(line), _session(line[: match.start()])) if match is not None else None
        text = [line[match.end() :].lstrip(_SEPARATORS)] if match is not None else []
    if begun is not None:
        yield begun[0], "\n".join(text).strip(), begun[1], begun[2]


def _time(line: str) -> float | None:
    match = re.search(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*", line)
    return seconds_of(match.group()) if match else None


def _session(head: str) -> str:
    """What the record's head says of thread or process, where its format shows one."""
    match = re.search(r"\b(?:Thread-\d+|MainThread|AnyIO worker thread|(?:pid|process|thread)[=: ]?\d+)", head)
    return match.group() if match else ""
