"""Captures of a few statements against the small shop."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.render.personal import is_personal
from migrator.workload.capture import Capture, Captured, CapturedQuery, Measured
from migrator.workload.logs import read_log
from migrator.workload.seen import Seen, Unread

from tests.workload.shop import shop


def captured(statements: Iterable[str | Seen | Unread], dialect: str = "sqlite", seconds: float = 10) -> Captured:
    capture = Capture(shop(dialect), is_personal)
    capture.take(Seen(one, f"app.log:{n}") if isinstance(one, str) else one for n, one in enumerate(statements, 1))
    return capture.captured(Measured(seconds))


def only(statements: Iterable[str | Seen | Unread], dialect: str = "sqlite") -> CapturedQuery:
    """The one query that the statements are calls of."""
    result = captured(statements, dialect)
    assert result.unread == ()
    (query,) = result.queries
    return query


def of_log(text: str, kind: str, dialect: str) -> tuple[Capture, Captured]:
    capture = Capture(shop(dialect), is_personal)
    capture.take(read_log(text.splitlines(keepends=True), kind, "app.log"))
    return capture, capture.captured(capture.measured() or Measured(1))
