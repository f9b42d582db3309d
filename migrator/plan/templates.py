"""Key templates: literal text and placeholders, as they stand in plan.json.

In an entity a placeholder names an attribute: `ORDER#{placed_at:text}`. In a request it names a parameter,
`{:customer_id}`, an attribute of the items of an earlier request, `{0.customer_id}`, or the write shard,
`{shard}`. After a colon stands the encoding; none means plain. `{{` and `}}` are literal braces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_ODD = re.compile(r"[%{}:.]")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`origin`: attribute, parameter, item (of request number `request`) or shard."""

    origin: str
    name: str
    encoding: str = ""
    request: int = 0


Piece = str | Placeholder


def quote_name(name: str) -> str:
    """A name as it stands inside braces: % { } : . are percent-encoded; no name at all is a lone %."""
    quoted = _ODD.sub(lambda found: f"%{ord(found[0]):02X}", name)
    return {"shard": "%73hard", "": "%"}.get(quoted, quoted)


def _unquote(name: str) -> str:
    return "" if name == "%" else re.sub(r"%([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), name)


def quote_literal(text: str) -> str:
    """Text as it stands outside of braces."""
    return text.replace("{", "{{").replace("}", "}}")


def write_template(pieces: tuple[Piece, ...]) -> str:
    """The template's text; `parse_template` reads it back."""
    return "".join(quote_literal(piece) if isinstance(piece, str) else _braced(piece) for piece in pieces)


def _braced(piece: Placeholder) -> str:
    encoding = f":{piece.encoding}" if piece.encoding else ""
    match piece.origin:
        case "parameter":
            return f"{{:{quote_name(piece.name)}{encoding}}}"
        case "item":
            return f"{{{piece.request}.{quote_name(piece.name)}{encoding}}}"
        case "shard":
            return "{shard}"
        case _:
            return f"{{{quote_name(piece.name)}{encoding}}}"


def parse_template(text: str) -> tuple[Piece, ...]:
    """Pieces of a template. Adjacent literals are one piece."""
    pieces: list[Piece] = []
    literal, at = "", 0
    for found in _TOKEN.finditer(text):
        literal += text[at : found.start()]
        at = found.end()
        if found[0] in ("{{", "}}"):
            literal += found[0][0]
            continue
        if literal:
            pieces.append(literal)
            literal = ""
        pieces.append(_placeholder(found[1]))
    literal += text[at:]
    return (*pieces, literal) if literal else tuple(pieces)


def _placeholder(inner: str) -> Placeholder:
    if inner == "shard":
        return Placeholder("shard", "shard")
    if inner.startswith(":"):
        name, _, encoding = inner[1:].partition(":")
        return Placeholder("parameter", _unquote(name), encoding)
    body, _, encoding = inner.partition(":")
    request, dot, name = body.partition(".")
    if dot:
        return Placeholder("item", _unquote(name), encoding, int(request))
    return Placeholder("attribute", _unquote(body), encoding)
