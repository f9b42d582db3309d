"""Reads sections of a TOML document strictly: every error names file, section and key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from migrator.model.errors import UsageError
from migrator.model.toml import toml_key

Field = Callable[[Any], Any]
"""Turns a TOML value into a setting; ValueError, with what is expected, when it is not one."""


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError("a number, 0 or more")
    return float(value)


def names(value: Any) -> tuple[str, ...]:
    """One name, or a list of names."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) and name for name in listed):
        raise ValueError("a list of names")
    if len(set(listed)) < len(listed):
        raise ValueError("a list in which each name stands once")
    return tuple(listed)


def flag_or_names(value: Any) -> bool | tuple[str, ...]:
    """All or nothing, or a list of names."""
    if isinstance(value, bool):
        return value
    try:
        return names(value)
    except ValueError as error:
        raise ValueError(f"true, false or {error}") from None


def whole(least: int, most: int | None = None) -> Field:
    """A whole number within bounds."""

    def read(value: Any) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        if not fits or (most is not None and value > most):
            raise ValueError(f"a whole number, {least} or more" + (f", at most {most}" if most is not None else ""))
        return int(value)

    return read


def choice(*allowed: str) -> Field:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return str(value)

    return read


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the document. `file` and `name` are for messages; the document itself has no name."""

    file: str
    name: str
    body: Mapping[str, Any]

    def inner(self, key: str) -> Section:
        """The table under `key`, empty when there is none."""
        body = self.body.get(key, {})
        name = f"{self.name}.{toml_key(key)}" if self.name else toml_key(key)
        if not isinstance(body, dict):
            raise UsageError(f"{self.file}: {name} is not a section", f"write it as [{name}] with keys below it")
        return Section(self.file, name, body)

    def each(self, key: str) -> tuple[Section, ...]:
        """The tables listed under `key`, none when there is no list."""
        listed = self.body.get(key, [])
        name = f"{self.name}.{toml_key(key)}"
        if not isinstance(listed, list) or not all(isinstance(body, dict) for body in listed):
            raise UsageError(
                f"{self.file}: {name} is not a list of sections", f"write each as [[{name}]], keys below it"
            )
        return tuple(Section(self.file, name, body) for body in listed)

    def without(self, *keys: str) -> Section:
        return Section(self.file, self.name, {name: value for name, value in self.body.items() if name not in keys})

    def demand_known(self, known: Iterable[str]) -> None:
        """UsageError for the first name that is not known, with the nearest one that is."""
        known = list(known)
        for name in self.body:
            if name not in known:
                what = f"[{self.name}] has an unknown key {name}" if self.name else f"unknown section [{name}]"
                raise UsageError(f"{self.file}: {what}", nearest(name, known))

    def read(self, fields: Mapping[str, Field]) -> dict[str, Any]:
        """The keys that are given, as settings."""
        self.demand_known(fields)
        return {name: self._value(name, field) for name, field in fields.items() if name in self.body}

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Any names, each with a text."""
        return tuple((name, self._value(name, text)) for name in self.body)

    def _value(self, name: str, field: Field) -> Any:
        try:
            return field(self.body[name])
        except ValueError as expected:
            raise UsageError(
                f"{self.file}: [{self.name}] {name} = {_toml(self.body[name])} is not {expected}", "correct it there"
            ) from None


def nearest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, or all there are."""
    listed = sorted(known)
    close = get_close_matches(name, listed, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(listed) or 'none'}"


def _toml(value: Any) -> str:
    """A value as a person wrote it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
