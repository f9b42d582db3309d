"""The two ways in which reading a statement stops: it is wrong, or it cannot be served."""

from __future__ import annotations

from difflib import get_close_matches

from sqlglot import exp

from migrator.model.errors import UsageError
from migrator.model.query import Refusal


class Mistake(Exception):
    """The statement is wrong. `line` counts from 1 within the statement's text."""

    def __init__(self, what: str, next_step: str, line: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step
        self.line = line


class Refused(Exception):
    """The statement is right, but its normal form does not exist."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, way_out)


def usage_error(where: str, line: int, what: str, next_step: str) -> UsageError:
    """An error of the queries file, at `where:line`."""
    return UsageError(f"{where}:{line}: {what}", next_step)


def line_of(node: exp.Expr) -> int:
    """The line of the node's first positioned part, 1 when the parser kept none."""
    for part in node.walk():
        if isinstance(line := part.meta.get("line"), int):
            return line
    return 1


def nearest(name: str, known: list[str]) -> str:
    """`Did you mean ...?` with the nearest names, else the list of what exists."""
    spelled = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), spelled, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(spelled[match] for match in close)}?"
    return f"There are: {', '.join(known[:20])}." if known else "There are none."
