"""A capture as a queries file that `migrate plan` reads as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from migrator.workload.capture import Captured, CapturedQuery, Measured
from migrator.workload.log_times import iso
from migrator.workload.seen import Unread

_WIDTH = 112
_DIGITS = 4


def capture_file(captured: Captured, origin: str) -> str:
    """The file's text. `origin`: what the capture was made from, for its head."""
    parts = [_head(captured, origin), *map(_block, captured.queries)]
    if captured.unread:
        parts.append(_not_read(captured.unread))
    return "\n".join(parts)


def period(measured: Measured) -> str:
    """`2 h 5 min (2026-11-24 10:00:00 to 2026-11-24 12:05:00)`."""
    text = _duration(measured.seconds)
    if measured.since is None or measured.until is None:
        return text
    return f"{text} ({iso(measured.since)} to {iso(measured.until)})"


def rate_text(rate: float) -> str:
    """Requests a second with four digits that count, as the annotations take them."""
    return f"{rate:.{_DIGITS}g}" if rate >= 0.001 else f"{rate * 86_400:.{_DIGITS}g}/day"


def not_read(unread: Unread) -> str:
    """`app.log:12: reason (3 calls): SELECT ...`."""
    calls = f"{unread.calls} call{'s' if unread.calls != 1 else ''}"
    text = f"{unread.where}: {unread.reason} ({calls})" + (f": {unread.text}" if unread.text else "")
    return " ".join(text.split())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    told = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(told)


def _head(captured: Captured, origin: str) -> str:
    left_out = sum(calls for _, calls in captured.left_out)
    return "".join(
        f"-- {line}\n"
        for line in (
            f"The queries of the application, as {' '.join(origin.split())} saw them.",
            f"Measured over {period(captured.measured)}. {captured.calls} calls of {len(captured.queries)} shapes;",
            f"{left_out} calls were not the application's own.",
            "Rates are averages over that time, peaks its busiest second; without a peak `migrate plan` assumes one.",
            "Read names, rates and notes, and edit them: the design serves what stands here, and nothing else.",
        )
    )


def _block(query: CapturedQuery) -> str:
    lines = [f"-- name: {query.name}", f"-- rate: {rate_text(query.rate)}"]
    if query.peak is not None:
        lines.append(f"-- peak: {rate_text(max(query.peak, float(f'{query.rate:.{_DIGITS}g}')))}")
    for note in query.notes:
        lines += [f"-- {line}" for line in _wrapped(f"note: {note}.")]
    return "\n".join([*lines, f"{query.sql};\n"])


def _wrapped(note: str) -> Iterator[str]:
    first, *others = textwrap.wrap(note, _WIDTH)
    yield first
    yield from (f"  {line}" for line in others)


def _not_read(unread: tuple[Unread, ...]) -> str:
    lines = ["Not read, and so not served:", *(f"  * {not_read(one)}" for one in unread)]
    return "".join(f"-- {line}\n" for line in lines)
