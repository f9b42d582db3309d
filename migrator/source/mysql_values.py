"""MySQL's and MariaDB's values as they can be kept: what PyMySQL gives as it comes, dates of no calendar by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.model.unit import OutOfCalendar

_CALENDAR = ("DATE", "DATETIME", "TIMESTAMP", "NEWDATE")


def decoders() -> dict[Any, Any]:
    """PyMySQL's conversions, with one more rule: a date that it gives back as text, for want of a day or a month
    ('0000-00-00', '2024-02-00'), is OutOfCalendar."""
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import conversions

    found: dict[Any, Any] = dict(conversions)
    for name in _CALENDAR:
        kind = getattr(FIELD_TYPE, name)
        if kind in found:
            found[kind] = _named(found[kind])
    return found


def _named(usual: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        value = usual(given)
        return OutOfCalendar(value) if isinstance(value, str) else value

    return read
