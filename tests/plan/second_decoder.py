"""A reader of keys written from docs/keys.md alone: it shares no code with the program."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

NUMERIC = ("integer", "decimal", "float")
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def read_key(template: str, kinds: dict[str, str], text: str) -> dict[str, Any]:
    """The values of the template's attributes in a key's text. ValueError when the text is not the template's."""
    pattern, places, at = "", [], 0
    for found in _PLACE.finditer(template):
        pattern += re.escape(template[at : found.start()])
        at = found.end()
        if found[1] is None:
            pattern += re.escape(found[0][0])
            continue
        name, _, encoding = found[1].partition(":")
        places.append((_name(name), encoding))
        pattern += "([^\t]*)" if encoding in ("text", "fold") else "([^#]*)"
    matched = re.fullmatch(pattern + re.escape(template[at:]), text, re.DOTALL)
    if matched is None:
        raise ValueError(text)
    read = zip(places, matched.groups(), strict=True)
    return {name: read_part(encoding, kinds[name], part) for (name, encoding), part in read}


def _name(quoted: str) -> str:
    return "" if quoted == "%" else re.sub("%([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), quoted)


def read_part(encoding: str, kind: str, text: str) -> Any:
    """The value that a part's text stands for, in DynamoDB's JSON (bytes as they are)."""
    if encoding == "":
        return None if text == "%00" else _plain(kind, text)
    if text == "\x01":
        return None
    if encoding in ("text", "fold"):
        return _ordered_text(text)
    if encoding == "hex":
        return {"B": bytes.fromhex(text)}
    return {"N": _num(text) if encoding == "num" else _padded(text)}


def _plain(kind: str, text: str) -> Any:
    if kind in NUMERIC:
        return {"N": text}
    if kind == "boolean":
        return {"BOOL": {"true": True, "false": False}[text]}
    if kind == "bytes":
        return {"B": bytes.fromhex(text)}
    if text.startswith("~"):
        return {"N": text[1:]}
    return {"S": text.replace("%7E", "~").replace("%23", "#").replace("%25", "%")}


def _ordered_text(text: str) -> Any:
    if text.startswith("\x03"):
        return {"N": _num(text[1:])}
    return {"S": re.sub("\n(.)", lambda pair: chr(ord(pair[1]) - 48), text, flags=re.DOTALL)}


def _padded(text: str) -> str:
    return str(-int(_nines(text[1:]))) if text.startswith("-") else str(int(text))


def _nines(digits: str) -> str:
    return "".join(str(9 - int(digit)) for digit in digits)


def _num(text: str) -> str:
    if text == "5":
        return "0"
    below = text[0] == "4"
    body = _nines(text[1:-1]) if below else text[1:]
    return _written(("-" if below else ""), body[3:], int(body[:3]) - 500)


def _written(sign: str, digits: str, exponent: int) -> str:
    """`number_text` of the digits whose first one has that exponent."""
    place = exponent + 1
    if len(digits) <= place <= 40:
        return sign + digits + "0" * (place - len(digits))
    if 0 < place < len(digits):
        return f"{sign}{digits[:place]}.{digits[place:]}"
    if -40 < place <= 0:
        return f"{sign}0.{'0' * -place}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}E{exponent:+d}"


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same, numbers by what they are worth."""
    if left and right and "N" in left and "N" in right:
        return Decimal(left["N"]) == Decimal(right["N"])
    return bool(left == right)
