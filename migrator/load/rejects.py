"""Rows that are not loaded, by name: one JSON line each, on disk before the load goes past them."""

from __future__ import annotations

import json
import os
import threading
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from migrator.load.exact import encode_values
from migrator.model.errors import MigrateError, UsageError
from migrator.model.unit import RowValue

RejectName = tuple[str, str]
"""A row: its table, and its key's exact text."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be loaded. `key_text` is its key for messages, `key` the exact form of the same,
    `row` its columns."""

    table: str
    key: str
    key_text: str
    reason: str
    row: tuple[tuple[str, RowValue], ...] = ()

    @property
    def name(self) -> RejectName:
        return self.table, self.key

    def line(self) -> str:
        """The reject file's line, without its end."""
        body = {
            "table": self.table,
            "key": self.key_text,
            "reason": self.reason,
            "row": {name: _readable(value) for name, value in self.row},
            "position": json.loads(self.key),
        }
        return json.dumps(body, ensure_ascii=True, allow_nan=False)


class RejectSink(Protocol):
    """Takes rejects durably; a reject that it already holds (same table and key) is dropped."""

    def write(self, rejects: Iterable[Reject]) -> int:
        """How many were new."""
        ...

    def start_over(self) -> None:
        """Forgets what an earlier run left: called when a run begins, not when it resumes."""
        ...

    def __len__(self) -> int: ...


class RejectFile:
    """NDJSON at `path`, appended to and kept over resumed runs. Its keys are held in memory: as many as the
    bad rows that the run allows. The file appears with the first reject."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known = _read_names(path)

    def __len__(self) -> int:
        return len(self._known)

    def start_over(self) -> None:
        """Puts an earlier run's file aside as `<name>.old`."""
        with self._lock:
            if self.path.exists():
                self.path.replace(self.path.with_name(self.path.name + ".old"))
            self._known.clear()

    def settle(self, resolved: Collection[RejectName], again: Iterable[Reject]) -> None:
        """The file without the rows that are resolved, and with the reasons of now of those rejected again: all of
        it, or the file as it was. Without rows it goes."""
        with self._lock:
            lines = read_lines(self.path) if self.path.exists() else {}
            lines = {name: line for name, line in lines.items() if name not in resolved}
            lines |= {reject.name: reject.line() for reject in again}
            self._replace("".join(f"{line}\n" for line in lines.values()))
            self._known = set(lines)

    def _replace(self, text: str) -> None:
        fresh = self.path.with_name(self.path.name + ".new")
        with self._named_errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(fresh, "w", encoding="ascii", opener=_private) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
            if not text:
                self.path.unlink()

    def write(self, rejects: Iterable[Reject]) -> int:
        """Appends the new ones and returns when they are on disk."""
        with self._lock:
            new = {(reject.table, reject.key): reject for reject in rejects}
            new = {name: reject for name, reject in new.items() if name not in self._known}
            if new:
                self._append("".join(reject.line() + "\n" for reject in new.values()))
                self._known.update(new)
            return len(new)

    def _append(self, text: str) -> None:
        """All of the text, or none of it: after a failure the file ends where it did."""
        with self._named_errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            before = self.path.stat().st_size if self.path.exists() else 0
            try:
                with open(self.path, "a", encoding="ascii", opener=_private) as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    os.truncate(self.path, before)
                raise

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MigrateError(
                f"cannot write the reject file {self.path}: {error.strerror}; nothing was loaded past the rows in it",
                "make room there, then run the same command again: it goes on",
            ) from None


def _private(path: str, flags: int) -> int:
    """Rows stand in the file as the source has them: a new one is its owner's alone."""
    return os.open(path, flags, 0o600)


class RejectMemory:
    """Holds rejects in memory: for a run without a file, and for tests."""

    def __init__(self) -> None:
        self.rejects: dict[tuple[str, str], Reject] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.rejects)

    def start_over(self) -> None:
        self.rejects.clear()

    def write(self, rejects: Iterable[Reject]) -> int:
        with self._lock:
            before = len(self.rejects)
            for reject in rejects:
                self.rejects.setdefault((reject.table, reject.key), reject)
            return len(self.rejects) - before


def position_text(key: tuple[RowValue, ...]) -> str:
    """A row's key as exact JSON: what names a reject."""
    return encode_values(key)


def read_lines(path: Path) -> dict[RejectName, str]:
    """The lines of a reject file by the rows that they name. UsageError, with the line's number, for one that names
    no row."""
    found: dict[RejectName, str] = {}
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        try:
            told = json.loads(line)
            found[told["table"], json.dumps(told["position"], separators=(",", ":"))] = line
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"{path}, line {number}: not a line of a reject file", "take the file as `migrate apply` wrote it"
            ) from None
    return found


def _read_names(path: Path) -> set[RejectName]:
    """What an earlier run wrote. A last line that a crash cut short is taken off: its row comes again."""
    if not path.exists():
        return set()
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole != len(text):
        os.truncate(path, whole)
    return set(read_lines(path))


def _readable(value: Any) -> Any:
    """JSON that a person reads; the kinds JSON lacks as text, bytes as base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case bytes():
            return {"base64": b64encode(value).decode()}
        case list():
            return [_readable(inner) for inner in value]
        case dict():
            return {str(name): _readable(inner) for name, inner in value.items()}
        case _:
            return str(value)
