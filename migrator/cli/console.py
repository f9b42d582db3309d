"""What a person sees: data on stdout, all else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
"""What a terminal might obey. Values come from databases, and anybody may have written them."""


def harmless(text: str) -> str:
    """The text as a terminal may show it: control characters by their numbers, lines as they are."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """A value within a line: line ends by their numbers, too."""
    return harmless(text).replace("\n", "\\x0a")


@dataclass(frozen=True, slots=True)
class Console:
    """`as_json`: stdout takes one JSON document and nothing else. `quiet`: stderr takes only what must be
    known. `verbose`: it takes details too."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    def show(self, text: str) -> None:
        """The command's answer, for a person."""
        if not self.as_json:
            print(harmless(text), file=sys.stdout, flush=True)

    def document(self, body: Mapping[str, Any]) -> None:
        """The command's answer, for a script: only with --json."""
        if self.as_json:
            print(json.dumps(body, ensure_ascii=False, indent=2), file=sys.stdout, flush=True)

    def say(self, text: str) -> None:
        """What is going on."""
        if not self.quiet:
            print(harmless(text), file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        if self.verbose:
            print(harmless(text), file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """What must be known even by who wants it quiet."""
        print(harmless(text), file=sys.stderr, flush=True)

    @property
    def can_ask(self) -> bool:
        """Whether a person is there to answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, question: str) -> str:
        """The person's answer, without spaces around it; empty when the input ends."""
        print(harmless(question), end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def colored(text: str, code: str, stream: TextIO) -> str:
    """The text in an ANSI colour, on a terminal whose user did not say NO_COLOR."""
    if os.environ.get("NO_COLOR") or not is_terminal(stream):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"
