"""A small reader of Markdown: what of a document a test may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(`{3,})(\w*)$")


@dataclass(frozen=True, slots=True)
class Fence:
    language: str
    text: str


def split_fences(document: str) -> tuple[list[str], list[Fence]]:
    """Lines outside of fenced blocks, and the blocks. AssertionError when a block is never closed."""
    lines: list[str] = []
    fences: list[Fence] = []
    bar, language, body = "", "", [""]
    for line in document.splitlines():
        opened = _FENCE.match(line)
        if bar and line == bar:
            fences.append(Fence(language, "\n".join(body)))
            bar = ""
        elif bar:
            body.append(line)
        elif opened:
            bar, language, body = opened[1], opened[2], []
        else:
            lines.append(line)
    assert not bar, f"unclosed block: {body}"
    return lines, fences


def fences(document: str, language: str) -> list[str]:
    return [fence.text for fence in split_fences(document)[1] if fence.language == language]


def tables(document: str) -> Iterator[list[list[str]]]:
    """Each table as rows of cells, the header first and the delimiter row second."""
    table: list[list[str]] = []
    for line in [*split_fences(document)[0], ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif table:
            yield table
            table = []


def check_tables(document: str) -> int:
    """The number of tables, each with a delimiter row and as many cells in every row."""
    found = 0
    for table in tables(document):
        header, delimiters, *rows = table
        assert all(re.fullmatch(r"-{3,}:?", cell) for cell in delimiters), table
        assert {len(row) for row in (header, delimiters, *rows)} == {len(header)}, table
        assert rows, f"a table without rows: {header}"
        found += 1
    return found


def section(document: str, heading: str) -> str:
    """What stands under a heading, down to the next one of its level or above."""
    level = len(heading.split(" ", 1)[0])
    inside: list[str] | None = None
    bar = ""
    for line in document.splitlines():
        opened = _FENCE.match(line)
        if bar or opened:
            bar = "" if line == bar else bar or (opened[1] if opened else "")
        elif inside is not None and re.match(rf"#{{1,{level}}} ", line):
            break
        elif line == heading and inside is None:
            inside = []
            continue
        if inside is not None:
            inside.append(line)
    assert inside is not None, f"no heading {heading!r}"
    return "\n".join(inside)


def headings(document: str) -> list[str]:
    return [line for line in split_fences(document)[0] if re.match(r"#{1,6} ", line)]
