"""A trace of JSON, one record a line: an application's own, or spans of OpenTelemetry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from migrator.workload.log_times import seconds_of, seconds_of_number
from migrator.workload.seen import Seen, Unread

SQL = ("sql", "statement", "query", "db.statement", "db.query.text")
VALUES = ("params", "parameters", "values", "bindings", "db.query.parameters")
TIME = ("time", "timestamp", "ts", "@timestamp", "at", "start_time", "startTime", "startTimeUnixNano")
CALLS = ("count", "calls")
ROWS = ("rows", "row_count", "db.response.returned_rows")
SESSION = ("session", "session_id", "connection", "thread", "pid", "trace_id", "traceId")
"""The accepted names of each field, in the order in which they are looked for."""

_OTHER = "it is not a JSON object with the statement under one of " + ", ".join(SQL)


def is_json_trace(lines: Iterable[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    return first.lstrip().startswith("{")


def read_json_trace(lines: Iterable[str], name: str) -> Iterator[Seen | Unread]:
    """Each record that holds a statement. A span of OpenTelemetry that is none of a database is passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            record = json.loads(line)
        except ValueError:
            yield Unread(where, "it is not JSON")
            continue
        fields = _fields(record) if isinstance(record, dict) else {}
        sql = _first(fields, SQL)
        if isinstance(sql, str) and sql.strip():
            yield from _seen(sql, fields, where)
        elif not _is_other_span(fields):
            yield Unread(where, _OTHER)


def _seen(sql: str, fields: Mapping[str, Any], where: str) -> Iterator[Seen | Unread]:
    calls = _first(fields, CALLS)
    if calls is not None and (not isinstance(calls, int) or isinstance(calls, bool) or calls < 0):
        yield Unread(where, "its count is no whole number")
        return
    values, rows, session = _first(fields, VALUES), _first(fields, ROWS), _first(fields, SESSION)
    yield Seen(
        sql,
        where,
        _time(_first(fields, TIME)),
        1 if calls is None else calls,
        tuple(map(repr, values)) if isinstance(values, list) else None,
        str(session) if session is not None else "",
        rows if isinstance(rows, int) else None,
    )


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record's fields, and those of its attributes in either form of OpenTelemetry."""
    attributes = record.get("attributes")
    if isinstance(attributes, dict):
        return {**attributes, **record}
    if isinstance(attributes, list):
        pairs = (item for item in attributes if isinstance(item, dict) and isinstance(item.get("value"), dict))
        return {**{str(item.get("key")): next(iter(item["value"].values()), None) for item in pairs}, **record}
    return dict(record)


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _time(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return seconds_of_number(value)
    text = str(value)
    return seconds_of_number(float(text)) if text.replace(".", "", 1).isdecimal() else seconds_of(text)


def _is_other_span(fields: Mapping[str, Any]) -> bool:
    return any(name in fields for name in ("traceId", "trace_id", "spanId", "span_id"))
