"""From a statement's text to a tree, or a mistake with its line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from migrator.workload.mistakes import Mistake
from migrator.workload.placeholders import readable
from migrator.workload.refusals import refuse

_REPLACE = re.compile(r"replace\s+(?:into\b)?", re.IGNORECASE)
_UPDATE_OR = re.compile(r"update\s+or\s+\w+", re.IGNORECASE)
_ADVICE = "Correct the SQL; run it on the source first if in doubt."


def parse(sql: str, dialect: str) -> exp.Expr:
    """The one statement in `sql`. Mistake for a syntax error."""
    if _UPDATE_OR.match(sql):
        raise refuse("UPDATE OR ...", "the conflict clause of an update is not read", "Write a plain UPDATE.")
    # sqlglot knows REPLACE only as a conflict clause.
    text = _REPLACE.sub("INSERT OR REPLACE INTO ", sql, count=1) if _REPLACE.match(sql) else sql
    trees = [tree for tree in _parse(text, dialect) if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(trees) != 1:
        raise Mistake("this is not one SQL statement", _ADVICE)
    if isinstance(trees[0], exp.Condition | exp.Alias) and not isinstance(trees[0], exp.Query):
        word = (sql.split() or [""])[0][:40]
        raise Mistake(f"{word} begins no SQL statement", "Write SELECT, INSERT, UPDATE or DELETE.")
    trees[0].meta["dialect"] = dialect  # for messages
    return trees[0]


def _parse(sql: str, dialect: str) -> list[exp.Expr | None]:
    try:
        with _quiet():
            return list(sqlglot.parse(sql, dialect=dialect))
    except ParseError as error:
        raise _syntax_error(error) from None
    except SqlglotError as error:
        raise Mistake(f"syntax error: {readable(str(error).splitlines()[0])}", _ADVICE) from None
    except RecursionError:
        raise refuse("a statement nested this deeply", "it exceeds what is read", "Simplify it.") from None


def _syntax_error(error: ParseError) -> Mistake:
    first = error.errors[0] if error.errors else {}
    near = readable(str(first.get("highlight") or "")) or "the end"
    description = str(first.get("description") or "syntax error").split(" <", 1)[0].removesuffix(" but got")
    return Mistake(f"syntax error near {near!r}: {readable(description)}", _ADVICE, int(first.get("line") or 1))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without sqlglot's warnings on statements that it does not take apart: those are refused by name."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
