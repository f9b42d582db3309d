"""The general log and the slow log of MySQL and MariaDB."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

from migrator.workload.log_times import seconds_of
from migrator.workload.seen import Seen, Unread

_COMMAND = (
    r"Query|Execute|Prepare|Connect|Quit|Init DB|Close stmt|Reset stmt|Statistics|Ping|Field List|Refresh|Processlist|"
    r"Kill|Change user|Binlog Dump|Long Data|Fetch|Set option|Debug|Sleep|Shutdown|Daemon|Error|"
    r"Register Slave|Bulk execute"
)
_GENERAL = re.compile(
    rf"(?P<time>\d{{6}}\s+\d{{1,2}}:\d\d:\d\d|\d{{4}}-\d\d-\d\dT\S+)?\s*(?P<id>\d+) (?P<command>{_COMMAND})(?:\s+|\Z)"
)
_SLOW_HEAD = re.compile(r"# (?:Time:|User@Host:|Query_time:)")
_ID = re.compile(r"(?:\bId:|Thread_id:)\s*(\d+)")
_TIME = re.compile(r"# Time: (.+)")
_ROWS = re.compile(r"Rows_sent: (\d+)")
_AFFECTED = re.compile(r"Rows_affected: (\d+)")
_STAMP = re.compile(r"\s*SET timestamp=(\d+)(?:\.\d+)?;\s*\Z", re.IGNORECASE)
_USE = re.compile(r"\s*use \S+;\s*\Z", re.IGNORECASE)
_EXECUTIONS = ("Query", "Execute")


def is_mysql_general_log(lines: Iterable[str]) -> bool:
    return any(
        match["command"] in ("Query", "Execute", "Connect", "Prepare") for match in map(_GENERAL.match, lines) if match
    )


def is_mysql_slow_log(lines: Iterable[str]) -> bool:
    return any(_SLOW_HEAD.match(line) for line in lines)


def read_mysql_general_log(lines: Iterable[str], name: str) -> Iterator[Seen | Unread]:
    """Each execution; where MariaDB leaves the time out, it is that of the line above."""
    at: float | None = None
    begun: tuple[int, float | None, str, str] | None = None
    text: list[str] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        match = _GENERAL.match(line)
        if match is None:
            text.append(line)
            continue
        yield from _executed(begun, text, name)
        at = seconds_of(match["time"]) if match["time"] else at
        begun, text = (number, at, match["id"], match["command"]), [line[match.end() :]]
    yield from _executed(begun, text, name)


def _executed(begun: tuple[int, float | None, str, str] | None, text: list[str], name: str) -> Iterator[Seen]:
    if begun is not None and begun[3] in _EXECUTIONS:
        line, at, session, _ = begun
        kept = [part for part in text if not part.startswith(("Tcp port:", "Time  ")) and "Version: " not in part]
        yield Seen("\n".join(kept).strip(), f"{name}:{line}", at, session=session)


def read_mysql_slow_log(lines: Iterable[str], name: str) -> Iterator[Seen | Unread]:
    """Each statement that the log kept: those that took longer than `long_query_time`."""
    head: list[str] = []
    body: list[tuple[int, str]] = []
    last: float | None = None
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if line.startswith("# ") or line == "#":
            if body:
                last = yield from _slow(head, body, name, last)
                head, body = [], []
            head.append(line)
        elif head and not _is_banner(line):
            body.append((number, line))
    yield from _slow(head, body, name, last)


def _is_banner(line: str) -> bool:
    """What a server that starts writes into its log."""
    return "started with:" in line or line.startswith(("Tcp port:", "Time  "))


def _slow(
    head: list[str], body: list[tuple[int, str]], name: str, last: float | None
) -> Generator[Seen, None, float | None]:
    told = "\n".join(head)
    at = last
    if match := _TIME.search(told):
        at = seconds_of(match[1].strip())
    kept: list[tuple[int, str]] = []
    for number, line in body:
        if stamp := _STAMP.match(line):
            at = at if at is not None else float(stamp[1])
        elif line.strip() and not _USE.match(line):
            kept.append((number, line))
    if kept:
        session, rows = _ID.search(told), _AFFECTED.search(told) or _ROWS.search(told)
        affected = int(rows[1]) if rows else None
        sent = _ROWS.search(told)
        given = max(affected or 0, int(sent[1]) if sent else 0) if rows else None
        text = "\n".join(line for _, line in kept)
        yield Seen(text, f"{name}:{kept[0][0]}", at, session=session[1] if session else "", rows=given)
    return at
