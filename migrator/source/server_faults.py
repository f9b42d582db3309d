"""What a server says against a statement, as an error of its own name.

PostgreSQL's codes are those of its manual's appendix A, MySQL's and MariaDB's those of their error reference.
"""

from __future__ import annotations

from migrator.model.errors import MigrateError
from migrator.source.faults import PrivilegeMissing, QueryFailed, ReadTimedOut, SnapshotLost, SourceLost

_DENIED = frozenset({"42501", 1044, 1142, 1143, 1227, 1370})
_TIMED_OUT = frozenset({"57014", "55P03", 1205, 1969, 3024})
_GONE = frozenset({"57P01", "57P02", "57P03", "08006", "08003", 1053, 2006, 2013, 2055, 1927})
_MOMENT_GONE = frozenset({"25P03", "72000"})


def server_fault(error: BaseException, where: str, disconnected: bool = False) -> MigrateError:
    """The named error for what a driver raised; `disconnected` when it found the connection gone."""
    code = error_code(error)
    told = " ".join(str(error).split())
    if code in _DENIED:
        return PrivilegeMissing(
            f"{where}: {told}",
            "let the source's user read that table (GRANT SELECT), or leave the table out in migrate.toml "
            "(exclude = true)",
        )
    if code in _TIMED_OUT:
        return ReadTimedOut(
            f"{where}: {told}",
            "find what holds the table (an ALTER TABLE that waits, a long transaction), or allow more time in the URL "
            "(docs/servers.md), then run the same command again",
        )
    if code in _MOMENT_GONE:
        return SnapshotLost(f"{where}: {told}", "run the same command again: it goes on, or says why it cannot")
    if disconnected or code in _GONE:
        return SourceLost(
            f"{where}: the connection was lost: {told}",
            "when the server is back, run the same command again: it goes on if nothing was written since; otherwise "
            "it stops and offers --restart or --reconcile",
        )
    return QueryFailed(f"{where}: {told}", "Check the statement against the source.")


def error_code(error: BaseException) -> str | int | None:
    """PostgreSQL's SQLSTATE, or MySQL's number."""
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return str(state)
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) else None
