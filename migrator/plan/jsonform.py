"""Frozen values to JSON and back: dataclasses as objects, unions of forms by a name under "is"."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, ForwardRef, Union, get_args, get_origin, get_type_hints

from migrator.model import query
from migrator.plan.action import ItemValue


def to_json(value: Any) -> Any:
    """Plain JSON values; a Decimal or bytes is marked so that it comes back as it was."""
    if is_dataclass(value) and not isinstance(value, type):
        body = {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **body} if type(value).__name__ in _FORMS else body
    if isinstance(value, Mapping):
        return {str(name): to_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(inner) for inner in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value


_FORMS = {
    form.__name__: form
    for form in (
        query.Parameter,
        query.Literal,
        query.Comparison,
        query.FieldComparison,
        query.Membership,
        query.NullTest,
        query.Like,
        query.Either,
        query.Related,
        ItemValue,
    )
}


def from_json(kind: Any, value: Any) -> Any:
    """The value of type `kind` that `to_json` wrote. KeyError, TypeError or ValueError when it is none."""
    if isinstance(value, dict) and "is" in value:
        return _build(_FORMS[value["is"]], {name: inner for name, inner in value.items() if name != "is"})
    if isinstance(value, dict) and set(value) == {"decimal"}:
        return Decimal(value["decimal"])
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return bytes.fromhex(value["bytes"])
    if value is None:
        return None
    return _typed(kind, value)


def _typed(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        concrete = [option for option in get_args(kind) if option is not type(None)]
        return _typed(concrete[0], value) if len(concrete) == 1 else value
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(from_json(inner[0], one) for one in value)
        return tuple(from_json(one_kind, one) for one_kind, one in zip(inner, value, strict=True))
    if isinstance(kind, type) and is_dataclass(kind):
        return _build(kind, value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(kind, (str, ForwardRef)):
        raise TypeError(f"unresolved type {kind}")
    return value


def _build(kind: Any, body: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    unknown = set(body) - set(hints)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{name: from_json(hints[name], inner) for name, inner in body.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
