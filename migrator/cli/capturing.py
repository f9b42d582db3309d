"""`migrate workload`: the queries that were really asked, as a queries file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from migrator.cli.columns import aligned
from migrator.cli.console import Console, one_line
from migrator.cli.faults import DONE, LOOK
from migrator.cli.folder import prepared, write_files
from migrator.cli.settings import read_config
from migrator.cli.sources import check_overrides, find_source, leave_out
from migrator.model.errors import MigrateError, UsageError
from migrator.model.schema import Schema
from migrator.render.personal import is_personal
from migrator.source.open import Source, open_source
from migrator.source.reflect import reflect
from migrator.source.runnable import why_not_runnable
from migrator.source.statement_counts import count_statements
from migrator.workload.capture import Capture, Captured, Measured
from migrator.workload.capture_file import capture_file, not_read, period, rate_text
from migrator.workload.logs import KINDS, SAMPLE, log_kind, read_log

_SHORT = 60.0
_PERIOD = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d)?\Z")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """What the command line says. `watch`: seconds for which a server's counters are watched. `period`: how long
    was measured, where the logs or counters do not tell."""

    source: str | None = None
    logs: tuple[Path, ...] = ()
    kind: str | None = None
    out: Path = Path("queries.sql")
    force: bool = False
    watch: float | None = None
    period: str | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A capture in its file. `warnings`: why its rates may not be what they seem."""

    file: Path
    captured: Captured
    origin: str
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return LOOK if self.captured.unread else DONE


def capture_workload(options: CaptureOptions, console: Console) -> Written:
    """Reads, groups and writes; nothing is written unless all of it is. UsageError when the file is there."""
    given = _check(options)
    config = read_config(options.config, os.environ)
    location = find_source(options.source, config.cli, None)
    with prepared(options.out.parent), open_source(location) as source:
        whole = reflect(source)
        check_overrides(whole, config.settings, str(config.cli.file))
        schema, _ = leave_out(whole, config.settings)
        captured, origin, warnings = _capture(options, source, schema, given, console)
        write_files(options.out.parent, {options.out.name: capture_file(captured, origin).encode()})
    return Written(options.out, captured, origin, warnings)


def _check(options: CaptureOptions) -> float | None:
    """The seconds of --period. UsageError before any work for options that do not go together."""
    if options.out.exists() and not options.force:
        raise UsageError(f"{options.out} would be overwritten", "keep it, name another file with --out, or say --force")
    if options.logs and options.watch is not None:
        raise UsageError("--watch watches a server's counters, and --log names a file", "say one of them")
    if options.kind is not None and not options.logs:
        raise UsageError("--format says what a log is, and no --log is named", "name the log with --log")
    if options.kind is not None and options.kind not in KINDS:
        raise UsageError(f"{options.kind} is no kind of log that can be read", f"say one of {', '.join(KINDS)}")
    for log in options.logs:
        if not log.is_file():
            raise UsageError(f"there is no log {log}", "name a file with --log")
    return _seconds(options.period) if options.period is not None else None


def _seconds(text: str) -> float:
    match = _PERIOD.match(text.strip())
    seconds = float(match[1]) * _UNITS[match[2] or "s"] if match else 0.0
    if seconds <= 0:
        raise UsageError(f"{text!r} is no period", "write a number of seconds, or 90s, 15min, 2h, 7d")
    return seconds


def _capture(
    options: CaptureOptions, source: Source, schema: Schema, given: float | None, console: Console
) -> tuple[Captured, str, tuple[str, ...]]:
    capture = Capture(schema, is_personal, partial(why_not_runnable, source))
    warnings: tuple[str, ...] = ()
    if options.logs:
        origin = ", ".join(log.name for log in options.logs)
        warnings = tuple(warning for log in options.logs for warning in _take_log(log, options.kind, capture, console))
        measured = Measured(given) if given is not None else capture.measured()
    else:
        console.say(f"reading the statement counters of {source.location.display}")
        counts = count_statements(source, options.watch)
        capture.take(counts.seen)
        origin, warnings = counts.place, counts.warnings
        seconds = given if given is not None else counts.seconds
        measured = Measured(seconds) if seconds else None
    captured = _demand_something(capture, measured, origin)
    return captured, origin, (*warnings, *_short(captured))


def _demand_something(capture: Capture, measured: Measured | None, origin: str) -> Captured:
    if measured is None and capture.tallies:
        raise UsageError(
            f"{origin} does not tell how long it was measured", "say it with --period, such as --period 2h"
        )
    captured = capture.captured(measured or Measured(1.0))
    if captured.queries:
        return captured
    lost = "".join(f"\n  {one_line(not_read(one))}" for one in captured.unread[:10])
    apart = sum(calls for _, calls in captured.left_out)
    raise MigrateError(
        f"no statement of the application was found in {origin}: {apart} calls were not its own, "
        f"{len(captured.unread)} statements could not be read{lost}",
        "check that the source named is the database of the application that was measured",
    )


def _take_log(log: Path, kind: str | None, capture: Capture, console: Console) -> Iterator[str]:
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            found = kind or log_kind(list(islice(lines, SAMPLE)), str(log))
        console.say(f"reading {log} as {found}")
        with log.open(encoding="utf-8", errors="replace") as lines:
            capture.take(read_log(lines, found, log.name))
    except OSError as error:
        raise MigrateError(f"{log} cannot be read: {error.strerror}", "give this user read access to it") from None
    if found == "mysql-slow":
        yield f"{log.name} holds the statements that took longer than long_query_time: rates count these alone"


def _short(captured: Captured) -> Iterator[str]:
    if captured.measured.seconds < _SHORT:
        yield f"{period(captured.measured)} were measured: rates of so short a time are rough"


def captured_text(written: Written) -> str:
    """What a person reads."""
    captured = written.captured
    rows = [("query", "calls", "rate/s", "peak/s")]
    rows += [
        (one_line(q.name), str(q.calls), rate_text(q.rate), rate_text(q.peak) if q.peak else "-")
        for q in sorted(captured.queries, key=lambda q: (-q.rate, q.name))
    ]
    parts = [
        f"measured over {period(captured.measured)} by {written.origin}",
        aligned(rows, right=(1, 2, 3)),
        *_notes(captured),
        *(f"left out: {why}, {calls} calls" for why, calls in captured.left_out),
        *(f"warning: {warning}" for warning in written.warnings),
        *(f"not read: {one_line(not_read(one))}" for one in captured.unread),
        f"wrote {written.file}: {len(captured.queries)} queries",
        f"next: read {written.file}, then `migrate plan --queries {written.file}`",
    ]
    return "\n".join(parts)


def _notes(captured: Captured) -> Iterator[str]:
    for query in captured.queries:
        yield from (f"{one_line(query.name)}: {note}" for note in query.notes)


def captured_json(written: Written) -> Mapping[str, Any]:
    """What a script reads."""
    captured = written.captured
    return {
        "file": str(written.file),
        "origin": written.origin,
        "seconds": captured.measured.seconds,
        "queries": [
            {
                "name": q.name,
                "verb": q.verb,
                "calls": q.calls,
                "rate": q.rate,
                "peak": q.peak,
                "sql": q.sql,
                "notes": [*q.notes],
            }
            for q in captured.queries
        ],
        "left_out": [{"why": why, "calls": calls} for why, calls in captured.left_out],
        "unread": [
            {"where": one.where, "reason": one.reason, "calls": one.calls, "text": one.text} for one in captured.unread
        ],
        "warnings": [*written.warnings],
    }
