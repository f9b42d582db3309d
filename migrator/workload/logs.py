"""The kinds of log that can be read, and which of them a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from migrator.model.errors import UsageError
from migrator.workload.json_trace import is_json_trace, read_json_trace
from migrator.workload.mysql_log import (
    is_mysql_general_log,
    is_mysql_slow_log,
    read_mysql_general_log,
    read_mysql_slow_log,
)
from migrator.workload.postgresql_log import is_postgresql_log, read_postgresql_log
from migrator.workload.seen import Seen, Unread
from migrator.workload.sqlalchemy_log import is_sqlalchemy_log, read_sqlalchemy_log

Reader = Callable[[Iterable[str], str], Iterator[Seen | Unread]]

SAMPLE = 500
"""Lines by which a file is recognised."""

_KINDS: dict[str, tuple[Callable[[Iterable[str]], bool], Reader]] = {
    "sqlalchemy": (is_sqlalchemy_log, read_sqlalchemy_log),
    "postgresql": (is_postgresql_log, read_postgresql_log),
    "json": (is_json_trace, read_json_trace),
    "mysql-slow": (is_mysql_slow_log, read_mysql_slow_log),
    "mysql-general": (is_mysql_general_log, read_mysql_general_log),
}
KINDS = tuple(_KINDS)


def log_kind(sample: Sequence[str], name: str) -> str:
    """The kind of a log by its first lines. UsageError when it is none that can be read."""
    for kind, (recognised, _) in _KINDS.items():
        if recognised(sample):
            return kind
    raise UsageError(
        f"{name} is no log that is known", f"say which one it is with --format: {', '.join(KINDS)}; or check the file"
    )


def read_log(lines: Iterable[str], kind: str, name: str) -> Iterator[Seen | Unread]:
    """The statements of a log of that kind, in its order. `name` is what messages call the file."""
    return _KINDS[kind][1](lines, name)
