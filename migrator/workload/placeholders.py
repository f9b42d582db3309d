"""Placeholders of every driver's style become `:name`, at token level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from migrator.workload.mistakes import Mistake
from migrator.workload.scan import Token

_PREFIX = "param_"
_FORMATTED = re.compile(rf"%\({_PREFIX}(\w+)\)s")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`sql`: the statement's own text with `:name` placeholders. `parsed`: the same lines for the parser, the
    names made harmless (`:from` would be a keyword). `anonymous`: how many `?` and `%s` were numbered so far."""

    sql: str
    parsed: str
    anonymous: int


def rewrite(tokens: Iterable[Token], anonymous: int = 0) -> Rewritten:
    """Anonymous placeholders are p1, p2 ... from `anonymous` on; `?3`, `:3` and `$3` are p3.

    Mistake when a named placeholder has the name of a positional one."""
    sql: list[str] = []
    parsed: list[str] = []
    positional: dict[str, bool] = {}
    for token in tokens:
        if token.kind != "placeholder":
            sql.append(token.text)
            parsed.append(token.text)
            continue
        name, numbered = _name(token.text, anonymous)
        anonymous += token.text in ("?", "%s")
        if positional.setdefault(name, numbered) != numbered:
            raise Mistake(f"the parameter {name} is both named and positional", "Name every parameter :name.")
        sql.append(f":{name}")
        parsed.append(f":{_PREFIX}{name}")
    return Rewritten("".join(sql), "".join(parsed), anonymous)


def _name(text: str, anonymous: int) -> tuple[str, bool]:
    if text in ("?", "%s"):
        return f"p{anonymous + 1}", True
    name = text[2:-2] if text.startswith("%(") else text[1:]
    return (f"p{name.lstrip('0') or '0'}", True) if name.isdecimal() else (name, False)


def parameter_name(parsed: str) -> str:
    """The name behind a placeholder of the parsed text."""
    return parsed.removeprefix(_PREFIX)


def readable(sql: str) -> str:
    """Generated SQL of a part of the parsed text, for messages."""
    return _FORMATTED.sub(r":\1", sql).replace(f":{_PREFIX}", ":")
