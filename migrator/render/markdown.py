"""Text of a schema, a query or a row as Markdown that can neither break a table nor bring markup of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

NOTHING = "—"
EMPTY = "(empty)"

_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_UNFENCEABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPECIAL = re.compile(r"[\\`*\[\]~|<>&]|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(?:#|[+=-](?=[\s=-]|$)|\d+(?=[.)](?:\s|$)))")
_NOT_PLAIN_CODE = re.compile(r"[|`\\&]|<[A-Za-z/!?]|^ | $")
_CODE_ENTITY = re.compile(r"[^\w ./:=(),;'@-]|_", re.ASCII)
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;"}


def visible(text: str) -> str:
    """One line in which every character shows: ↵ a line break, ⇥ a tab, pictures for control characters, and
    � for what changes the direction of writing (so that a document cannot be made to read as it is not)."""
    return _INVISIBLE.sub(_picture, _BREAK.sub("↵", text))


def _picture(found: re.Match[str]) -> str:
    number = ord(found[0])
    if found[0] == "\t":
        return "⇥"
    return chr(0x2400 + number) if number < 0x20 else "�"


def prose(value: object) -> str:
    """Plain words for a paragraph, a list point or a cell: nothing in them is markup. — for None."""
    if value is None:
        return NOTHING
    line = visible(" ".join(_BREAK.sub(" ", str(value)).split()))
    escaped = _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), line)
    return _LINE_START.sub(_not_a_marker, escaped)


def _not_a_marker(found: re.Match[str]) -> str:
    return f"&#{ord(found[0][0])};{found[0][1:]}"


def code(value: object) -> str:
    """A name or template as inline code, in a cell or out of one. — for None."""
    if value is None:
        return NOTHING
    text = visible(str(value))
    if not text:
        return EMPTY
    if not _NOT_PLAIN_CODE.search(text):
        return f"`{text}`"
    # A code span cannot hold a pipe inside a table and a backslash in it is read differently by different
    # hosts; entities are read alike everywhere.
    inner = "".join(_entity(character) for character in text)
    return f"<code>{inner}</code>"


def _entity(character: str) -> str:
    if character.isascii() and _CODE_ENTITY.fullmatch(character):
        return _ENTITIES.get(character, f"&#{ord(character)};")
    return character


def codes(values: Iterable[object]) -> str:
    """Names as inline code, separated by commas; — when there are none."""
    return ", ".join(map(code, values)) or NOTHING


def fence(text: str, language: str = "") -> str:
    """A fenced block that holds the text as it is, whatever backticks are in it."""
    body = unhidden(text)
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    bar = "`" * max(3, longest + 1)
    return f"{bar}{language}\n{body}\n{bar}"


def unhidden(text: str) -> str:
    """Lines of text without characters that are not seen or turn the direction of writing."""
    return _UNFENCEABLE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
