"""The one place where errors become text and exit codes."""

from __future__ import annotations

import os
import re
import sys
import traceback

from migrator.cli.console import colored, harmless
from migrator.model.errors import InterruptedRun, MigrateError
from migrator.ports import StoreFault, explain

DONE, ERROR, USAGE, LOOK, BLOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes: done; error; usage; done, with something to look at; blocked; interrupted, resumable."""

_PASSWORD = re.compile(r"(\w://[^\s:/@]*):\S*@")


def report(error: BaseException, verbose: bool) -> int:
    """Tells what happened and what to do next on stderr. The exit code."""
    match error:
        case MigrateError():
            return _report_known(error)
        case StoreFault():
            return _report_known(explain(error, "talking to DynamoDB"))
        case KeyboardInterrupt():
            return _report_known(InterruptedRun("nothing is under way any more", "run the same command again"))
        case BrokenPipeError():
            # Whoever read the output has gone; Python's own flush at exit must not fail over it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ERROR
        case _ if hasattr(error, "format_message"):
            return _report_usage(error)
        case _:
            return _report_bug(error, verbose)


def _report_known(error: MigrateError) -> int:
    word = "stopped" if isinstance(error, InterruptedRun) else "error"
    _tell(word, error.what.removeprefix("stopped; "))
    _tell("next", error.next_step, "36")
    return error.exit_code


def _report_usage(error: BaseException) -> int:
    """What the argument parser found."""
    message = str(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "migrate"
    if message:
        _tell("error", message)
    _tell("next", f"`{command} --help` shows what it takes", "36")
    return USAGE


def _report_bug(error: BaseException, verbose: bool) -> int:
    _tell("error", f"{type(error).__name__}: {' '.join(str(error).split())}")
    if verbose:
        print(redacted("".join(traceback.format_exception(error))), file=sys.stderr)
    _tell("next", "this is a bug: please report it" + ("" if verbose else "; --verbose shows the traceback"), "36")
    return ERROR


def _tell(word: str, text: str, code: str = "1;31") -> None:
    print(colored(f"{word}:", code, sys.stderr), harmless(redacted(text)), file=sys.stderr)


def redacted(text: str) -> str:
    """The text with the passwords of its URLs hidden."""
    return _PASSWORD.sub(r"\1:***@", text)
