"""PostgreSQL's log, as lines of text, as CSV or as JSON: `log_statement = 'all'`, or `log_min_duration_statement`."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator

from migrator.workload.log_times import seconds_of
from migrator.workload.seen import Seen, Unread

_LEVEL = re.compile(r"\b(?P<level>LOG|STATEMENT|DETAIL|ERROR|HINT|CONTEXT|WARNING|NOTICE|FATAL|DEBUG\d?|PANIC|INFO):  ")
_SQL = re.compile(
    r"(?:duration: [\d.]+ ms  )?(?P<how>statement|execute (?:fetch from )?[^:]*|parse [^:]*|bind [^:]*): (?P<sql>.*)\Z",
    re.DOTALL,
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?")
_SESSION = re.compile(r"\[(?P<pid>\d+)(?:-\d+)?\]|\b(?P<id>[0-9a-f]{8}\.[0-9a-f]+)\b")
_CSV_TIME, _CSV_PID, _CSV_LEVEL, _CSV_MESSAGE = 0, 3, 11, 13

Record = tuple[int, float | None, str, str, str]
"""Line, time, session, level, message."""


def is_postgresql_log(lines: Iterable[str]) -> bool:
    return any(_is_log_line(line) for line in lines)


def _is_log_line(line: str) -> bool:
    match = _LEVEL.search(line)
    return bool(match and match["level"] == "LOG") or ",LOG," in line or '"error_severity":"LOG"' in line


def read_postgresql_log(lines: Iterable[str], name: str) -> Iterator[Seen | Unread]:
    """Each execution. The steps of the extended protocol before it (parse, bind) are no executions."""
    for number, at, session, level, message in _records(iter(lines)):
        match = _SQL.match(message) if level == "LOG" else None
        if match is None or match["how"].startswith(("parse", "bind")):
            continue
        if "fetch from" not in match["how"]:
            yield Seen(match["sql"].strip(), f"{name}:{number}", at, session=session)


def _records(lines: Iterator[str]) -> Iterator[Record]:
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return
    if first.lstrip().startswith("{"):
        yield from _json_records(first, lines)
    elif re.match(r'\d{4}-\d\d-\d\d [\d:.]+ [\w+-]+,("|,)', first):
        yield from _csv_records(first, lines)
    else:
        yield from _text_records(first, lines)


def _text_records(first: str, lines: Iterator[str]) -> Iterator[Record]:
    """Lines that begin with a tab go on with the message above."""
    begun: tuple[int, float | None, str, str] | None = None
    text: list[str] = []
    for number, raw in enumerate(_chained(first, lines), start=1):
        line = raw.rstrip("\r\n")
        match = None if line.startswith("\t") else _LEVEL.search(line)
        if match is None:
            text.append(line.removeprefix("\t"))
            continue
        if begun is not None:
            yield (*begun, "\n".join(text))
        head = line[: match.start()]
        begun = (number, _time(head), _session(head), match["level"])
        text = [line[match.end() :]]
    if begun is not None:
        yield (*begun, "\n".join(text))


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _time(head: str) -> float | None:
    match = _TIME.search(head)
    return seconds_of(match.group()) if match else None


def _session(head: str) -> str:
    match = _SESSION.search(head)
    return (match["pid"] or match["id"]) if match else ""


def _csv_records(first: str, lines: Iterator[str]) -> Iterator[Record]:
    reader = csv.reader(_chained(first, lines))
    before = 0
    for row in reader:
        if len(row) > _CSV_MESSAGE:
            yield before + 1, seconds_of(row[_CSV_TIME]), row[_CSV_PID], row[_CSV_LEVEL], row[_CSV_MESSAGE]
        before = reader.line_num


def _json_records(first: str, lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(_chained(first, lines), start=1):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            told = {key: str(record.get(key, "")) for key in ("timestamp", "pid", "error_severity", "message")}
            yield number, seconds_of(told["timestamp"]), told["pid"], told["error_severity"], told["message"]
