"""Text of a schema, a query or a row as HTML: escaped, with every character that hides or turns others made visible."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from migrator.render.markdown import EMPTY, NOTHING, unhidden, visible

_UNPLAIN = re.compile(r"[^A-Za-z0-9_-]+")
_WORD_END = re.compile(r"([#_./:,|])(?=[^\s])")


def code(value: object) -> Markup:
    """A name or template as inline code, which may break behind its separators. — for None."""
    if value is None:
        return Markup(NOTHING)  # noqa: S704
    text = visible(str(value))
    broken = Markup("<wbr>").join(escape(part) for part in _parts(text))
    return Markup("<code>{}</code>").format(broken) if text else Markup(EMPTY)  # noqa: S704


def _parts(text: str) -> list[str]:
    return _WORD_END.sub("\\1\x00", text).split("\x00")


def codes(values: Iterable[object]) -> Markup:
    """Names as inline code, separated by commas; — when there are none."""
    return Markup(", ").join(map(code, values)) or Markup(NOTHING)  # noqa: S704


def words(value: object) -> str:
    """Plain words on one line; — for None. The template escapes them."""
    return NOTHING if value is None else visible(" ".join(str(value).split()))


def block(text: str) -> str:
    """Text of several lines for a `pre`; the template escapes it."""
    return unhidden(text)


def anchor(text: str) -> str:
    """The part of an identifier that tells of a name; a number beside it makes it the only one."""
    return _UNPLAIN.sub("-", text).strip("-")[:40]


def script_hash(script: str) -> str:
    """What the page's policy calls its own script, so that no other one runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
